"""Fault injection: responses that fail as those of networks and gateways do."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Fault:
    """A failure of one response. Fields can be combined: a delay, then a dropped connection.

    Attributes:
        status: The status to respond with; 0 for the real one.
        body: The body for that status (default: JSON with a `detail`).
        content_type: The type of that body.
        headers: Additional headers, such as `Retry-After`.
        delay: Seconds to wait before the request is processed.
        drop: Drop the connection in place of a response: `close` in good order, or `reset`.
        truncate: Send only this many bytes of the body, then close the connection; `None` for all.
        acted: Whether the request is executed before the response fails.
        method: Only fail requests with this method; empty for all.
        path: Only fail requests whose path contains this text.
    """

    status: int = 0
    body: str | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    drop: Literal["", "close", "reset"] = ""
    truncate: int | None = None
    acted: bool = False
    method: str = ""
    path: str = ""


class Faults:
    """The pending faults, in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Fault] = deque()

    def add(self, fault: Fault, count: int = 1) -> None:
        """Make the next `count` responses to matching requests fail."""
        with self._lock:
            self._waiting.extend([fault] * count)

    def pop_matching(self, method: str, path: str) -> Fault | None:
        """Remove and return the first fault that matches this request, if there is one."""
        with self._lock:
            for fault in self._waiting:
                if fault.method in {"", method} and fault.path in path:
                    self._waiting.remove(fault)
                    return fault
        return None

    @property
    def count(self) -> int:
        """The number of pending faults."""
        return len(self._waiting)

    def clear(self) -> None:
        """Remove all pending faults."""
        with self._lock:
            self._waiting.clear()
