# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET

T = TypeVar("T", bound="ImageCreated")


@_attrs_define(repr=False)
class ImageCreated:
    """The ids of what was created

    Attributes:
        image_id (int | str): The id of the image Example: 101.
        version_id (int | str): The id of the first version Example: 201.
        build_id (int | str): The id of the build; if it is a string, the list of builds has the number that
            logs are read by Example: image-build-mock:21988f32-0b7a-4b05-a2a4-1bf5cf5ad1a8.
    """

    _names: ClassVar[dict[str, str]] = {
        "image_id": "imageId",
        "version_id": "versionId",
        "build_id": "buildId",
    }

    image_id: int | str
    version_id: int | str
    build_id: int | str
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

            def _parse_image_id(data: object) -> int | str:
                return cast(int | str, data)

            image_id = _parse_image_id(d["imageId"])

        except (AttributeError, KeyError, TypeError, ValueError):
            image_id = cast(Any, d.get("imageId", UNSET))

        try:

            def _parse_version_id(data: object) -> int | str:
                return cast(int | str, data)

            version_id = _parse_version_id(d["versionId"])

        except (AttributeError, KeyError, TypeError, ValueError):
            version_id = cast(Any, d.get("versionId", UNSET))

        try:

            def _parse_build_id(data: object) -> int | str:
                return cast(int | str, data)

            build_id = _parse_build_id(d["buildId"])

        except (AttributeError, KeyError, TypeError, ValueError):
            build_id = cast(Any, d.get("buildId", UNSET))

        made = cls(
            image_id=image_id,
            version_id=version_id,
            build_id=build_id,
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
