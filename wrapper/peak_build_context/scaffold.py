"""A first ``.dockerignore`` for a directory: its ``.gitignore`` in Docker's terms, and what is usually ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from peak_build_context.context import scan_context
from peak_build_context.ignore import GIT_IGNORE_FILE
from peak_build_context.patterns import Pattern, PatternError, docker_pattern
from peak_build_context.preflight import needed_sources
from peak_build_context.text import plural

_USUAL: Final = (
    "**/.env", "**/.env.*", "!**/.env.example", ".git", "**/.venv", "**/venv", "**/__pycache__", "**/*.pyc",
    "**/.pytest_cache", "**/.mypy_cache", "**/.ruff_cache", "**/.tox", "**/.ipynb_checkpoints", "**/node_modules",
    "**/.DS_Store",
)  # fmt: skip
_USUAL_OF_R: Final = ("**/.Rhistory", "**/.RData", "**/.Rproj.user", "renv/library")


class IgnoreDraft(NamedTuple):
    """A ``.dockerignore`` that has been worked out, and not written.

    Attributes:
        text: Its text.
        reasons: What is in it and why, in sentences.
    """

    text: str
    reasons: tuple[str, ...]


def draft_ignore_file(path: str | Path, *, dockerfile_path: str | None = None) -> IgnoreDraft:
    """Work out a ``.dockerignore`` for a directory. Nothing is written.

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
    is_r = any(entry.name.lower().endswith((".r", ".rmd", ".rproj", "renv.lock")) for entry in context.entries)
    usual = [*_USUAL, *(_USUAL_OF_R if is_r else ())]
    lines: list[str] = []
    reasons: list[str] = []
    git_ignore = root / GIT_IGNORE_FILE
    if git_ignore.is_file():
        text = git_ignore.read_text("utf-8", "surrogateescape")
        converted = [*_from_git(text)]
        lines += [f"# From {GIT_IGNORE_FILE}, in Docker's terms", *_without_needed(converted, sources, reasons), ""]
        count = f"{len(converted)} {plural('line', len(converted))}"
        reasons.append(f"{count} of {GIT_IGNORE_FILE}; those without a slash get **/ in front")
        usual = [line for line in usual if line not in converted]
    lines += ["# What hardly ever belongs in an image", *_without_needed(usual, sources, reasons)]
    reasons.append("what hardly ever belongs in an image is excluded: caches, environments, the history of git")
    return IgnoreDraft("\n".join(lines) + "\n", tuple(reasons))


def _from_git(text: str) -> Iterator[str]:
    """Return the lines of a ``.gitignore`` as Docker's patterns that match the same."""
    for line in text.removeprefix("\ufeff").splitlines():
        stripped = line.rstrip(" ")
        if not stripped or stripped.startswith("#"):
            continue
        is_negated = stripped.startswith("!")
        pattern = stripped[is_negated:].rstrip("/")
        pattern = re.sub(r"\\([A-Za-z0-9])", r"\1", pattern).replace("[!", "[^")
        if not pattern:
            continue  # git matches nothing by it, Docker everything
        is_rooted = "/" in pattern
        pattern = pattern.lstrip("/") if is_rooted else f"**/{pattern}"
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
