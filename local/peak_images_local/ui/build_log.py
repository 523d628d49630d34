"""Read the log of a build: its lines, its steps, and why it failed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peak_build_context.text import plural
from peak_images_local.handlers import logs

if TYPE_CHECKING:
    from peak_images_local.storage.database import Row, Transaction

MAX_LINES = 1000
"""Lines on one page; the raw log has all."""

_MAX_LINE = 2000
_MAX_STEPS = 200
# `[2/5] RUN …` and `[stage 2 2/5] RUN …` (the simulation), `#7 [build 2/5] RUN …` (BuildKit), `STEP 2/5: RUN …`.
# Each character is matched a few times only, since a line may have 10,000 of them.
_STEP = r"^(?:#\d+ )?\[(?:[^\]]*[^\]\d])?(\d+)/(\d+)\] .|^STEP (\d+)/(\d+): ."
_REASONS = [
    (
        "dockerfile",
        re.compile(r"\b(?:COPY|ADD)\b|build context"),
        "This build came from the text of a Dockerfile: only that text is sent, so COPY has nothing to take from.",
    ),
    (
        "",
        re.compile(r"\b(?:COPY|ADD)\b|build context"),
        "COPY takes files of the build context only: what was uploaded, less what an ignore file excluded.",
    ),
    ("", re.compile("service (?:had )?stopped|interrupted"), "The service stopped while this build ran: build again."),
    (
        "upload",
        re.compile("Dockerfile.*(?:no such|not found|there is no|not in)", re.IGNORECASE),
        "The Dockerfile is looked for at dockerfilePath, by default Dockerfile at the root of the artifact.",
    ),
]


@dataclass(frozen=True)
class Step:
    """A step of a build, placed on a bar from 0 to 100."""

    text: str
    line: int
    took: int
    left: float
    width: float
    failed: bool


def count_lines(transaction: Transaction, build_id: int) -> int:
    """Return the number of lines of a log so far."""
    sql = "SELECT count(*) AS n FROM log_lines WHERE build_id = ? AND at <= ?"
    return int(transaction.fetch_all(sql, build_id, transaction.now)[0]["n"])


def read_lines(transaction: Transaction, build_id: int, first: int) -> list[dict[str, Any]]:
    """Return the lines of a page of a log, starting at the index `first`, from 0."""
    lines = []
    for row in logs.read_lines(transaction, build_id, first, MAX_LINES):
        text = row["message"]
        if len(text) > _MAX_LINE:
            more = len(text) - _MAX_LINE
            text = f"{text[:_MAX_LINE]}… ({more} more {plural('character', more)} in the raw log)"
        lines.append({"number": row["position"] + 1, "at": row["at"], "text": text, "kind": _kind(text)})
    return lines


def _kind(text: str) -> str:
    if text[:5].upper() == "ERROR":
        return "error"
    if text[:4].upper() == "WARN":
        return "warning"
    return "step" if re.match(_STEP, text) else ""


def read_steps(transaction: Transaction, build: Row) -> list[Step]:
    """Return the steps of a build with their times, each until the next one begins."""
    rows = transaction.fetch_all(
        # BuildKit repeats the line of a step that it resumes.
        "SELECT min(position) AS position, at, substr(message, 1, ?) AS text FROM log_lines "
        "WHERE build_id = ? AND at <= ? AND (position = 0 OR message LIKE 'Exporting%' OR message REGEXP ?) "
        "GROUP BY text ORDER BY 1 LIMIT ?",
        _MAX_LINE,
        build["id"],
        transaction.now,
        _STEP,
        _MAX_STEPS,
    )
    start, end = build["started_at"], build["finished_at"]
    end = transaction.now if end is None else end
    whole = max(1, end - start)
    steps = []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        length = max(0, (following["at"] if following else end) - row["at"])
        left = min(99.0, 100 * max(0, row["at"] - start) / whole)
        failed = build["status"] == "failed" and following is None and re.match(_STEP, row["text"]) is not None
        width = min(100 - left, max(1.0, 100 * length / whole))
        text = row["text"] if row["position"] else "Preparing"
        steps.append(Step(text, row["position"] + 1, length, round(left, 2), round(width, 2), failed))
    return steps


def read_failure(transaction: Transaction, build: Row, source: str, steps: list[Step]) -> dict[str, Any] | None:
    """Return why a build failed or was stopped; nothing where it wasn't."""
    if build["status"] not in {"failed", "stopped"}:
        return None
    row = transaction.fetch_one(
        "SELECT position, substr(message, 1, ?) AS message FROM log_lines WHERE build_id = ? AND at <= ? "
        # The engine's error is more specific than the last line.
        "ORDER BY (message LIKE 'ERROR: the builder ended%') + 2 * (message NOT LIKE 'ERROR%'), position DESC LIMIT 1",
        _MAX_LINE,
        build["id"],
        transaction.now,
    )
    message, line = (row["message"], row["position"] + 1) if row else ("", 1)
    failure = {"step": "", "message": message, "line": line}
    if build["status"] == "stopped":
        return {**failure, "title": "The build was stopped", "why": "Its version was changed or deleted meanwhile."}
    step = next((step.text for step in steps if step.failed), "")
    numbers = [number for number in (re.findall(_STEP, step) or [()])[0] if number]
    title = "Step {} of {} failed".format(*numbers) if numbers else "The build failed before its first step"
    return {**failure, "title": title, "step": step, "why": _reason(source, message)}


def _reason(source: str, message: str) -> str:
    for wanted, pattern, reason in _REASONS:
        if wanted in {"", source} and pattern.search(message):
            return reason
    return "It is the last thing that the build reported."
