"""Find the largest files of a build context, and directories that could be ignored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from peak_build_context.context import Context
from peak_build_context.errors import BuildContextTooLargeError
from peak_build_context.patterns import PatternError, copy_pattern
from peak_build_context.text import USUALLY_IGNORED, format_size, ignore_line, plural, show_name

MAX_LARGEST: Final = 10
"""The maximum number of files in the error about an archive that is too large."""


_COMPRESSION_RATIO: Final = 3
"""The compression ratio of source code, by which the rest is likely to fit, so that nothing more is suggested."""


class SizeRow(NamedTuple):
    """A file, or a directory that is usually ignored, with all its contents.

    Attributes:
        name: Its name; a directory's has a ``/`` at its end.
        size: Its size in bytes, unzipped.
        file_count: How many files it is.
    """

    name: str
    size: int
    file_count: int

    def __str__(self) -> str:
        files = f"  ({self.file_count:,} {plural('file', self.file_count)})"
        return f"{format_size(self.size):>10}  {show_name(self.name)}{files if self.name.endswith('/') else ''}"


def size_rows(files: Iterable[tuple[str, int]]) -> list[SizeRow]:
    """Return rows for files, the largest first. A directory that is usually ignored is one row."""
    sizes: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for name, size in files:
        row = _bulky_directory(name) or name
        sizes[row] += size
        counts[row] += 1
    return [SizeRow(name, size, counts[name]) for name, size in sizes.most_common()]


def suggest_ignoring(context: Context, limit: int, needed: Iterable[str] = ()) -> dict[str, list[str]]:
    """Return lines by their ignore files: directories that are usually ignored, and the largest of the others.

    Args:
        context: The context.
        limit: The size that the archive may have.
        needed: Names of what the Dockerfile copies, which no line may exclude.
    """
    sources = list(needed)
    base = context.ignore_base
    usual: Counter[tuple[str, str]] = Counter()
    others: Counter[tuple[str, str]] = Counter()
    is_copied: dict[str, bool] = {}
    for entry in context.entries:
        below = base if entry.name.startswith(base) else ""
        bulky = _bulky_directory(entry.name).rstrip("/")
        directory = bulky or below + entry.name.removeprefix(below).partition("/")[0]
        if directory not in is_copied:
            is_copied[directory] = any(_takes_from(source, directory) for source in sources)
        if entry.name not in context.dockerfiles and not is_copied[directory]:
            sizes = usual if bulky else others
            sizes[ignore_line(entry.name, context.ignore_file, base, top_level=True)] += entry.size
    rows = [(key, size) for key, size in usual.most_common() if size > limit // 10]
    left = sum(entry.size for entry in context.entries) - sum(size for _, size in rows)
    for index, (key, size) in enumerate(others.most_common()):
        if size <= max(left, limit) // 10 or (index and left <= _COMPRESSION_RATIO * limit):
            break
        rows.append((key, size))
        left -= size
    suggested: dict[str, list[str]] = {}
    for (line, ignore_file), _ in rows:
        suggested.setdefault(ignore_file, []).append(line)
    return suggested


def too_large_error(context: Context, limit: int) -> BuildContextTooLargeError:
    """Return the error for an archive that is larger than the limit."""
    files = [(entry.name, entry.size) for entry in context.entries if not entry.is_directory]
    listed = "".join(f"\n  {row}" for row in size_rows(files)[:MAX_LARGEST] if row.size)
    largest = sorted(files, key=lambda file: file[1], reverse=True)[:MAX_LARGEST]
    problem = f"{context.path!r} is larger than {format_size(limit)} when zipped. The largest in it, unzipped:{listed}"
    from peak_build_context.preflight import needed_sources

    for ignore_file, lines in suggest_ignoring(context, limit, needed_sources(context)).items():
        problem += f"\nExclude what the build doesn't need by lines in {ignore_file}, such as: {', '.join(lines)}"
    return BuildContextTooLargeError(context.path, problem, limit=limit, largest=[file for file in largest if file[1]])


def _takes_from(source: str, directory: str) -> bool:
    """Return whether a source of the Dockerfile is a directory, or something in it."""
    if f"{source}/".startswith(f"{directory}/"):
        return True
    try:
        return copy_pattern("/".join(source.split("/")[: directory.count("/") + 1])).matches(directory)
    except PatternError:
        return False


def _bulky_directory(name: str) -> str:
    parts = name.split("/")
    depth = next((depth for depth, part in enumerate(parts[:-1]) if part in USUALLY_IGNORED), None)
    return "" if depth is None else "/".join(parts[: depth + 1]) + "/"
