# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.autodeploy_entity_type import AutodeployEntityType
from ..types import UNSET

T = TypeVar("T", bound="AutodeployResource")


@_attrs_define(repr=False)
class AutodeployResource:
    """A resource to redeploy once the build is completed

    Attributes:
        entity_id (int | str): The id of the resource Example: 9999.
        entity_type (AutodeployEntityType): The type of the resource Example: workflow.
    """

    _names: ClassVar[dict[str, str]] = {
        "entity_id": "entityId",
        "entity_type": "entityType",
    }

    entity_id: int | str
    entity_type: AutodeployEntityType
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

            def _parse_entity_id(data: object) -> int | str:
                return cast(int | str, data)

            entity_id = _parse_entity_id(d["entityId"])

        except (AttributeError, KeyError, TypeError, ValueError):
            entity_id = cast(Any, d.get("entityId", UNSET))

        try:
            entity_type = AutodeployEntityType(d["entityType"])

        except (AttributeError, KeyError, TypeError, ValueError):
            entity_type = cast(Any, d.get("entityType", UNSET))

        made = cls(
            entity_id=entity_id,
            entity_type=entity_type,
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
