"""The state of one service: settings, clock, database, artifacts, recorded requests."""

from __future__ import annotations

import contextlib
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from peak_images_local.builds.lifecycle import Builds
from peak_images_local.clock import Clock
from peak_images_local.faults import Faults
from peak_images_local.request_log import RequestLog
from peak_images_local.storage.artifacts import ArtifactStore
from peak_images_local.storage.data_directory import ARTIFACTS_NAME, DATABASE_NAME, Workspace, claim_directory
from peak_images_local.storage.database import Database

if TYPE_CHECKING:
    import os

    from peak_images_local.settings import Settings


class State:
    """The state that the operations use."""

    def __init__(self, settings: Settings, data: str | os.PathLike[str] | None = None) -> None:
        """Open the data in the directory `data`, or start empty, in memory.

        Raises:
            ServiceError: The directory can't be used, another process uses it, or the engine isn't installed.
        """
        self.settings = settings
        self.change_lock = threading.Lock()
        self.reset_count = 0
        self.clock = Clock()
        self.violations: list[str] = []
        self.requests = RequestLog()
        self.faults = Faults()
        directory = None if data is None else Path(data)
        if directory is not None:
            claim_directory(directory)
        with contextlib.ExitStack() as resources:
            self.workspace = Workspace()
            resources.callback(self.workspace.close)
            self.database = Database(self.clock, directory and directory / DATABASE_NAME)
            resources.callback(self.database.close)
            self.artifacts = ArtifactStore((directory or self.workspace.path) / ARTIFACTS_NAME, self.database)
            self.builds = Builds(settings, self.database, self.workspace.path)
            resources.callback(self.builds.stop)
            self.builds.fail_interrupted()
            self.artifacts.discard_unused()
            self.database.on_deletion = self._discard_unused
            self._resources = resources.pop_all()

    def _discard_unused(self) -> None:
        """Delete the artifacts of deleted versions, unless a change is being executed: that does so at its end."""
        if self.change_lock.acquire(blocking=False):
            try:
                self.artifacts.discard_unused()
            finally:
                self.change_lock.release()

    def signing_key(self) -> str:
        """Return the secret for signing URLs of logs; it is stored, so that they stay valid after a restart."""
        with self.database.transaction() as transaction:
            row = transaction.fetch_one("SELECT value FROM meta WHERE key = 'signing key'")
            if row is not None:
                return str(row["value"])
            key = uuid.uuid4().hex
            transaction.execute("INSERT INTO meta VALUES ('signing key', ?)", key)
            return key

    def reset(self) -> None:
        """Reset to the state of a new, empty service."""
        with self.change_lock:
            self.reset_count += 1
            # Before the ids restart: a running build would write into the log of the next one with its id.
            self.builds.reset()
            self.database.clear()
            self.artifacts.discard_unused()
            self.clock.reset()
            self.violations.clear()
            # A new log, so that requests in progress aren't recorded after the reset.
            self.requests = RequestLog()
            self.faults.clear()

    def close(self) -> None:
        """Stop the builds and close the files."""
        self._resources.close()
