"""Validate and read uploaded artifacts."""

from __future__ import annotations

import errno
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from peak_images_local.errors import ApiError

_CHUNK = 1 << 20
_ENCRYPTED = 1
_UTF_8 = 1 << 11
_DRIVE = re.compile("[A-Za-z]:")
_MAX_PATH = 4095
"""What Linux takes for a path, in bytes."""
_MAX_NAME = 255
"""What it takes for one name of a path."""

_MAX_DEPTH = 500
"""Python makes and removes directories by recursion, which ends at 1,000."""

_MAX_DIRECTORY_CHARACTERS = 1 << 26
"""The maximum total length of the paths of all directories, including those without their own entries."""
_MAX_SHOWN = 200
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The compression methods that every reader of zip files supports; others would need further codecs."""


@dataclass(frozen=True)
class ArchiveLimits:
    """The maximum content of an artifact, so that a small upload can't fill the disk.

    Attributes:
        entries: The maximum number of files and directories.
        unpacked: The maximum size in bytes, unpacked.
    """

    entries: int = 100_000
    unpacked: int = 2 << 30


def check_archive(path: Path, limits: ArchiveLimits) -> None:
    """Read an artifact through, so that what is stored can be built.

    Args:
        path: Where the upload lies.
        limits: The maximum content.

    Raises:
        ApiError: 422, it isn't a zip file, is damaged or too large, or has entries that aren't allowed in a build
            context: links, paths that lead out of it, encrypted files, files compressed by other methods than deflate.
        OSError: The upload can't be read from this machine's own disk.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, limits)
            for entry in archive.infolist():
                _read_through(archive, entry)
    # zipfile raises NotImplementedError for features that it doesn't support.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        # A damaged directory makes zipfile seek before the start; other errors of the disk aren't errors of the upload.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise ApiError(422, f"artifact: not a zip file that can be read: {error}") from error


def read_member(path: Path, name: str, limit: int) -> bytes:
    """Return the first `limit` bytes of one file of an artifact that has been checked."""
    with zipfile.ZipFile(path) as archive, archive.open(name) as file:
        return file.read(limit)


def unpack(path: Path, directory: Path) -> None:
    """Unpack an artifact that has been checked, with the files' permissions."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            target = archive.extract(entry, directory)
            if mode := (entry.external_attr >> 16) & 0o777:
                # The owner must be able to delete it.
                Path(target).chmod(mode | (0o700 if entry.is_dir() else 0o600))


def read_files(path: Path) -> dict[str, bytes]:
    """Return the content of all files of an artifact that has been checked."""
    with zipfile.ZipFile(path) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}


def read_context(path: Path) -> tuple[dict[str, int], set[str]]:
    """Return the sizes of all files by their paths, and all directories; the root is the empty text."""
    with zipfile.ZipFile(path) as archive:
        return _context(archive)


def _check_directory(archive: zipfile.ZipFile, limits: ArchiveLimits) -> None:
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise ApiError(422, f"artifact: {len(entries)} entries; at most {limits.entries} are accepted")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked:
        raise ApiError(422, f"artifact: {unpacked} bytes unpacked; at most {limits.unpacked} are accepted")
    seen: set[str] = set()
    for entry in entries:
        _check_entry(entry)
        if entry.filename in seen:
            raise ApiError(422, f"artifact: {entry.filename!r} is in it twice")
        seen.add(entry.filename)
    _context(archive)


def _context(archive: zipfile.ZipFile) -> tuple[dict[str, int], set[str]]:
    files: dict[str, int] = {}
    directories = {""}
    length = 0
    for entry in archive.infolist():
        name = entry.filename.rstrip("/")
        if entry.is_dir():
            directories.add(name)
        else:
            files[name] = entry.file_size
        while "/" in name:
            name = name.rpartition("/")[0]
            if name in directories:
                break
            directories.add(name)
            length += len(name)
        if length > _MAX_DIRECTORY_CHARACTERS:
            raise ApiError(422, "artifact: the paths of its directories are too long")
    if both := files.keys() & directories:
        raise ApiError(422, f"artifact: {min(both)[:_MAX_SHOWN]!r} is both a file and a directory")
    return files, directories


def _check_entry(entry: zipfile.ZipInfo) -> None:
    # The name in the archive. zipfile normalizes it, and may take another name from an extra field: all must be equal.
    name = entry.orig_filename
    # Info-ZIP writes UTF-8 without marking it as such, so that zipfile decodes it as cp437, and adds it in that field.
    if not entry.flag_bits & _UTF_8 and name.encode("cp437") == entry.filename.encode():
        name = entry.filename
    parts = name.rstrip("/").split("/")
    sizes = [len(part.encode("utf-8", "surrogateescape")) for part in parts]
    shown = f"artifact: {name[:_MAX_SHOWN]!r}"
    is_drive = len(parts) > 1 and _DRIVE.fullmatch(parts[0])
    if name != entry.filename or "\\" in name or is_drive or not all(parts) or {".", ".."} & set(parts):
        raise ApiError(422, f"{shown} is not a path within a directory")
    if sum(sizes) + len(parts) - 1 > _MAX_PATH or len(parts) > _MAX_DEPTH:
        limit = f"at most {_MAX_PATH} bytes and {_MAX_DEPTH} directories are accepted"
        raise ApiError(422, f"{shown}… is too long: {limit}")
    if max(sizes) > _MAX_NAME:
        raise ApiError(422, f"{shown}… has a name of more than {_MAX_NAME} bytes")
    mode = entry.external_attr >> 16
    if mode and not (stat.S_IFMT(mode) == 0 or stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ApiError(422, f"{shown} is a link or a special file; only files and directories are accepted")
    if entry.flag_bits & _ENCRYPTED:
        raise ApiError(422, f"{shown} is encrypted")
    if entry.compress_type not in _METHODS:
        raise ApiError(422, f"{shown} is compressed by method {entry.compress_type}; 0 and 8 are accepted")


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read a file and discard its content: zipfile checks its length and checksum."""
    if entry.is_dir():
        return
    with archive.open(entry) as file:
        length = 0
        while chunk := file.read(_CHUNK):
            length += len(chunk)
    if length != entry.file_size:
        raise zipfile.BadZipFile(f"{entry.filename!r} holds {length} bytes, not the {entry.file_size} it says")
