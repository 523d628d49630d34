"""What an artifact would contain, what is excluded from it, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from peak_build_context.context import Context
from peak_build_context.preflight import find_problems
from peak_build_context.problems import Problem
from peak_build_context.text import format_size, show_name

_MAX_ROWS: Final = 20
"""How many rows of each kind the text of a report shows."""


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """A file that would be uploaded.

    Attributes:
        name: Its name in the artifact: relative, with ``/`` between its parts.
        size: Its size in bytes, unzipped.
    """

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class ExcludedFile:
    """A file that is excluded, or a directory with all that is in it.

    Attributes:
        name: Its name, as it would be in the artifact.
        pattern: The pattern that excludes it, as it is written.
        ignore_file: The ignore file that it is in, as it was named.
        line: Its line there.
        reason: For a link that can't be followed, why not; then no pattern excludes it.
    """

    name: str
    pattern: str
    ignore_file: str
    line: int
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"{show_name(self.name)}  ({self.reason})"
        return f"{show_name(self.name)}  (by {self.pattern!r} in {self.ignore_file}:{self.line})"


@dataclass(frozen=True, slots=True)
class ArtifactReport:
    """What an artifact would contain, and what its build would fail on. Its text is human-readable.

    Attributes:
        path: The directory, as it was given.
        files: The files that would be uploaded, by name.
        excluded: What stays out, and by which pattern. A directory of which nothing is uploaded is one row.
        problems: What looks like a mistake in the Dockerfile or in what would be uploaded.
    """

    path: str
    files: tuple[ArtifactFile, ...]
    excluded: tuple[ExcludedFile, ...]
    problems: tuple[Problem, ...]

    @property
    def left_out(self) -> tuple[ExcludedFile, ...]:
        """The former name of ``excluded``."""
        return self.excluded

    @property
    def total_size(self) -> int:
        """The size of all files in bytes, unzipped."""
        return sum(file.size for file in self.files)

    def __str__(self) -> str:
        files = [f"{format_size(file.size):>10}  {show_name(file.name)}" for file in self.files]
        excluded = [str(row) for row in self.excluded]
        problems = [f"{problem.kind}: {problem.message}" for problem in self.problems]
        noun = "file" if len(files) == 1 else "files"
        return "\n".join(
            (
                f"{show_name(self.path)}: {len(files)} {noun}, {format_size(self.total_size)} before zipping",
                *_rows(files),
                *(("Left out:", *_rows(excluded)) if excluded else ()),
                *(("Problems:", *(f"  {problem}" for problem in problems)) if problems else ()),
            )
        )

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """In a notebook, the text that is meant for people."""
        printer.text(str(self))


def inspect(context: Context, build_arguments: Mapping[str, str] | None = None) -> ArtifactReport:
    """Report on a context that has been walked.

    Args:
        context: The context.
        build_arguments: The build's arguments, for ``COPY`` and ``ADD`` with variables.

    Raises:
        BuildContextError: A file can't be read.
    """
    return ArtifactReport(
        path=context.path,
        files=tuple(ArtifactFile(entry.name, entry.size) for entry in context.entries if not entry.is_directory),
        excluded=tuple(ExcludedFile(row.name, *(row.rule or ("", "", 0)), row.reason) for row in context.excluded),
        problems=find_problems(context, build_arguments),
    )


def _rows(rows: Sequence[str]) -> Iterator[str]:
    for row in rows[:_MAX_ROWS]:
        yield f"  {row}"
    if len(rows) > _MAX_ROWS:
        yield f"  … and {len(rows) - _MAX_ROWS} more"
