"""The report of an artifact: included and excluded files, with the rules that exclude them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from peak_build_context.archive import measure_context
from peak_build_context.context import Context
from peak_build_context.preflight import find_problems
from peak_build_context.problems import Problem, ProblemKind, abridge
from peak_build_context.sizes import SizeRow, size_rows, too_large_error
from peak_build_context.text import format_size, plural, show_name

_MAX_ROWS: Final = 20
"""The maximum number of rows of each kind in the text of a report."""

_MEASURED: Final = 10
"""An archive is measured up to this many times its limit."""


@dataclass(frozen=True, slots=True)
class ArtifactFile:
    """A file that would be uploaded.

    Attributes:
        name: The path in the artifact, with ``/`` as the separator.
        size: The size in bytes, unzipped.
        is_linked: Whether it is the target of a symbolic link.
    """

    name: str
    size: int
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class ExcludedFile:
    """An excluded file, or a directory that is excluded with all its contents.

    Attributes:
        name: The path that it would have in the artifact.
        pattern: The pattern that excludes it, as written.
        ignore_file: The ignore file of the pattern, as given.
        line: The line of the pattern in that file.
        reason: Why a link can't be followed; no pattern excludes it then.
    """

    name: str
    pattern: str
    ignore_file: str
    line: int = 0
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"{show_name(self.name)}  ({self.reason})"
        return f"{show_name(self.name)}  (by {self.pattern!r} in {self.ignore_file}:{self.line})"


@dataclass(frozen=True, slots=True)
class ArtifactReport:
    """The files that an artifact would contain, and the problems of its build. ``str()`` gives a readable report.

    Attributes:
        path: The directory, as given.
        files: The files that would be uploaded, by name.
        excluded: The excluded files, each with its pattern. A fully excluded directory is one row.
        problems: What would make the build fail, and likely mistakes in the Dockerfile and the files.
        root: The directory, absolute and with symbolic links resolved.
        zipped_size: The size of the archive in bytes; None if it is more than ten times the limit, or is empty.
        limit: The maximum size of the archive in bytes; None for no limit.
    """

    path: str
    files: tuple[ArtifactFile, ...]
    excluded: tuple[ExcludedFile, ...]
    problems: tuple[Problem, ...]
    root: str = ""
    zipped_size: int | None = None
    limit: int | None = None

    @property
    def left_out(self) -> tuple[ExcludedFile, ...]:
        """The former name of ``excluded``."""
        return self.excluded

    @property
    def total_size(self) -> int:
        """The size of all files in bytes, unzipped."""
        return sum(file.size for file in self.files)

    @property
    def largest(self) -> list[SizeRow]:
        """The files by size, largest first. A directory that is usually ignored, such as ``.git``, is one row."""
        return size_rows((file.name, file.size) for file in self.files)

    @property
    def summary(self) -> str:
        """The directory, the number of files and their size, in one line."""
        where = self.path if self.path == self.root or not self.root else f"{self.path} ({self.root})"
        count = f"{len(self.files):,} {plural('file', len(self.files))}"
        return f"{show_name(where)}: {count}, {format_size(self.total_size)}{self._zipped()}"

    def __str__(self) -> str:
        lines = [self.summary, *_rows(self.largest)]
        if self.excluded:
            lines += ["Excluded:", *_rows(self.excluded)]
        if self.problems:
            lines += ["Problems:", *(f"  {problem}" for problem in abridge(self.problems))]
        return "\n".join(lines)

    def _zipped(self) -> str:
        limit = "" if self.limit is None else f" (limit {format_size(self.limit)})"
        if self.zipped_size is not None:
            return f", zipped {format_size(self.zipped_size)}{limit}"
        if self.limit is None or not self.files:
            return ""
        return f", zipped more than {format_size(self.limit * _MEASURED)}{limit}"

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """Show the text in IPython."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        """Show the report in a notebook, as a treemap."""
        from peak_build_context.report_html import report_html

        return report_html(self)


def inspect(
    context: Context, build_arguments: Mapping[str, str] | None = None, *, max_size: int | None = None
) -> ArtifactReport:
    """Report on a context that has been walked.

    Args:
        context: The context.
        build_arguments: The build's arguments, for ``COPY`` and ``ADD`` with variables.
        max_size: Largest size of the archive in bytes; None for no limit.

    Raises:
        BuildContextError: A file can't be read.
    """
    problems = find_problems(context, build_arguments)
    zipped_size = None
    if not context.empty_reason:
        zipped_size = measure_context(context, None if max_size is None else max_size * _MEASURED)
        if max_size is not None and (zipped_size is None or zipped_size > max_size):
            problem = too_large_error(context, max_size).problem
            problems = (*problems, Problem(ProblemKind.TOO_LARGE, problem, context.path, is_certain=True))
    return ArtifactReport(
        path=context.path,
        files=tuple(
            ArtifactFile(entry.name, entry.size, entry.is_linked) for entry in context.entries if not entry.is_directory
        ),
        excluded=tuple(ExcludedFile(row.name, *(row.rule or ("", "", 0)), row.reason) for row in context.excluded),
        problems=problems,
        root=context.root,
        zipped_size=zipped_size,
        limit=max_size,
    )


def _rows(rows: Sequence[object]) -> Iterator[str]:
    for row in rows[:_MAX_ROWS]:
        yield f"  {row}"
    if len(rows) > _MAX_ROWS:
        yield f"  … and {len(rows) - _MAX_ROWS} more"
