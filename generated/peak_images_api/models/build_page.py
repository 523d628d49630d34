# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types

if TYPE_CHECKING:
    from ..models.build import Build


@_attrs_define(repr=False)
class BuildPage(types.Model):
    """One page of builds.

    Attributes:
        build_count (int): The number of builds on all pages. Example: ``1``.
        page_size (int): The number of elements on a page. Example: ``25``.
        page_number (int): This page, from 1. Example: ``1``.
        page_count (int): The number of pages. Example: ``1``.
        builds (list[Build]): The builds of this page.
    """

    _names: ClassVar[dict[str, str]] = {
        "build_count": "buildCount",
        "page_size": "pageSize",
        "page_number": "pageNumber",
        "page_count": "pageCount",
        "builds": "builds",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "buildCount",
        "pageSize",
        "pageNumber",
        "pageCount",
        "builds",
    )

    build_count: int
    page_size: int
    page_number: int
    page_count: int
    builds: list[Build]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.build import Build  # noqa: PLC0415

        return {
            "builds": types.list_of(Build),
        }
