# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.build_status import BuildStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.log_entry import LogEntry


T = TypeVar("T", bound="BuildLogs")


@_attrs_define(repr=False)
class BuildLogs:
    """A chunk of a build's log

    Attributes:
        logs (list[LogEntry]): The log entries of this chunk, oldest first
        build_status (BuildStatus | str | Unset): The state of the build; other values are possible Example:
            building.
        start_time (datetime.datetime | Unset): When the build was started Example: 2023-06-01T18:00:00.000Z.
        finish_time (datetime.datetime | None | Unset): When the build finished; absent until then Example:
            2023-06-01T18:00:00.000Z.
        next_token (str | Unset): The token of the next chunk; unchanged if there is nothing new Example:
            f/37241814580157116960215105647056337845181039459911335941/s.
    """

    _names: ClassVar[dict[str, str]] = {
        "logs": "logs",
        "build_status": "buildStatus",
        "start_time": "startTime",
        "finish_time": "finishTime",
        "next_token": "nextToken",
    }

    logs: list[LogEntry]
    build_status: BuildStatus | str | Unset = UNSET
    start_time: datetime.datetime | Unset = UNSET
    finish_time: datetime.datetime | None | Unset = UNSET
    next_token: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return types.represent(self, self._names)

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set, by their names in the contract, as plain JSON values."""
        return types.model_to_dict(self, self._names)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Make one from JSON values. A value that isn't of the documented form is taken as it is."""
        from ..models.log_entry import LogEntry  # noqa: PLC0415

        d = dict(src_dict)
        try:
            logs = []
            _logs = d["logs"]
            for logs_item_data in _logs:
                logs_item = LogEntry.from_dict(logs_item_data)

                logs.append(logs_item)

        except (AttributeError, KeyError, TypeError, ValueError):
            logs = cast(Any, d.get("logs", UNSET))

        try:

            def _parse_build_status(data: object) -> BuildStatus | str | Unset:
                if isinstance(data, Unset):
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    componentsschemas_open_build_status_type_0 = BuildStatus(data)

                    return componentsschemas_open_build_status_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(BuildStatus | str | Unset, data)

            build_status = _parse_build_status(d.get("buildStatus", UNSET))

        except (AttributeError, KeyError, TypeError, ValueError):
            build_status = cast(Any, d.get("buildStatus", UNSET))

        try:
            _start_time = d.get("startTime", UNSET)
            start_time: datetime.datetime | Unset
            if isinstance(_start_time, Unset):
                start_time = UNSET
            else:
                start_time = datetime.datetime.fromisoformat(_start_time)

        except (AttributeError, KeyError, TypeError, ValueError):
            start_time = cast(Any, d.get("startTime", UNSET))

        try:

            def _parse_finish_time(data: object) -> datetime.datetime | None | Unset:
                if data is None:
                    return data
                if isinstance(data, Unset):
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    finish_time_type_0 = datetime.datetime.fromisoformat(data)

                    return finish_time_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(datetime.datetime | None | Unset, data)

            finish_time = _parse_finish_time(d.get("finishTime", UNSET))

        except (AttributeError, KeyError, TypeError, ValueError):
            finish_time = cast(Any, d.get("finishTime", UNSET))

        next_token = cast(Any, d.get("nextToken", UNSET))

        made = cls(
            logs=logs,
            build_status=build_status,
            start_time=start_time,
            finish_time=finish_time,
            next_token=next_token,
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
