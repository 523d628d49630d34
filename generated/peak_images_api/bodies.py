# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""The bodies of requests as dictionaries, for annotations.

A body that is annotated is checked by type checkers: ``body: ImageCreateBody = {"nmae": "…"}`` is an error.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict

AutodeployEntityType: TypeAlias = Literal["workflow", "workspace", "api", "webapp"]
"""The type of the resource."""

BuildStatus: TypeAlias = Literal["building", "failed", "success", "stopping", "stopped"]
"""The state of the build."""

ImageScope: TypeAlias = Literal["custom", "global"]
"""Whether the image is the tenant's own or comes with the platform."""

ImageStatus: TypeAlias = Literal["not-ready", "ready", "in-use", "deleting", "delete-failed"]
"""The state of the image or version."""

ImageType: TypeAlias = Literal["workflow", "workspace-r", "workspace-python", "webapp", "api"]
"""What the image is used for."""


class ImageCreateBody(TypedDict):
    """The new image and its first version.

    Attributes:
        name: The name of the image, unique in the tenant.
        type: What the image is used for.
        version: The first version, a semantic version (default: ``0.0.1``).
        description: A description of the version.
        buildDetails: How to build the version; ``source`` decides which fields there are.
    """

    name: str
    type: ImageType
    version: NotRequired[str]
    description: NotRequired[str]
    buildDetails: NotRequired[UploadBuild | DockerfileBuild | GithubBuild]


class UploadBuild(TypedDict):
    """Build from an uploaded directory (the artifact).

    Attributes:
        source: Always ``upload``.
        useCache: Whether cached layers of earlier builds may be used.
        buildArguments: The build arguments.
        secrets: The names of the external credentials that the build may read.
        dockerfilePath: The path of the Dockerfile, relative to the root of the artifact (default:
            ``Dockerfile``).
        context: The path of the build context, relative to the root of the artifact (default: the root).
    """

    source: NotRequired[Literal["upload"]]
    useCache: NotRequired[bool]
    buildArguments: NotRequired[list[BuildArgument]]
    secrets: NotRequired[list[str]]
    dockerfilePath: NotRequired[str]
    context: NotRequired[str]


class BuildArgument(TypedDict):
    """A build argument, like ``--build-arg NAME=VALUE`` of Docker.

    Attributes:
        name: The name of the argument.
        value: The value of the argument.
    """

    name: str
    value: str


class DockerfileBuild(TypedDict):
    """Build from the contents of a Dockerfile.

    Attributes:
        source: Always ``dockerfile``.
        dockerfile: The contents of the Dockerfile.
        useCache: Whether cached layers of earlier builds may be used.
        buildArguments: The build arguments.
        secrets: The names of the external credentials that the build may read.
    """

    source: Literal["dockerfile"]
    dockerfile: str
    useCache: NotRequired[bool]
    buildArguments: NotRequired[list[BuildArgument]]
    secrets: NotRequired[list[str]]


class GithubBuild(TypedDict):
    """Build from a GitHub repository.

    Attributes:
        source: Always ``github``.
        repository: The URL of the repository.
        branch: The branch to build.
        token: The *name* of the external credential that holds the token for the repository, never the token.
        dockerfilePath: The path of the Dockerfile, relative to the root of the repository (default:
            ``Dockerfile``).
        context: The path of the build context, relative to the root of the repository (default: the root).
        useCache: Whether cached layers of earlier builds may be used.
        buildArguments: The build arguments.
        secrets: The names of the external credentials that the build may read.
    """

    source: Literal["github"]
    repository: str
    branch: NotRequired[str]
    token: NotRequired[str]
    dockerfilePath: NotRequired[str]
    context: NotRequired[str]
    useCache: NotRequired[bool]
    buildArguments: NotRequired[list[BuildArgument]]
    secrets: NotRequired[list[str]]


class VersionCreateBody(TypedDict):
    """The new version.

    Attributes:
        version: The version, a semantic version unique in the image (default: the next patch of the latest
            version).
        description: A description of the version.
        buildDetails: How to build the version; ``source`` decides which fields there are.
        autodeployResources: The resources to redeploy once the build is completed.
    """

    version: NotRequired[str]
    description: NotRequired[str]
    buildDetails: NotRequired[UploadBuild | DockerfileBuild | GithubBuild]
    autodeployResources: NotRequired[list[AutodeployResource]]


class AutodeployResource(TypedDict):
    """A resource to redeploy once the build is completed.

    Attributes:
        entityId: The id of the resource.
        entityType: The type of the resource.
    """

    entityId: str | int
    entityType: AutodeployEntityType


class VersionUpdateBody(TypedDict):
    """The fields to change.

    Attributes:
        description: A description of the version.
        buildDetails: How to build from now on; without ``source`` the source of the version is kept.
        autodeployResources: The resources to redeploy once the build is completed.
    """

    description: NotRequired[str]
    buildDetails: NotRequired[UploadBuild | DockerfileBuild | GithubBuild | BuildChange]
    autodeployResources: NotRequired[list[AutodeployResource]]


class BuildChange(TypedDict):
    """Changes to the build of an existing version; absent fields and the source are kept.

    Attributes:
        useCache: Whether cached layers of earlier builds may be used.
        buildArguments: The build arguments.
        secrets: The names of the external credentials that the build may read.
        dockerfile: The contents of the Dockerfile, for a version built from one.
        repository: The URL of the repository, for a version built from one.
        branch: The branch to build, for a version built from a repository.
        token: The *name* of the external credential that holds the token for the repository.
        dockerfilePath: The path of the Dockerfile, relative to the root of the artifact or repository.
        context: The path of the build context, relative to the root of the artifact or repository.
    """

    useCache: NotRequired[bool]
    buildArguments: NotRequired[list[BuildArgument]]
    secrets: NotRequired[list[str]]
    dockerfile: NotRequired[str]
    repository: NotRequired[str]
    branch: NotRequired[str]
    token: NotRequired[str]
    dockerfilePath: NotRequired[str]
    context: NotRequired[str]


__all__ = [
    "AutodeployEntityType",
    "AutodeployResource",
    "BuildArgument",
    "BuildChange",
    "BuildStatus",
    "DockerfileBuild",
    "GithubBuild",
    "ImageCreateBody",
    "ImageScope",
    "ImageStatus",
    "ImageType",
    "UploadBuild",
    "VersionCreateBody",
    "VersionUpdateBody",
]
