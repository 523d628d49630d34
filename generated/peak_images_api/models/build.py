# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.build_status import BuildStatus
from ..types import UNSET, Unset

T = TypeVar("T", bound="Build")


@_attrs_define(repr=False)
class Build:
    """A build of a version

    Attributes:
        build_id (int | str): The id of the build Example: 301.
        status (BuildStatus | str): The state of the build; other values are possible Example: building.
        version_id (int | Unset): The id of the version that is built Example: 201.
        version (str | Unset): The version that is built Example: 0.0.1-python3.12.
        started_at (datetime.datetime | Unset): When the build was started Example: 2023-06-01T18:00:00.000Z.
        finished_at (datetime.datetime | None | Unset): When the build finished; absent until then Example:
            2023-06-01T18:00:00.000Z.
        use_cache (bool | Unset): Whether cached layers of earlier builds could be used Example: True.
    """

    _names: ClassVar[dict[str, str]] = {
        "build_id": "buildId",
        "status": "status",
        "version_id": "versionId",
        "version": "version",
        "started_at": "startedAt",
        "finished_at": "finishedAt",
        "use_cache": "useCache",
    }

    build_id: int | str
    status: BuildStatus | str
    version_id: int | Unset = UNSET
    version: str | Unset = UNSET
    started_at: datetime.datetime | Unset = UNSET
    finished_at: datetime.datetime | None | Unset = UNSET
    use_cache: bool | Unset = UNSET
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
        try:

            def _parse_build_id(data: object) -> int | str:
                return cast(int | str, data)

            build_id = _parse_build_id(d["buildId"])

        except (AttributeError, KeyError, TypeError, ValueError):
            build_id = cast(Any, d.get("buildId", UNSET))

        try:

            def _parse_status(data: object) -> BuildStatus | str:
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    componentsschemas_open_build_status_type_0 = BuildStatus(data)

                    return componentsschemas_open_build_status_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(BuildStatus | str, data)

            status = _parse_status(d["status"])

        except (AttributeError, KeyError, TypeError, ValueError):
            status = cast(Any, d.get("status", UNSET))

        version_id = cast(Any, d.get("versionId", UNSET))

        version = cast(Any, d.get("version", UNSET))

        try:
            _started_at = d.get("startedAt", UNSET)
            started_at: datetime.datetime | Unset
            if isinstance(_started_at, Unset):
                started_at = UNSET
            else:
                started_at = datetime.datetime.fromisoformat(_started_at)

        except (AttributeError, KeyError, TypeError, ValueError):
            started_at = cast(Any, d.get("startedAt", UNSET))

        try:

            def _parse_finished_at(data: object) -> datetime.datetime | None | Unset:
                if data is None:
                    return data
                if isinstance(data, Unset):
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    finished_at_type_0 = datetime.datetime.fromisoformat(data)

                    return finished_at_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(datetime.datetime | None | Unset, data)

            finished_at = _parse_finished_at(d.get("finishedAt", UNSET))

        except (AttributeError, KeyError, TypeError, ValueError):
            finished_at = cast(Any, d.get("finishedAt", UNSET))

        use_cache = cast(Any, d.get("useCache", UNSET))

        made = cls(
            build_id=build_id,
            status=status,
            version_id=version_id,
            version=version,
            started_at=started_at,
            finished_at=finished_at,
            use_cache=use_cache,
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
