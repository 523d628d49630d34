# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.build_argument import BuildArgument


@_attrs_define(repr=False)
class GithubBuild(types.Model):
    """Build from a GitHub repository.

    Attributes:
        source (Literal['github']): Always `github`.
        repository (str): The URL of the repository. Example: ``https://github.com/username/repository``.
        branch (str | Unset): The branch to build. Example: ``main``.
        token (str | Unset): The *name* of the external credential that holds the token for the repository,
            never the token. Example: ``token-name``.
        dockerfile_path (str | Unset): The path of the Dockerfile, relative to the root of the repository
            (default: `Dockerfile`). Example: ``images/v1/Dockerfile``.
        context (str | Unset): The path of the build context, relative to the root of the repository (default:
            the root). Example: ``.``.
        use_cache (bool | Unset): Whether cached layers of earlier builds may be used. Example: ``True``.
        build_arguments (list[BuildArgument] | Unset): The build arguments.
        secrets (list[str] | Unset): The names of the external credentials that the build may read. Example:
            ``['EXAMPLE_CREDENTIAL']``.
    """

    _names: ClassVar[dict[str, str]] = {
        "source": "source",
        "repository": "repository",
        "branch": "branch",
        "token": "token",
        "dockerfile_path": "dockerfilePath",
        "context": "context",
        "use_cache": "useCache",
        "build_arguments": "buildArguments",
        "secrets": "secrets",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "source",
        "repository",
    )
    _constants: ClassVar[dict[str, Any]] = {
        "source": "github",
    }
    _secrets: ClassVar[tuple[str, ...]] = ("token",)

    source: Literal["github"]
    repository: str
    branch: str | Unset = UNSET
    token: str | Unset = UNSET
    dockerfile_path: str | Unset = UNSET
    context: str | Unset = UNSET
    use_cache: bool | Unset = True
    build_arguments: list[BuildArgument] | Unset = UNSET
    secrets: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    @staticmethod
    @cache
    def _parsers() -> dict[str, types.Parser]:
        from ..models.build_argument import BuildArgument  # noqa: PLC0415

        return {
            "build_arguments": types.list_of(BuildArgument),
        }
