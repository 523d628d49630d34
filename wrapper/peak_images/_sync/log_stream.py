# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""Follow the log of a build, entry by entry."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, TypeVar

from peak_images._deadline import Deadline
from peak_images._payload import Payload, require_elements
from peak_images._synchronization import lock_sync, sleep_sync
from peak_images.errors import RateLimitedError, ServerError, TransportError
from peak_images_api.operations import final_states

T = TypeVar("T")

MAX_CONSECUTIVE_FAILURES: Final = 5
"""Maximum number of polls in a row that fail, each after the retries of a call."""

MAX_EMPTY_CHUNKS: Final = 100
"""How many chunks in a row may be empty, each with a new token, before it counts as nothing new."""


def is_final(status: object) -> bool:
    """Return whether a build never leaves this state."""
    return str(status) in final_states("BuildStatus")


def poll(fetch: Callable[[], T], deadline: Deadline, interval: float, *, is_first: bool = False) -> T:
    """Fetch until it succeeds, so that a wait survives an outage that is longer than a call's retries.

    Args:
        fetch: Polls once.
        deadline: How long to continue.
        interval: The polling interval, in seconds.
        is_first: Whether to raise the first error: a service that was never reached is no outage to survive.

    Raises:
        WaitTimeoutError: The time is up; its cause is the error of the last poll.
        ApiError: The server rejected the request, or failed several times in a row.
        TransportError: No response, or an incomplete one, several times in a row.
    """
    failures = 0
    while True:
        try:
            return fetch()
        except (TransportError, ServerError, RateLimitedError) as error:
            failures += 1
            if is_first or failures == MAX_CONSECUTIVE_FAILURES:
                raise
            pause = deadline.pause(interval, f"; last: {error}", error)
        sleep_sync(pause)


@dataclass(eq=False, repr=False)
class LogStream(Iterator[Payload[Any]]):
    """The entries of a log as they are written, each once, in order, until its build has finished.

    Attributes:
        fetch: Fetches a chunk by the token of the previous one, ``None`` for the first.
        token: The token of the chunk to start after.
        deadline: How long to continue.
        poll_interval: The polling interval when there is nothing new, in seconds.
    """

    fetch: Callable[[str | None], Payload[Any]]
    token: str | None
    deadline: Deadline
    poll_interval: float
    _lock: Any = field(default_factory=lock_sync)
    _buffer: deque[Any] = field(default_factory=deque)
    _consumed: int = 0
    _yielded: int = 0
    _empty_chunks: int = 0
    _is_final: bool = False
    _polled_after_end: bool = False

    def __next__(self) -> Payload[Any]:
        with self._lock:  # several tasks may share the iterator
            while not self._buffer:
                pause = self.deadline.pause(self.poll_interval)
                if poll(self._advance, self.deadline, self.poll_interval):
                    continue
                if self._is_final and self._polled_after_end:
                    raise StopIteration
                # The last lines may be stored a moment after the build has finished.
                self._polled_after_end = self._is_final
                sleep_sync(pause)
            self._yielded += 1
            return Payload(self._buffer.popleft(), "LogEntry")

    def __repr__(self) -> str:
        state = f"{self._yielded} read" if self._yielded else "nothing fetched yet"
        return f"{type(self).__name__}(logs; {state}, iterate to fetch)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an iterator over a log can't be pickled or copied; make a list of it first")

    def finish(self) -> None:
        """Stop when there is nothing new: the build has finished, whatever status the log has."""
        self._is_final = True

    def available(self) -> list[Payload[Any]]:
        """Return the new entries, without waiting for more."""
        while self._advance():
            self.deadline.pause(self.poll_interval)
        entries: list[Payload[Any]] = [Payload(entry, "LogEntry") for entry in self._buffer]
        self._buffer.clear()
        return entries

    def _advance(self) -> bool:
        """Poll once; return whether there was anything new, entries or a token."""
        chunk = self.fetch(self.token)
        is_new = self._consume(chunk)
        self._is_final = self._is_final or is_final(chunk.get("buildStatus"))
        self._polled_after_end = self._polled_after_end and not is_new
        return is_new

    def _consume(self, chunk: Payload[Any]) -> bool:
        """Buffer the new entries of a chunk; return whether there may be more at once."""
        entries = require_elements(chunk, "logs")
        new = entries[self._consumed :]
        self._buffer.extend(new)
        # Without a new token the next response repeats this chunk, and only entries appended to it are new.
        token = chunk.get("nextToken")
        if token is None or str(token) == self.token:
            self._consumed = max(self._consumed, len(entries))
            return bool(new)
        self.token, self._consumed = str(token), 0
        self._empty_chunks = 0 if new else self._empty_chunks + 1
        return self._empty_chunks <= MAX_EMPTY_CHUNKS
