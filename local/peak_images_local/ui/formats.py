"""Format values for the pages: times, sizes, states, and untrusted text."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from peak_images_local.clock import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TONES = {
    "good": ("ready", "in-use", "success", "valid"),
    "bad": ("failed", "delete-failed", "errors", "problems"),
    "busy": ("building", "stopping", "deleting"),
}
_TONE_OF_STATE = {state: tone for tone, states in _TONES.items() for state in states}
# ECMA-48 sequences (colours, cursor movements), and operating system commands up to their end (titles, links).
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]")
_CONTROLS: dict[int, int | str] = {
    # Control characters in caret notation; bidirectional and invisible characters by their code point.
    **{code: f"^{chr(code ^ 0x40)}" for code in (*range(32), 0x7F) if chr(code) not in "\t\n"},
    **{code: f"[U+{code:04X}]" for code in (*range(0x80, 0xA0), 0x061C, 0x200E, 0x200F, 0x2028, 0x2029)},
    **{code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)},
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
}


def tone(state: str) -> str:
    """Return the kind of a state: `good`, `bad`, `busy` or `idle`."""
    return _TONE_OF_STATE.get(state, "idle")


def printable(text: str) -> str:
    """Return text without terminal sequences, and with its control characters made visible."""
    text = _ANSI.sub("", text) if "\x1b" in text else text
    return text if text.isprintable() else text.translate(_CONTROLS)


def duration(milliseconds: float) -> str:
    """Return a length of time, such as `3.0 s` or `2 min 19 s`."""
    seconds = max(0.0, milliseconds / 1000)
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def took(build: Mapping[str, Any], now: int) -> str:
    """Return how long a build took, or has taken so far."""
    end = now if build["finished_at"] is None else build["finished_at"]
    return duration(end - build["started_at"])


def age(at: int, now: int) -> str:
    """Return how long ago something was, such as `2 min ago`."""
    seconds = (now - at) // 1000
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return "just now"


def exact(at: int) -> str:
    """Return a moment to the second, such as `2026-06-01 18:00:00 UTC`."""
    return f"{datetime.fromtimestamp(at // 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock_time(at: int) -> str:
    """Return the time of day of a moment, such as `18:00:00`."""
    return f"{datetime.fromtimestamp(at // 1000, UTC):%H:%M:%S}"


def megabytes(size: float) -> str:
    """Return the size of an image, which is stored in megabytes."""
    return f"{size:g} MB" if size else "–"


def summary(builds: Sequence[Mapping[str, Any]]) -> str:
    """Return the states of builds in words, such as `Last 3 builds, oldest first: success, success, failed`."""
    states = ", ".join(str(build["status"]) for build in builds)
    return f"Last {len(builds)} builds, oldest first: {states}" if len(builds) > 1 else f"One build: {states}"


def short_json(value: Any, limit: int = 2000) -> str:
    """Return a value of a form as text that a page can show."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


FILTERS = {
    "age": age,
    "clock_time": clock_time,
    "duration": duration,
    "exact": exact,
    "iso": timestamp,
    "megabytes": megabytes,
    "short_json": short_json,
    "summary": summary,
    "tone": tone,
    "took": took,
}
"""The filters, by their names in templates."""
