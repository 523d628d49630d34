"""The directory of a service's files: one of the user, or a temporary one."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peak_images_local.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.platform != "win32":
    import fcntl

DATABASE_NAME = "images.sqlite"
ARTIFACTS_NAME = "artifacts"
_OWN_NAMES = {DATABASE_NAME, f"{DATABASE_NAME}-wal", f"{DATABASE_NAME}-shm", f"{DATABASE_NAME}-journal", ARTIFACTS_NAME}
_PREFIX = "peak-images-local-"
_LOCK_NAME = ".lock"


def claim_directory(directory: Path) -> None:
    """Create or adopt a directory for the service, accessible to its owner only.

    Raises:
        ServiceError: It has files of something else, or it can't be written to.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = {path.name for path in directory.iterdir()}
    except OSError as error:
        raise ServiceError(f"The data directory {directory} can't be used: {describe_storage_error(error)}") from error
    foreign = sorted(names - _OWN_NAMES)
    if names and (DATABASE_NAME not in names or foreign):
        found = ", ".join((foreign or sorted(names))[:3])
        msg = (
            f"The data directory {directory} holds something else ({found}) and is left as it is: "
            "give the path of a new or empty directory"
        )
        raise ServiceError(msg)
    if not os.access(directory, os.W_OK | os.X_OK):
        raise ServiceError(f"The data directory {directory} is read-only: give one that can be written to")


def describe_storage_error(error: Exception) -> str:
    """Return the message of an error of the file system or the database."""
    text = " ".join(str(error).split())
    if getattr(error, "errno", 0) in {errno.ENOSPC, errno.EDQUOT} or "is full" in text:
        return "the disk is full"
    if getattr(error, "errno", 0) == errno.EROFS or "readonly" in text or "disk I/O" in text:
        return "the directory is read-only, or its disk has failed"
    if isinstance(error, OSError):
        return f"{error.strerror or error}: {error.filename}" if error.filename else str(error.strerror or error)
    return text


class Workspace:
    """A temporary directory that is deleted with the service, or, if that is killed, by the next one that starts."""

    def __init__(self) -> None:
        remove_leftovers()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock: Any = _lock(self.path / _LOCK_NAME, create=True)

    def close(self) -> None:
        """Delete the directory."""
        if self._lock is not None:
            self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def remove_leftovers() -> None:
    """Delete the workspaces of services that were killed; those of running ones are locked.

    On Windows they stay until the system clears its temporary files.
    """
    for path in _own_workspaces():
        lock = _lock(path / _LOCK_NAME, create=False)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            lock.close()


def _own_workspaces() -> Iterator[Path]:
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
            if path.is_dir() and not path.is_symlink() and path.stat().st_uid == os.getuid():
                yield path


def _lock(path: Path, *, create: bool) -> Any:
    """Return the open and locked file, or `None` where it isn't there or another process has it."""
    try:
        file = path.open("w" if create else "r")
    except OSError:
        return None
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
    return file
