"""The artifact of a version: its Dockerfile, the list of its files, one of them to download."""

from __future__ import annotations

import contextlib
import posixpath
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peak_images_local.errors import not_found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_FILES = 200
"""Files that a page lists."""

_MAX_DOCKERFILE = 64 << 10
_CHUNK = 64 << 10


@dataclass(frozen=True)
class File:
    """One file of an artifact."""

    path: str
    size: int
    compressed: int


@dataclass(frozen=True)
class Files:
    """The files of an artifact, the first of them listed."""

    count: int
    size: int
    entries: list[File]


@dataclass(frozen=True)
class Dockerfile:
    """The text of a Dockerfile, and whether it goes on."""

    path: str
    text: str
    cut: bool


def list_files(path: Path) -> Files:
    """Return what is in an artifact.

    Raises:
        OSError: It is gone.
        zipfile.BadZipFile: It is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        files = [File(i.filename, i.file_size, i.compress_size) for i in archive.infolist() if not i.is_dir()]
    entries = sorted(files, key=lambda file: file.path)[:MAX_FILES]
    return Files(len(files), sum(file.size for file in files), entries)


def read_dockerfile(details: Mapping[str, Any], path: Path | None) -> Dockerfile | None:
    """Return the Dockerfile of a version: the text that was sent, or the file of the artifact."""
    if details["source"] == "dockerfile":
        text = details.get("dockerfile", "")
        return Dockerfile("", text[:_MAX_DOCKERFILE], len(text) > _MAX_DOCKERFILE)
    if details["source"] != "upload" or path is None:
        return None
    name = posixpath.normpath(f"/{details.get('dockerfilePath') or 'Dockerfile'}").lstrip("/")
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as file:
            content = file.read(_MAX_DOCKERFILE + 1)
    except KeyError:
        return None
    return Dockerfile(name, content[:_MAX_DOCKERFILE].decode(errors="replace"), len(content) > _MAX_DOCKERFILE)


def open_content(path: Path, name: str | None) -> Iterator[bytes]:
    """Return the content of one file, or of the whole artifact, in chunks.

    Raises:
        ApiError: 404, there is no such file.
        OSError: The artifact is gone.
        zipfile.BadZipFile: It is damaged.
    """
    if name is None:
        return _chunks(path.open("rb"))
    archive = zipfile.ZipFile(path)
    try:
        return _chunks(archive.open(name), archive)
    except KeyError as error:
        archive.close()
        raise not_found("file", name[:200]) from error


def _chunks(*files: Any) -> Iterator[bytes]:
    with contextlib.ExitStack() as stack:
        for file in files:
            stack.enter_context(file)
        while chunk := files[0].read(_CHUNK):
            yield chunk
