"""An artifact in a file of its own, whose name never stands for half of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peak_images_cli.preview import build_artifact, inspect, size_of
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
    with build_artifact(artifact, details) as made:
        made.save(file)
    _warn_of_itself(artifact, details, target)
    return {
        "path": artifact["path"],
        "file": file,
        "totalSize": made.uncompressed_size,
        "zippedSize": made.size,
        "entryCount": made.entry_count,
        "sha256": made.sha256,
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
        return f"the directory {target.parent} doesn't exist"
    with suppress(FileNotFoundError):
        mode = target.stat().st_mode
        if stat.S_ISDIR(mode):
            return "is a directory; give the name of a file"
        if not stat.S_ISREG(mode):
            # A rename would put a file in a device's place.
            return "is something else than a file"
    return ""


def _warn_of_itself(artifact: Mapping[str, Any], details: Mapping[str, Any], target: Path) -> None:
    """An archive among what it was made from travels with the next one."""
    directory = Path(artifact["path"]).resolve()
    if not target.is_relative_to(directory):
        return
    name = target.relative_to(directory).as_posix()
    if any(row.name == name for row in inspect(artifact, details).files):
        warn(f"{name} is in the directory and will be uploaded; add it to .dockerignore")
