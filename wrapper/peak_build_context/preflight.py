"""Find what a build would fail on, or what should not be uploaded, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from e2b_dockerfile_utils import DockerfileSyntaxError

from peak_build_context.context import Context, Entry, clean_path, unreadable
from peak_build_context.dockerfile import CopyInstruction, copy_instructions
from peak_build_context.patterns import PatternError, copy_pattern
from peak_build_context.problems import Problem, ProblemKind
from peak_build_context.secrets import likely_secret
from peak_build_context.text import show_name

if TYPE_CHECKING:
    pass

_WILDCARDS: Final = frozenset("*?[")


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
        *_dockerfile_problems(context, build_arguments or {}),
        *context.problems,
        *_secrets(context.entries),
        *special_files(context),
    )


def special_files(context: Context) -> Iterator[Problem]:
    """What can't travel, though no ignore file leaves it out."""
    for name in context.special:
        message = f"{show_name(name)} is a socket, a FIFO or a device, and can't be sent"
        yield Problem(ProblemKind.SPECIAL_FILE, message, name)


def _empty_problem(context: Context) -> Iterator[Problem]:
    if context.empty_reason:
        yield Problem(ProblemKind.EMPTY, context.empty_reason, context.path)


def _dockerfile_problems(context: Context, build_arguments: Mapping[str, str]) -> Iterator[Problem]:
    files = {entry.name: entry for entry in context.entries if not entry.is_directory}
    name = next((name for name in context.dockerfiles if name in files), None)
    if name is None:
        name = context.dockerfiles[0]
        yield Problem(ProblemKind.DOCKERFILE_MISSING, f"there is no {name!r} in {context.path!r}", name)
        return
    try:
        text = Path(files[name].source).read_text("utf-8", "surrogateescape")
    except OSError as error:
        raise unreadable(files[name].source, error) from error
    try:
        steps = copy_instructions(text, build_arguments)
    except RecursionError:
        yield Problem(ProblemKind.DOCKERFILE_SYNTAX, f"{name}: nested too deep", name)
        return
    except DockerfileSyntaxError as error:
        where = f"{name}:{error.line}" if error.line else name
        yield Problem(ProblemKind.DOCKERFILE_SYNTAX, f"{where}: {_reason(error)}", name)
        return
    names = {entry.name for entry in context.entries}
    for step in steps:
        yield from _source_problems(context, names, name, step)


def _reason(error: DockerfileSyntaxError) -> str:
    return str(error).partition(": ")[2]


def _source_problems(context: Context, names: set[str], dockerfile: str, step: CopyInstruction) -> Iterator[Problem]:
    where = f"{dockerfile}:{step.line}: {step.instruction}"
    for source in step.sources:
        target = clean_path(f"{context.build_context}/{clean_path(source)}")
        if not target or target in names:
            continue
        hidden = target if _may_be_there(context.root, target) else None
        if not _WILDCARDS.isdisjoint(target):
            try:
                matcher = copy_pattern(target)
            except PatternError:
                yield Problem(ProblemKind.DOCKERFILE_SYNTAX, f"{where} has a malformed source {source!r}", dockerfile)
                continue
            if any(map(matcher.matches, names)):
                continue
            hidden = (
                hidden
                or next((row.name for row in context.excluded if matcher.matches(row.name)), None)
                or _fixed_part(target)
            )
        rule = context.rules.excluding_rule(hidden) if hidden else None
        if rule:
            message = f"{where} takes {source!r}, which {rule.pattern!r} in {rule.ignore_file} leaves out"
            yield Problem(ProblemKind.SOURCE_IGNORED, message, target)
        else:
            message = f"{where} takes {source!r}, and there is no such thing in {context.path!r}"
            yield Problem(ProblemKind.SOURCE_MISSING, message, target)


def _may_be_there(root: str, name: str) -> bool:
    try:
        Path(root, name).stat()
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _fixed_part(pattern: str) -> str:
    """The directory that a pattern's matches are in, as far as it is named without wildcards."""
    return "/".join(takewhile(_WILDCARDS.isdisjoint, pattern.split("/")))


def _secrets(entries: Sequence[Entry]) -> Iterator[Problem]:
    inside = None
    for entry in entries:
        if inside and entry.name.startswith(inside):
            continue
        if kind := likely_secret(entry):
            message = f"{show_name(entry.name)} looks like {kind}, and travels: leave it out by an ignore file"
            yield Problem(ProblemKind.LIKELY_SECRET, message, entry.name)
            inside = f"{entry.name}/" if entry.is_directory else None
