"""Plan, start, stop and recover builds."""

from __future__ import annotations

import functools
import random
import threading
import uuid
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peak_images_local.builds import simulate
from peak_images_local.builds.engine import Engine
from peak_images_local.settings import SIMULATE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from peak_images_local.builds.plan import BuildPlan
    from peak_images_local.settings import Settings
    from peak_images_local.storage.database import Database, Row, Transaction


@dataclass(frozen=True)
class ScriptedBuild:
    """The scripted result and duration of a future build.

    Attributes:
        failure: The line of the log that it fails with (default: the unscripted result).
        seconds: How long it takes; `None` for the unscripted duration.
    """

    failure: str = ""
    seconds: float | None = None


class Builds:
    """The builds of one service."""

    def __init__(self, settings: Settings, database: Database, workspace: Path) -> None:
        """Find the builder.

        Raises:
            ServiceError: The engine isn't installed.
        """
        self.scripted: deque[ScriptedBuild] = deque()
        self._settings = settings
        self._database = database
        self._engine = None if settings.builder == SIMULATE else Engine(settings.builder, database, workspace)
        self._lock = threading.Lock()
        self._random = random.Random(settings.seed)  # noqa: S311 - ids, not secrets

    def plan(self, details: Mapping[str, Any], artifact: Path | None, image: str) -> BuildPlan:
        """Return the plan of a build with these details.

        Args:
            details: The build details of the version.
            artifact: The uploaded archive, where the source is `upload`.
            image: What the built image will be called.
        """
        # Nothing is fetched from a network, so a build from a repository is always simulated.
        if self._engine is not None and details["source"] != "github":
            return self._engine.plan(details, artifact)
        return simulate.plan_build(details, artifact, image)

    def start(self, transaction: Transaction, image_id: int, version_id: int, plan: BuildPlan) -> str:
        """Start a build of a version and return its text id.

        Args:
            transaction: Where it is stored.
            image_id: The image.
            version_id: The version.
            plan: The log and the result of the build.
        """
        seconds = self._settings.build_seconds
        if self.scripted:
            scripted = self.scripted.popleft()
            seconds = seconds if scripted.seconds is None else scripted.seconds
            if scripted.failure:
                plan = plan.fail_early(scripted.failure)
        reference = self._new_reference()
        length = round(seconds * 1000)
        build_id = transaction.insert(
            "builds",
            reference=reference,
            image_id=image_id,
            version_id=version_id,
            status="building",
            outcome="success" if plan.succeeds else "failed",
            size=plan.size,
            use_cache=int(plan.details.get("useCache", True)),
            started_at=transaction.now,
            due_at=None if plan.job else transaction.now + length,
        )
        last = max(1, len(plan.lines) - 1)
        transaction.executemany(
            "INSERT INTO log_lines VALUES (?, ?, ?, ?)",
            [(build_id, n, transaction.now + length * n // last, line) for n, line in enumerate(plan.lines)],
        )
        transaction.update("versions", version_id, last_build_id=build_id)
        if plan.job:
            transaction.on_commit(functools.partial(plan.job, build_id))
        return reference

    def fail_interrupted(self) -> None:
        """Stop the builds that were running when the service stopped."""
        with self._database.transaction() as transaction:
            for build in transaction.fetch_all("SELECT * FROM builds WHERE status = 'building'"):
                end_early(transaction, build, "failed", "ERROR: The build was interrupted: the service had stopped")

    def reset(self) -> None:
        """Delete the scripted builds, stop those that an engine runs, and restart the ids."""
        self.stop()
        self.scripted.clear()
        with self._lock:
            self._random.seed(self._settings.seed)

    def stop(self) -> None:
        """Stop all builds that an engine runs."""
        if self._engine is not None:
            self._engine.stop()

    def _new_reference(self) -> str:
        """Return a text id for a build, as the documented one: `image-build-mock:` and a UUID."""
        with self._lock:
            number = self._random.getrandbits(128)
        return f"image-build-mock:{uuid.UUID(int=number, version=4)}"


def end_early(transaction: Transaction, build: Row, status: str, line: str) -> None:
    """Finish a running build now; the later lines of its log are replaced by one."""
    transaction.update("builds", build["id"], status=status, finished_at=transaction.now, due_at=None)
    transaction.execute("DELETE FROM log_lines WHERE build_id = ? AND at > ?", build["id"], transaction.now)
    transaction.execute(
        "INSERT INTO log_lines SELECT ?, coalesce(max(position), -1) + 1, ?, ? FROM log_lines WHERE build_id = ?",
        build["id"],
        transaction.now,
        line,
        build["id"],
    )


def stop_running(transaction: Transaction, version_id: int, reason: str) -> None:
    """Stop the build of a version, if one is running."""
    for build in transaction.fetch_all("SELECT * FROM builds WHERE version_id = ? AND status = 'building'", version_id):
        end_early(transaction, build, "stopped", f"The build was stopped: {reason}")
