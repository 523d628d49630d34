"""A zipped build context."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import BinaryIO, Self

from peak_images._artifact.sizes import readable_size


class Artifact:
    """A zipped build context. Close it, or use it as a context manager, to let go of its file.

    Args:
        digest: Tells the archive's SHA-256.

    Attributes:
        path: The folder it was made from, as it was given.
        file: The archive, at its beginning. It is in memory or in a nameless temporary file.
        size: The archive's size in bytes.
        entry_count: The number of its entries, files and folders.
        uncompressed_size: The size in bytes of all its files.
    """

    def __init__(
        self,
        path: str,
        file: BinaryIO,
        digest: Callable[[], str],
        *,
        size: int,
        entry_count: int,
        uncompressed_size: int,
    ) -> None:
        self.path = path
        self.file = file
        self.size = size
        self.entry_count = entry_count
        self.uncompressed_size = uncompressed_size
        self._digest = digest

    @cached_property
    def sha256(self) -> str:
        """The archive's SHA-256, in hexadecimal."""
        return self._digest()

    def close(self) -> None:
        """Let go of the archive's file. To do so twice does no harm."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"<Artifact of {self.path!r}: {self.entry_count} entries, {readable_size(self.uncompressed_size)}, "
            f"zipped {readable_size(self.size)}>"
        )
