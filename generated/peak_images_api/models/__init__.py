# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""Every schema of the contract as a class. Importing this package loads none of them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .autodeploy_entity_type import AutodeployEntityType
    from .autodeploy_resource import AutodeployResource
    from .build import Build
    from .build_argument import BuildArgument
    from .build_change import BuildChange
    from .build_details import BuildDetails
    from .build_logs import BuildLogs
    from .build_logs_download import BuildLogsDownload
    from .build_page import BuildPage
    from .build_source import BuildSource
    from .build_status import BuildStatus
    from .deleting import Deleting
    from .dockerfile_build import DockerfileBuild
    from .error import Error
    from .github_build import GithubBuild
    from .image import Image
    from .image_create_form import ImageCreateForm
    from .image_created import ImageCreated
    from .image_page import ImagePage
    from .image_scope import ImageScope
    from .image_status import ImageStatus
    from .image_type import ImageType
    from .log_entry import LogEntry
    from .tag import Tag
    from .upload_build import UploadBuild
    from .version import Version
    from .version_create_form import VersionCreateForm
    from .version_created import VersionCreated
    from .version_detail import VersionDetail
    from .version_page import VersionPage
    from .version_update_form import VersionUpdateForm

_MODULES = {
    "AutodeployEntityType": ".autodeploy_entity_type",
    "AutodeployResource": ".autodeploy_resource",
    "Build": ".build",
    "BuildArgument": ".build_argument",
    "BuildChange": ".build_change",
    "BuildDetails": ".build_details",
    "BuildLogs": ".build_logs",
    "BuildLogsDownload": ".build_logs_download",
    "BuildPage": ".build_page",
    "BuildSource": ".build_source",
    "BuildStatus": ".build_status",
    "Deleting": ".deleting",
    "DockerfileBuild": ".dockerfile_build",
    "Error": ".error",
    "GithubBuild": ".github_build",
    "Image": ".image",
    "ImageCreateForm": ".image_create_form",
    "ImageCreated": ".image_created",
    "ImagePage": ".image_page",
    "ImageScope": ".image_scope",
    "ImageStatus": ".image_status",
    "ImageType": ".image_type",
    "LogEntry": ".log_entry",
    "Tag": ".tag",
    "UploadBuild": ".upload_build",
    "Version": ".version",
    "VersionCreateForm": ".version_create_form",
    "VersionCreated": ".version_created",
    "VersionDetail": ".version_detail",
    "VersionPage": ".version_page",
    "VersionUpdateForm": ".version_update_form",
}

__all__ = (
    "AutodeployEntityType",
    "AutodeployResource",
    "Build",
    "BuildArgument",
    "BuildChange",
    "BuildDetails",
    "BuildLogs",
    "BuildLogsDownload",
    "BuildPage",
    "BuildSource",
    "BuildStatus",
    "Deleting",
    "DockerfileBuild",
    "Error",
    "GithubBuild",
    "Image",
    "ImageCreated",
    "ImageCreateForm",
    "ImagePage",
    "ImageScope",
    "ImageStatus",
    "ImageType",
    "LogEntry",
    "Tag",
    "UploadBuild",
    "Version",
    "VersionCreated",
    "VersionCreateForm",
    "VersionDetail",
    "VersionPage",
    "VersionUpdateForm",
)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
