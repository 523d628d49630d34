# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, File, Unset

if TYPE_CHECKING:
    from ..models.autodeploy_resource import AutodeployResource
    from ..models.build_change import BuildChange
    from ..models.dockerfile_build import DockerfileBuild
    from ..models.github_build import GithubBuild
    from ..models.upload_build import UploadBuild


@_attrs_define(repr=False)
class VersionUpdateForm(types.Model):
    """The fields to change.

    Attributes:
        description (str | Unset): A description of the version. Example: ``Python 3.12 with the team's
            libraries``.
        build_details (BuildChange | DockerfileBuild | GithubBuild | Unset | UploadBuild): How to build from now
            on; without `source` the source of the version is kept.
        autodeploy_resources (list[AutodeployResource] | Unset): The resources to redeploy once the build is
            completed.
        artifact (File | Unset): The build context as a zip file, for the source `upload`.
    """

    _names: ClassVar[dict[str, str]] = {
        "description": "description",
        "build_details": "buildDetails",
        "autodeploy_resources": "autodeployResources",
        "artifact": "artifact",
    }

    description: str | Unset = UNSET
    build_details: BuildChange | DockerfileBuild | GithubBuild | Unset | UploadBuild = UNSET
    autodeploy_resources: list[AutodeployResource] | Unset = UNSET
    artifact: File | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.autodeploy_resource import AutodeployResource  # noqa: PLC0415
        from ..models.build_change import BuildChange  # noqa: PLC0415
        from ..models.dockerfile_build import DockerfileBuild  # noqa: PLC0415
        from ..models.github_build import GithubBuild  # noqa: PLC0415
        from ..models.upload_build import UploadBuild  # noqa: PLC0415

        return {
            "build_details": types.first_of(UploadBuild, DockerfileBuild, GithubBuild, BuildChange),
            "autodeploy_resources": types.list_of(AutodeployResource),
        }
