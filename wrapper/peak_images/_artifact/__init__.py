"""Artifacts: what is sent to a build, made from a folder.

A context is walked once, by ``scan_context``. From that walk ``zip_context`` makes the artifact, ``find_problems``
finds what a build would trip over, for ``warn_of`` to warn of, and ``report_on`` tells all there is to tell.
``build_artifact`` and ``inspect_artifact`` do it in one step.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from peak_images._artifact.archive import zip_context
from peak_images._artifact.artifact import Artifact
from peak_images._artifact.walk import Context, scan_context
from peak_images._limits import DEFAULT_MAX_ARTIFACT_SIZE

if TYPE_CHECKING:
    from peak_images._artifact.inspection import (
        ArtifactFile,
        ArtifactReport,
        LeftOut,
        Problem,
        ProblemKind,
        find_problems,
        report_on,
        warn_of,
    )

__all__ = [
    "Artifact",
    "ArtifactFile",
    "ArtifactReport",
    "Context",
    "LeftOut",
    "Problem",
    "ProblemKind",
    "build_artifact",
    "find_problems",
    "inspect_artifact",
    "report_on",
    "scan_context",
    "warn_of",
    "zip_context",
]


def __getattr__(name: str) -> Any:
    # What inspects a context parses Dockerfiles, and is loaded on first use.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from peak_images._artifact import inspection

    return getattr(inspection, name)


def build_artifact(
    path: str | os.PathLike[str],
    ignore_files: Sequence[str | os.PathLike[str]] | None = None,
    *,
    dockerfile_path: str | None = None,
    context: str | None = None,
    max_size: int | None = DEFAULT_MAX_ARTIFACT_SIZE,
    follow_external_links: bool = False,
) -> Artifact:
    """Zip a folder for a build, as a create does before it sends it. The same tree gives the same bytes.

    Args:
        path: The folder.
        ignore_files: The ignore files, in the order in which their patterns count; ``.dockerignore`` unless given.
        dockerfile_path: ``buildDetails.dockerfilePath``, which travels whatever is ignored; ``Dockerfile`` unless
            given.
        context: ``buildDetails.context``; the root of the artifact unless given.
        max_size: Largest size of the archive in bytes; None for no limit.
        follow_external_links: Whether a symbolic link may point outside the folder.

    Returns:
        The artifact, with ``file``, ``size``, ``sha256``, ``entry_count`` and ``uncompressed_size``. Close it.

    Raises:
        ArtifactTooLargeError: The archive would be larger than ``max_size``.
        ArtifactError: The folder, an ignore file or something in the folder can't be used, or there is nothing to zip.

    Example:
        >>> with images.build_artifact(context) as artifact:
        ...     artifact.entry_count
        8
    """
    scanned = scan_context(
        path,
        ignore_files,
        dockerfile_path=dockerfile_path,
        build_context=context,
        follow_external_links=follow_external_links,
    )
    if scanned.special:
        from peak_images._artifact.inspection import special_files, warn_of

        warn_of(special_files(scanned))
    return zip_context(scanned, max_size=max_size)


def inspect_artifact(
    path: str | os.PathLike[str],
    ignore_files: Sequence[str | os.PathLike[str]] | None = None,
    *,
    dockerfile_path: str | None = None,
    context: str | None = None,
    follow_external_links: bool = False,
) -> ArtifactReport:
    """See what would be sent of a folder, what would stay out, and what a build would trip over. Nothing is sent.

    Args:
        path: The folder.
        ignore_files: The ignore files, in the order in which their patterns count; ``.dockerignore`` unless given.
        dockerfile_path: ``buildDetails.dockerfilePath``; ``Dockerfile`` unless given.
        context: ``buildDetails.context``: the folder in the artifact that ``COPY`` and ``ADD`` take from; its root
            unless given.
        follow_external_links: Whether a symbolic link may point outside the folder.

    Returns:
        A report with ``files``, ``left_out``, ``problems`` and ``total_size``. Its text is meant for people.

    Raises:
        ArtifactError: The folder, an ignore file or something in the folder can't be used.

    Example:
        >>> report = images.inspect_artifact(context)
        >>> report.problems
        ()
    """
    from peak_images._artifact.inspection import report_on

    scanned = scan_context(
        path,
        ignore_files,
        dockerfile_path=dockerfile_path,
        build_context=context,
        follow_external_links=follow_external_links,
    )
    return report_on(scanned)
