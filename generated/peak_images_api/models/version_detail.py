# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.build_status import BuildStatus
from ..models.image_status import ImageStatus
from ..models.image_type import ImageType
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.build_details import BuildDetails
    from ..models.tag import Tag


@_attrs_define(repr=False)
class VersionDetail(types.Model):
    """A version, with the name and type of its image.

    Attributes:
        id (int): The id of the version. Example: ``201``.
        version (str): The version, a semantic version. Example: ``0.0.1-python3.12``.
        status (ImageStatus | str): The state of the image or version; other values are possible. Example:
            ``not-ready``.
        image_name (str): The name of its image. Example: ``awesome-image``.
        description (str | Unset): A description of the version. Example: ``awesome-image description``.
        last_build_status (BuildStatus | str | Unset): The state of the build; other values are possible.
            Example: ``building``.
        last_build_at (datetime.datetime | Unset): When the last build was started. Example:
            ``2023-06-01T18:00:00.000Z``.
        created_at (datetime.datetime | Unset): When it was created. Example: ``2023-06-01T18:00:00.000Z``.
        created_by (str | Unset): Who created it. Example: ``someone@peak.ai``.
        updated_at (datetime.datetime | Unset): When it was last changed. Example: ``2023-06-01T18:00:00.000Z``.
        updated_by (str | Unset): Who last changed it. Example: ``someone@peak.ai``.
        pull_url (str | Unset): Where the built image can be pulled from. Example:
            ``110011001100.dkr.ecr.eu-west-1.amazonaws.com/default-images-latest:jupyter-base``.
        size (float | Unset): The size of the built image, in MB. Example: ``10``.
        tags (list[Tag] | Unset): The labels of the version.
        is_latest (bool | Unset): Whether it is the latest version of its image. Example: ``False``.
        build_details (BuildDetails | Unset): How the version is built; `source` decides which fields there are.
        image_type (ImageType | str | Unset): What the image is used for; other values are possible. Example:
            ``workflow``.
    """

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "version": "version",
        "status": "status",
        "image_name": "imageName",
        "description": "description",
        "last_build_status": "lastBuildStatus",
        "last_build_at": "lastBuildAt",
        "created_at": "createdAt",
        "created_by": "createdBy",
        "updated_at": "updatedAt",
        "updated_by": "updatedBy",
        "pull_url": "pullUrl",
        "size": "size",
        "tags": "tags",
        "is_latest": "isLatest",
        "build_details": "buildDetails",
        "image_type": "imageType",
    }

    id: int
    version: str
    status: ImageStatus | str
    image_name: str
    description: str | Unset = UNSET
    last_build_status: BuildStatus | str | Unset = UNSET
    last_build_at: datetime.datetime | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    created_by: str | Unset = UNSET
    updated_at: datetime.datetime | Unset = UNSET
    updated_by: str | Unset = UNSET
    pull_url: str | Unset = UNSET
    size: float | Unset = UNSET
    tags: list[Tag] | Unset = UNSET
    is_latest: bool | Unset = UNSET
    build_details: BuildDetails | Unset = UNSET
    image_type: ImageType | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.build_details import BuildDetails  # noqa: PLC0415
        from ..models.tag import Tag  # noqa: PLC0415

        return {
            "status": types.first_of(ImageStatus),
            "last_build_status": types.first_of(BuildStatus),
            "last_build_at": datetime.datetime.fromisoformat,
            "created_at": datetime.datetime.fromisoformat,
            "updated_at": datetime.datetime.fromisoformat,
            "tags": types.list_of(Tag),
            "build_details": BuildDetails,
            "image_type": types.first_of(ImageType),
        }
