# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.build_source import BuildSource
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.build_argument import BuildArgument


T = TypeVar("T", bound="BuildDetails")


@_attrs_define(repr=False)
class BuildDetails:
    """How the version is built; `source` decides which fields there are

    Attributes:
        source (BuildSource | str | Unset): What the version is built from; other values are possible Example:
            github.
        use_cache (bool | Unset): Whether cached layers of earlier builds may be used Example: True.
        build_arguments (list[BuildArgument] | Unset): The build arguments
        secrets (list[str] | Unset): The names of the external credentials that the build may read Example:
            ['EXAMPLE_CREDENTIAL'].
        built_from (int | Unset): The id of the version that this one was built from Example: 1000.
        cloned_from (int | Unset): The id of the version that this one was cloned from Example: 1.
        dockerfile (str | Unset): The contents of the Dockerfile Example: FROM nginx.
        branch (str | Unset): The branch to build Example: main.
        repository (str | Unset): The URL of the repository Example: https://github.com/user/repo.
        token (str | Unset): The name of the external credential for the repository Example: example-token.
        dockerfile_path (str | Unset): The path of the Dockerfile, relative to the root of the artifact or
            repository Example: images/v1/Dockerfile.
        context (str | Unset): The path of the build context, relative to the root of the artifact or repository
            Example: /.
        github_commit_url (str | Unset): The Dockerfile at the commit that was built Example:
            https://github.com/org/repo/blob/commit-id/Dockerfile.
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
        try:

            def _parse_source(data: object) -> BuildSource | str | Unset:
                if isinstance(data, Unset):
                    return data
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    componentsschemas_open_build_source_type_0 = BuildSource(data)

                    return componentsschemas_open_build_source_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(BuildSource | str | Unset, data)

            source = _parse_source(d.get("source", UNSET))

        except (AttributeError, KeyError, TypeError, ValueError):
            source = cast(Any, d.get("source", UNSET))

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

        built_from = cast(Any, d.get("builtFrom", UNSET))

        cloned_from = cast(Any, d.get("clonedFrom", UNSET))

        dockerfile = cast(Any, d.get("dockerfile", UNSET))

        branch = cast(Any, d.get("branch", UNSET))

        repository = cast(Any, d.get("repository", UNSET))

        token = cast(Any, d.get("token", UNSET))

        dockerfile_path = cast(Any, d.get("dockerfilePath", UNSET))

        context = cast(Any, d.get("context", UNSET))

        github_commit_url = cast(Any, d.get("githubCommitUrl", UNSET))

        made = cls(
            source=source,
            use_cache=use_cache,
            build_arguments=build_arguments,
            secrets=secrets,
            built_from=built_from,
            cloned_from=cloned_from,
            dockerfile=dockerfile,
            branch=branch,
            repository=repository,
            token=token,
            dockerfile_path=dockerfile_path,
            context=context,
            github_commit_url=github_commit_url,
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
