# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types


@_attrs_define(repr=False)
class BuildArgument(types.Model):
    """A build argument, like `--build-arg NAME=VALUE` of Docker.

    Attributes:
        name (str): The name of the argument. Example: ``HELLO``.
        value (str): The value of the argument. Example: ``world``.
    """

    _names: ClassVar[dict[str, str]] = {
        "name": "name",
        "value": "value",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "name",
        "value",
    )
    _secrets: ClassVar[tuple[str, ...]] = ("value",)

    name: str
    value: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
