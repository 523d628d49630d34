# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET

if TYPE_CHECKING:
    from ..models.version import Version


T = TypeVar("T", bound="VersionPage")


@_attrs_define(repr=False)
class VersionPage:
    """One page of versions

    Attributes:
        version_count (int): The number of versions on all pages Example: 1.
        page_size (int): The number of elements on a page Example: 25.
        page_number (int): This page, from 1 Example: 1.
        page_count (int): The number of pages Example: 1.
        versions (list[Version]): The versions of this page
    """

    _names: ClassVar[dict[str, str]] = {
        "version_count": "versionCount",
        "page_size": "pageSize",
        "page_number": "pageNumber",
        "page_count": "pageCount",
        "versions": "versions",
    }

    version_count: int
    page_size: int
    page_number: int
    page_count: int
    versions: list[Version]
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
        version_count = cast(Any, d.get("versionCount", UNSET))

        page_size = cast(Any, d.get("pageSize", UNSET))

        page_number = cast(Any, d.get("pageNumber", UNSET))

        page_count = cast(Any, d.get("pageCount", UNSET))

        try:
            versions = []
            _versions = d["versions"]
            for versions_item_data in _versions:
                versions_item = Version.from_dict(versions_item_data)

                versions.append(versions_item)

        except (AttributeError, KeyError, TypeError, ValueError):
            versions = cast(Any, d.get("versions", UNSET))

        made = cls(
            version_count=version_count,
            page_size=page_size,
            page_number=page_number,
            page_count=page_count,
            versions=versions,
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
