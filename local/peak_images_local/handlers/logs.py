"""The log of a build: one chunk of it, or all of it as text."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from peak_images_local.clock import timestamp
from peak_images_local.errors import ApiError
from peak_images_local.handlers.lookup import find_build
from peak_images_local.storage.database import MAX_ID

if TYPE_CHECKING:
    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.storage.database import Row, Transaction

_CHUNK_LINES = 100
_TOKEN = re.compile(r"f/[0-9]{20}([0-9]{36})/s")


def get_build_logs(context: RequestContext) -> dict[str, Any]:
    """Return one chunk of a build's log."""
    with context.state.database.transaction() as transaction:
        build = find_build(transaction, context.path_id("imageId"), context.path_id("buildId"))
        position = _parse_token(context.query_value("nextToken"), build["id"])
        lines = read_lines(transaction, build["id"], position, _CHUNK_LINES)
    response: dict[str, Any] = {
        "buildStatus": build["status"],
        "startTime": timestamp(build["started_at"]),
        "logs": [_serialize_line(line) for line in lines],
        "nextToken": _make_token(build["id"], position + len(lines)),
    }
    if build["finished_at"] is not None:
        response["finishTime"] = timestamp(build["finished_at"])
    return response


def read_lines(transaction: Transaction, build_id: int, first: int = 0, limit: int = -1) -> list[Row]:
    """Return the lines of a log so far, starting with the one of an index from 0."""
    sql = "SELECT * FROM log_lines WHERE build_id = ? AND position >= ? AND at <= ? ORDER BY position LIMIT ?"
    return transaction.fetch_all(sql, build_id, first, transaction.now, limit)


def log_text(transaction: Transaction, build_id: int) -> str:
    """Return the whole log so far, each line with its time."""
    lines = read_lines(transaction, build_id)
    return "".join(f"{timestamp(line['at'])} {line['message']}\n" for line in lines)


def _serialize_line(line: Row) -> dict[str, str]:
    at = timestamp(line["at"])
    return {"message": line["message"], "timestamp": at, "ingestionTime": at}


def _make_token(build_id: int, position: int) -> str:
    """Return a token in the documented form: 56 digits, of which the first 20 identify the build."""
    digest = hashlib.sha256(f"build {build_id}".encode()).digest()
    return f"f/{int.from_bytes(digest[:8]):020d}{position:036d}/s"


def _parse_token(token: str, build_id: int) -> int:
    """Return the position of a token."""
    match = _TOKEN.fullmatch(token or "")
    position = int(match[1]) if match else 0
    if token and (token != _make_token(build_id, position) or position > MAX_ID):
        raise ApiError(400, f'nextToken: "{token[:80]}" is not a token that this build\'s log has given')
    return position
