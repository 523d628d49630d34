# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types

if TYPE_CHECKING:
    from ..models.version import Version


@_attrs_define(repr=False)
class VersionPage(types.Model):
    """One page of versions.

    Attributes:
        version_count (int): The number of versions on all pages. Example: ``1``.
        page_size (int): The number of elements on a page. Example: ``25``.
        page_number (int): This page, from 1. Example: ``1``.
        page_count (int): The number of pages. Example: ``1``.
        versions (list[Version]): The versions of this page.
    """

    _names: ClassVar[dict[str, str]] = {
        "version_count": "versionCount",
        "page_size": "pageSize",
        "page_number": "pageNumber",
        "page_count": "pageCount",
        "versions": "versions",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "versionCount",
        "pageSize",
        "pageNumber",
        "pageCount",
        "versions",
    )

    version_count: int
    page_size: int
    page_number: int
    page_count: int
    versions: list[Version]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.version import Version  # noqa: PLC0415

        return {
            "versions": types.list_of(Version),
        }
