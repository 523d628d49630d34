"""The zip archive of a build context: the same bytes for the same tree, on both cores, within a limit."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import struct
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO, Final, Self, TypeVar

from deflate import crc32, deflate_compress

from peak_build_context.context import Context, Entry
from peak_build_context.errors import BuildContextError, BuildContextTooLargeError
from peak_build_context.files import iter_chunks, read_content
from peak_build_context.text import format_size

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from _typeshed import ReadableBuffer

_LEVEL: Final = 5
"""10 % faster than level 6; archives of source code and binary data are larger by less than 0.1 %."""

_TINY_SIZE: Final = 1024
_TINY_LEVEL: Final = 1
"""The level for tiny files: it has the lowest start-up cost, and compresses them nearly as well."""

_MAX_WHOLE_SIZE: Final = 8 * 2**20
"""The maximum size of a file that is deflated as a whole; larger ones are in chunks, to bound the memory."""

_CHUNK_LEVEL: Final = 6
"""The level of zlib, which deflates chunks."""

_DICTIONARY_SIZE: Final = 2**15
"""The window of deflate, in bytes: the end of a chunk of this size is the dictionary of the next one."""

_WORKERS: Final = 2
_MAX_PENDING: Final = 3
"""The maximum number of started jobs whose results aren't written, which bounds the memory."""

_BATCH_SIZE: Final = 256 * 2**10
_BATCH_COUNT: Final = 256

_BUFFER_SIZE: Final = 64 * 2**10
"""The size of the buffer of the archive's file."""

_MIN_THREAD_SIZE: Final = 4 * 2**10
"""The minimum mean size of the files in a batch that goes to another thread: handing over smaller ones costs more."""

_MIN_SIZE_FOR_THREADS: Final = 4 * 2**20
"""The minimum size of all files for threads: below, their import takes longer than they save."""

_MAX_IN_MEMORY: Final = 32 * 2**20
"""The maximum size of all files whose archive stays in memory, since a temporary file takes longer."""

_IS_UTF_8: Final = 1 << 11
_SIZES_FOLLOW: Final = 1 << 3
_DOS_DIRECTORY: Final = 1 << 4


class Archive:
    """A zipped build context. Close it, or use it as a context manager, to release its file.

    Args:
        sha256: The archive's SHA-256.

    Attributes:
        path: The directory it was made from, as it was given.
        file: The archive, at its beginning. It is in memory or in a nameless temporary file.
        size: The archive's size in bytes.
        sha256: The archive's SHA-256, in hexadecimal.
        entry_count: The number of its entries, files and directories.
        uncompressed_size: The size in bytes of all its files.
    """

    def __init__(
        self, path: str, file: BinaryIO, sha256: str, *, size: int, entry_count: int, uncompressed_size: int
    ) -> None:
        self.path = path
        self.file = file
        self.size = size
        self.sha256 = sha256
        self.entry_count = entry_count
        self.uncompressed_size = uncompressed_size

    def close(self) -> None:
        """Release the archive's file. To do so twice does no harm."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        sizes = f"{format_size(self.uncompressed_size)}, zipped {format_size(self.size)}"
        entries = "entry" if self.entry_count == 1 else "entries"
        return f"<{type(self).__name__} of {self.path!r}: {self.entry_count} {entries}, {sizes}>"


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
    size = sum(entry.size for entry in context.entries)
    file: BinaryIO = io.BytesIO() if size <= _MAX_IN_MEMORY else _make_disk_file(context)
    try:
        output = _write(file, context, max_size, is_cancelled)
        file.seek(0)
    except BaseException as error:
        file.close()
        if not isinstance(error, OSError):
            raise
        import tempfile

        # Errors of the context's files are reported separately.
        problem = f"no space for its archive in {tempfile.gettempdir()}: {error.strerror}"
        raise BuildContextError(context.path, problem) from error
    return archive_type(
        context.path,
        file,
        output.hash.hexdigest(),
        size=output.size,
        entry_count=len(context.entries),
        uncompressed_size=size,
    )


def measure_context(context: Context, limit: int | None) -> int | None:
    """Return how large the archive of a context is, without keeping it; None for larger than a limit.

    Raises:
        BuildContextError: A file can't be read or has changed since the walk.
    """
    with open(os.devnull, "wb") as file:  # noqa: PTH123 - no path of the user's
        try:
            return _write(file, context, limit).size
        except BuildContextTooLargeError:
            return None


class _DiskFile(io.BufferedRandom):
    """An archive on the disk, without a ``ResourceWarning`` when it is garbage-collected, since no data can be lost."""

    def close(self) -> None:
        # A returned archive is complete. Only a failed one has unwritten data.
        with suppress(OSError):
            super().close()

    def __del__(self) -> None:
        self.close()


class _Output(io.RawIOBase):
    """The raw file below ``io.BufferedWriter``, which stops at the limit, and when cancelled."""

    def __init__(self, file: BinaryIO, context: Context, limit: int | None, is_cancelled: Callable[[], bool]) -> None:
        self.size = 0
        self.hash = hashlib.sha256()
        self._file = file
        self._context = context
        self._limit = limit
        self._is_cancelled = is_cancelled

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size

    def write(self, data: ReadableBuffer) -> int:
        size = len(memoryview(data))
        self.size += size
        if self._is_cancelled():
            raise BuildContextError(self._context.path, "cancelled")
        if self._limit is not None and self.size > self._limit:
            from peak_build_context.sizes import too_large_error

            raise too_large_error(self._context, self._limit)
        self.hash.update(data)
        self._file.write(data)
        return size


def _make_disk_file(context: Context) -> _DiskFile:
    import tempfile

    try:
        return _DiskFile(tempfile.TemporaryFile(buffering=0))
    except OSError as error:
        raise BuildContextError(context.path, f"no space for its archive: {error.strerror}") from error


class _Member(zipfile.ZipInfo):
    """An entry of the archive, without its real time, so that the same tree gives the same archive."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(f"{entry.name}/" if entry.is_directory else entry.name)
        self.create_system = 3  # Unix
        self.CRC = self.compress_size = 0
        self.file_size = entry.size
        if entry.is_directory:
            self.external_attr = (stat.S_IFDIR | 0o755) << 16 | _DOS_DIRECTORY
        else:
            self.external_attr = (stat.S_IFREG | (0o755 if entry.is_executable else 0o644)) << 16

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        if self.filename.isascii():
            return self.filename.encode(), self.flag_bits
        encoded = os.fsencode(self.filename)  # a name that isn't UTF-8 keeps its bytes
        with suppress(UnicodeDecodeError):
            encoded.decode()
            return encoded, self.flag_bits | _IS_UTF_8
        return encoded, self.flag_bits


_Result = tuple[list[_Member], bytes | bytearray]
"""Members, and the bytes of the archive that they begin in, with their offsets there."""

_Job = tuple[bool, Callable[[], _Result]]
"""Whether a job is large enough for another thread, and the job."""


def _write(
    file: BinaryIO, context: Context, limit: int | None, is_cancelled: Callable[[], bool] = lambda: False
) -> _Output:
    """Write the archive of a context to a file."""
    pool = None
    if sum(entry.size for entry in context.entries) > _MIN_SIZE_FOR_THREADS:
        with suppress(RuntimeError):  # it can't be imported once the program's main thread has finished
            from concurrent.futures import ThreadPoolExecutor

            pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="peak-build-context-zip")
    # Closing the output keeps what is left in the buffer after an error from being written later.
    with _Output(file, context, limit, is_cancelled) as output, pool or nullcontext():
        _Writer(io.BufferedWriter(output, _BUFFER_SIZE), pool).write(context.entries)
    return output


class _Writer:
    """A writer of the archive's members in order, deflated by the threads of a pool if there is one."""

    def __init__(self, output: io.BufferedWriter, pool: ThreadPoolExecutor | None) -> None:
        self._output = output
        self._pool = pool
        self._members: list[zipfile.ZipInfo] = []

    def write(self, entries: Iterable[Entry]) -> None:
        for is_large, group in groupby(entries, lambda entry: entry.size > _MAX_WHOLE_SIZE):
            if is_large:
                for entry in group:
                    self._write_large(entry)
            else:
                self._run(_batch_jobs(group))
        with zipfile.ZipFile(self._output, "w") as end:
            end.filelist = self._members
        self._output.flush()

    def _write_large(self, entry: Entry) -> None:
        """Write a file whose checksum and compressed size are known, and follow it, when it has been written."""
        member = _Member(entry)
        member.compress_type, member.flag_bits = zipfile.ZIP_DEFLATED, member.flag_bits | _SIZES_FOLLOW
        needs_zip64 = (
            member.file_size >= zipfile.ZIP64_LIMIT // 100 * 99
        )  # deflated data may be slightly larger than the file
        member.header_offset = self._output.tell()
        self._output.write(member.FileHeader(needs_zip64))
        start = self._output.tell()
        self._run(_chunk_jobs(entry, member))
        member.compress_size = self._output.tell() - start
        sizes = (member.CRC, member.compress_size, member.file_size)
        self._output.write(b"PK\7\10" + struct.pack("<L2Q" if needs_zip64 else "<3L", *sizes))
        self._members.append(member)

    def _run(self, jobs: Iterable[_Job]) -> None:
        """Run jobs, a few at a time, and write their results in order."""
        pending: deque[Callable[[], _Result]] = deque()
        for job in jobs:
            pending.append(self._start(*job))
            if len(pending) == _MAX_PENDING:
                self._write_result(*pending.popleft()())
        for result in pending:
            self._write_result(*result())

    def _start(self, is_worth_a_thread: bool, job: Callable[[], _Result]) -> Callable[[], _Result]:
        """Start a job and return a function that waits for its result."""
        if self._pool and is_worth_a_thread:
            # No thread can be started if there are too many, or the program's main one has finished.
            with suppress(RuntimeError):
                return self._pool.submit(job).result
        result = job()
        return lambda: result

    def _write_result(self, members: list[_Member], content: bytes | bytearray) -> None:
        start = self._output.tell()
        for member in members:
            member.header_offset += start
        self._members += members
        self._output.write(content)


def _batch_jobs(entries: Iterable[Entry]) -> Iterator[_Job]:
    """Return jobs for entries in their order, many to a job."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        if batch and (size + entry.size > _BATCH_SIZE or len(batch) == _BATCH_COUNT):
            yield size >= _MIN_THREAD_SIZE * len(batch), partial(_deflate_batch, batch)
            batch, size = [], 0
        batch.append(entry)
        size += entry.size
    yield size >= _MIN_THREAD_SIZE * len(batch), partial(_deflate_batch, batch)


def _deflate_batch(batch: Iterable[Entry]) -> _Result:
    members = []
    data = bytearray()
    for entry in batch:
        member = _Member(entry)
        content: bytes | bytearray = b"" if entry.is_directory else read_content(entry)
        member.CRC = crc32(content)
        if content:
            deflated = deflate_compress(content, _LEVEL if len(content) > _TINY_SIZE else _TINY_LEVEL)
            if len(deflated) < len(content):
                member.compress_type, content = zipfile.ZIP_DEFLATED, deflated
        member.compress_size = len(content)
        member.header_offset = len(data)
        data += member.FileHeader(zip64=False)
        data += content
        members.append(member)
    return members, data


def _chunk_jobs(entry: Entry, member: _Member) -> Iterator[_Job]:
    """Return jobs for the chunks of a large file, whose checksum is set on the way."""
    dictionary, left = b"", entry.size
    for chunk in iter_chunks(entry):
        member.CRC = crc32(chunk, member.CRC)
        left -= len(chunk)
        yield True, partial(_deflate_chunk, chunk, dictionary, is_last=not left)
        dictionary = chunk[-_DICTIONARY_SIZE:]


def _deflate_chunk(chunk: bytes, dictionary: bytes, *, is_last: bool) -> _Result:
    # libdeflate can't stop between two blocks of one stream, zlib can. Few artifacts need it.
    import zlib

    deflater = zlib.compressobj(_CHUNK_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=dictionary)
    return [], deflater.compress(chunk) + deflater.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)
