"""Record the received requests for tests and the pages, with secrets masked, in bounded memory."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers

from peak_images_local.settings import MASK

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.types import Scope

MAX_REQUESTS = 10_000
MAX_BYTES = 32 << 20
"""The maximum size of all records in bytes; the oldest ones are deleted first."""

MAX_REQUEST_BYTES = 64 << 10
"""The maximum size of one record in bytes: longer fields are truncated."""

_LOG = logging.getLogger("peak_images_local.requests")
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})
_SECRET_PARAMETERS = frozenset({"signature"})
_KEY = "peak_images_local.record"


@dataclass(frozen=True)
class ReceivedRequest:
    """A received request, secrets masked.

    Attributes:
        method: The HTTP method.
        path: The path, from the root of the service.
        query: The query parameters, in order.
        headers: The headers, with lowercase names.
        fields: The text fields of the form; JSON is parsed.
        files: The file name, content type and size of each file part.
        status: The status of the response; 0 if the connection was dropped.
        problems: The violations of the contract, and undeclared fields and parameters.
        operation: The operationId; empty if the path and method belong to none.
        client: The address of the client.
        received_at: The time of arrival, in milliseconds since 1970, by the machine's clock.
        duration_ms: How long the response took, in milliseconds.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    status: int = 0
    problems: tuple[str, ...] = ()
    operation: str = ""
    client: str = ""
    received_at: int = 0
    duration_ms: float = 0

    def __str__(self) -> str:
        """Return the request in one line: method, path, status, and violations of the contract."""
        query = urlencode(self.query, safe="*/:,")
        target = quote(self.path) + (f"?{query}" if query else "")
        problems = f"  {'; '.join(self.problems)}" if self.problems else ""
        text = f"{self.method} {target} {self.status or 'dropped'} {self.duration_ms:.0f} ms{problems}"
        return text.encode("unicode_escape").decode() if not text.isprintable() else text


class RequestLog:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[tuple[ReceivedRequest, int]] = deque()
        self._bytes = 0
        self._total = 0

    def append(self, request: ReceivedRequest) -> None:
        """Add a request; the oldest ones are deleted if there are too many."""
        _LOG.info("%s", request)
        size = _size(request)
        with self._lock:
            self._requests.append((request, size))
            self._bytes += size
            self._total += 1
            while len(self._requests) > MAX_REQUESTS or self._bytes > MAX_BYTES:
                self._bytes -= self._requests.popleft()[1]

    @property
    def total(self) -> int:
        """The number of requests that have been added, including the deleted ones."""
        return self._total

    def clear(self) -> None:
        """Delete all records."""
        with self._lock:
            self._requests.clear()
            self._bytes = 0

    def __iter__(self) -> Iterator[ReceivedRequest]:
        with self._lock:
            requests = [request for request, _ in self._requests]
        return iter(requests)


@dataclass
class Record:
    """A request while it is being served; without a log, nothing is recorded.

    Its secrets are the names of those parameters, a header's in lower case.
    """

    scope: Scope
    log: RequestLog | None
    problems: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    operation: str = ""
    secrets: frozenset[str] = frozenset()
    finished: bool = False

    def __post_init__(self) -> None:
        self.scope[_KEY] = self
        self._received_at = time.time_ns() // 1_000_000
        self._started = time.perf_counter()

    @staticmethod
    def of(request: Request) -> Record:
        """Return the record of a request that is being served."""
        record: Record = request.scope[_KEY]
        return record

    def finish(self, status: int) -> None:
        """Add the request to the log with its status, once."""
        if self.finished:
            return
        self.finished = True
        if self.log is None:
            return
        client = self.scope.get("client") or ("", 0)
        query = parse_qsl(self.scope["query_string"].decode("latin-1"), keep_blank_values=True)
        self.log.append(
            ReceivedRequest(
                method=self.scope["method"],
                path=self.scope["path"],
                query=tuple(_mask(query, _SECRET_PARAMETERS | self.secrets)),
                headers=dict(_mask(Headers(scope=self.scope).items(), _SECRET_HEADERS | self.secrets)),
                fields=_shorten_fields(self.fields),
                files=self.files,
                status=status,
                problems=tuple(self.problems),
                operation=self.operation,
                client=str(client[0]),
                received_at=self._received_at,
                duration_ms=round((time.perf_counter() - self._started) * 1000, 1),
            )
        )


def _mask(pairs: Iterable[tuple[str, str]], secret: Container[str]) -> list[tuple[str, str]]:
    return [(name, MASK if name in secret else value) for name, value in pairs]


def _shorten_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields, long ones truncated to text."""
    shortened: dict[str, Any] = {}
    room = MAX_REQUEST_BYTES
    for name, value in fields.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        shortened[name] = value if len(text) <= room else f"{text[:room]}… ({len(text)} characters)"
        room = max(0, room - len(text))
    return shortened


def _size(request: ReceivedRequest) -> int:
    """Return the approximate size of a record in bytes, including Python's overhead."""
    parts = (request.path, request.query, request.headers, request.fields, request.files, request.problems)
    return 1000 + 2 * len(repr(parts))
