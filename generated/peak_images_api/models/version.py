# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.build_status import BuildStatus
from ..models.image_status import ImageStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.build_details import BuildDetails
    from ..models.tag import Tag


T = TypeVar("T", bound="Version")


@_attrs_define(repr=False)
class Version:
    """A version of an image

    Attributes:
        id (int): The id of the version Example: 201.
        version (str): The version, a semantic version Example: 0.0.1-python3.12.
        status (ImageStatus | str): The state of the image or version; other values are possible Example: not-
            ready.
        description (str | Unset): A description of the version Example: awesome-image description.
        last_build_status (BuildStatus | str | Unset): The state of the build; other values are possible
            Example: building.
        last_build_at (datetime.datetime | Unset): When the last build was started Example:
            2023-06-01T18:00:00.000Z.
        created_at (datetime.datetime | Unset): When it was created Example: 2023-06-01T18:00:00.000Z.
        created_by (str | Unset): Who created it Example: someone@peak.ai.
        updated_at (datetime.datetime | Unset): When it was last changed Example: 2023-06-01T18:00:00.000Z.
        updated_by (str | Unset): Who last changed it Example: someone@peak.ai.
        pull_url (str | Unset): Where the built image can be pulled from Example: 110011001100.dkr.ecr.eu-
            west-1.amazonaws.com/default-images-latest:jupyter-base.
        size (float | Unset): The size of the built image, in MB Example: 10.
        tags (list[Tag] | Unset): The labels of the version
        is_latest (bool | Unset): Whether it is the latest version of its image Example: False.
        build_details (BuildDetails | Unset): How the version is built; `source` decides which fields there are
    """

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "version": "version",
        "status": "status",
        "description": "description",
        "last_build_status": "lastBuildStatus",
        "last_build_at": "lastBuildAt",
        "created_at": "createdAt",
        "created_by": "createdBy",
        "updated_at": "updatedAt",
        "updated_by": "updatedBy",
        "pull_url": "pullUrl",
        "size": "size",
        "tags": "tags",
        "is_latest": "isLatest",
        "build_details": "buildDetails",
    }

    id: int
    version: str
    status: ImageStatus | str
    description: str | Unset = UNSET
    last_build_status: BuildStatus | str | Unset = UNSET
    last_build_at: datetime.datetime | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    created_by: str | Unset = UNSET
    updated_at: datetime.datetime | Unset = UNSET
    updated_by: str | Unset = UNSET
    pull_url: str | Unset = UNSET
    size: float | Unset = UNSET
    tags: list[Tag] | Unset = UNSET
    is_latest: bool | Unset = UNSET
    build_details: BuildDetails | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return types.represent(self, self._names)

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set, by their names in the contract, as plain JSON values."""
        return types.model_to_dict(self, self._names)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Make one from JSON values. A value that isn't of the documented form is taken as it is."""
        from ..models.build_details import BuildDetails  # noqa: PLC0415
        from ..models.tag import Tag  # noqa: PLC0415

        d = dict(src_dict)
        id = cast(Any, d.get("id", UNSET))

        version = cast(Any, d.get("version", UNSET))

        try:

            def _parse_status(data: object) -> ImageStatus | str:
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    componentsschemas_open_image_status_type_0 = ImageStatus(data)

                    return componentsschemas_open_image_status_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(ImageStatus | str, data)

            status = _parse_status(d["status"])

        except (AttributeError, KeyError, TypeError, ValueError):
            status = cast(Any, d.get("status", UNSET))

        description = cast(Any, d.get("description", UNSET))

        try:

            def _parse_last_build_status(data: object) -> BuildStatus | str | Unset:
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

            last_build_status = _parse_last_build_status(d.get("lastBuildStatus", UNSET))

        except (AttributeError, KeyError, TypeError, ValueError):
            last_build_status = cast(Any, d.get("lastBuildStatus", UNSET))

        try:
            _last_build_at = d.get("lastBuildAt", UNSET)
            last_build_at: datetime.datetime | Unset
            if isinstance(_last_build_at, Unset):
                last_build_at = UNSET
            else:
                last_build_at = datetime.datetime.fromisoformat(_last_build_at)

        except (AttributeError, KeyError, TypeError, ValueError):
            last_build_at = cast(Any, d.get("lastBuildAt", UNSET))

        try:
            _created_at = d.get("createdAt", UNSET)
            created_at: datetime.datetime | Unset
            if isinstance(_created_at, Unset):
                created_at = UNSET
            else:
                created_at = datetime.datetime.fromisoformat(_created_at)

        except (AttributeError, KeyError, TypeError, ValueError):
            created_at = cast(Any, d.get("createdAt", UNSET))

        created_by = cast(Any, d.get("createdBy", UNSET))

        try:
            _updated_at = d.get("updatedAt", UNSET)
            updated_at: datetime.datetime | Unset
            if isinstance(_updated_at, Unset):
                updated_at = UNSET
            else:
                updated_at = datetime.datetime.fromisoformat(_updated_at)

        except (AttributeError, KeyError, TypeError, ValueError):
            updated_at = cast(Any, d.get("updatedAt", UNSET))

        updated_by = cast(Any, d.get("updatedBy", UNSET))

        pull_url = cast(Any, d.get("pullUrl", UNSET))

        size = cast(Any, d.get("size", UNSET))

        try:
            _tags = d.get("tags", UNSET)
            tags: list[Tag] | Unset = UNSET
            if _tags is not UNSET:
                tags = []
                for tags_item_data in _tags:
                    tags_item = Tag.from_dict(tags_item_data)

                    tags.append(tags_item)

        except (AttributeError, KeyError, TypeError, ValueError):
            tags = cast(Any, d.get("tags", UNSET))

        is_latest = cast(Any, d.get("isLatest", UNSET))

        try:
            _build_details = d.get("buildDetails", UNSET)
            build_details: BuildDetails | Unset
            if isinstance(_build_details, Unset):
                build_details = UNSET
            else:
                build_details = BuildDetails.from_dict(_build_details)

        except (AttributeError, KeyError, TypeError, ValueError):
            build_details = cast(Any, d.get("buildDetails", UNSET))

        made = cls(
            id=id,
            version=version,
            status=status,
            description=description,
            last_build_status=last_build_status,
            last_build_at=last_build_at,
            created_at=created_at,
            created_by=created_by,
            updated_at=updated_at,
            updated_by=updated_by,
            pull_url=pull_url,
            size=size,
            tags=tags,
            is_latest=is_latest,
            build_details=build_details,
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
