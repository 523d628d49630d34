"""What blocks, twice: with an event loop, which goes on meanwhile, and without one.

The asynchronous source calls the first of each pair; ``scripts/regenerate`` puts the second in its place.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def run_in_thread(work: Callable[[], T]) -> T:
    """Do it in a thread."""
    from anyio import to_thread

    return await to_thread.run_sync(work)


def run_here(work: Callable[[], T]) -> T:
    """Do it."""
    return work()


async def sleep_async(seconds: float) -> None:
    """Let some time go by."""
    from anyio import sleep

    await sleep(seconds)


def sleep_here(seconds: float) -> None:
    """Let some time go by."""
    time.sleep(seconds)
