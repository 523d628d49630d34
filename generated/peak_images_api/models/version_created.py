# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, Unset


@_attrs_define(repr=False)
class VersionCreated(types.Model):
    """The ids of what was created or changed.

    Attributes:
        image_id (int | str): The id of the image. Example: ``101``.
        version_id (int | str): The id of the version. Example: ``202``.
        build_id (int | str | Unset): The id of the build; if it is a string, the list of builds has the number
            that logs are read by. Example: ``image-build-mock:21988f32-0b7a-4b05-a2a4-1bf5cf5ad1a8``.
        autodeployment_id (int | None | str | Unset): The id of the redeployment, if resources were given.
            Example: ``401``.
    """

    _names: ClassVar[dict[str, str]] = {
        "image_id": "imageId",
        "version_id": "versionId",
        "build_id": "buildId",
        "autodeployment_id": "autodeploymentId",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "imageId",
        "versionId",
    )

    image_id: int | str
    version_id: int | str
    build_id: int | str | Unset = UNSET
    autodeployment_id: int | None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)
