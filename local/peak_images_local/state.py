"""The state of one service: its settings, its time, what it keeps, what it has seen."""

from __future__ import annotations

import random
import threading
import uuid
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peak_images_local import builds
from peak_images_local.archive import ArchiveLimits
from peak_images_local.artifacts import ArtifactStore
from peak_images_local.clock import Clock
from peak_images_local.database import Database, Transaction
from peak_images_local.engine import Engine
from peak_images_local.errors import ServiceError
from peak_images_local.faults import Faults

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

_MOST_REQUESTS = 10_000
SIMULATE = "simulate"
"""The builder that runs nothing."""


@dataclass(frozen=True)
class Settings:
    """How a service behaves.

    Attributes:
        token: The token that it accepts.
        any_token: Whether it accepts every token that isn't empty.
        build_seconds: How long a simulated build takes.
        delete_seconds: How long a deletion takes.
        max_artifact_size: The largest artifact, in bytes.
        limits: How much an artifact may hold.
        builder: What builds: `simulate` (nothing is run), `docker`, `podman` or `buildah`.
        seed: What the text ids of builds are drawn from; `None` makes them different each time.
        log_slice: The most lines in one slice of a log.
        link_seconds: How long the address of a log can be used.
        user: Who everything is created by.
    """

    token: str
    any_token: bool
    build_seconds: float
    delete_seconds: float
    max_artifact_size: int
    limits: ArchiveLimits
    builder: str
    seed: int | None
    log_slice: int = 100
    link_seconds: float = 300
    user: str = "someone@example.com"


@dataclass(frozen=True)
class ReceivedRequest:
    """A request that has been received, with its secrets masked.

    Attributes:
        method: The HTTP method.
        path: The path, from the root of the service.
        query: The query, in its order.
        headers: The headers, with names in lower case.
        fields: The text fields of the form; those that travel as JSON are parsed.
        files: For each file part its file name, its content type and its size.
        status: What it was answered with; 0 where the connection was dropped.
        problems: What the contract finds wrong with it: what it was refused for, and fields and parameters that
            the contract doesn't declare.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    status: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class NextBuild:
    """What is to become of a build that hasn't been asked for yet.

    Attributes:
        failure: The line of the log that it fails with; empty if it is to go on as it would.
        seconds: How long it takes; `None` for as long as it would.
    """

    failure: str = ""
    seconds: float | None = None


class State:
    """Everything that the operations work on."""

    def __init__(self, settings: Settings, data: str | os.PathLike[str] | None = None) -> None:
        """Opens what is kept in the folder `data`, or starts with nothing that goes with the service.

        Raises:
            ServiceError: The folder can't be used, or another process uses it.
        """
        self.settings = settings
        self.clock = Clock()
        self.violations: list[str] = []
        self.requests: deque[ReceivedRequest] = deque(maxlen=_MOST_REQUESTS)
        self.next_builds: deque[NextBuild] = deque()
        self.engine: Engine | None = None
        self.faults = Faults()
        self._random_lock = threading.Lock()
        self._random = random.Random(settings.seed)  # noqa: S311 - ids, not secrets
        folder = None if data is None else Path(data)
        try:
            if folder is not None:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.artifacts = ArtifactStore(folder and folder / "artifacts")
            self.database = Database(self.clock, folder and folder / "images.sqlite")
        except OSError as error:
            msg = f"The data in {folder} can't be opened: {error}"
            raise ServiceError(msg) from error
        self.engine = self._find_engine()
        self._recover()

    def _find_engine(self) -> Engine | None:
        if self.settings.builder == SIMULATE:
            return None
        try:
            return Engine(self.settings.builder, self.database)
        except ServiceError:
            self.close()
            raise

    def _recover(self) -> None:
        with self.database.transaction() as transaction:
            running = transaction.all("SELECT * FROM builds WHERE status = 'building'")
            for build in running:
                builds.end_early(
                    transaction, build, "failed", "ERROR: The build was interrupted: the service had stopped"
                )
        self.sweep()
        with self.database.transaction() as transaction:
            kept = {row["file"] for row in transaction.all("SELECT file FROM artifacts")}
        self.artifacts.keep_only(kept)

    def sweep(self) -> None:
        """Removes artifacts that no version is built from any more."""
        with self.database.transaction() as transaction:
            unused = self._unused(transaction)
        for name in unused:
            self.artifacts.remove(name)

    @staticmethod
    def _unused(transaction: Transaction) -> list[str]:
        rows = transaction.all(
            "SELECT id, file FROM artifacts "
            "WHERE NOT EXISTS (SELECT 1 FROM versions WHERE versions.artifact_id = artifacts.id)"
        )
        transaction.run_many("DELETE FROM artifacts WHERE id = ?", [(row["id"],) for row in rows])
        return [row["file"] for row in rows]

    def new_reference(self) -> str:
        """A text id for a build, as the documented one: `image-build-mock:` and a UUID."""
        with self._random_lock:
            number = self._random.getrandbits(128)
        return f"image-build-mock:{uuid.UUID(int=number, version=4)}"

    def signing_key(self) -> str:
        """The secret that addresses of logs are signed with; it is kept, so that they outlive the process."""
        with self.database.transaction() as transaction:
            row = transaction.one("SELECT value FROM meta WHERE key = 'signing key'")
            if row is not None:
                return str(row["value"])
            key = uuid.uuid4().hex
            transaction.run("INSERT INTO meta VALUES ('signing key', ?)", key)
            return key

    def reset(self) -> None:
        """Back to the state of a service that has just been started on nothing."""
        self.database.clear()
        self.artifacts.keep_only(())
        self.clock.reset()
        self.violations.clear()
        self.requests = deque(maxlen=_MOST_REQUESTS)
        self.next_builds.clear()
        self.faults.clear()
        with self._random_lock:
            self._random.seed(self.settings.seed)

    def close(self) -> None:
        """Gives back what it holds."""
        if self.engine is not None:
            self.engine.stop()
        self.database.close()
        self.artifacts.close()
