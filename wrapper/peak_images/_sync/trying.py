# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""Work that is tried again where that is safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from peak_images._http.retry import RetryState, quieten_stamina
from peak_images.errors import ApiError, TransportError

T = TypeVar("T")


def tried(tries: RetryState, work: Callable[[], T]) -> T:
    """Do something until it succeeds or can't be tried again.

    Args:
        tries: When to try again.
        work: What to do.

    Raises:
        ApiError: The last try's error.
        TransportError: The last try's error.
    """
    try:
        return work()
    except (ApiError, TransportError) as error:
        first: Exception | None = error
    # Only now: most calls need no stamina, and it takes a while to load.
    from stamina import retry_context

    quieten_stamina()
    for attempt in retry_context(tries.delay, attempts=None, timeout=None):
        with attempt:
            if first is not None:
                failed, first = first, None
                raise failed
            tries.begin()
            return work()
    raise AssertionError  # the loop ends by returning or raising
