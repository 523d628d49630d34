"""Draft a ``.dockerignore`` for a directory: its ``.gitignore`` as Docker's patterns, and what is usually ignored."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from peak_build_context.context import scan_context
from peak_build_context.ignore import COMMENT, GIT_IGNORE_FILE
from peak_build_context.patterns import Pattern, PatternError, docker_pattern
from peak_build_context.preflight import needed_sources
from peak_build_context.text import USUALLY_IGNORED, ignore_line, plural

_USUAL: Final = (
    "**/.env", "**/.env.*", ".git", *(f"**/{name}" for name in sorted(USUALLY_IGNORED - {".git"})), "**/*.pyc",
    "**/.DS_Store",
)  # fmt: skip
_USUAL_OF_R: Final = ("**/.Rhistory", "**/.RData", "renv/library")
_OF_R: Final = (".r", ".rmd", ".rproj", "renv.lock")
_EXAMPLES: Final = (".env.dist", ".env.example", ".env.sample", ".env.template")


class IgnoreDraft(NamedTuple):
    """The draft of a ``.dockerignore``.

    Attributes:
        text: Its text.
        reasons: The reasons for its contents, in sentences.
    """

    text: str
    reasons: tuple[str, ...]


def draft_ignore_file(path: str | Path, *, dockerfile_path: str | None = None) -> IgnoreDraft:
    """Draft a ``.dockerignore`` for a directory. Nothing is written.

    Lines that would exclude what the Dockerfile copies are commented out.

    Args:
        path: The directory.
        dockerfile_path: The Dockerfile in it (default: ``Dockerfile``).

    Raises:
        BuildContextError: The directory can't be used.
    """
    root = Path(path)
    context = scan_context(root, dockerfile_path=dockerfile_path)
    sources = needed_sources(context)
    entries = context.entries
    usual = [*_USUAL, *(_USUAL_OF_R if any(entry.name.lower().endswith(_OF_R) for entry in entries) else ())]
    lines: list[str] = []
    reasons: list[str] = []
    if (root / GIT_IGNORE_FILE).is_file():
        entries = scan_context(root, [GIT_IGNORE_FILE]).entries
    entries = tuple(entry for entry in entries if USUALLY_IGNORED.isdisjoint(entry.name.split("/")))
    directories = ["", *(entry.name for entry in entries if entry.is_directory)]
    for directory in sorted(directories, key=lambda name: name.count("/")):
        name = posixpath.join(directory, GIT_IGNORE_FILE)
        if not (root / name).is_file():
            continue
        text = (root / name).read_text("utf-8", "surrogateescape")
        converted = [*_from_git(text, directory, reasons)]
        lines += [f"# From {name}, in Docker's terms", *_without_needed(converted, sources, reasons), ""]
        count = f"{len(converted)} {plural('line', len(converted))}"
        reasons.append(f"{count} of {name}; those without a slash get **/ in front")
        usual = [line for line in usual if line not in converted]
    examples = (f"!{ignore_line(name, '')[0]}" for name, *_ in entries if posixpath.basename(name) in _EXAMPLES)
    lines += ["# Rarely needed in an image", *_without_needed(usual, sources, reasons), *examples]
    reasons.append("excludes what an image rarely needs: caches, virtual environments, .git, .env files")
    return IgnoreDraft("\n".join(lines) + "\n", tuple(reasons))


def _from_git(text: str, directory: str, reasons: list[str]) -> Iterator[str]:
    """Return the lines of a directory's ``.gitignore`` as Docker's patterns that match the same."""
    below = f"{ignore_line(directory, '')[0]}/" if directory else ""
    for line in text.removeprefix("\ufeff").splitlines():
        stripped = line.rstrip(" ")
        if not stripped or stripped.startswith("#"):
            continue
        is_negated = stripped.startswith("!")
        pattern = stripped[is_negated:].rstrip("/")
        pattern = re.sub(r"\\([A-Za-z0-9])", r"\1", pattern).replace("[!", "[^")
        if not pattern:
            continue  # git matches nothing by it, Docker everything
        pattern = below + (pattern.lstrip("/") if "/" in pattern else f"**/{pattern}")
        if COMMENT.search(pattern):
            reasons.append(f"{stripped!r} is left out, since git reads the comment as part of the pattern")
            continue
        try:
            docker_pattern(pattern)
        except PatternError:
            continue
        yield f"!{pattern}" if is_negated else pattern


def _without_needed(lines: Iterable[str], sources: Iterable[str], reasons: list[str]) -> Iterator[str]:
    for line in lines:
        needed = None if line.startswith("!") else _needed_source(docker_pattern(line), sources)
        if needed is None:
            yield line
        else:
            reasons.append(f"{line!r} is commented out, since the Dockerfile copies {needed!r}")
            yield f"# {line}  (the Dockerfile copies {needed})"


def _needed_source(pattern: Pattern, sources: Iterable[str]) -> str | None:
    for source in sorted(sources):
        parts = source.split("/")
        if any(pattern.matches("/".join(parts[: index + 1])) for index in range(len(parts))):
            return source
    return None
