"""The artifact of a version: its Dockerfile, the list of its files, one of them to download."""

from __future__ import annotations

import contextlib
import posixpath
import zipfile
from typing import TYPE_CHECKING, Any

from peak_images_local.errors import not_found
from peak_images_local.storage.archive import read_member

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_FILES = 200
"""Files that a page lists."""

_MAX_DOCKERFILE = 64 << 10
_CHUNK = 64 << 10


def list_files(path: Path) -> list[zipfile.ZipInfo]:
    """Return the files of an artifact, by their paths.

    Raises:
        OSError: It is gone.
        zipfile.BadZipFile: It is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        return sorted((entry for entry in archive.infolist() if not entry.is_dir()), key=lambda entry: entry.filename)


def read_dockerfile(details: Mapping[str, Any], path: Path | None) -> dict[str, Any] | None:
    """Return the Dockerfile of a version, the text that was sent or the file of the artifact, up to a limit."""
    name, text = "", details.get("dockerfile", "")
    if details["source"] != "dockerfile":
        if details["source"] != "upload" or path is None:
            return None
        name = posixpath.normpath(f"/{details.get('dockerfilePath') or 'Dockerfile'}").lstrip("/")
        try:
            text = read_member(path, name, _MAX_DOCKERFILE + 1).decode(errors="replace")
        except KeyError:
            return None
    return {"path": name, "text": text[:_MAX_DOCKERFILE], "cut": len(text) > _MAX_DOCKERFILE}


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
