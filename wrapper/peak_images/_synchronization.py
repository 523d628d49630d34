"""Blocking functions in pairs, with and without an event loop.

The asynchronous source uses the first of each pair; ``scripts/regenerate`` puts the second in its place.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from contextvars import copy_context
from typing import Any, TypeVar

T = TypeVar("T")

IsCancelled = Callable[[], bool]
"""Whether the caller was cancelled, so that work in a thread can stop."""


async def run_in_thread(work: Callable[[IsCancelled], T]) -> T:
    """Run in a worker thread; abandoned on cancellation."""
    from anyio import to_thread

    cancelled = threading.Event()
    try:
        return await to_thread.run_sync(work, cancelled.is_set, abandon_on_cancel=True)
    finally:
        cancelled.set()


def run_sync(work: Callable[[IsCancelled], T]) -> T:
    """Run in this thread."""
    return work(lambda: False)


async def sleep_async(seconds: float) -> None:
    """Sleep in the running event loop."""
    from anyio import sleep

    await sleep(seconds)


sleep_sync = time.sleep


async def gather_async(calls: Sequence[Callable[[], Awaitable[T]]]) -> list[T | Exception]:
    """Make several calls at once; return their results or errors in order."""
    from anyio import create_task_group

    outcomes: list[Any] = [None] * len(calls)

    async def run(index: int) -> None:
        try:
            outcomes[index] = await calls[index]()
        except Exception as error:  # noqa: BLE001 - handed to the caller
            outcomes[index] = error

    if len(calls) == 1:
        await run(0)
        return outcomes
    try:
        async with create_task_group() as tasks:
            for index in range(len(calls)):
                tasks.start_soon(run, index)
    except BaseExceptionGroup as group:
        # An interrupt stays a KeyboardInterrupt, which a shell handles, as in a single call.
        if len(group.exceptions) > 1:
            raise
        raise group.exceptions[0] from None
    return outcomes


def gather_sync(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Make several calls at once, in threads; return their results or errors in order."""
    outcomes: list[Any] = [None] * len(calls)

    def run(index: int) -> None:
        try:
            outcomes[index] = calls[index]()
        except Exception as error:  # noqa: BLE001 - handed to the caller
            outcomes[index] = error

    if len(calls) == 1:
        run(0)
        return outcomes
    # Daemon threads: an interrupted program doesn't wait for them.
    threads = [
        threading.Thread(target=copy_context().run, args=(run, index), name="peak-images", daemon=True)
        for index in range(len(calls))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def lock_async() -> Any:
    """Return a lock between the tasks of an event loop."""
    from anyio import Lock

    return Lock()


lock_sync = threading.Lock
