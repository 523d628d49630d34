"""What tests can do to a running service besides calling it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from peak_images_local.builds.lifecycle import ScriptedBuild
from peak_images_local.faults import Fault
from peak_images_local.storage import archive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from peak_images_local.clock import Clock
    from peak_images_local.state import State


class Control:
    """The levers of a service. Get it from `LocalService.control`.

    Example:
        >>> service.control.next_build(failure="no space left on device")
    """

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def clock(self) -> Clock:
        """The service's time."""
        return self._state.clock

    def fail_next(
        self,
        count: int = 1,
        *,
        status: int = 0,
        body: str | None = None,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        delay: float = 0,
        drop: Literal["", "close", "reset"] = "",
        truncate: int | None = None,
        acted: bool = False,
        method: str = "",
        path: str = "",
    ) -> None:
        """Lets the next answers go wrong.

        Args:
            count: How many of them.
            status: The status to answer with, in place of the true one.
            body: The body that goes with it; JSON with a `detail` unless given.
            content_type: The type of that body.
            headers: Headers that are added, such as `Retry-After`.
            delay: Seconds to wait before anything is done.
            drop: Ends the connection in place of an answer: `close` in good order, `reset` at once.
            truncate: Sends this many bytes of the body, and then closes the connection.
            acted: Whether the service does what it is asked before the answer goes wrong.
            method: Only the answers to requests of this method.
            path: Only the answers to requests whose path contains this text.
        """
        fault = Fault(status, body, content_type, headers or {}, delay, drop, truncate, acted, method, path)
        self._state.faults.add(fault, count)

    def next_build(self, *, failure: str = "", seconds: float | None = None) -> None:
        """Decides about the next build that is started (each call about one more).

        Args:
            failure: The line of the log that it fails with.
            seconds: How long it takes.
        """
        self._state.builds.scripted.append(ScriptedBuild(failure, seconds))

    def finish_builds(self) -> None:
        """Ends all running builds now, as they would have ended."""
        with self._state.database.transaction() as transaction:
            transaction.execute(
                "UPDATE log_lines SET at = ? WHERE at > ? "
                "AND build_id IN (SELECT id FROM builds WHERE status = 'building')",
                transaction.now,
                transaction.now,
            )
            transaction.execute(
                "UPDATE builds SET due_at = ? WHERE status = 'building' AND due_at IS NOT NULL", transaction.now
            )
            transaction.apply_due()

    def finish_deletions(self) -> None:
        """Ends all running deletions now, as they would have ended."""
        with self._state.database.transaction() as transaction:
            transaction.execute("UPDATE versions SET delete_at = ? WHERE delete_at IS NOT NULL", transaction.now)
            transaction.apply_due()

    def put_in_use(self, version_id: int, *, used: bool = True) -> None:
        """Lets another resource use a version that is ready, or use it no more.

        Args:
            version_id: The version.
            used: Whether it is used from now on.
        """
        old, new = ("ready", "in-use") if used else ("in-use", "ready")
        self._change(version_id, "UPDATE versions SET status = ? WHERE id = ? AND status = ?", new, version_id, old)

    def fail_deletion(self, version_id: int) -> None:
        """Lets the next deletion of a version fail: it goes to `delete-failed`.

        Args:
            version_id: The version.
        """
        self._change(version_id, "UPDATE versions SET delete_fails = 1 WHERE id = ?", version_id)

    def set_tags(self, version_id: int, tags: Sequence[str]) -> None:
        """Gives a version tags of these names; the API has no way to.

        Args:
            version_id: The version.
            tags: The names.
        """
        shapes = [{"name": name, "color": "#000000"} for name in tags]
        self._change(version_id, "UPDATE versions SET tags = ? WHERE id = ?", json.dumps(shapes), version_id)

    def set_scope(self, image_id: int, scope: str) -> None:
        """Makes an image one that comes with the platform (`global`), or the tenant's own (`custom`).

        Args:
            image_id: The image.
            scope: `custom` or `global`.
        """
        self._change(image_id, "UPDATE images SET scope = ? WHERE id = ?", scope, image_id)

    def uploaded_files(self, version_id: int) -> dict[str, bytes]:
        """The files of the artifact that a version is built from, by their paths in it.

        Args:
            version_id: The version.

        Raises:
            LookupError: It isn't built from an artifact.
        """
        with self._state.database.transaction() as transaction:
            row = transaction.fetch_one(
                "SELECT file FROM artifacts JOIN versions ON artifacts.id = versions.artifact_id WHERE versions.id = ?",
                version_id,
            )
        if row is None:
            msg = f"Version {version_id} is not built from an artifact"
            raise LookupError(msg)
        return archive.read_files(self._state.artifacts.path(row["file"]))

    def stored_artifacts(self) -> int:
        """How many artifacts are stored."""
        return len(list(self._state.artifacts))

    def _change(self, identifier: int, sql: str, *values: Any) -> None:
        with self._state.database.transaction() as transaction:
            if transaction.execute(sql, *values).rowcount == 0:
                msg = f"There is nothing with id {identifier} that this can be done to"
                raise LookupError(msg)
