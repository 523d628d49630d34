# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.build_source import BuildSource
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.build_argument import BuildArgument


@_attrs_define(repr=False)
class BuildDetails(types.Model):
    """How the version is built; `source` decides which fields there are.

    Attributes:
        source (BuildSource | str | Unset): What the version is built from; other values are possible. Example:
            ``github``.
        use_cache (bool | Unset): Whether cached layers of earlier builds may be used. Example: ``True``.
        build_arguments (list[BuildArgument] | Unset): The build arguments.
        secrets (list[str] | Unset): The names of the external credentials that the build may read. Example:
            ``['EXAMPLE_CREDENTIAL']``.
        built_from (int | Unset): The id of the version that this one was built from. Example: ``1000``.
        cloned_from (int | Unset): The id of the version that this one was cloned from. Example: ``1``.
        dockerfile (str | Unset): The contents of the Dockerfile. Example: ``FROM nginx``.
        branch (str | Unset): The branch to build. Example: ``main``.
        repository (str | Unset): The URL of the repository. Example: ``https://github.com/user/repo``.
        token (str | Unset): The name of the external credential for the repository. Example: ``example-token``.
        dockerfile_path (str | Unset): The path of the Dockerfile, relative to the root of the artifact or
            repository. Example: ``images/v1/Dockerfile``.
        context (str | Unset): The path of the build context, relative to the root of the artifact or
            repository. Example: ``/``.
        github_commit_url (str | Unset): The Dockerfile at the commit that was built. Example:
            ``https://github.com/org/repo/blob/commit-id/Dockerfile``.
    """

    _names: ClassVar[dict[str, str]] = {
        "source": "source",
        "use_cache": "useCache",
        "build_arguments": "buildArguments",
        "secrets": "secrets",
        "built_from": "builtFrom",
        "cloned_from": "clonedFrom",
        "dockerfile": "dockerfile",
        "branch": "branch",
        "repository": "repository",
        "token": "token",
        "dockerfile_path": "dockerfilePath",
        "context": "context",
        "github_commit_url": "githubCommitUrl",
    }
    _secrets: ClassVar[tuple[str, ...]] = ("token",)

    source: BuildSource | str | Unset = UNSET
    use_cache: bool | Unset = UNSET
    build_arguments: list[BuildArgument] | Unset = UNSET
    secrets: list[str] | Unset = UNSET
    built_from: int | Unset = UNSET
    cloned_from: int | Unset = UNSET
    dockerfile: str | Unset = UNSET
    branch: str | Unset = UNSET
    repository: str | Unset = UNSET
    token: str | Unset = UNSET
    dockerfile_path: str | Unset = UNSET
    context: str | Unset = UNSET
    github_commit_url: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.build_argument import BuildArgument  # noqa: PLC0415

        return {
            "source": types.first_of(BuildSource),
            "build_arguments": types.list_of(BuildArgument),
        }
