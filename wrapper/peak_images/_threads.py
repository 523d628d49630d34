"""Blocking work: in a thread under an event loop, here and now without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def run_in_thread(work: Callable[[], T]) -> T:
    """Do it in a thread, so that the event loop goes on."""
    from anyio import to_thread

    return await to_thread.run_sync(work)


def run_here(work: Callable[[], T]) -> T:
    """What ``run_in_thread`` is called in the synchronous client."""
    return work()
