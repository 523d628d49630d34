"""What the log of a build says: its lines, its steps, and why it failed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from peak_images_local.storage.database import Row, Transaction

MAX_LINES = 1000
"""Lines on one page; the raw log has all."""

_MAX_LINE = 2000
_MAX_STEPS = 200
# `[2/5] RUN …` and `[stage 2 2/5] RUN …` (the simulation), `#7 [build 2/5] RUN …` (BuildKit), `STEP 2/5: RUN …`.
_STEP = re.compile(r"(?:#\d+ )?\[[^\]]*?(\d+)/(\d+)\] .|STEP (\d+)/(\d+): .")
_IS_STEP = (
    "(message GLOB '[[]*[0-9]/[0-9]*] *' OR message GLOB '#[0-9]* [[]*[0-9]/[0-9]*] *' "
    "OR message GLOB 'STEP [0-9]*/[0-9]*: *')"
)
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
class Line:
    """One line of a log, as a page shows it."""

    number: int
    at: int
    text: str
    kind: str


@dataclass(frozen=True)
class Step:
    """A step of a build, placed on a bar from 0 to 100."""

    text: str
    line: int
    took: int
    left: float
    width: float
    failed: bool


@dataclass(frozen=True)
class Failure:
    """Why a build has no image."""

    title: str
    step: str
    message: str
    why: str
    line: int


def count_lines(transaction: Transaction, build_id: int) -> int:
    """Return how many lines a log has by now."""
    row = transaction.fetch_one(
        "SELECT count(*) AS n FROM log_lines WHERE build_id = ? AND at <= ?", build_id, transaction.now
    )
    return int(row["n"]) if row else 0


def read_lines(transaction: Transaction, build_id: int, first: int, limit: int = MAX_LINES) -> list[Line]:
    """Return the lines of a log from `first` on, which counts from 0."""
    rows = transaction.fetch_all(
        "SELECT position, at, substr(message, 1, ?) AS message, length(message) AS length FROM log_lines "
        "WHERE build_id = ? AND position >= ? AND at <= ? ORDER BY position LIMIT ?",
        _MAX_LINE,
        build_id,
        first,
        transaction.now,
        limit,
    )
    return [_line(row) for row in rows]


def _line(row: Row) -> Line:
    text = row["message"]
    if row["length"] > _MAX_LINE:
        text += f"… ({row['length'] - _MAX_LINE} more characters in the raw log)"
    return Line(row["position"] + 1, row["at"], text, _kind(text))


def _kind(text: str) -> str:
    upper = text[:9].upper()
    if upper.startswith("ERROR"):
        return "error"
    if upper.startswith("WARN"):
        return "warning"
    return "step" if _STEP.match(text) else ""


def read_steps(transaction: Transaction, build: Row) -> list[Step]:
    """Return the steps of a build with their times, each until the next one begins."""
    rows = transaction.fetch_all(
        "SELECT position, at, substr(message, 1, ?) AS message FROM log_lines WHERE build_id = ? AND at <= ? "  # noqa: S608
        f"AND (position = 0 OR message LIKE 'Exporting%' OR {_IS_STEP}) ORDER BY position LIMIT ?",
        _MAX_LINE,
        build["id"],
        transaction.now,
        _MAX_STEPS,
    )
    rows = [row for row in rows if not row["position"] or row["message"][0] == "E" or _STEP.match(row["message"])]
    # BuildKit repeats the line of a step that it comes back to.
    rows = list({row["message"]: row for row in reversed(rows)}.values())[::-1]
    start, end = build["started_at"], build["finished_at"]
    end = transaction.now if end is None else end
    whole = max(1, end - start)
    steps = []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        length = max(0, (following["at"] if following else end) - row["at"])
        left = min(99.0, 100 * max(0, row["at"] - start) / whole)
        failed = build["status"] == "failed" and following is None and _STEP.match(row["message"]) is not None
        width = min(100 - left, max(1.0, 100 * length / whole))
        text = row["message"] if row["position"] else "Preparing"
        steps.append(Step(text, row["position"] + 1, length, round(left, 2), round(width, 2), failed))
    return steps


def read_failure(transaction: Transaction, build: Row, source: str, steps: list[Step]) -> Failure | None:
    """Return why a build failed or was stopped; nothing where it wasn't."""
    if build["status"] not in {"failed", "stopped"}:
        return None
    row = transaction.fetch_one(
        "SELECT position, substr(message, 1, ?) AS message FROM log_lines WHERE build_id = ? AND at <= ? "
        "ORDER BY message LIKE 'ERROR%' DESC, position DESC LIMIT 1",
        _MAX_LINE,
        build["id"],
        transaction.now,
    )
    message, line = (row["message"], row["position"] + 1) if row else ("", 1)
    if build["status"] == "stopped":
        return Failure("The build was stopped", "", message, "Its version was changed or deleted meanwhile.", line)
    step = next((step.text for step in steps if step.failed), "")
    match = _STEP.match(step)
    numbers: Any = [number for number in match.groups() if number] if match else ()
    title = "Step {} of {} failed".format(*numbers) if numbers else "The build failed before its first step"
    return Failure(title, step, message, _reason(source, message), line)


def _reason(source: str, message: str) -> str:
    for wanted, pattern, reason in _REASONS:
        if wanted in {"", source} and pattern.search(message):
            return reason
    return "It is the last thing that the build reported."
