"""The log of a build: one chunk of it, or all of it as text."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from peak_images_local.clock import timestamp
from peak_images_local.errors import ApiError, malformed, not_found
from peak_images_local.handlers.lookup import find_build

if TYPE_CHECKING:
    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.storage.database import Row, Transaction

_TOKEN = re.compile(r"f/([0-9]{20})([0-9]{36})/s")


def get_build_logs(context: RequestContext) -> dict[str, Any]:
    """One slice of a build's log."""
    with context.state.database.transaction() as transaction:
        build = find_build(transaction, context)
        position = _position(context.query_value("nextToken"), build["id"])
        lines = transaction.fetch_all(
            "SELECT * FROM log_lines WHERE build_id = ? AND position >= ? AND at <= ? ORDER BY position LIMIT ?",
            build["id"],
            position,
            transaction.now,
            context.state.settings.log_slice,
        )
    response: dict[str, Any] = {
        "buildStatus": build["status"],
        "startTime": timestamp(build["started_at"]),
        "logs": [_entry(line) for line in lines],
        "nextToken": _token(build["id"], position + len(lines)),
    }
    if build["finished_at"] is not None:
        response["finishTime"] = timestamp(build["finished_at"])
    return response


def log_text(transaction: Transaction, build_id: int) -> str:
    """The whole log so far, a line each with its time.

    Raises:
        ApiError: 404, there is no such build.
    """
    if transaction.fetch_one("SELECT 1 FROM builds WHERE id = ?", build_id) is None:
        raise not_found("build", build_id)
    lines = transaction.fetch_all(
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
