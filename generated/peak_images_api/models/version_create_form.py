# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, File, Unset

if TYPE_CHECKING:
    from ..models.autodeploy_resource import AutodeployResource
    from ..models.dockerfile_build import DockerfileBuild
    from ..models.github_build import GithubBuild
    from ..models.upload_build import UploadBuild


T = TypeVar("T", bound="VersionCreateForm")


@_attrs_define(repr=False)
class VersionCreateForm:
    """The new version

    Attributes:
        version (str | Unset): The version, a semantic version unique in the image (default: the next patch of
            the latest version) Example: 0.0.2.
        description (str | Unset): A description of the version Example: Python 3.12 with the team's libraries.
        build_details (DockerfileBuild | GithubBuild | Unset | UploadBuild): How to build the version; `source`
            decides which fields there are
        autodeploy_resources (list[AutodeployResource] | Unset): The resources to redeploy once the build is
            completed
        artifact (File | Unset): The build context as a zip file, for the source `upload`
    """

    _names: ClassVar[dict[str, str]] = {
        "version": "version",
        "description": "description",
        "build_details": "buildDetails",
        "autodeploy_resources": "autodeployResources",
        "artifact": "artifact",
    }

    version: str | Unset = UNSET
    description: str | Unset = UNSET
    build_details: DockerfileBuild | GithubBuild | Unset | UploadBuild = UNSET
    autodeploy_resources: list[AutodeployResource] | Unset = UNSET
    artifact: File | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def __repr__(self) -> str:
        return types.represent(self, self._names)

    def to_dict(self) -> dict[str, Any]:
        """The fields that are set, by their names in the contract, as plain JSON values."""
        return types.model_to_dict(self, self._names)

    def to_multipart(self) -> types.RequestFiles:
        """The fields that are set, as the parts of a multipart form."""
        return types.form_fields(self.to_dict())

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Make one from JSON values. A value that isn't of the documented form is taken as it is."""
        from ..models.autodeploy_resource import AutodeployResource  # noqa: PLC0415
        from ..models.dockerfile_build import DockerfileBuild  # noqa: PLC0415
        from ..models.github_build import GithubBuild  # noqa: PLC0415
        from ..models.upload_build import UploadBuild  # noqa: PLC0415

        d = dict(src_dict)
        version = cast(Any, d.get("version", UNSET))

        description = cast(Any, d.get("description", UNSET))

        try:

            def _parse_build_details(data: object) -> DockerfileBuild | GithubBuild | Unset | UploadBuild:
                if isinstance(data, Unset):
                    return data
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    componentsschemas_build_request_type_0 = UploadBuild.from_dict(data)

                    return componentsschemas_build_request_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    componentsschemas_build_request_type_1 = DockerfileBuild.from_dict(data)

                    return componentsschemas_build_request_type_1
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_build_request_type_2 = GithubBuild.from_dict(data)

                return componentsschemas_build_request_type_2

            build_details = _parse_build_details(d.get("buildDetails", UNSET))

        except (AttributeError, KeyError, TypeError, ValueError):
            build_details = cast(Any, d.get("buildDetails", UNSET))

        try:
            _autodeploy_resources = d.get("autodeployResources", UNSET)
            autodeploy_resources: list[AutodeployResource] | Unset = UNSET
            if _autodeploy_resources is not UNSET:
                autodeploy_resources = []
                for autodeploy_resources_item_data in _autodeploy_resources:
                    autodeploy_resources_item = AutodeployResource.from_dict(autodeploy_resources_item_data)

                    autodeploy_resources.append(autodeploy_resources_item)

        except (AttributeError, KeyError, TypeError, ValueError):
            autodeploy_resources = cast(Any, d.get("autodeployResources", UNSET))

        try:
            _artifact = d.get("artifact", UNSET)
            artifact: File | Unset
            if isinstance(_artifact, Unset):
                artifact = UNSET
            else:
                artifact = File(payload=BytesIO(_artifact))

        except (AttributeError, KeyError, TypeError, ValueError):
            artifact = cast(Any, d.get("artifact", UNSET))

        made = cls(
            version=version,
            description=description,
            build_details=build_details,
            autodeploy_resources=autodeploy_resources,
            artifact=artifact,
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
