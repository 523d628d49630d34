"""Retries: which calls are retried, and after what delay.

GET and DELETE are retried after any transient error. POST and PATCH are retried only if the service can't have acted
on the request: the connection never opened, or the service rejected it temporarily (429, 503).
"""

from __future__ import annotations

import logging
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from peak_images._http.responses import ResponseTooLargeError, may_have_been_applied
from peak_images.errors import ApiError, TransportError

logger = logging.getLogger("peak_images")

RETRYABLE_STATUSES: Final = frozenset({429, 500, 502, 503, 504})

INITIAL_BACKOFF: Final = 0.5
"""Upper bound of the first delay, in seconds; it doubles with each attempt."""

MAX_BACKOFF: Final = 8.0
"""Upper bound of a delay without ``Retry-After``, in seconds."""

MAX_RETRY_AFTER: Final = 60.0
"""The longest ``Retry-After`` to honour, in seconds; a longer one ends the retries."""

MAX_ELAPSED: Final = 120.0
"""No retry starts more than this many seconds after the first attempt."""


@dataclass
class RetryState:
    """The attempts of one call.

    Attributes:
        operation: Its name, for the log.
        method: Its HTTP method.
        retries: How many retries are allowed.
        attempts: How many attempts have failed.
        outcome_unknown: Whether the service may have applied the change of one of them.
        started: When the first one started.
    """

    operation: str
    method: str
    retries: int
    attempts: int = 0
    outcome_unknown: bool = False
    # Looked up when it is called: a test may replace the clock, as freezegun does.
    started: float = field(default_factory=lambda: time.monotonic())  # noqa: PLW0108

    def next_delay(self, error: ApiError | TransportError) -> float | None:
        """Record a failed attempt in its error; return the seconds until the next one, or ``None`` if there is none."""
        self.attempts += 1
        error.attempts = self.attempts
        is_transient = True
        if isinstance(error, ApiError):
            error.outcome_unknown = may_have_been_applied(self.method, error)
            is_transient = error.status_code in RETRYABLE_STATUSES or 200 <= error.status_code <= 299
        self.outcome_unknown = self.outcome_unknown or error.outcome_unknown
        if is_transient:  # it doesn't show what an earlier attempt did
            error.outcome_unknown = self.outcome_unknown
        is_safe = self.method in ("GET", "DELETE") or not error.outcome_unknown
        if self.attempts > self.retries or not (is_transient and is_safe) or isinstance(error, ResponseTooLargeError):
            return None
        seconds = self._backoff(error)
        if seconds is None or time.monotonic() - self.started + seconds > MAX_ELAPSED:
            return None
        logger.info("%s: retrying in %.2f s, after: %s", self.operation, seconds, error)
        return seconds

    def _backoff(self, error: ApiError | TransportError) -> float | None:
        retry_after = parse_retry_after(error.headers.get("retry-after")) if isinstance(error, ApiError) else None
        if retry_after is not None:
            return retry_after if retry_after <= MAX_RETRY_AFTER else None
        # Full jitter: clients that failed together don't retry together.
        return random.uniform(0, min(MAX_BACKOFF, INITIAL_BACKOFF * 2 ** (self.attempts - 1)))  # noqa: S311


def parse_retry_after(value: str | None) -> float | None:
    """Return the seconds of a ``Retry-After`` header, a number or a date in any of HTTP's forms."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            date = parsedate_to_datetime(value)
            # The form of asctime() has no zone, and is in UTC too.
            date = date.replace(tzinfo=date.tzinfo or UTC)
            seconds = (date - datetime.now(UTC)).total_seconds()  # noqa: TID251 - a date is compared with it
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124 - not for NaN
