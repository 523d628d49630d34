"""Builds: how one is started, stopped, and what its log says by now."""

from __future__ import annotations

import functools
import hashlib
import re
from typing import TYPE_CHECKING, Any

from peak_images_local.clock import timestamp
from peak_images_local.errors import ApiError, malformed, not_found
from peak_images_local.reading import find_image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from peak_images_local.calls import Call
    from peak_images_local.database import Row, Transaction
    from peak_images_local.simulate import Plan
    from peak_images_local.state import State

_TOKEN = re.compile(r"f/([0-9]{20})([0-9]{36})/s")


def start(transaction: Transaction, state: State, version: Mapping[str, Any], plan: Plan, *, use_cache: bool) -> str:
    """Starts a build of a version; gives its text id.

    Args:
        transaction: Where it is stored.
        state: The service's state.
        version: The `id` and `image_id` of the version.
        plan: What the build will have done.
        use_cache: Whether it may use layers of earlier ones.
    """
    seconds = state.settings.build_seconds
    if state.next_builds:
        wanted = state.next_builds.popleft()
        seconds = seconds if wanted.seconds is None else wanted.seconds
        if wanted.failure:
            plan = plan.fail_early(wanted.failure)
    reference = state.new_reference()
    length = round(seconds * 1000)
    build_id = transaction.insert(
        "builds",
        reference=reference,
        image_id=version["image_id"],
        version_id=version["id"],
        status="building",
        outcome="success" if plan.succeeds else "failed",
        size=plan.size,
        use_cache=int(use_cache),
        started_at=transaction.now,
        due_at=None if plan.job else transaction.now + length,
    )
    last = max(1, len(plan.lines) - 1)
    transaction.run_many(
        "INSERT INTO log_lines VALUES (?, ?, ?, ?)",
        [(build_id, n, transaction.now + length * n // last, line) for n, line in enumerate(plan.lines)],
    )
    transaction.run("UPDATE versions SET last_build_id = ? WHERE id = ?", build_id, version["id"])
    if plan.job:
        transaction.afterwards(functools.partial(plan.job, build_id))
    return reference


def end_early(transaction: Transaction, build: Row, status: str, line: str) -> None:
    """Ends a running build now; what its log would have said later is replaced by one line."""
    transaction.run(
        "UPDATE builds SET status = ?, finished_at = ?, due_at = NULL WHERE id = ?",
        status,
        transaction.now,
        build["id"],
    )
    transaction.run("DELETE FROM log_lines WHERE build_id = ? AND at > ?", build["id"], transaction.now)
    transaction.run(
        "INSERT INTO log_lines SELECT ?, coalesce(max(position), -1) + 1, ?, ? FROM log_lines WHERE build_id = ?",
        build["id"],
        transaction.now,
        line,
        build["id"],
    )


def stop_running(transaction: Transaction, version_id: int, why: str) -> None:
    """Stops the build of a version, if one is running."""
    for build in transaction.all("SELECT * FROM builds WHERE version_id = ? AND status = 'building'", version_id):
        end_early(transaction, build, "stopped", f"The build was stopped: {why}")


def find_build(transaction: Transaction, call: Call) -> Row:
    """The build that a call names by its number.

    Raises:
        ApiError: 404, there is no such image, or it has no such build.
    """
    image = find_image(transaction, call.id("imageId"))
    number = min(call.id("buildId"), 2**63 - 1)
    row = transaction.one("SELECT * FROM builds WHERE id = ? AND image_id = ?", number, image["id"])
    if row is None:
        raise not_found("build", call.path["buildId"], f" of image {image['id']}")
    return row


def get_build_logs(call: Call) -> dict[str, Any]:
    """One slice of a build's log."""
    with call.state.database.transaction() as transaction:
        build = find_build(transaction, call)
        position = _position(call.one("nextToken"), build["id"])
        lines = transaction.all(
            "SELECT * FROM log_lines WHERE build_id = ? AND position >= ? AND at <= ? ORDER BY position LIMIT ?",
            build["id"],
            position,
            transaction.now,
            call.state.settings.log_slice,
        )
    answer: dict[str, Any] = {
        "buildStatus": build["status"],
        "startTime": timestamp(build["started_at"]),
        "logs": [_entry(line) for line in lines],
        "nextToken": _token(build["id"], position + len(lines)),
    }
    if build["finished_at"] is not None:
        answer["finishTime"] = timestamp(build["finished_at"])
    return answer


def log_text(transaction: Transaction, build_id: int) -> str:
    """The whole log so far, a line each with its time.

    Raises:
        ApiError: 404, there is no such build.
    """
    if transaction.one("SELECT 1 FROM builds WHERE id = ?", build_id) is None:
        raise not_found("build", build_id)
    lines = transaction.all(
        "SELECT * FROM log_lines WHERE build_id = ? AND at <= ? ORDER BY position", build_id, transaction.now
    )
    return "".join(f"{timestamp(line['at'])} {line['message']}\n" for line in lines)


def _entry(line: Row) -> dict[str, str]:
    return {
        "message": line["message"],
        "timestamp": timestamp(line["at"]),
        "ingestionTime": timestamp(line["at"]),
    }


def _token(build_id: int, position: int) -> str:
    """A token of the documented look: 56 digits, of which the first 20 tell one build from another."""
    return f"f/{_token_start(build_id)}{position:036d}/s"


def _token_start(build_id: int) -> str:
    digest = hashlib.sha256(f"build {build_id}".encode()).digest()
    return f"{int.from_bytes(digest[:8]):020d}"


def _position(token: str, build_id: int) -> int:
    if not token:
        return 0
    match = _TOKEN.fullmatch(token)
    if match is None or match[1] != _token_start(build_id):
        raise _bad_token(token)
    position = int(match[2])
    if position >= 2**63:
        raise _bad_token(token)
    return position


def _bad_token(token: str) -> ApiError:
    return malformed(f'nextToken: "{token[:80]}" is not a token that this build\'s log has given')
