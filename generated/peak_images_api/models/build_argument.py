# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET

T = TypeVar("T", bound="BuildArgument")


@_attrs_define(repr=False)
class BuildArgument:
    """A build argument, like `--build-arg NAME=VALUE` of Docker

    Attributes:
        name (str): The name of the argument Example: HELLO.
        value (str): The value of the argument Example: world.
    """

    _names: ClassVar[dict[str, str]] = {
        "name": "name",
        "value": "value",
    }

    name: str
    value: str
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
        name = cast(Any, d.get("name", UNSET))

        value = cast(Any, d.get("value", UNSET))

        made = cls(
            name=name,
            value=value,
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
