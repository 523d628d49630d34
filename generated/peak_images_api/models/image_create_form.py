# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..models.image_type import ImageType
from ..types import UNSET, File, Unset

if TYPE_CHECKING:
    from ..models.dockerfile_build import DockerfileBuild
    from ..models.github_build import GithubBuild
    from ..models.upload_build import UploadBuild


T = TypeVar("T", bound="ImageCreateForm")


@_attrs_define(repr=False)
class ImageCreateForm:
    """The new image and its first version

    Attributes:
        name (str): The name of the image, unique in the tenant Example: awesome-image.
        type_ (ImageType): What the image is used for Example: workflow.
        version (str | Unset): The first version, a semantic version (default: `0.0.1`) Example:
            0.0.1-python3.12.
        description (str | Unset): A description of the version Example: Python 3.12 with the team's libraries.
        build_details (DockerfileBuild | GithubBuild | Unset | UploadBuild): How to build the version; `source`
            decides which fields there are
        artifact (File | Unset): The build context as a zip file, for the source `upload`
    """

    _names: ClassVar[dict[str, str]] = {
        "name": "name",
        "type_": "type",
        "version": "version",
        "description": "description",
        "build_details": "buildDetails",
        "artifact": "artifact",
    }

    name: str
    type_: ImageType
    version: str | Unset = UNSET
    description: str | Unset = UNSET
    build_details: DockerfileBuild | GithubBuild | Unset | UploadBuild = UNSET
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
        from ..models.dockerfile_build import DockerfileBuild  # noqa: PLC0415
        from ..models.github_build import GithubBuild  # noqa: PLC0415
        from ..models.upload_build import UploadBuild  # noqa: PLC0415

        d = dict(src_dict)
        name = cast(Any, d.get("name", UNSET))

        try:
            type_ = ImageType(d["type"])

        except (AttributeError, KeyError, TypeError, ValueError):
            type_ = cast(Any, d.get("type", UNSET))

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
            _artifact = d.get("artifact", UNSET)
            artifact: File | Unset
            if isinstance(_artifact, Unset):
                artifact = UNSET
            else:
                artifact = File(payload=BytesIO(_artifact))

        except (AttributeError, KeyError, TypeError, ValueError):
            artifact = cast(Any, d.get("artifact", UNSET))

        made = cls(
            name=name,
            type_=type_,
            version=version,
            description=description,
            build_details=build_details,
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
