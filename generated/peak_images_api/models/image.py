# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.image_scope import ImageScope
from ..models.image_type import ImageType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.version import Version


T = TypeVar("T", bound="Image")


@_attrs_define(repr=False)
class Image:
    """An image and its latest version

    Attributes:
        id (int): The id of the image Example: 101.
        name (str): The name of the image Example: awesome-image.
        type_ (ImageType | str): What the image is used for; other values are possible Example: workflow.
        latest_version (Version): A version of an image
        scope (ImageScope | str | Unset): Whether the image is the tenant's own or comes with the platform;
            other values are possible Example: custom.
        created_at (datetime.datetime | Unset): When it was created Example: 2024-06-01T18:00:00.000Z.
        created_by (str | Unset): Who created it Example: someone@peak.ai.
    """

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "name": "name",
        "type_": "type",
        "latest_version": "latestVersion",
        "scope": "scope",
        "created_at": "createdAt",
        "created_by": "createdBy",
    }

    id: int
    name: str
    type_: ImageType | str
    latest_version: Version
    scope: ImageScope | str | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    created_by: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return types.represent(self, self._names)

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set, by their names in the contract, as plain JSON values."""
        return types.model_to_dict(self, self._names)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Make one from JSON values. A value that isn't of the documented form is taken as it is."""
        from ..models.version import Version  # noqa: PLC0415

        d = dict(src_dict)
        id = cast(Any, d.get("id", UNSET))

        name = cast(Any, d.get("name", UNSET))

        try:

            def _parse_type_(data: object) -> ImageType | str:
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    componentsschemas_open_image_type_type_0 = ImageType(data)

                    return componentsschemas_open_image_type_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(ImageType | str, data)

            type_ = _parse_type_(d["type"])

        except (AttributeError, KeyError, TypeError, ValueError):
            type_ = cast(Any, d.get("type", UNSET))

        try:
            latest_version = Version.from_dict(d["latestVersion"])

        except (AttributeError, KeyError, TypeError, ValueError):
            latest_version = cast(Any, d.get("latestVersion", UNSET))

        try:

            def _parse_scope(data: object) -> ImageScope | str | Unset:
                if isinstance(data, Unset):
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    componentsschemas_open_image_scope_type_0 = ImageScope(data)

                    return componentsschemas_open_image_scope_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(ImageScope | str | Unset, data)

            scope = _parse_scope(d.get("scope", UNSET))

        except (AttributeError, KeyError, TypeError, ValueError):
            scope = cast(Any, d.get("scope", UNSET))

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

        made = cls(
            id=id,
            name=name,
            type_=type_,
            latest_version=latest_version,
            scope=scope,
            created_at=created_at,
            created_by=created_by,
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
