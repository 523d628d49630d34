# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET

if TYPE_CHECKING:
    from ..models.build import Build


T = TypeVar("T", bound="BuildPage")


@_attrs_define(repr=False)
class BuildPage:
    """One page of builds

    Attributes:
        build_count (int): The number of builds on all pages Example: 1.
        page_size (int): The number of elements on a page Example: 25.
        page_number (int): This page, from 1 Example: 1.
        page_count (int): The number of pages Example: 1.
        builds (list[Build]): The builds of this page
    """

    _names: ClassVar[dict[str, str]] = {
        "build_count": "buildCount",
        "page_size": "pageSize",
        "page_number": "pageNumber",
        "page_count": "pageCount",
        "builds": "builds",
    }

    build_count: int
    page_size: int
    page_number: int
    page_count: int
    builds: list[Build]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return types.represent(self, self._names)

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set, by their names in the contract, as plain JSON values."""
        return types.model_to_dict(self, self._names)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Make one from JSON values. A value that isn't of the documented form is taken as it is."""
        from ..models.build import Build  # noqa: PLC0415

        d = dict(src_dict)
        build_count = cast(Any, d.get("buildCount", UNSET))

        page_size = cast(Any, d.get("pageSize", UNSET))

        page_number = cast(Any, d.get("pageNumber", UNSET))

        page_count = cast(Any, d.get("pageCount", UNSET))

        try:
            builds = []
            _builds = d["builds"]
            for builds_item_data in _builds:
                builds_item = Build.from_dict(builds_item_data)

                builds.append(builds_item)

        except (AttributeError, KeyError, TypeError, ValueError):
            builds = cast(Any, d.get("builds", UNSET))

        made = cls(
            build_count=build_count,
            page_size=page_size,
            page_number=page_number,
            page_count=page_count,
            builds=builds,
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
