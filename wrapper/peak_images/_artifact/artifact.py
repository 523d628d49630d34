"""A zipped build context."""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cached_property
from types import TracebackType
from typing import Any, BinaryIO, Self

from peak_images._artifact.sizes import readable_size


class Artifact:
    """A zipped build context. Close it, or use it as a context manager, to let go of its file.

    Attributes:
        path: The folder it was made from, as it was given.
        file: The archive, at its beginning. It is in memory or in a nameless temporary file.
        size: The archive's size in bytes.
        entry_count: The number of its entries, files and folders.
        uncompressed_size: The size in bytes of all its files.
    """

    def __init__(self, path: str, file: BinaryIO, *, size: int, entry_count: int, uncompressed_size: int) -> None:
        self.path = path
        self.file = file
        self.size = size
        self.entry_count = entry_count
        self.uncompressed_size = uncompressed_size
        self._content: bytes | None = None

    @cached_property
    def sha256(self) -> str:
        """The archive's SHA-256, in hexadecimal."""
        # Taken when it is asked for: sending needs none, and the import takes as long as to zip a hundred small files.
        from hashlib import file_digest

        file: Any = self.file if self._content is None else io.BytesIO(self._content)
        position = file.tell()
        file.seek(0)
        digest = file_digest(file, "sha256").hexdigest()
        file.seek(position)
        return digest

    def close(self) -> None:
        """Let go of the archive's file. To do so twice does no harm."""
        if not self.file.closed:
            self._keep_for_hash()
        self.file.close()

    def _keep_for_hash(self) -> None:
        """What is in memory is small, and kept in case that the hash is asked for; for a file it is taken now."""
        if isinstance(self.file, io.BytesIO):
            self._content = self.file.getvalue()
        else:
            with suppress(OSError):  # closing never fails
                self.sha256  # noqa: B018 - it is kept once it has been taken

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
