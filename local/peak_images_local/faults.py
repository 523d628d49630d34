"""Faults on demand: responses that fail in the ways that networks and gateways do."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one response. Several things can: a delay, then a dropped connection.

    Attributes:
        status: The status to respond with, in place of the true one; 0 for the true one.
        body: The body that goes with `status`; JSON with a `detail` by default.
        content_type: Its type.
        headers: Headers that are added to the response, such as `Retry-After`.
        delay: Seconds to wait before anything is done.
        drop: Ends the connection in place of a response: `close` in good order, `reset` at once.
        truncate: Sends this many bytes of the body and then closes the connection; `None` for all of them.
        acted: Whether the service has done what was asked before the response goes wrong.
        method: Only requests of this method; empty for any.
        path: Only requests whose path contains this text.
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
    """The faults that wait for their requests, first come, first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Fault] = deque()

    def add(self, fault: Fault, count: int = 1) -> None:
        """Let the next `count` responses that it is for go wrong."""
        with self._lock:
            self._waiting.extend([fault] * count)

    def pop_matching(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, if any; it is used up by that."""
        with self._lock:
            for fault in self._waiting:
                if fault.method in {"", method} and fault.path in path:
                    self._waiting.remove(fault)
                    return fault
        return None

    @property
    def count(self) -> int:
        """How many faults wait."""
        return len(self._waiting)

    def clear(self) -> None:
        """Let everything go right again."""
        with self._lock:
            self._waiting.clear()
