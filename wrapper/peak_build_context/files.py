"""Read the files of a build context, after the walk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from peak_build_context.context import Entry, unreadable
from peak_build_context.errors import BuildContextError

_CHUNK_SIZE: Final = 2**20

_READ_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
"""Flags that neither follow a link nor wait for a FIFO, if one has replaced a file since the walk."""


def read_head(entry: Entry, size: int) -> bytes:
    """Return the first bytes of a file, which may have changed since the walk.

    Raises:
        BuildContextError: The file can't be read.
    """
    try:
        descriptor = os.open(entry.source, _READ_FLAGS)
        try:
            return os.read(descriptor, size)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise unreadable(entry.source, error) from error


def read_content(entry: Entry) -> bytes:
    """Return the content of a file that is unchanged since the walk.

    Raises:
        BuildContextError: The file has changed, or can't be read.
    """
    descriptor = _open(entry)
    try:
        content = os.read(descriptor, entry.size + 1)
        while len(content) < entry.size and (more := os.read(descriptor, entry.size - len(content))):
            content += more
        _check_unchanged(entry, descriptor, len(content))
    except OSError as error:
        raise unreadable(entry.source, error) from error
    finally:
        os.close(descriptor)
    return content


def iter_chunks(entry: Entry) -> Iterator[bytes]:
    """Yield the content of a file that is unchanged since the walk, chunk by chunk.

    Raises:
        BuildContextError: The file has changed, or can't be read.
    """
    with open(_open(entry), "rb") as file:  # buffered: it reads until a chunk is complete
        try:
            for left in range(entry.size, 0, -_CHUNK_SIZE):
                yield file.read(min(_CHUNK_SIZE, left))
            _check_unchanged(entry, file.fileno(), file.tell())
        except OSError as error:
            raise unreadable(entry.source, error) from error


def _open(entry: Entry) -> int:
    try:
        return os.open(entry.source, _READ_FLAGS)
    except FileNotFoundError as error:
        raise BuildContextError(entry.source, f"{entry.source!r} vanished while the artifact was being made") from error
    except OSError as error:
        raise unreadable(entry.source, error) from error


def _check_unchanged(entry: Entry, descriptor: int, read: int) -> None:
    now = os.fstat(descriptor)
    if not entry.size == read == now.st_size or entry.modified != now.st_mtime_ns:
        raise BuildContextError(entry.source, f"{entry.source!r} changed while the artifact was being made")
