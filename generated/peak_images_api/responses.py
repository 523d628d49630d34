# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""Responses as type checkers see them: dictionaries with the type of each key.

At run time there is one class, ``Payload``, the elements of a page included; what else is nested is a plain dictionary. A key that the contract
doesn't know is ``Any``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from .payload import Payload

if TYPE_CHECKING:
    from . import models

    D = TypeVar("D")

    class ImagePageFields(dict[str, Any]):
        """One page of images."""

        @overload
        def __getitem__(self, key: Literal["imageCount", "pageSize", "pageNumber", "pageCount"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["images"], /) -> list[Image]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(
            self, key: Literal["imageCount", "pageSize", "pageNumber", "pageCount"], default: None = None, /
        ) -> int | None: ...
        @overload
        def get(self, key: Literal["imageCount", "pageSize", "pageNumber", "pageCount"], default: D, /) -> int | D: ...
        @overload
        def get(self, key: Literal["images"], default: None = None, /) -> list[Image] | None: ...
        @overload
        def get(self, key: Literal["images"], default: D, /) -> list[Image] | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class ImagePage(ImagePageFields, Payload[models.ImagePage]):
        """One page of images."""

    class ImageFields(dict[str, Any]):
        """An image and its latest version."""

        @overload
        def __getitem__(self, key: Literal["id"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["name", "type", "scope", "createdAt", "createdBy"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["latestVersion"], /) -> VersionFields: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["id"], default: None = None, /) -> int | None: ...
        @overload
        def get(self, key: Literal["id"], default: D, /) -> int | D: ...
        @overload
        def get(
            self, key: Literal["name", "type", "scope", "createdAt", "createdBy"], default: None = None, /
        ) -> str | None: ...
        @overload
        def get(self, key: Literal["name", "type", "scope", "createdAt", "createdBy"], default: D, /) -> str | D: ...
        @overload
        def get(self, key: Literal["latestVersion"], default: None = None, /) -> VersionFields | None: ...
        @overload
        def get(self, key: Literal["latestVersion"], default: D, /) -> VersionFields | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class Image(ImageFields, Payload[models.Image]):
        """An image and its latest version."""

    class VersionFields(dict[str, Any]):
        """A version of an image."""

        @overload
        def __getitem__(self, key: Literal["id"], /) -> int: ...
        @overload
        def __getitem__(
            self,
            key: Literal[
                "version",
                "description",
                "status",
                "lastBuildStatus",
                "lastBuildAt",
                "createdAt",
                "createdBy",
                "updatedAt",
                "updatedBy",
                "pullUrl",
            ],
            /,
        ) -> str: ...
        @overload
        def __getitem__(self, key: Literal["size"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["tags"], /) -> list[TagFields]: ...
        @overload
        def __getitem__(self, key: Literal["isLatest"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["buildDetails"], /) -> BuildDetailsFields: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["id"], default: None = None, /) -> int | None: ...
        @overload
        def get(self, key: Literal["id"], default: D, /) -> int | D: ...
        @overload
        def get(
            self,
            key: Literal[
                "version",
                "description",
                "status",
                "lastBuildStatus",
                "lastBuildAt",
                "createdAt",
                "createdBy",
                "updatedAt",
                "updatedBy",
                "pullUrl",
            ],
            default: None = None,
            /,
        ) -> str | None: ...
        @overload
        def get(
            self,
            key: Literal[
                "version",
                "description",
                "status",
                "lastBuildStatus",
                "lastBuildAt",
                "createdAt",
                "createdBy",
                "updatedAt",
                "updatedBy",
                "pullUrl",
            ],
            default: D,
            /,
        ) -> str | D: ...
        @overload
        def get(self, key: Literal["size"], default: None = None, /) -> float | None: ...
        @overload
        def get(self, key: Literal["size"], default: D, /) -> float | D: ...
        @overload
        def get(self, key: Literal["tags"], default: None = None, /) -> list[TagFields] | None: ...
        @overload
        def get(self, key: Literal["tags"], default: D, /) -> list[TagFields] | D: ...
        @overload
        def get(self, key: Literal["isLatest"], default: None = None, /) -> bool | None: ...
        @overload
        def get(self, key: Literal["isLatest"], default: D, /) -> bool | D: ...
        @overload
        def get(self, key: Literal["buildDetails"], default: None = None, /) -> BuildDetailsFields | None: ...
        @overload
        def get(self, key: Literal["buildDetails"], default: D, /) -> BuildDetailsFields | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class Version(VersionFields, Payload[models.Version]):
        """A version of an image."""

    class TagFields(dict[str, Any]):
        """A label of a version."""

        @overload
        def __getitem__(self, key: Literal["name", "color"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["name", "color"], default: None = None, /) -> str | None: ...
        @overload
        def get(self, key: Literal["name", "color"], default: D, /) -> str | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class BuildDetailsFields(dict[str, Any]):
        """How the version is built; ``source`` decides which fields there are."""

        @overload
        def __getitem__(
            self,
            key: Literal[
                "source", "dockerfile", "branch", "repository", "token", "dockerfilePath", "context", "githubCommitUrl"
            ],
            /,
        ) -> str: ...
        @overload
        def __getitem__(self, key: Literal["useCache"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["buildArguments"], /) -> list[BuildArgumentFields]: ...
        @overload
        def __getitem__(self, key: Literal["secrets"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["builtFrom", "clonedFrom"], /) -> int: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(
            self,
            key: Literal[
                "source", "dockerfile", "branch", "repository", "token", "dockerfilePath", "context", "githubCommitUrl"
            ],
            default: None = None,
            /,
        ) -> str | None: ...
        @overload
        def get(
            self,
            key: Literal[
                "source", "dockerfile", "branch", "repository", "token", "dockerfilePath", "context", "githubCommitUrl"
            ],
            default: D,
            /,
        ) -> str | D: ...
        @overload
        def get(self, key: Literal["useCache"], default: None = None, /) -> bool | None: ...
        @overload
        def get(self, key: Literal["useCache"], default: D, /) -> bool | D: ...
        @overload
        def get(self, key: Literal["buildArguments"], default: None = None, /) -> list[BuildArgumentFields] | None: ...
        @overload
        def get(self, key: Literal["buildArguments"], default: D, /) -> list[BuildArgumentFields] | D: ...
        @overload
        def get(self, key: Literal["secrets"], default: None = None, /) -> list[str] | None: ...
        @overload
        def get(self, key: Literal["secrets"], default: D, /) -> list[str] | D: ...
        @overload
        def get(self, key: Literal["builtFrom", "clonedFrom"], default: None = None, /) -> int | None: ...
        @overload
        def get(self, key: Literal["builtFrom", "clonedFrom"], default: D, /) -> int | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class BuildArgumentFields(dict[str, Any]):
        """A build argument, like ``--build-arg NAME=VALUE`` of Docker."""

        @overload
        def __getitem__(self, key: Literal["name", "value"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["name", "value"], default: None = None, /) -> str | None: ...
        @overload
        def get(self, key: Literal["name", "value"], default: D, /) -> str | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class ImageCreatedFields(dict[str, Any]):
        """The ids of what was created."""

        @overload
        def __getitem__(self, key: Literal["imageId", "versionId", "buildId"], /) -> int | str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["imageId", "versionId", "buildId"], default: None = None, /) -> int | str | None: ...
        @overload
        def get(self, key: Literal["imageId", "versionId", "buildId"], default: D, /) -> int | str | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class ImageCreated(ImageCreatedFields, Payload[models.ImageCreated]):
        """The ids of what was created."""

    class DeletingFields(dict[str, Any]):
        """An empty object; the deletion continues asynchronously."""

    class Deleting(DeletingFields, Payload[models.Deleting]):
        """An empty object; the deletion continues asynchronously."""

    class VersionPageFields(dict[str, Any]):
        """One page of versions."""

        @overload
        def __getitem__(self, key: Literal["versionCount", "pageSize", "pageNumber", "pageCount"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["versions"], /) -> list[Version]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(
            self, key: Literal["versionCount", "pageSize", "pageNumber", "pageCount"], default: None = None, /
        ) -> int | None: ...
        @overload
        def get(
            self, key: Literal["versionCount", "pageSize", "pageNumber", "pageCount"], default: D, /
        ) -> int | D: ...
        @overload
        def get(self, key: Literal["versions"], default: None = None, /) -> list[Version] | None: ...
        @overload
        def get(self, key: Literal["versions"], default: D, /) -> list[Version] | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class VersionPage(VersionPageFields, Payload[models.VersionPage]):
        """One page of versions."""

    class VersionCreatedFields(dict[str, Any]):
        """The ids of what was created or changed."""

        @overload
        def __getitem__(self, key: Literal["imageId", "versionId", "buildId"], /) -> int | str: ...
        @overload
        def __getitem__(self, key: Literal["autodeploymentId"], /) -> int | str | None: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["imageId", "versionId", "buildId"], default: None = None, /) -> int | str | None: ...
        @overload
        def get(self, key: Literal["imageId", "versionId", "buildId"], default: D, /) -> int | str | D: ...
        @overload
        def get(self, key: Literal["autodeploymentId"], default: None = None, /) -> int | str | None: ...
        @overload
        def get(self, key: Literal["autodeploymentId"], default: D, /) -> int | str | None | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class VersionCreated(VersionCreatedFields, Payload[models.VersionCreated]):
        """The ids of what was created or changed."""

    class VersionDetailFields(dict[str, Any]):
        """A version, with the name and type of its image."""

        @overload
        def __getitem__(self, key: Literal["id"], /) -> int: ...
        @overload
        def __getitem__(
            self,
            key: Literal[
                "version",
                "description",
                "status",
                "lastBuildStatus",
                "lastBuildAt",
                "createdAt",
                "createdBy",
                "updatedAt",
                "updatedBy",
                "pullUrl",
                "imageName",
                "imageType",
            ],
            /,
        ) -> str: ...
        @overload
        def __getitem__(self, key: Literal["size"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["tags"], /) -> list[TagFields]: ...
        @overload
        def __getitem__(self, key: Literal["isLatest"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["buildDetails"], /) -> BuildDetailsFields: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["id"], default: None = None, /) -> int | None: ...
        @overload
        def get(self, key: Literal["id"], default: D, /) -> int | D: ...
        @overload
        def get(
            self,
            key: Literal[
                "version",
                "description",
                "status",
                "lastBuildStatus",
                "lastBuildAt",
                "createdAt",
                "createdBy",
                "updatedAt",
                "updatedBy",
                "pullUrl",
                "imageName",
                "imageType",
            ],
            default: None = None,
            /,
        ) -> str | None: ...
        @overload
        def get(
            self,
            key: Literal[
                "version",
                "description",
                "status",
                "lastBuildStatus",
                "lastBuildAt",
                "createdAt",
                "createdBy",
                "updatedAt",
                "updatedBy",
                "pullUrl",
                "imageName",
                "imageType",
            ],
            default: D,
            /,
        ) -> str | D: ...
        @overload
        def get(self, key: Literal["size"], default: None = None, /) -> float | None: ...
        @overload
        def get(self, key: Literal["size"], default: D, /) -> float | D: ...
        @overload
        def get(self, key: Literal["tags"], default: None = None, /) -> list[TagFields] | None: ...
        @overload
        def get(self, key: Literal["tags"], default: D, /) -> list[TagFields] | D: ...
        @overload
        def get(self, key: Literal["isLatest"], default: None = None, /) -> bool | None: ...
        @overload
        def get(self, key: Literal["isLatest"], default: D, /) -> bool | D: ...
        @overload
        def get(self, key: Literal["buildDetails"], default: None = None, /) -> BuildDetailsFields | None: ...
        @overload
        def get(self, key: Literal["buildDetails"], default: D, /) -> BuildDetailsFields | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class VersionDetail(VersionDetailFields, Payload[models.VersionDetail]):
        """A version, with the name and type of its image."""

    class BuildPageFields(dict[str, Any]):
        """One page of builds."""

        @overload
        def __getitem__(self, key: Literal["buildCount", "pageSize", "pageNumber", "pageCount"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["builds"], /) -> list[Build]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(
            self, key: Literal["buildCount", "pageSize", "pageNumber", "pageCount"], default: None = None, /
        ) -> int | None: ...
        @overload
        def get(self, key: Literal["buildCount", "pageSize", "pageNumber", "pageCount"], default: D, /) -> int | D: ...
        @overload
        def get(self, key: Literal["builds"], default: None = None, /) -> list[Build] | None: ...
        @overload
        def get(self, key: Literal["builds"], default: D, /) -> list[Build] | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class BuildPage(BuildPageFields, Payload[models.BuildPage]):
        """One page of builds."""

    class BuildFields(dict[str, Any]):
        """A build of a version."""

        @overload
        def __getitem__(self, key: Literal["buildId"], /) -> int | str: ...
        @overload
        def __getitem__(self, key: Literal["versionId"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["version", "status", "startedAt"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["finishedAt"], /) -> str | None: ...
        @overload
        def __getitem__(self, key: Literal["useCache"], /) -> bool: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["buildId"], default: None = None, /) -> int | str | None: ...
        @overload
        def get(self, key: Literal["buildId"], default: D, /) -> int | str | D: ...
        @overload
        def get(self, key: Literal["versionId"], default: None = None, /) -> int | None: ...
        @overload
        def get(self, key: Literal["versionId"], default: D, /) -> int | D: ...
        @overload
        def get(self, key: Literal["version", "status", "startedAt"], default: None = None, /) -> str | None: ...
        @overload
        def get(self, key: Literal["version", "status", "startedAt"], default: D, /) -> str | D: ...
        @overload
        def get(self, key: Literal["finishedAt"], default: None = None, /) -> str | None: ...
        @overload
        def get(self, key: Literal["finishedAt"], default: D, /) -> str | None | D: ...
        @overload
        def get(self, key: Literal["useCache"], default: None = None, /) -> bool | None: ...
        @overload
        def get(self, key: Literal["useCache"], default: D, /) -> bool | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class Build(BuildFields, Payload[models.Build]):
        """A build of a version."""

    class BuildLogsFields(dict[str, Any]):
        """A chunk of a build's log."""

        @overload
        def __getitem__(self, key: Literal["buildStatus", "startTime", "nextToken"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["finishTime"], /) -> str | None: ...
        @overload
        def __getitem__(self, key: Literal["logs"], /) -> list[LogEntryFields]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["buildStatus", "startTime", "nextToken"], default: None = None, /) -> str | None: ...
        @overload
        def get(self, key: Literal["buildStatus", "startTime", "nextToken"], default: D, /) -> str | D: ...
        @overload
        def get(self, key: Literal["finishTime"], default: None = None, /) -> str | None: ...
        @overload
        def get(self, key: Literal["finishTime"], default: D, /) -> str | None | D: ...
        @overload
        def get(self, key: Literal["logs"], default: None = None, /) -> list[LogEntryFields] | None: ...
        @overload
        def get(self, key: Literal["logs"], default: D, /) -> list[LogEntryFields] | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class BuildLogs(BuildLogsFields, Payload[models.BuildLogs]):
        """A chunk of a build's log."""

    class LogEntryFields(dict[str, Any]):
        """An entry of a build's log."""

        @overload
        def __getitem__(self, key: Literal["message", "timestamp", "ingestionTime"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["message", "timestamp", "ingestionTime"], default: None = None, /) -> str | None: ...
        @overload
        def get(self, key: Literal["message", "timestamp", "ingestionTime"], default: D, /) -> str | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class BuildLogsDownloadFields(dict[str, Any]):
        """The address of a build's whole log."""

        @overload
        def __getitem__(self, key: Literal["downloadUrl"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...

        @overload  # type: ignore[override]
        def get(self, key: Literal["downloadUrl"], default: None = None, /) -> str | None: ...
        @overload
        def get(self, key: Literal["downloadUrl"], default: D, /) -> str | D: ...
        @overload
        def get(self, key: str, default: Any = None, /) -> Any: ...
        def get(self, key: str, default: Any = None, /) -> Any: ...

    class BuildLogsDownload(BuildLogsDownloadFields, Payload[models.BuildLogsDownload]):
        """The address of a build's whole log."""

else:
    ImagePageFields = dict
    ImagePage = Payload
    ImageFields = dict
    Image = Payload
    VersionFields = dict
    Version = Payload
    TagFields = dict
    BuildDetailsFields = dict
    BuildArgumentFields = dict
    ImageCreatedFields = dict
    ImageCreated = Payload
    DeletingFields = dict
    Deleting = Payload
    VersionPageFields = dict
    VersionPage = Payload
    VersionCreatedFields = dict
    VersionCreated = Payload
    VersionDetailFields = dict
    VersionDetail = Payload
    BuildPageFields = dict
    BuildPage = Payload
    BuildFields = dict
    Build = Payload
    BuildLogsFields = dict
    BuildLogs = Payload
    LogEntryFields = dict
    BuildLogsDownloadFields = dict
    BuildLogsDownload = Payload

__all__ = [
    "Build",
    "BuildFields",
    "BuildArgumentFields",
    "BuildDetailsFields",
    "BuildLogs",
    "BuildLogsFields",
    "BuildLogsDownload",
    "BuildLogsDownloadFields",
    "BuildPage",
    "BuildPageFields",
    "Deleting",
    "DeletingFields",
    "Image",
    "ImageFields",
    "ImageCreated",
    "ImageCreatedFields",
    "ImagePage",
    "ImagePageFields",
    "LogEntryFields",
    "TagFields",
    "Version",
    "VersionFields",
    "VersionCreated",
    "VersionCreatedFields",
    "VersionDetail",
    "VersionDetailFields",
    "VersionPage",
    "VersionPageFields",
]
