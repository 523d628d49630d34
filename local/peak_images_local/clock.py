"""The clock of the service, which tests can freeze and advance."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

MAX_ADVANCE = 100 * 365 * 24 * 60 * 60
"""The maximum number of seconds for `Clock.advance`."""

LAST_MOMENT = 221_845_392_000_000
"""Milliseconds since 1970, in the year 9000."""


class Clock:
    """The clock of the service. `advance` moves it, `freeze` stops it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = 0
        self._frozen: int | None = None
        self._latest = 0

    def now(self) -> int:
        """Return the current time, in milliseconds since 1970."""
        with self._lock:
            return self._now()

    def start_after(self, moment: int) -> None:
        """Continue from a stored time if the machine's clock is behind it, so that no stored time is in the future."""
        with self._lock:
            self._offset = max(self._offset, moment - self._wall())

    def freeze_before(self, seconds: float) -> None:
        """Stop the time at a moment in the past, before anything has been stored."""
        with self._lock:
            self._latest = 0
            self._frozen = self._wall() - round(seconds * 1000)

    def advance(self, seconds: float) -> None:
        """Advance the clock. Builds and deletions that become due finish at the next request.

        Args:
            seconds: The number of seconds; not negative, since stored times must not be in the future.
        """
        if not 0 <= seconds <= MAX_ADVANCE:
            raise ValueError(f"seconds: {seconds} is not a number from 0 to {MAX_ADVANCE}; a clock isn't moved back")
        with self._lock:
            if self._now() + seconds * 1000 > LAST_MOMENT:
                raise ValueError(f"seconds: {seconds} leads beyond the year 9000")
            if self._frozen is None:
                self._offset += round(seconds * 1000)
            else:
                self._frozen += round(seconds * 1000)

    def freeze(self) -> None:
        """Stop the clock, so that only `advance` moves it."""
        with self._lock:
            self._frozen = self._now()

    def resume(self) -> None:
        """Resume a stopped clock, from the time at which it was stopped."""
        with self._lock:
            if self._frozen is not None:
                self._offset = self._frozen - self._wall()
                self._frozen = None

    @property
    def is_frozen(self) -> bool:
        """Whether only `advance` moves the time."""
        return self._frozen is not None

    def reset(self) -> None:
        """Return to the time of the machine."""
        with self._lock:
            self._offset = self._latest = 0
            self._frozen = None

    def _now(self) -> int:
        now = self._wall() + self._offset if self._frozen is None else self._frozen
        # If the machine's clock is set back, this one continues from its last time.
        self._offset += max(0, self._latest - now)
        self._latest = max(self._latest, now)
        return self._latest

    @staticmethod
    def _wall() -> int:
        return time.time_ns() // 1_000_000


def timestamp(milliseconds: int) -> str:
    """Return a stored time in the documented form, such as `2023-06-01T18:00:00.000Z`."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def milliseconds(text: str) -> int:
    """Return a date-time of a request (RFC 3339) as a stored time.

    Raises:
        ValueError: It isn't a date of the calendar.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
