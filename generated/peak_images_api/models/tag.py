# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, Unset


@_attrs_define(repr=False)
class Tag(types.Model):
    """A label of a version.

    Attributes:
        name (str): The name of the label. Example: ``hello``.
        color (str | Unset): The color of the label, as in CSS. Example: ``#000000``.
    """

    _names: ClassVar[dict[str, str]] = {
        "name": "name",
        "color": "color",
    }
    _required: ClassVar[tuple[str, ...]] = ("name",)

    name: str
    color: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
