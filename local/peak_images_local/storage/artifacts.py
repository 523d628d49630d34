"""The store of uploaded artifacts."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import sqlite3
import uuid
from typing import TYPE_CHECKING, BinaryIO

from peak_images_local.errors import ServiceError
from peak_images_local.storage.data_directory import describe_storage_error

if TYPE_CHECKING:
    from pathlib import Path

    from peak_images_local.storage.database import Database


_NAME = re.compile(r"[0-9a-f]{32}\.zip")
"""The names that this store creates. Another name, from a modified database, could be a path to any file."""


class ArtifactStore:
    """A directory of zip files, each recorded in the database before it is written.

    An interrupted upload is found by that record; no other file is ever deleted.
    """

    def __init__(self, directory: Path, database: Database) -> None:
        """Open the directory, or create it.

        Raises:
            ServiceError: It can't be created.
        """
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ServiceError(f"Artifacts can't be kept in {directory}: {describe_storage_error(error)}") from error
        self._directory = directory
        self._database = database

    def add(self, content: BinaryIO) -> str:
        """Store a file and return its name. The file has this name only when it is complete."""
        name = f"{uuid.uuid4().hex}.zip"
        part = self._part(name)
        with self._database.transaction() as transaction:
            transaction.execute("INSERT INTO uploads VALUES (?)", name)
        try:
            with open(part, "wb", opener=_open_private) as file:
                content.seek(0)
                shutil.copyfileobj(content, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path(name))
        except BaseException:
            self.discard(name)
            raise
        return name

    def path(self, name: str) -> Path:
        """Return where the file of this name is.

        Raises:
            FileNotFoundError: It isn't a name that this store gives.
        """
        if not _NAME.fullmatch(name):
            raise FileNotFoundError(errno.ENOENT, "not the name of an artifact", name)
        return self._directory / name

    def discard(self, name: str) -> None:
        """Delete a file that no version uses, and its record; one that can't be deleted is tried again later."""
        try:
            self._part(name).unlink(missing_ok=True)
            self.path(name).unlink(missing_ok=True)
        except FileNotFoundError:
            pass  # not a name of this store
        except OSError:
            return
        with self._database.transaction() as transaction:
            transaction.execute("DELETE FROM uploads WHERE file = ?", name)

    def discard_unused(self) -> None:
        """Delete the artifacts that no version is built from any more, and the rest of interrupted uploads.

        No upload may be stored meanwhile. What can't be deleted now, since the disk is full, is tried again later.
        """
        unused = "NOT EXISTS (SELECT 1 FROM versions WHERE versions.artifact_id = artifacts.id)"
        with contextlib.suppress(OSError, sqlite3.Error):
            with self._database.transaction() as transaction:
                # Recorded before they are deleted, so that no file is left after a crash.
                transaction.execute(f"INSERT INTO uploads SELECT file FROM artifacts WHERE {unused}")  # noqa: S608 - a constant
                transaction.execute(f"DELETE FROM artifacts WHERE {unused}")  # noqa: S608 - a constant
                files = transaction.fetch_all("SELECT file FROM uploads")
            for row in files:
                self.discard(row["file"])

    def _part(self, name: str) -> Path:
        return self.path(name).with_suffix(".zip.part")


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
