"""The zip archive of a build context: the same bytes for the same tree, on both cores, within a limit."""

from __future__ import annotations

import io
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self, TypeVar, cast

from deflate import crc32, deflate_compress

from peak_build_context.context import Context, Entry
from peak_build_context.errors import BuildContextError, BuildContextTooLargeError
from peak_build_context.files import iter_chunks, read_content
from peak_build_context.ignore import DEFAULT_IGNORE_FILE
from peak_build_context.text import USUALLY_IGNORED, format_size, ignore_line
from peak_build_context.zipformat import (
    DEFLATED,
    DIRECTORY_ATTRIBUTES,
    FILE_ATTRIBUTES,
    MAX_NAME_LENGTH,
    PROGRAM_ATTRIBUTES,
    STORED,
    Directory,
    Member,
    closing_record,
    local_record,
    name_and_flags,
    with_sizes_after,
)

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_LEVEL: Final = 5
"""A tenth quicker than level 6, and on source code and binary data larger by less than a thousandth."""

_TINY_SIZE: Final = 1024
_TINY_LEVEL: Final = 1
"""For tiny files, the level that is the quickest to start, and hardly the worse for it."""

_WHOLE_SIZE: Final = 8 * 2**20
"""Largest file that is deflated in one go; what is larger goes in chunks, to bound the memory."""

_CHUNK_LEVEL: Final = 6
"""Chunks are zlib's work, and these are its levels."""

_WINDOW_SIZE: Final = 2**15
"""How far back deflate looks: what a chunk must know of the one before it."""

_WORKERS: Final = 2
_IN_WORK_SIZE: Final = 8 * 2**20
"""How much content may be read and not yet written, unless it is a single file."""

_BATCH_SIZE: Final = 256 * 2**10
_BATCH_COUNT: Final = 256

_WORTH_A_THREAD: Final = 4 * 2**10
"""Mean size of the files of a batch below which handing it to another thread costs more than it brings."""

_WORTH_A_POOL: Final = 4 * 2**20
"""Size of all files up to which threads don't even bring back the time that their import takes."""

_SPOOL_SIZE: Final = 4 * 2**20
"""Largest archive that stays in memory."""

_MAX_SHOWN_NAME: Final = 100
"""How much of a name that is too long is shown, in characters."""

_MAX_LISTED: Final = 10
"""How many files the error lists when an archive is too large."""


class Archive:
    """A zipped build context. Close it, or use it as a context manager, to let go of its file.

    Args:
        digest: Tells the archive's SHA-256.

    Attributes:
        path: The directory it was made from, as it was given.
        file: The archive, at its beginning. It is in memory or in a nameless temporary file.
        size: The archive's size in bytes.
        entry_count: The number of its entries, files and directories.
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
        sizes = f"{format_size(self.uncompressed_size)}, zipped {format_size(self.size)}"
        return f"<{type(self).__name__} of {self.path!r}: {self.entry_count} entries, {sizes}>"


ArchiveT = TypeVar("ArchiveT", bound=Archive)


def zip_context(
    context: Context,
    *,
    max_size: int | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    archive_type: type[ArchiveT] = Archive,  # type: ignore[assignment]
) -> ArchiveT:
    """Zip a build context that has been walked.

    Args:
        context: The context.
        max_size: Largest size of the archive in bytes; None for no limit.
        is_cancelled: Called between chunks; True stops.
        archive_type: The class of what is returned.

    Raises:
        BuildContextTooLargeError: The archive would be larger than that.
        BuildContextError: There is nothing to zip, a file can't be read or has changed since the walk, or there is no
            space for the archive.
    """
    if context.empty_reason:
        raise BuildContextError(context.path, context.empty_reason)
    archive = _Writer(context, max_size, is_cancelled)
    try:
        archive.write()
        archive.file.seek(0)
    except OSError as error:
        archive.file.close()
        import tempfile

        # Files of the context that can't be read have errors of their own; this is the archive's own file.
        problem = f"no space for its archive in {tempfile.gettempdir()}: {error.strerror}"
        raise BuildContextError(context.path, problem) from error
    except BaseException:
        archive.file.close()
        raise
    return archive_type(
        context.path,
        archive.file,
        archive.digest,
        size=archive.size,
        entry_count=len(context.entries),
        uncompressed_size=sum(entry.size for entry in context.entries),
    )


class _DiskFile(io.BufferedRandom):
    """An archive on the disk. Nobody is told off for dropping it: it holds nothing that could get lost."""

    def close(self) -> None:
        # An archive is whole before anybody gets it. Only one that has failed is left with something to write.
        with suppress(OSError):
            super().close()

    def __del__(self) -> None:
        self.close()


class _Writer:
    """The archive as it is written: members deflated in any order, by two threads, and written in the walk's."""

    def __init__(self, context: Context, limit: int | None, is_cancelled: Callable[[], bool]) -> None:
        self.file: BinaryIO = io.BytesIO()
        self.size = 0
        self._context = context
        self._limit = limit
        self._is_given_up = is_cancelled
        self._is_small = sum(entry.size for entry in context.entries) <= _WORTH_A_POOL
        self._directory = Directory()
        self._hash: Any = None
        self._waiting: deque[tuple[int, Future[list[tuple[Member, bytes | bytearray]]]]] = deque()
        self._waiting_size = 0

    def write(self) -> None:
        try:
            for batch in _batches(self._context.entries):
                self._write_batch(batch)
            self._write_waiting(allowed=0)
        finally:
            if "_pool" in self.__dict__:
                self._pool.shutdown(cancel_futures=True)
        self._append(self._directory.closing_records(self.size), still_to_come=0)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        # Where the files are few or tiny there is no pool, and its import would take a tenth of the time.
        from concurrent.futures import ThreadPoolExecutor

        return ThreadPoolExecutor(_WORKERS, thread_name_prefix="peak-images-zip")

    def _write_batch(self, batch: Sequence[Entry]) -> None:
        size = sum(entry.size for entry in batch)
        if size > _WHOLE_SIZE:
            self._write_waiting(allowed=0)
            self._write_large(batch[0])
        elif self._is_small or size < _WORTH_A_THREAD * len(batch):
            self._write_here(batch)
        else:
            self._write_waiting(allowed=max(_IN_WORK_SIZE - size, 0))
            try:
                future = self._pool.submit(_pack, batch)
            except RuntimeError:
                # No thread can be started any more: there are too many, or the program's main one has ended.
                self._write_here(batch)
            else:
                self._waiting.append((size, future))
                self._waiting_size += size

    def _write_here(self, batch: Sequence[Entry]) -> None:
        packed = _pack(batch)
        self._write_waiting(allowed=0)
        self._write_packed(packed)

    def _write_waiting(self, allowed: int) -> None:
        while self._waiting_size > allowed:
            size, future = self._waiting.popleft()
            self._waiting_size -= size
            self._write_packed(future.result())

    def _write_packed(self, packed: Iterable[tuple[Member, bytes | bytearray]]) -> None:
        parts: list[bytes | bytearray] = []
        position = self.size
        for member, content in packed:
            self._directory.add(member, position)
            record = local_record(member)
            parts += (record, content)
            position += len(record) + len(content)
        self._append(b"".join(parts))

    def _write_large(self, entry: Entry) -> None:
        start = self.size
        member = with_sizes_after(Member(*_identity(entry), DEFLATED, size=entry.size))
        self._append(local_record(member))
        content_start = self.size
        crc = 0
        waiting: deque[Future[bytes]] = deque()
        before = b""
        for chunk, is_last in iter_chunks(entry):
            crc = crc32(chunk, crc)
            waiting.append(self._pool.submit(_deflate_chunk, chunk, before, is_last=is_last))
            before = chunk[-_WINDOW_SIZE:]
            while waiting and (is_last or len(waiting) > _WORKERS):
                self._append(waiting.popleft().result())
        member = member._replace(crc=crc, compressed_size=self.size - content_start)
        self._append(closing_record(member))
        self._directory.add(member, start)

    def _append(self, data: bytes, still_to_come: int | None = None) -> None:
        if self._is_given_up():
            raise BuildContextError(self._context.path, "cancelled")
        self.file.write(data)
        if self._hash is not None:
            self._hash.update(data)
        self.size += len(data)
        if still_to_come is None:
            still_to_come = self._directory.size
        if self._limit is not None and self.size + still_to_come > self._limit:
            raise _too_large(self._context, self._limit)
        if isinstance(self.file, io.BytesIO) and self.size > _SPOOL_SIZE:
            self._move_to_disk(self.file)

    def _move_to_disk(self, in_memory: io.BytesIO) -> None:
        # Most archives stay in memory, and each import takes as long as to zip a small directory.
        from hashlib import sha256
        from tempfile import TemporaryFile

        self.file = _DiskFile(TemporaryFile(buffering=0))  # noqa: SIM115
        self.file.write(in_memory.getbuffer())
        self._hash = sha256(in_memory.getbuffer())

    @property
    def digest(self) -> Callable[[], str]:
        """Tells the hash of the archive that has been written; of one in memory it is taken when it is asked for."""
        if self._hash is not None:
            return cast("Callable[[], str]", self._hash.hexdigest)
        content = cast("io.BytesIO", self.file).getvalue()  # no copy

        def of_content() -> str:
            from hashlib import sha256

            return sha256(content).hexdigest()

        return of_content


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Entries in their order, in batches worth a worker's while; a file too large for one go is alone in its batch."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and (size + entry.size > _BATCH_SIZE or len(batch) == _BATCH_COUNT):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    yield batch


def _pack(batch: Iterable[Entry]) -> list[tuple[Member, bytes | bytearray]]:
    """The members of a batch, each with its content as the archive holds it."""
    packed: list[tuple[Member, bytes | bytearray]] = []
    for entry in batch:
        content: bytes | bytearray = b"" if entry.is_directory else read_content(entry)
        method, crc = STORED, crc32(content)
        if content:
            deflated = deflate_compress(content, _LEVEL if len(content) > _TINY_SIZE else _TINY_LEVEL)
            if len(deflated) < len(content):
                method, content = DEFLATED, deflated
        packed.append((Member(*_identity(entry), method, crc, len(content), entry.size), content))
    return packed


def _identity(entry: Entry) -> tuple[bytes, int, int]:
    """What the records say of an entry apart from its content: the name's bytes, flags and attributes."""
    raw_name, flags = name_and_flags(f"{entry.name}/" if entry.is_directory else entry.name)
    if len(raw_name) > MAX_NAME_LENGTH:
        problem = (
            f"{entry.name[:_MAX_SHOWN_NAME]!r}… is a longer name than an archive can hold: is there a loop of links?"
        )
        raise BuildContextError(entry.source, problem)
    if entry.is_directory:
        return raw_name, flags, DIRECTORY_ATTRIBUTES
    return raw_name, flags, PROGRAM_ATTRIBUTES if entry.is_executable else FILE_ATTRIBUTES


def _deflate_chunk(chunk: bytes, before: bytes, *, is_last: bool) -> bytes:
    # libdeflate can't stop between two blocks of one stream, zlib can. Few artifacts have need of it.
    import zlib

    deflater = zlib.compressobj(_CHUNK_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=before)
    return deflater.compress(chunk) + deflater.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)


def _too_large(context: Context, limit: int) -> BuildContextTooLargeError:
    files = [entry for entry in context.entries if entry.size]
    largest = sorted(files, key=attrgetter("size"), reverse=True)[:_MAX_LISTED]
    rows = "".join(f"\n  {format_size(entry.size):>10}  {entry.name!r}" for entry in largest)
    problem = f"{context.path!r} is larger than {format_size(limit)} when zipped. Its largest files, unzipped:{rows}"
    if worth_ignoring := _worth_ignoring(context):
        lines = ", ".join(worth_ignoring)
        problem += f"\nLeave out what the build doesn't need by lines in {DEFAULT_IGNORE_FILE}, such as: {lines}"
    return BuildContextTooLargeError(
        context.path, problem, limit=limit, largest=[(entry.name, entry.size) for entry in largest]
    )


def _worth_ignoring(context: Context) -> list[str]:
    """Return lines for an ignore file: the largest, directories that are usually ignored first."""
    sizes: Counter[str] = Counter()
    for entry in context.entries:
        if entry.name not in context.dockerfiles:
            sizes[ignore_line(entry.name, top_level=True)] += entry.size
    usual = Counter({line: size for line, size in sizes.items() if line.rpartition("/")[2] in USUALLY_IGNORED})
    least = sum(entry.size for entry in context.entries) // 10
    others = sizes - usual
    rows = [*usual.most_common(_MAX_LISTED), *others.most_common(1)]
    return [line for line, size in rows if size > least]
