"""What blocks or goes on beside, twice: with an event loop and without one.

The asynchronous source uses the first of each pair; ``scripts/regenerate`` puts the second in its place.
"""

from __future__ import annotations

import sys
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from functools import partial
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")


IsGivenUp = Callable[[], bool]
"""Tells work whether nobody waits for it any more, so that it can end."""


async def run_in_thread(work: Callable[[IsGivenUp], T]) -> T:
    """Do it in a thread. One who is cancelled doesn't wait for it."""
    from anyio import to_thread

    given_up = threading.Event()
    try:
        return await to_thread.run_sync(work, given_up.is_set, abandon_on_cancel=True)
    finally:
        given_up.set()


def run_here(work: Callable[[IsGivenUp], T]) -> T:
    """Do it."""
    return work(lambda: False)


async def sleep_async(seconds: float) -> None:
    """Let some time go by."""
    from anyio import sleep

    await sleep(seconds)


def sleep_here(seconds: float) -> None:
    """Let some time go by."""
    time.sleep(seconds)


class _Outcome(Generic[T]):
    value: T
    error: Exception | None = None
    given_up: bool = False

    def get(self) -> T:
        if self.error is not None:
            raise self.error
        return self.value


_begun: Final[set[Any]] = set()
"""Tasks that go on: asyncio itself would forget them."""


class AsyncAhead(Generic[T]):
    """Work that is begun before its result is wanted, beside the running task. If nobody wants it, it is dropped.

    Args:
        work: What to do.
        begun: Where it is named while it goes on, so that it can be stopped.
    """

    def __init__(self, work: Callable[[], Awaitable[T]], begun: set[Any]) -> None:
        from anyio import CancelScope, Event
        from anyio.lowlevel import current_token

        self._work = work
        self._begun = begun
        self._outcome: _Outcome[T] = _Outcome()
        self._done = Event()
        self._scope = CancelScope()
        self._loop = current_token()
        _begin(partial(_run, weakref.ref(self)))

    async def run(self) -> None:
        """Do the work."""
        self._begun.add(self)
        try:
            with self._scope:
                self._outcome.value = await self._work()
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            self._outcome.error = error
        finally:
            self._begun.discard(self)
            self._done.set()

    async def stop(self) -> None:
        """End the work, and wait until it has ended. What belongs to another event loop is left to that."""
        from anyio.lowlevel import current_token

        if self._loop == current_token():
            self._scope.cancel()
            await self._done.wait()

    async def result(self) -> T:
        """Wait for the work to end; its result, or what it raised. Work that was stopped is done anew."""
        await self._done.wait()
        return await self._work() if self._scope.cancel_called else self._outcome.get()


async def _run(wanted: Callable[[], AsyncAhead[Any] | None]) -> None:
    # A task begins at the next pause of the one that made it. Until then it may have become pointless.
    ahead = wanted()
    if ahead is not None:
        await ahead.run()


def in_trio() -> bool:
    """Whether the running event loop is trio's."""
    trio: Any = sys.modules.get("trio")
    # Outside trio it says so by raising.
    with suppress(RuntimeError):
        return trio is not None and bool(trio.lowlevel.current_trio_token())
    return False


def _begin(run: Callable[[], Any]) -> None:
    """Start a task beside the running one. No task group: an iterator that isn't finished couldn't close it."""
    if in_trio():
        sys.modules["trio"].lowlevel.spawn_system_task(run)
        return
    import asyncio

    task = asyncio.get_running_loop().create_task(run())
    _begun.add(task)
    task.add_done_callback(_begun.discard)


class Ahead(Generic[T]):
    """Work that is begun before its result is wanted, in a thread. If nobody wants it, it is given up.

    A thread can't be stopped, but what it does asks ``is_given_up`` before it sends anything.

    Args:
        work: What to do.
        begun: Where it is named while it goes on, so that it can be given up.
    """

    def __init__(self, work: Callable[[], T], begun: set[Any]) -> None:
        self._work = work
        self._outcome: _Outcome[T] = _Outcome()
        begun.add(self._outcome)
        # A daemon: a program that is done with the iterator needn't wait for a page that nobody wants. It doesn't know
        # of this object, which goes when the iterator does.
        arguments = (work, self._outcome, begun)
        self._thread = threading.Thread(target=_run_here, args=arguments, name="peak-images-prefetch", daemon=True)
        self._thread.start()

    def __del__(self) -> None:
        self._outcome.given_up = True

    def result(self) -> T:
        """Wait for the work to end; its result, or what it raised. Work that was given up is done anew."""
        if not self._outcome.given_up:
            self._thread.join()
        return self._work() if self._outcome.given_up else self._outcome.get()


_of_this_thread: Final[ContextVar[_Outcome[Any] | None]] = ContextVar("peak_images_ahead", default=None)


def _run_here(work: Callable[[], T], outcome: _Outcome[T], begun: set[Any]) -> None:
    _of_this_thread.set(outcome)
    try:
        outcome.value = work()
    except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
        outcome.error = error
    finally:
        begun.discard(outcome)


class GivenUpError(Exception):
    """What is fetched ahead isn't wanted any more. It ends the thread, and nobody else sees it."""


def is_given_up() -> bool:
    """Whether this thread fetches ahead, and nobody waits for that any more."""
    outcome = _of_this_thread.get()
    return outcome is not None and outcome.given_up


def give_up(begun: set[Any]) -> None:
    """Let threads that fetch ahead end before they send anything more.

    Args:
        begun: Where they are named.
    """
    for outcome in tuple(begun):
        outcome.given_up = True
