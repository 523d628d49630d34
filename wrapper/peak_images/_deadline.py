"""Deadlines of waits."""

from __future__ import annotations

import time
from typing import Any

from peak_images._values import validate_seconds
from peak_images.errors import WaitTimeoutError


class Deadline:
    """A point in time after which a wait times out.

    Args:
        timeout: Seconds from now; ``None`` for no limit.
        what: What is waited for, for the error.
        attributes: Further attributes of the error.

    Raises:
        InvalidInputError: The timeout isn't a number of seconds.
    """

    def __init__(self, timeout: float | None, what: str, **attributes: Any) -> None:
        self._timeout = None if timeout is None else validate_seconds("timeout", timeout)
        self.what = what
        self.attributes = attributes
        self._started = time.monotonic()

    def pause(self, seconds: float, state: str = "", cause: Exception | None = None) -> float:
        """Return the seconds to sleep before the next poll: the interval, or the rest of the time.

        Args:
            seconds: The interval.
            state: The current state, for the error.
            cause: The error of the last poll, if it failed.

        Raises:
            WaitTimeoutError: The time is up.
        """
        if self._timeout is None:
            return seconds
        left = self._started + self._timeout - time.monotonic()
        if left <= 0:
            message = f"{self.what}: timed out after {self._timeout:g} s{state}"
            raise WaitTimeoutError(message, **self.attributes) from cause
        return min(seconds, left)
