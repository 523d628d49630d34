"""A directory as Docker's client sees it: ignore rules, the files of a build context, their archive, and a preflight.

``scan_context`` walks a directory once. From the result, ``zip_context`` makes the archive that a build takes,
``find_problems`` finds what would make the build fail, and ``inspect`` reports all of it. The package is independent of
the service that receives the archive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_build_context.archive import Archive, zip_context
from peak_build_context.context import Context, scan_context
from peak_build_context.errors import BuildContextError, BuildContextTooLargeError
from peak_build_context.problems import Problem, ProblemKind

if TYPE_CHECKING:
    from peak_build_context.preflight import find_problems, special_files
    from peak_build_context.report import ArtifactFile, ArtifactReport, ExcludedFile, inspect

__all__ = [
    "Archive",
    "ArtifactFile",
    "ArtifactReport",
    "BuildContextError",
    "BuildContextTooLargeError",
    "Context",
    "ExcludedFile",
    "Problem",
    "ProblemKind",
    "find_problems",
    "inspect",
    "scan_context",
    "special_files",
    "zip_context",
]

_LAZY = {
    "ArtifactFile": "report",
    "ArtifactReport": "report",
    "ExcludedFile": "report",
    "find_problems": "preflight",
    "inspect": "report",
    "special_files": "preflight",
}
"""The module of each name that is loaded on first use: inspecting a context parses Dockerfiles, zipping it doesn't."""


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
