"""Sizes, names and lines of ignore files as text."""

# Imports count here, as in context.py.

import re
from typing import Final

DEFAULT_IGNORE_FILE: Final = ".dockerignore"
"""The ignore file that is read when none is named, unless the Dockerfile has one of its own."""

USUALLY_IGNORED: Final = frozenset((
    ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pixi", ".pytest_cache", ".Rproj.user", ".ruff_cache",
    ".terraform", ".tox", ".venv", "__pycache__", "node_modules", "venv",
))  # fmt: skip
"""Directories that are rarely needed in an image."""

_NOT_LITERAL: Final = re.compile(r"^[!#]|[\\*?\[\]]")
"""Characters that have a meaning of their own in an ignore file."""

_NOT_WRITABLE: Final = re.compile(r"^\s|\s$|\s(?=#)|[\x00-\x1f\x7f]")
"""Characters that a line can't have, or not there: a ``?`` matches them."""


def ignore_line(name: str, ignore_file: str, base: str = "", *, top_level: bool = False) -> tuple[str, str]:
    """Return a line that excludes a path, and the ignore file to add it to.

    Args:
        name: The path.
        ignore_file: The ignore file of the build.
        base: The directory that its lines are about, with a ``/`` at its end; "" for the root. For a path outside of it
            the line is one for the ignore file of the root.
        top_level: Whether the line is to exclude the part of the path that is in that directory.
    """
    if not name.startswith(base):
        ignore_file, base = DEFAULT_IGNORE_FILE, ""
    parts = name.removeprefix(base).split("/")
    for depth, part in enumerate(parts[:-1]):
        if part in USUALLY_IGNORED:
            return part if depth == 0 else f"**/{part}", ignore_file
    line = _NOT_LITERAL.sub(r"\\\g<0>", parts[0] if top_level else "/".join(parts))
    return _NOT_WRITABLE.sub("?", line), ignore_file


def format_size(size: int) -> str:
    """Return a number of bytes in the largest unit that leaves it at least 1."""
    if size < 2**10:
        return f"{size} B"
    if size < 2**20:
        return f"{size / 2**10:.1f} KiB"
    if size < 2**30:
        return f"{size / 2**20:.1f} MiB"
    return f"{size / 2**30:.1f} GiB"


def plural(noun: str, number: int) -> str:
    """Return a noun for a number of things, in the plural unless that is one."""
    return noun if number == 1 else f"{noun}s"


def show_name(name: str) -> str:
    """Return a name for display: escaped if it has characters that don't print."""
    return name if name.isprintable() else repr(name)


def escape_unprintable(text: str) -> str:
    """Return a text whose characters that don't print are escaped."""
    return text if text.isprintable() else "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
