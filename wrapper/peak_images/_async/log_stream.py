"""From the slices of a log to its entries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, Self

from peak_images._deadline import Deadline
from peak_images._payload import Payload
from peak_images._synchronization import sleep_async
from peak_images.errors import PeakImagesError, RateLimitedError, ServerError, TransportError

TERMINAL_STATUSES: Final = frozenset({"success", "failed", "stopped"})
"""The states of a build that it doesn't leave."""

MAX_CONSECUTIVE_FAILURES: Final = 5
"""How many times in a row a slice may fail, each time after the retries of a call."""


class AsyncLogStream(AsyncIterator[Payload[Any]]):
    """The entries of a log as they are written, each once, in order, until its build has ended.

    Args:
        fetch: Gets a slice by the token of the one before, ``None`` for the first.
        next_token: The token of the slice to begin after.
        deadline: How long to go on.
        poll_interval: The time between two looks when there was nothing new, in seconds.
    """

    def __init__(
        self,
        fetch: Callable[[str | None], Awaitable[Payload[Any]]],
        next_token: str | None,
        deadline: Deadline,
        poll_interval: float,
    ) -> None:
        self._fetch = fetch
        self._deadline = deadline
        self._poll_interval = poll_interval
        self._buffer: list[Any] = []
        self._token = next_token
        self._consumed = 0
        self._failures = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Payload[Any]:
        while not self._buffer:
            self._deadline.pause(self._poll_interval)
            before = self._token
            chunk = await self._poll()
            if chunk is not None and self._consume(chunk):
                break
            if chunk is not None and str(chunk.get("buildStatus")) in TERMINAL_STATUSES and self._token == before:
                raise StopAsyncIteration
            if chunk is None or self._token == before:
                await sleep_async(self._deadline.pause(self._poll_interval))
        return Payload(self._buffer.pop(0), "LogEntry")

    async def _poll(self) -> Payload[Any] | None:
        try:
            chunk = await self._fetch(self._token)
        except (TransportError, ServerError, RateLimitedError):
            self._failures += 1
            if self._failures >= MAX_CONSECUTIVE_FAILURES:
                raise
            return None
        self._failures = 0
        return chunk

    def _consume(self, chunk: Payload[Any]) -> bool:
        """Keep what is new in a slice; whether anything is."""
        entries = chunk.get("logs")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise PeakImagesError("the service's response has no list of logs")
        self._buffer = entries[self._consumed :]
        # Without a new token the same slice comes again, and only what was added to it is new.
        if chunk.get("nextToken") in (None, self._token):
            self._consumed = max(self._consumed, len(entries))
        else:
            self._token, self._consumed = chunk["nextToken"], 0
        return bool(self._buffer)
