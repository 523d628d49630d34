"""Sizes, names and lines of ignore files as text."""

# Imports count here, as in context.py.

import re
from typing import Final

USUALLY_IGNORED: Final = frozenset((
    ".git", ".hg", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".venv", "__pycache__", "node_modules",
    "venv",
))  # fmt: skip
"""Directories that hardly ever belong in an image."""

_NOT_LITERAL: Final = re.compile(r"^[!#]|[\\*?\[\]]")
"""Characters that have a meaning of their own in an ignore file."""


def ignore_line(name: str, base: str = "", *, top_level: bool = False) -> str:
    """Return a line for an ignore file that excludes a path.

    Args:
        name: The path.
        base: The directory that the file's lines are about, with a ``/`` at its end; "" for the root.
        top_level: Whether the line is to exclude the part of it that is in the root.
    """
    parts = name.removeprefix(base).split("/")
    for depth, part in enumerate(parts[:-1]):
        if part in USUALLY_IGNORED:
            return part if depth == 0 else f"**/{part}"
    return _NOT_LITERAL.sub(r"\\\g<0>", parts[0] if top_level else "/".join(parts))


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
