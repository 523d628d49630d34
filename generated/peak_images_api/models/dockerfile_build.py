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
class DockerfileBuild(types.Model):
    """Build from the contents of a Dockerfile.

    Attributes:
        source (Literal['dockerfile']): Always `dockerfile`.
        dockerfile (str): The contents of the Dockerfile. Example: ``FROM nginx``.
        use_cache (bool | Unset): Whether cached layers of earlier builds may be used. Example: ``True``.
        build_arguments (list[BuildArgument] | Unset): The build arguments.
        secrets (list[str] | Unset): The names of the external credentials that the build may read. Example:
            ``['EXAMPLE_CREDENTIAL']``.
    """

    _names: ClassVar[dict[str, str]] = {
        "source": "source",
        "dockerfile": "dockerfile",
        "use_cache": "useCache",
        "build_arguments": "buildArguments",
        "secrets": "secrets",
    }
    _required: ClassVar[tuple[str, ...]] = (
        "source",
        "dockerfile",
    )
    _constants: ClassVar[dict[str, Any]] = {
        "source": "dockerfile",
    }

    source: Literal["dockerfile"]
    dockerfile: str
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
