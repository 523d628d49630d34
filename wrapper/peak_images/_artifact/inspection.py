"""What an artifact would hold, and what its build would trip over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from e2b_dockerfile_utils import DockerfileSyntaxError

from peak_images._artifact.dockerfile import Copied, copied_sources
from peak_images._artifact.matching import pattern_matcher
from peak_images._artifact.secrets import likely_secret
from peak_images._artifact.sizes import readable_size
from peak_images._artifact.walk import Context, Entry, clean_path, unreadable
from peak_images._warning import warn_caller
from peak_images.errors import ArtifactWarning

if TYPE_CHECKING:
    from e2b_dockerfile_utils import PatternMatcher

_SHOWN_COUNT: Final = 20
"""How many rows of each kind the text of a report shows."""

_WILDCARDS: Final = frozenset("*?[")


class ProblemKind(StrEnum):
    """What a problem is about."""

    EMPTY = "empty"
    DOCKERFILE_MISSING = "dockerfile-missing"
    DOCKERFILE_SYNTAX = "dockerfile-syntax"
    SOURCE_MISSING = "source-missing"
    SOURCE_IGNORED = "source-ignored"
    LIKELY_SECRET = "likely-secret"  # noqa: S105 - the kind, not a secret
    SPECIAL_FILE = "special-file"


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """A file that would travel.

    Attributes:
        name: Its name in the artifact: relative, with ``/`` between its parts.
        size: Its size in bytes, unzipped.
    """

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that stays out, or a folder with all that is in it.

    Attributes:
        name: Its name, as it would be in the artifact.
        pattern: The pattern that keeps it out, as it is written.
        ignore_file: The ignore file in which that stands, as it was named.
    """

    name: str
    pattern: str
    ignore_file: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that looks like a mistake.

    Attributes:
        kind: What it is about. It compares equal to its text, such as ``"likely-secret"``.
        message: What it is, in a sentence.
        path: The file or folder in question: its name in the artifact.
    """

    kind: ProblemKind
    message: str
    path: str


@dataclass(frozen=True, slots=True)
class ArtifactReport:
    """What an artifact would hold, and what its build would trip over. Its text is meant for people.

    Attributes:
        path: The folder, as it was given.
        files: The files that would travel, by name.
        left_out: What stays out, and by which pattern. A folder that nothing in it travels of is one row.
        problems: What looks like a mistake: in the Dockerfile, in what it takes from the folder, in what would travel.
    """

    path: str
    files: tuple[ArtifactFile, ...]
    left_out: tuple[LeftOut, ...]
    problems: tuple[Problem, ...]

    @property
    def total_size(self) -> int:
        """The size of all files in bytes, unzipped."""
        return sum(file.size for file in self.files)

    def __str__(self) -> str:
        files = [f"{readable_size(file.size):>10}  {_shown(file.name)}" for file in self.files]
        left_out = [f"{_shown(row.name)}  (by {row.pattern!r} in {row.ignore_file})" for row in self.left_out]
        problems = [f"{problem.kind}: {problem.message}" for problem in self.problems]
        noun = "file" if len(files) == 1 else "files"
        return "\n".join(
            (
                f"{_shown(self.path)}: {len(files)} {noun}, {readable_size(self.total_size)} before zipping",
                *_rows(files),
                *(("Left out:", *_rows(left_out)) if left_out else ()),
                *(("Problems:", *(f"  {problem}" for problem in problems)) if problems else ()),
            )
        )

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """In a notebook, the text that is meant for people."""
        printer.text(str(self))


def report_on(context: Context, build_arguments: Mapping[str, str] | None = None) -> ArtifactReport:
    """Report on a context that has been walked.

    Args:
        context: The context.
        build_arguments: The build's arguments, for ``COPY`` and ``ADD`` with variables.

    Raises:
        ArtifactError: A file can't be read.
    """
    left_out = []
    for name in context.left_out:
        rule = context.rules.deciding(name)
        left_out.append(LeftOut(name, rule.pattern, rule.ignore_file))
    return ArtifactReport(
        path=context.path,
        files=tuple(ArtifactFile(entry.name, entry.size) for entry in context.entries if not entry.is_folder),
        left_out=tuple(left_out),
        problems=find_problems(context, build_arguments),
    )


def find_problems(context: Context, build_arguments: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """Find what looks like a mistake in a context.

    Args:
        context: The context.
        build_arguments: The build's arguments, for ``COPY`` and ``ADD`` with variables.

    Raises:
        ArtifactError: A file can't be read.
    """
    return (
        *_emptiness(context),
        *_dockerfile_problems(context, build_arguments or {}),
        *_secrets(context.entries),
        *special_files(context),
    )


def special_files(context: Context) -> Iterator[Problem]:
    """What can't travel, though no ignore file leaves it out."""
    for name in context.special:
        message = f"{_shown(name)} is a socket, a FIFO or a device, and can't be sent"
        yield Problem(ProblemKind.SPECIAL_FILE, message, name)


def warn_of(problems: Iterable[Problem]) -> None:
    """Emit an ``ArtifactWarning`` for each problem, from where this package was called."""
    for problem in problems:
        warn_caller(problem.message, ArtifactWarning)


def _emptiness(context: Context) -> Iterator[Problem]:
    if context.emptiness:
        yield Problem(ProblemKind.EMPTY, context.emptiness, context.path)


def _dockerfile_problems(context: Context, build_arguments: Mapping[str, str]) -> Iterator[Problem]:
    files = {entry.name: entry for entry in context.entries if not entry.is_folder}
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
        steps = copied_sources(text, build_arguments)
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


def _source_problems(context: Context, names: set[str], dockerfile: str, step: Copied) -> Iterator[Problem]:
    where = f"{dockerfile}:{step.line}: {step.instruction}"
    for source in step.sources:
        target = clean_path(f"{context.build_context}/{clean_path(source)}")
        if not target or target in names:
            continue
        hidden = target if _may_be_there(context.root, target) else None
        if not _WILDCARDS.isdisjoint(target):
            try:
                matcher = _source_matcher(target)
            except ValueError:
                yield Problem(ProblemKind.DOCKERFILE_SYNTAX, f"{where} has a malformed source {source!r}", dockerfile)
                continue
            if any(map(matcher.matches, names)):
                continue
            hidden = hidden or next(filter(matcher.matches, context.left_out), None) or _fixed_part(target)
        if hidden and context.rules.leave_out(hidden):
            rule = context.rules.deciding(hidden)
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


def _source_matcher(pattern: str) -> PatternMatcher:
    # What an ignore file takes for a mark, or for the white space around a pattern, is a part of a source's name.
    pattern = re.sub(r"^[!#\s]|\s$", r"[\g<0>]", pattern)
    return pattern_matcher([pattern], backslash_is_separator=False)


def _fixed_part(pattern: str) -> str:
    """The folder that a pattern's matches are in, as far as it is named without wildcards."""
    return "/".join(takewhile(_WILDCARDS.isdisjoint, pattern.split("/")))


def _secrets(entries: Sequence[Entry]) -> Iterator[Problem]:
    inside = None
    for entry in entries:
        if inside and entry.name.startswith(inside):
            continue
        if kind := likely_secret(entry):
            message = f"{_shown(entry.name)} looks like {kind}, and travels: leave it out by an ignore file"
            yield Problem(ProblemKind.LIKELY_SECRET, message, entry.name)
            inside = f"{entry.name}/" if entry.is_folder else None


def _shown(name: str) -> str:
    """A name for people: as it is, unless it has characters that don't print."""
    return name if name.isprintable() else repr(name)


def _rows(rows: Sequence[str]) -> Iterator[str]:
    for row in rows[:_SHOWN_COUNT]:
        yield f"  {row}"
    if len(rows) > _SHOWN_COUNT:
        yield f"  … and {len(rows) - _SHOWN_COUNT} more"
