# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types


@_attrs_define(repr=False)
class Error(types.Model):
    """An error.

    Attributes:
        detail (Any): The reason, as text or as a list of problems. Example: ``There is no image with id 101``.
    """

    _names: ClassVar[dict[str, str]] = {
        "detail": "detail",
    }
    _required: ClassVar[tuple[str, ...]] = ("detail",)

    detail: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
