# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.image_scope import ImageScope
from ..models.image_type import ImageType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.version import Version


@_attrs_define(repr=False)
class Image(types.Model):
    """An image and its latest version.

    Attributes:
        id (int): The id of the image. Example: ``101``.
        name (str): The name of the image. Example: ``awesome-image``.
        type_ (ImageType | str): What the image is used for; other values are possible. Example: ``workflow``.
        latest_version (Version): A version of an image.
        scope (ImageScope | str | Unset): Whether the image is the tenant's own or comes with the platform;
            other values are possible. Example: ``custom``.
        created_at (datetime.datetime | Unset): When it was created. Example: ``2024-06-01T18:00:00.000Z``.
        created_by (str | Unset): Who created it. Example: ``someone@peak.ai``.
    """

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "name": "name",
        "type_": "type",
        "latest_version": "latestVersion",
        "scope": "scope",
        "created_at": "createdAt",
        "created_by": "createdBy",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "id",
        "name",
        "type",
        "latestVersion",
    )

    id: int
    name: str
    type_: ImageType | str
    latest_version: Version
    scope: ImageScope | str | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    created_by: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.version import Version  # noqa: PLC0415

        return {
            "type_": types.first_of(ImageType),
            "latest_version": Version,
            "scope": types.first_of(ImageScope),
            "created_at": datetime.datetime.fromisoformat,
        }
