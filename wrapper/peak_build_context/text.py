"""Sizes and names as text."""

from __future__ import annotations


def format_size(size: int) -> str:
    """A number of bytes in the largest unit that leaves it at least 1."""
    if size < 2**10:
        return f"{size} B"
    if size < 2**20:
        return f"{size / 2**10:.1f} KiB"
    if size < 2**30:
        return f"{size / 2**20:.1f} MiB"
    return f"{size / 2**30:.1f} GiB"


def show_name(name: str) -> str:
    """Return a name for display: escaped if it has characters that don't print."""
    return name if name.isprintable() else repr(name)
