"""An artifact in a file of its own, whose name never stands for half of it."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peak_images_cli.dry_run import capture_artifact
from peak_images_cli.preview import inspect, size_of
from peak_images_cli.tables import fields_table
from peak_images_cli.terminal import warn

if TYPE_CHECKING:
    from rich.table import Table


def write_artifact(artifact: Mapping[str, Any], details: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Write the artifact that a create sends to a file.

    Args:
        artifact: The artifact: its path, and what else there is to say of it.
        details: The build details that go with it.
        file: The path of the file. What was there is replaced.

    Returns:
        What was written, made of JSON values.

    Raises:
        images.PeakImagesError: The artifact can't be made, or not be written there.
    """
    # A link stays a link, and what it leads to is replaced.
    target = Path(os.path.realpath(file))
    _check_place(file, target)
    content = capture_artifact(artifact, details)
    members = _members(content)
    _write(file, target, content)
    _warn_of_itself(artifact, details, target)
    return {
        "path": artifact["path"],
        "file": file,
        "totalSize": sum(member.file_size for member in members),
        "zippedSize": len(content),
        "entryCount": len(members),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def written_table(written: Mapping[str, Any]) -> Table:
    """The same for people."""
    size = written["zippedSize"]
    return fields_table(
        {
            "file": written["file"],
            "size": f"{size:,} bytes ({size_of(size)}), {size_of(written['totalSize'])} unzipped",
            "entries": f"{written['entryCount']:,}",
            "SHA-256": written["sha256"],
        }
    )


def _check_place(file: str, target: Path) -> None:
    """Before any work is done."""
    import peak_images as images

    try:
        problem = _obstacle(target)
    except OSError as error:
        problem = f"can't be written: {error.strerror}"
    if problem:
        raise images.SaveError(file or "''", problem)


def _obstacle(target: Path) -> str:
    if not target.parent.is_dir():
        return f"the folder {target.parent} doesn't exist"
    with suppress(FileNotFoundError):
        mode = target.stat().st_mode
        if stat.S_ISDIR(mode):
            return "is a folder; give the name of a file"
        if not stat.S_ISREG(mode):
            # A rename would put a file in a device's place.
            return "is something else than a file"
    return ""


def _members(content: bytes) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return archive.infolist()


def _write(file: str, target: Path, content: bytes) -> None:
    import peak_images as images

    # In the target's folder, since a rename is atomic only within a file system.
    partial = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with partial.open("xb") as output:
            output.write(content)
        partial.replace(target)
    except OSError as error:
        raise images.SaveError(file, f"can't be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def _warn_of_itself(artifact: Mapping[str, Any], details: Mapping[str, Any], target: Path) -> None:
    """An archive among what it was made from travels with the next one."""
    folder = Path(artifact["path"]).resolve()
    if not target.is_relative_to(folder):
        return
    name = target.relative_to(folder).as_posix()
    if any(row.name == name for row in inspect(artifact, details).files):
        warn(f"{name} is in the directory and will be uploaded; add it to .dockerignore")
