# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""The retry loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from peak_images._http.retry import RetryState
from peak_images._synchronization import sleep_sync
from peak_images.errors import ApiError, TransportError

T = TypeVar("T")


def with_retries(state: RetryState, attempt: Callable[[], T]) -> T:
    """Repeat an attempt until it succeeds or can't be repeated.

    Raises:
        ApiError: The last attempt's error.
        TransportError: The last attempt's error.
    """
    while True:
        try:
            return attempt()
        except (ApiError, TransportError) as error:
            failure = error
        delay = state.next_delay(failure)
        if delay is None:
            # Outside the except clause, so that the traceback doesn't show this frame twice.
            raise failure
        sleep_sync(delay)
