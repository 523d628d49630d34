# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.build_argument import BuildArgument


T = TypeVar("T", bound="GithubBuild")


@_attrs_define(repr=False)
class GithubBuild:
    """Build from a GitHub repository

    Attributes:
        source (Literal['github']): Always `github`
        repository (str): The URL of the repository Example: https://github.com/username/repository.
        branch (str | Unset): The branch to build Example: main.
        token (str | Unset): The *name* of the external credential that holds the token for the repository,
            never the token Example: token-name.
        dockerfile_path (str | Unset): The path of the Dockerfile, relative to the root of the repository
            (default: `Dockerfile`) Example: images/v1/Dockerfile.
        context (str | Unset): The path of the build context, relative to the root of the repository (default:
            the root) Example: ..
        use_cache (bool | Unset): Whether cached layers of earlier builds may be used Default: True. Example:
            True.
        build_arguments (list[BuildArgument] | Unset): The build arguments
        secrets (list[str] | Unset): The names of the external credentials that the build may read Example:
            ['EXAMPLE_CREDENTIAL'].
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

    def __repr__(self) -> str:
        return types.represent(self, self._names)

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set, by their names in the contract, as plain JSON values."""
        return types.model_to_dict(self, self._names)

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Make one from JSON values. A value that isn't of the documented form is taken as it is."""
        from ..models.build_argument import BuildArgument  # noqa: PLC0415

        d = dict(src_dict)
        source = cast(Literal["github"], d["source"])
        if source != "github":
            raise ValueError(f"source must match const 'github', got '{source}'")

        repository = cast(Any, d.get("repository", UNSET))

        branch = cast(Any, d.get("branch", UNSET))

        token = cast(Any, d.get("token", UNSET))

        dockerfile_path = cast(Any, d.get("dockerfilePath", UNSET))

        context = cast(Any, d.get("context", UNSET))

        use_cache = cast(Any, d.get("useCache", UNSET))

        try:
            _build_arguments = d.get("buildArguments", UNSET)
            build_arguments: list[BuildArgument] | Unset = UNSET
            if _build_arguments is not UNSET:
                build_arguments = []
                for build_arguments_item_data in _build_arguments:
                    build_arguments_item = BuildArgument.from_dict(build_arguments_item_data)

                    build_arguments.append(build_arguments_item)

        except (AttributeError, KeyError, TypeError, ValueError):
            build_arguments = cast(Any, d.get("buildArguments", UNSET))

        try:
            secrets = cast(list[str], d.get("secrets", UNSET))

        except (AttributeError, KeyError, TypeError, ValueError):
            secrets = cast(Any, d.get("secrets", UNSET))

        made = cls(
            source=source,
            repository=repository,
            branch=branch,
            token=token,
            dockerfile_path=dockerfile_path,
            context=context,
            use_cache=use_cache,
            build_arguments=build_arguments,
            secrets=secrets,
        )
        names = set(cls._names.values())
        made.additional_properties = {name: value for name, value in d.items() if name not in names}
        return made

    @property
    def additional_keys(self) -> list[str]:
        """The names of the fields that the contract doesn't know."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
