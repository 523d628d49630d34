# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.build_status import BuildStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.log_entry import LogEntry


@_attrs_define(repr=False)
class BuildLogs(types.Model):
    """A chunk of a build's log.

    Attributes:
        logs (list[LogEntry]): The log entries of this chunk, oldest first.
        build_status (BuildStatus | str | Unset): The state of the build; other values are possible. Example:
            ``building``.
        start_time (datetime.datetime | Unset): When the build was started. Example:
            ``2023-06-01T18:00:00.000Z``.
        finish_time (datetime.datetime | None | Unset): When the build finished; absent until then. Example:
            ``2023-06-01T18:00:00.000Z``.
        next_token (str | Unset): The token of the next chunk; unchanged if there is nothing new. Example:
            ``f/37241814580157116960215105647056337845181039459911335941/s``.
    """

    _names: ClassVar[dict[str, str]] = {
        "logs": "logs",
        "build_status": "buildStatus",
        "start_time": "startTime",
        "finish_time": "finishTime",
        "next_token": "nextToken",
    }
    _required: ClassVar[tuple[str, ...]] = ("logs",)

    logs: list[LogEntry]
    build_status: BuildStatus | str | Unset = UNSET
    start_time: datetime.datetime | Unset = UNSET
    finish_time: datetime.datetime | None | Unset = UNSET
    next_token: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.log_entry import LogEntry  # noqa: PLC0415

        return {
            "logs": types.list_of(LogEntry),
            "build_status": types.first_of(BuildStatus),
            "start_time": datetime.datetime.fromisoformat,
            "finish_time": types.first_of(datetime.datetime.fromisoformat),
        }
