# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET

if TYPE_CHECKING:
    from ..models.image import Image


T = TypeVar("T", bound="ImagePage")


@_attrs_define(repr=False)
class ImagePage:
    """One page of images

    Attributes:
        image_count (int): The number of images on all pages Example: 1.
        page_size (int): The number of elements on a page Example: 25.
        page_number (int): This page, from 1 Example: 1.
        page_count (int): The number of pages Example: 1.
        images (list[Image]): The images of this page
    """

    _names: ClassVar[dict[str, str]] = {
        "image_count": "imageCount",
        "page_size": "pageSize",
        "page_number": "pageNumber",
        "page_count": "pageCount",
        "images": "images",
    }

    image_count: int
    page_size: int
    page_number: int
    page_count: int
    images: list[Image]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return types.represent(self, self._names)

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set, by their names in the contract, as plain JSON values."""
        return types.model_to_dict(self, self._names)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Make one from JSON values. A value that isn't of the documented form is taken as it is."""
        from ..models.image import Image  # noqa: PLC0415

        d = dict(src_dict)
        image_count = cast(Any, d.get("imageCount", UNSET))

        page_size = cast(Any, d.get("pageSize", UNSET))

        page_number = cast(Any, d.get("pageNumber", UNSET))

        page_count = cast(Any, d.get("pageCount", UNSET))

        try:
            images = []
            _images = d["images"]
            for images_item_data in _images:
                images_item = Image.from_dict(images_item_data)

                images.append(images_item)

        except (AttributeError, KeyError, TypeError, ValueError):
            images = cast(Any, d.get("images", UNSET))

        made = cls(
            image_count=image_count,
            page_size=page_size,
            page_number=page_number,
            page_count=page_count,
            images=images,
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
