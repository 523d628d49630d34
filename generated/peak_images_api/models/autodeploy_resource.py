# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.autodeploy_entity_type import AutodeployEntityType


@_attrs_define(repr=False)
class AutodeployResource(types.Model):
    """A resource to redeploy once the build is completed.

    Attributes:
        entity_id (int | str): The id of the resource. Example: ``9999``.
        entity_type (AutodeployEntityType): The type of the resource. Example: ``workflow``.
    """

    _names: ClassVar[dict[str, str]] = {
        "entity_id": "entityId",
        "entity_type": "entityType",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "entityId",
        "entityType",
    )

    entity_id: int | str
    entity_type: AutodeployEntityType
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:

        return {
            "entity_type": AutodeployEntityType,
        }
