"""Find what would make the build of a directory fail, and files that should not be uploaded."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, NamedTuple

from peak_build_context.build_plan import BuildPlan, plan_build
from peak_build_context.context import DEFAULT_DOCKERFILE, Context, Excluded, dockerfile_names
from peak_build_context.dockerfile import MAX_DOCKERFILE_SIZE
from peak_build_context.errors import BuildContextError
from peak_build_context.files import read_head
from peak_build_context.ignore import parse_docker_rules
from peak_build_context.patterns import copy_pattern
from peak_build_context.problems import Problem, ProblemKind
from peak_build_context.secrets import find_secrets
from peak_build_context.sources import BuildFiles, Source, fixed_part
from peak_build_context.text import DEFAULT_IGNORE_FILE, show_name

_MAX_EXAMPLES: Final = 3

_DOCKERFILE: Final = re.compile(
    r"(?s)(?:.*/)?(?![^/]*\.(?:dockerignore|containerignore|go|js|md|py|rb|rs|ts)$)"
    r"(?:[^/]*\.)?(?:docker|container)file(?:[._-][^/]*)?",
    re.IGNORECASE,
)
"""Names of Dockerfiles, those of Podman included."""


def find_problems(context: Context, build_arguments: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """Find likely mistakes in a context.

    Args:
        context: The context.
        build_arguments: The build's arguments, for ``COPY`` and ``ADD`` with variables.

    Raises:
        BuildContextError: A file can't be read.
    """
    reason = context.empty_reason
    return (
        *([Problem(ProblemKind.EMPTY, reason, context.path)] if reason else []),
        *_plan(context, build_arguments or {}).problems,
        *context.problems,
        *find_secrets(context),
        *special_files(context),
    )


def needed_sources(context: Context) -> frozenset[str]:
    """Return the sources of the Dockerfile in a context, as names that may have wildcards."""
    try:
        return _plan(context, {}).sources
    except BuildContextError:
        return frozenset()


def special_files(context: Context) -> Iterator[Problem]:
    """Yield a problem for each file that can't be uploaded, though no ignore file excludes it."""
    for name in context.special:
        message = f"{show_name(name)} is a socket, a FIFO or a device, and can't be sent"
        yield Problem(ProblemKind.SPECIAL_FILE, message, name)


def _plan(context: Context, build_arguments: Mapping[str, str]) -> BuildPlan:
    entries = {entry.name: entry for entry in context.entries}
    uploaded = UploadedFiles(
        files={name for name, entry in entries.items() if not entry.is_directory},
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


class UploadedFiles(NamedTuple):
    """The content of an artifact.

    Attributes:
        files: The names of its files.
        directories: The names of its directories.
        read: Reads a file up to a number of bytes, and at least one byte more of a longer one.
    """

    files: Collection[str]
    directories: Collection[str]
    read: Callable[[str, int], bytes]


def plan_upload(
    uploaded: UploadedFiles,
    build_arguments: Mapping[str, str] | None = None,
    *,
    dockerfile_path: str | None = None,
    context_path: str | None = None,
    excluded: Callable[[Source], Excluded | None] = lambda _: None,
) -> BuildPlan:
    """Evaluate the build of an uploaded directory.

    Args:
        uploaded: The artifact's content.
        build_arguments: The build's arguments.
        dockerfile_path: The Dockerfile, relative to the root of the artifact (default: ``Dockerfile``).
        context_path: The build context, relative to the root of the artifact (default: the root).
        excluded: Returns why a source was not even uploaded, if it was excluded.
    """
    context, problem = _find_context(uploaded, context_path)
    dockerfile, dockerfile_problem = _find_dockerfile(uploaded, dockerfile_path)
    problems = tuple(filter(None, (dockerfile_problem, problem)))
    if problems:
        return BuildPlan(problems)
    # The ignore rules that the build applies, whatever rules the upload was chosen by.
    own = f"{relative_path(dockerfile_path or DEFAULT_DOCKERFILE)}{DEFAULT_IGNORE_FILE}"
    names = (own, posixpath.join(context, DEFAULT_IGNORE_FILE))
    ignore_file = next((name for name in names if name in uploaded.files), "")
    ignored = uploaded.read(ignore_file, MAX_DOCKERFILE_SIZE) if ignore_file else b""
    if len(ignored) > MAX_DOCKERFILE_SIZE:
        message = f"{ignore_file!r} is larger than {MAX_DOCKERFILE_SIZE} bytes"
        return BuildPlan((Problem(ProblemKind.DOCKERFILE_LIMIT, message, ignore_file),))
    try:
        rules = parse_docker_rules(ignored, ignore_file) if ignored else None
    except BuildContextError as error:
        return BuildPlan((Problem(ProblemKind.IGNORE_FILE, error.problem, ignore_file, is_certain=True),))
    prefix = f"{context}/" if context else ""
    files, directories = (
        [name.removeprefix(prefix) for name in names if name.startswith(prefix)]
        for names in (uploaded.files, uploaded.directories)
    )
    build_files = BuildFiles(files, directories, rules, excluded, prefix=context)
    plan = plan_build(uploaded.read(dockerfile, MAX_DOCKERFILE_SIZE), build_files, build_arguments, name=dockerfile)
    return plan._replace(sources=frozenset(posixpath.join(context, source) for source in build_files.taken if source))


def relative_path(path: str) -> str | None:
    """Return a path as the names in an artifact are written; None for one that leads out of it."""
    cleaned = posixpath.normpath(path.lstrip("/") or ".")
    if cleaned == ".." or cleaned.startswith("../"):
        return None
    return "" if cleaned == "." else cleaned


def _find_context(uploaded: UploadedFiles, path: str | None) -> tuple[str, Problem | None]:
    name = relative_path(path or "")
    if name is None:
        problem = f"the build context {path!r} leads out of what is uploaded"
    elif name in uploaded.files:
        problem = f"the build context {path!r} is a file; it must be a directory"
    elif not name or name in uploaded.directories or any(file.startswith(f"{name}/") for file in uploaded.files):
        return name, None
    else:
        problem = f"the build context {path!r} doesn't exist in what is uploaded"
        problem += "; directories are separated by '/'" if "\\" in name else ""
    return "", Problem(ProblemKind.CONTEXT_MISSING, problem, name or str(path), is_certain=True)


def _find_dockerfile(uploaded: UploadedFiles, path: str | None) -> tuple[str, Problem | None]:
    path = path or DEFAULT_DOCKERFILE
    name = relative_path(path)
    if name is None:
        problem = f"the Dockerfile {path!r} leads out of what is uploaded; dockerfilePath is relative to its root"
        return "", Problem(ProblemKind.DOCKERFILE_MISSING, problem, path, is_certain=True)
    for candidate in dockerfile_names(name):
        if candidate in uploaded.files:
            return candidate, None
    found = sorted(filter(_DOCKERFILE.fullmatch, uploaded.files), key=_likelihood)[:_MAX_EXAMPLES]
    hint = f"; set dockerfilePath to the Dockerfile that is there: {', '.join(map(repr, found))}" if found else ""
    if name in uploaded.directories:
        hint = ", but a directory of that name" + hint
    problem = f"there is no {path!r} in what is uploaded{hint}"
    return "", Problem(ProblemKind.DOCKERFILE_MISSING, problem, name, is_certain=True)


def _likelihood(dockerfile: str) -> tuple[bool, int, str]:
    """Sort Dockerfiles: those of a directory such as .devcontainer are for something else, as often are deep ones."""
    return dockerfile.startswith("."), dockerfile.count("/"), dockerfile
