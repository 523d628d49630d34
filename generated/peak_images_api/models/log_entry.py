# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from functools import cache
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, Unset


@_attrs_define(repr=False)
class LogEntry(types.Model):
    """An entry of a build's log.

    Attributes:
        message (str): The text of the entry. Example: ``Building the Docker image...``.
        timestamp (datetime.datetime | Unset): When the entry was written. Example:
            ``2023-06-01T18:00:00.000Z``.
        ingestion_time (datetime.datetime | Unset): When the entry was added to the log. Example:
            ``2023-06-01T18:00:00.000Z``.
    """

    _names: ClassVar[dict[str, str]] = {
        "message": "message",
        "timestamp": "timestamp",
        "ingestion_time": "ingestionTime",
    }
    _required: ClassVar[tuple[str, ...]] = ("message",)

    message: str
    timestamp: datetime.datetime | Unset = UNSET
    ingestion_time: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:

        return {
            "timestamp": datetime.datetime.fromisoformat,
            "ingestion_time": datetime.datetime.fromisoformat,
        }
