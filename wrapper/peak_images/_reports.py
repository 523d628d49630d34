"""The results of composite methods."""

from __future__ import annotations

from typing import Any, TypedDict


class PruneReport(TypedDict):
    """The result of ``prune_versions``.

    Attributes:
        imageId: The id of the image.
        dryRun: Whether nothing was deleted.
        deleted: The versions whose deletion was started, each with ``versionId`` and ``version``.
        kept: The versions that weren't deleted, each with its ``reason``.
        failed: The versions that couldn't be deleted, each with its ``error`` and the ``statusCode`` of the response,
            ``None`` if there was none.
    """

    imageId: int
    dryRun: bool
    deleted: list[dict[str, Any]]
    kept: list[dict[str, Any]]
    failed: list[dict[str, Any]]


class Deployment(TypedDict):
    """The result of ``deploy``.

    Attributes:
        action: ``created-image``, ``created-version``, ``updated-version`` or ``skipped``.
        image: The name of the image.
        imageId: Its id.
        version: The version.
        versionId: Its id.
        buildId: The numeric id of the build, by which its log is read; ``None`` if the service lists none.
        status: The state of the version.
        lastBuildStatus: The state of its last build.
        pruned: The result of pruning; ``None`` without ``prune``.
    """

    action: str
    image: str
    imageId: int
    version: str
    versionId: int
    buildId: int | None
    status: str
    lastBuildStatus: str
    pruned: PruneReport | None
