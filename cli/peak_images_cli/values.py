"""Format values for users: texts, times, ages, durations, CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from peak_images_cli.terminal import strip_control_chars

DURATION: Final = "duration"
"""A computed column of builds: the time from ``startedAt`` to ``finishedAt``, or until now."""


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return CSV with exact times, and durations in seconds. The columns are paths."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_value(value_at(row, path)) for path in columns])
    return strip_control_chars(text.getvalue())


def as_text(value: Any) -> str:
    """Return a value as text for users."""
    match value:
        case bool():
            text = "yes" if value else "no"
        case list():
            text = ", ".join(map(as_text, value))
        case {"name": name, "value": argument}:
            text = f"{as_text(name)}={as_text(argument)}"
        case {"name": name}:
            text = as_text(name)
        case Mapping():
            text = ", ".join(f"{key}={as_text(inner)}" for key, inner in value.items())
        case str():
            text = readable_time(value) or value
        case _:
            text = "" if value is None else str(value)
    return text or "-"


def readable_time(text: str) -> str:
    """Return a time of the service to the second, such as ``2023-06-01 18:00:00``; empty if the text isn't one."""
    at = parse_time(text)
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""


def age_of(at: datetime) -> str:
    """Return how long ago a time was, in its largest unit."""
    seconds = (_now() - at).total_seconds()
    for unit, size in (("y", 365 * 86400), ("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit} ago"
    return "just now" if seconds < 10 else f"{int(seconds)}s ago"


def duration_of(row: Mapping[str, Any]) -> timedelta | None:
    """Return how long a build took, or has taken so far."""
    started = parse_time(str(row.get("startedAt")))
    finished = parse_time(str(row.get("finishedAt")))
    if started is None or (finished is None and row.get("finishedAt")):
        return None
    return max(timedelta(), (finished or _now()) - started)


def readable_duration(duration: timedelta) -> str:
    """Return a duration such as ``1h 02m``, ``3m 04s`` or ``5s``."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """Return the value at a path such as ``latestVersion.status``; ``None`` where there is nothing."""
    if path == DURATION and path not in row:
        return duration_of(row)
    value: Any = row
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def flatten(fields: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the fields of an object and of the objects in it, with their paths."""
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            yield from flatten(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _csv_value(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case timedelta():
            return f"{value.total_seconds():g}"
        case str():
            return value
    return "" if value in ([], {}) else as_text(value)


def parse_time(text: str) -> datetime | None:
    """Return a time of the service; ``None`` if the text isn't one."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text, re.ASCII):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the service's times are wall clock times
