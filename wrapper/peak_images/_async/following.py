"""From the slices of a log to its entries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, Self

from peak_images._concurrency import sleep_async
from peak_images._deadline import Deadline
from peak_images._payload import Payload
from peak_images.errors import PeakImagesError, RateLimitedError, ServerError, TransportError

ENDED: Final = frozenset({"success", "failed", "stopped"})
"""The states of a build that it doesn't leave."""

_LOST_IN_A_ROW: Final = 5
"""How many times in a row a slice may fail, each time after the retries of a call."""


class AsyncLogEntries(AsyncIterator[Payload[Any]]):
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
        self._waiting: list[Any] = []
        self._token = next_token
        self._known = 0
        self._lost = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Payload[Any]:
        while not self._waiting:
            self._deadline.pause(self._poll_interval)
            before = self._token
            part = await self._look()
            if part is not None and self._take(part):
                break
            if part is not None and str(part.get("buildStatus")) in ENDED and self._token == before:
                raise StopAsyncIteration
            if part is None or self._token == before:
                await sleep_async(self._deadline.pause(self._poll_interval))
        return Payload(self._waiting.pop(0), "LogEntry")

    async def _look(self) -> Payload[Any] | None:
        try:
            part = await self._fetch(self._token)
        except (TransportError, ServerError, RateLimitedError):
            self._lost += 1
            if self._lost >= _LOST_IN_A_ROW:
                raise
            return None
        self._lost = 0
        return part

    def _take(self, part: Payload[Any]) -> bool:
        """Keep what is new in a slice; whether anything is."""
        entries = part.get("logs")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise PeakImagesError("the service's answer has no list of logs")
        self._waiting = entries[self._known :]
        # Without a new token the same slice comes again, and only what was added to it is new.
        if part.get("nextToken") in (None, self._token):
            self._known = max(self._known, len(entries))
        else:
            self._token, self._known = part["nextToken"], 0
        return bool(self._waiting)
