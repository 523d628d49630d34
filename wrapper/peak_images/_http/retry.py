"""When a call is tried again, and after how long.

What only reads or deletes is tried again after any transient error. What creates or changes is tried again only where
the service can't have acted on it: the connection never opened, or the service said so (429, 503).
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from peak_images._http.responses import may_have_been_applied
from peak_images._synchronization import is_given_up
from peak_images.errors import ApiError, TransportError

logger = logging.getLogger("peak_images")

RETRYABLE_STATUSES: Final = frozenset({429, 500, 502, 503, 504})
SAFE_STATUSES: Final = frozenset({429, 503})

INITIAL_BACKOFF: Final = 0.5
"""Upper bound of the first delay, in seconds; doubled each time."""

MAX_BACKOFF: Final = 8.0
"""Upper bound of a delay of this client's own choice, in seconds."""

MAX_RETRY_AFTER: Final = 60.0
"""The longest ``Retry-After`` to follow, in seconds; a longer one ends the tries."""

MAX_ELAPSED: Final = 120.0
"""No further try starts this long after the first, in seconds."""


_retry_logged: ContextVar[bool] = ContextVar("peak_images_retry_told", default=False)


@cache
def quieten_stamina() -> None:
    """Leave out stamina's own record of a retry, a warning, where this package has logged it already."""
    from stamina.instrumentation import get_on_retry_hooks, set_on_retry_hooks

    def unless_told(hook: Callable[..., Any]) -> Callable[..., Any]:
        return lambda details: None if _retry_logged.get() else hook(details)

    set_on_retry_hooks([unless_told(hook) for hook in get_on_retry_hooks()])


class RetryState:
    """The tries of one call.

    Args:
        operation: Its name, for the log.
        method: Its HTTP method.
        retries: How many further tries there may be.
    """

    def __init__(self, operation: str, method: str, retries: int) -> None:
        self.operation = operation
        self.method = method
        self.attempts = 0
        self._retries = retries
        self._started = time.monotonic()

    @staticmethod
    def begin() -> None:
        """A try begins: what stamina records from now on isn't about the one before."""
        _retry_logged.set(False)

    def delay(self, error: Exception) -> float | bool:
        """Seconds until the next try after this error, or ``False`` if there is none."""
        if not isinstance(error, (ApiError, TransportError)):
            return False
        self.attempts += 1
        error.attempts = self.attempts
        if isinstance(error, ApiError):
            error.outcome_unknown = may_have_been_applied(self.method, error)
        if self.attempts > self._retries or not self._is_retryable(error) or is_given_up():
            return False
        seconds = self._delay(error)
        if seconds is None or time.monotonic() - self._started + seconds > MAX_ELAPSED:
            return False
        logger.info("%s: trying again in %.2f s, after: %s", self.operation, seconds, error)
        _retry_logged.set(True)
        return seconds

    def is_already_deleted(self, error: ApiError) -> bool:
        """Whether this error says that an earlier try of a deletion has worked."""
        return self.method == "DELETE" and self.attempts > 0 and error.status_code == 404

    def _is_retryable(self, error: ApiError | TransportError) -> bool:
        if self.method in ("GET", "DELETE"):
            unreadable = isinstance(error, ApiError) and 200 <= error.status_code <= 299
            return isinstance(error, TransportError) or unreadable or error.status_code in RETRYABLE_STATUSES
        if isinstance(error, ApiError):
            return error.status_code in SAFE_STATUSES
        return not error.outcome_unknown

    def _delay(self, error: ApiError | TransportError) -> float | None:
        retry_after = _retry_after(error.headers.get("retry-after")) if isinstance(error, ApiError) else None
        if retry_after is not None:
            return retry_after if retry_after <= MAX_RETRY_AFTER else None
        # Full jitter: clients that failed together don't come back together.
        return random.uniform(0, min(MAX_BACKOFF, INITIAL_BACKOFF * 2 ** (self.attempts - 1)))  # noqa: S311


def _retry_after(value: str | None) -> float | None:
    """Seconds, from a header that gives seconds or a date."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (when.astimezone(UTC) - datetime.now(UTC)).total_seconds()  # noqa: TID251 - a date is retry_after by it
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124 - not for NaN
