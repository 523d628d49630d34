# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types

if TYPE_CHECKING:
    from ..models.image import Image


@_attrs_define(repr=False)
class ImagePage(types.Model):
    """One page of images.

    Attributes:
        image_count (int): The number of images on all pages. Example: ``1``.
        page_size (int): The number of elements on a page. Example: ``25``.
        page_number (int): This page, from 1. Example: ``1``.
        page_count (int): The number of pages. Example: ``1``.
        images (list[Image]): The images of this page.
    """

    _names: ClassVar[dict[str, str]] = {
        "image_count": "imageCount",
        "page_size": "pageSize",
        "page_number": "pageNumber",
        "page_count": "pageCount",
        "images": "images",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "imageCount",
        "pageSize",
        "pageNumber",
        "pageCount",
        "images",
    )

    image_count: int
    page_size: int
    page_number: int
    page_count: int
    images: list[Image]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.image import Image  # noqa: PLC0415

        return {
            "images": types.list_of(Image),
        }
