"""Find what a build would fail on, or what should not be uploaded, before anything is sent."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping

from peak_build_context.build_plan import BuildPlan
from peak_build_context.context import Context, Excluded
from peak_build_context.context_plan import UploadedFiles, plan_upload
from peak_build_context.errors import BuildContextError
from peak_build_context.files import read_head
from peak_build_context.patterns import copy_pattern
from peak_build_context.problems import Problem, ProblemKind
from peak_build_context.secrets import find_secrets
from peak_build_context.sources import Source, fixed_part
from peak_build_context.text import show_name


def find_problems(context: Context, build_arguments: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """Find what looks like a mistake in a context.

    Args:
        context: The context.
        build_arguments: The build's arguments, for ``COPY`` and ``ADD`` with variables.

    Raises:
        BuildContextError: A file can't be read.
    """
    return (
        *_empty_problem(context),
        *_plan(context, build_arguments or {}).problems,
        *context.problems,
        *find_secrets(context),
        *special_files(context),
    )


def needed_sources(context: Context) -> frozenset[str]:
    """Return what the Dockerfile takes from a context, as names that may have wildcards."""
    try:
        return _plan(context, {}).sources
    except BuildContextError:
        return frozenset()


def special_files(context: Context) -> Iterator[Problem]:
    """What can't be uploaded, though no ignore file excludes it."""
    for name in context.special:
        message = f"{show_name(name)} is a socket, a FIFO or a device, and can't be sent"
        yield Problem(ProblemKind.SPECIAL_FILE, message, name)


def _empty_problem(context: Context) -> Iterator[Problem]:
    if context.empty_reason:
        yield Problem(ProblemKind.EMPTY, context.empty_reason, context.path)


def _plan(context: Context, build_arguments: Mapping[str, str]) -> BuildPlan:
    entries = {entry.name: entry for entry in context.entries}
    uploaded = UploadedFiles(
        files={name: entry.size for name, entry in entries.items() if not entry.is_directory},
        directories={name for name, entry in entries.items() if entry.is_directory},
        read=lambda name, size: read_head(entries[name], size + 1),
    )
    return plan_upload(
        uploaded,
        build_arguments,
        dockerfile_path=context.dockerfile_path,
        context_path=context.context_path,
        excluded=lambda source: _excluded(context, source),
    )


def _excluded(context: Context, source: Source) -> Excluded | None:
    """Return why a source is not uploaded, if it is there."""
    name = posixpath.join(context.build_context, source.path)
    if source.has_wildcards:
        pattern = copy_pattern(name)
        row = next((row for row in context.excluded if pattern.matches(row.name)), None)
        name = fixed_part(name)
        if row or not name:
            return row
    is_there = os.path.lexists(f"{context.root}/{name}")
    for row in context.excluded:
        is_around = f"{name}/".startswith(f"{row.name}/") and (is_there or row.reason or row.name == name)
        if is_around or row.name.startswith(f"{name}/"):
            return row
    return None
