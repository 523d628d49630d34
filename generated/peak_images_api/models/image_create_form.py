# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.image_type import ImageType
from ..types import UNSET, File, Unset

if TYPE_CHECKING:
    from ..models.dockerfile_build import DockerfileBuild
    from ..models.github_build import GithubBuild
    from ..models.upload_build import UploadBuild


@_attrs_define(repr=False)
class ImageCreateForm(types.Model):
    """The new image and its first version.

    Attributes:
        name (str): The name of the image, unique in the tenant. Example: ``awesome-image``.
        type_ (ImageType): What the image is used for. Example: ``workflow``.
        version (str | Unset): The first version, a semantic version (default: `0.0.1`). Example:
            ``0.0.1-python3.12``.
        description (str | Unset): A description of the version. Example: ``Python 3.12 with the team's
            libraries``.
        build_details (DockerfileBuild | GithubBuild | Unset | UploadBuild): How to build the version; `source`
            decides which fields there are.
        artifact (File | Unset): The build context as a zip file, for the source `upload`.
    """

    _names: ClassVar[dict[str, str]] = {
        "name": "name",
        "type_": "type",
        "version": "version",
        "description": "description",
        "build_details": "buildDetails",
        "artifact": "artifact",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "name",
        "type",
    )

    name: str
    type_: ImageType
    version: str | Unset = UNSET
    description: str | Unset = UNSET
    build_details: DockerfileBuild | GithubBuild | Unset | UploadBuild = UNSET
    artifact: File | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.dockerfile_build import DockerfileBuild  # noqa: PLC0415
        from ..models.github_build import GithubBuild  # noqa: PLC0415
        from ..models.upload_build import UploadBuild  # noqa: PLC0415

        return {
            "type_": ImageType,
            "build_details": types.first_of(UploadBuild, DockerfileBuild, GithubBuild),
        }
