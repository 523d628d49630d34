# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, Unset

T = TypeVar("T", bound="LogEntry")


@_attrs_define(repr=False)
class LogEntry:
    """An entry of a build's log

    Attributes:
        message (str): The text of the entry Example: Building the Docker image....
        timestamp (datetime.datetime | Unset): When the entry was written Example: 2023-06-01T18:00:00.000Z.
        ingestion_time (datetime.datetime | Unset): When the entry was added to the log Example:
            2023-06-01T18:00:00.000Z.
    """

    _names: ClassVar[dict[str, str]] = {
        "message": "message",
        "timestamp": "timestamp",
        "ingestion_time": "ingestionTime",
    }

    message: str
    timestamp: datetime.datetime | Unset = UNSET
    ingestion_time: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return types.represent(self, self._names)

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set, by their names in the contract, as plain JSON values."""
        return types.model_to_dict(self, self._names)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Make one from JSON values. A value that isn't of the documented form is taken as it is."""
        d = dict(src_dict)
        message = cast(Any, d.get("message", UNSET))

        try:
            _timestamp = d.get("timestamp", UNSET)
            timestamp: datetime.datetime | Unset
            if isinstance(_timestamp, Unset):
                timestamp = UNSET
            else:
                timestamp = datetime.datetime.fromisoformat(_timestamp)

        except (AttributeError, KeyError, TypeError, ValueError):
            timestamp = cast(Any, d.get("timestamp", UNSET))

        try:
            _ingestion_time = d.get("ingestionTime", UNSET)
            ingestion_time: datetime.datetime | Unset
            if isinstance(_ingestion_time, Unset):
                ingestion_time = UNSET
            else:
                ingestion_time = datetime.datetime.fromisoformat(_ingestion_time)

        except (AttributeError, KeyError, TypeError, ValueError):
            ingestion_time = cast(Any, d.get("ingestionTime", UNSET))

        made = cls(
            message=message,
            timestamp=timestamp,
            ingestion_time=ingestion_time,
        )
        names = set(cls._names.values())
        made.additional_properties = {name: value for name, value in d.items() if name not in names}
        return made

    @property
    def additional_keys(self) -> list[str]:
        """The names of the fields that the contract doesn't know."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
