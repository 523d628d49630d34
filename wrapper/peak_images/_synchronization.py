"""What blocks or goes on beside, twice: with an event loop and without one.

The asynchronous source uses the first of each pair; ``scripts/regenerate`` puts the second in its place.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar, copy_context
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


def run_sync(work: Callable[[IsGivenUp], T]) -> T:
    """Do it."""
    return work(lambda: False)


async def sleep_async(seconds: float) -> None:
    """Let some time go by."""
    from anyio import sleep

    await sleep(seconds)


def sleep_sync(seconds: float) -> None:
    """Let some time go by."""
    time.sleep(seconds)


class _Outcome(Generic[T]):
    """What has become of work that was begun ahead; nothing yet, or for ever, if it was stopped."""

    value: T
    error: Exception | None = None
    given_up: bool = False

    @property
    def is_there(self) -> bool:
        return not self.given_up and (self.error is not None or hasattr(self, "value"))

    def get(self) -> T:
        if self.error is not None:
            raise self.error
        return self.value


_of_this_work: Final[ContextVar[_Outcome[Any] | None]] = ContextVar("peak_images_ahead", default=None)


class GivenUpError(Exception):
    """What is fetched ahead isn't wanted any more. It ends the thread or task, and nobody else sees it."""


def end_if_given_up() -> None:
    """Send nothing for nobody.

    Raises:
        GivenUpError: This thread or task fetches ahead, and nobody waits for that any more.
    """
    if is_given_up():
        raise GivenUpError


def is_given_up() -> bool:
    """Whether this thread or task fetches ahead, and nobody waits for that any more."""
    outcome = _of_this_work.get()
    return outcome is not None and outcome.given_up


class AsyncAhead(Generic[T]):
    """Work that is begun before its result is wanted, beside the running task. If nobody wants it, it is given up.

    Args:
        work: What to do.
        begun: Where it is named while it goes on, so that it can be stopped.
    """

    def __init__(self, work: Callable[[], Awaitable[T]], begun: set[Any]) -> None:
        self._work = work
        # Which doesn't know of this object: that goes when the iterator does.
        self._task: _Task[T] = _Task(work, begun)

    def __del__(self) -> None:
        self._task.outcome.given_up = True

    async def result(self) -> T:
        """Wait for the work to end; its result, or what it raised. Work that was stopped is done anew."""
        await self._task.end()
        outcome = self._task.outcome
        return outcome.get() if outcome.is_there else await self._work()


class _Task(Generic[T]):
    """The task of such work."""

    def __init__(self, work: Callable[[], Awaitable[T]], begun: set[Any]) -> None:
        from anyio import CancelScope, Event
        from anyio.lowlevel import current_token

        self.outcome: _Outcome[T] = _Outcome()
        self._work = work
        self._begun = begun
        self._done = Event()
        self._scope = CancelScope()
        self._loop = current_token()
        begun.add(self)
        _begin(self.run, self.has_ended)

    async def run(self) -> None:
        _of_this_work.set(self.outcome)
        try:
            with self._scope:
                self.outcome.value = await self._work()
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            self.outcome.error = error
        finally:
            self.has_ended()

    def has_ended(self) -> None:
        self._begun.discard(self)
        self._done.set()

    def stop(self) -> None:
        """What belongs to another event loop is left to that."""
        if self._is_here():
            self._scope.cancel()

    async def end(self) -> None:
        if self._is_here():
            await self._done.wait()

    def _is_here(self) -> bool:
        from anyio.lowlevel import current_token

        return self._loop == current_token()


async def stop_tasks(begun: set[Any]) -> None:
    """Stop what tasks of this event loop fetch ahead, and wait until they have ended.

    Args:
        begun: Where they are named.
    """
    tasks = tuple(begun)
    for task in tasks:
        task.stop()
    for task in tasks:
        await task.end()


_begun: Final[set[Any]] = set()
"""Tasks that go on: asyncio itself would forget them."""


def in_trio() -> bool:
    """Whether the running event loop is trio's."""
    trio: Any = sys.modules.get("trio")
    # Outside trio it says so by raising.
    with suppress(RuntimeError):
        return trio is not None and bool(trio.lowlevel.current_trio_token())
    return False


def _begin(run: Callable[[], Any], has_ended: Callable[[], None]) -> None:
    """Start a task beside the running one. No task group: an iterator that isn't finished couldn't close it."""
    if in_trio():
        sys.modules["trio"].lowlevel.spawn_system_task(run)
        return
    import asyncio

    task = asyncio.get_running_loop().create_task(run())
    _begun.add(task)
    task.add_done_callback(_begun.discard)
    # One that is cancelled before its first step never runs.
    task.add_done_callback(lambda _: has_ended())


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
        self._ended = threading.Event()
        # It doesn't know of this object, which goes when the iterator does. A daemon: a program that is done with the
        # iterator needn't wait for a page that nobody wants.
        arguments = (_run_here, work, self._outcome, begun, self._ended)
        self._thread = threading.Thread(
            target=copy_context().run, args=arguments, name="peak-images-prefetch", daemon=True
        )
        begun.add(self._outcome)
        self._thread.start()

    def __del__(self) -> None:
        self._outcome.given_up = True

    def result(self) -> T:
        """Wait for the work to end; its result, or what it raised. Work that was given up is done anew."""
        # Not join(): Python 3.11 takes a thread for ended whose join was interrupted. After a fork it is gone.
        while not self._outcome.given_up and self._thread.is_alive() and not self._ended.wait(_LOOK_AGAIN):
            pass
        return self._outcome.get() if self._outcome.is_there else self._work()


_LOOK_AGAIN: Final = 0.5
"""Seconds after which one who waits for a thread looks whether it is still wanted, and still there."""


def _run_here(work: Callable[[], T], outcome: _Outcome[T], begun: set[Any], ended: threading.Event) -> None:
    _of_this_work.set(outcome)
    try:
        outcome.value = work()
    except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
        outcome.error = error
    finally:
        begun.discard(outcome)
        ended.set()


def give_up(begun: set[Any]) -> None:
    """Let threads that fetch ahead end before they send anything more.

    Args:
        begun: Where they are named.
    """
    for outcome in tuple(begun):
        outcome.given_up = True


def lock_async() -> Any:
    """A lock between the tasks of an event loop."""
    from anyio import Lock

    return Lock()


def lock_sync() -> Any:
    """A lock between threads."""
    return threading.Lock()
