"""ASGI middleware that records requests, injects faults, and sends responses before the end of a request."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response

from peak_images_local.api.auth import host_problem
from peak_images_local.request_log import Record

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from peak_images_local.faults import Fault
    from peak_images_local.state import State

TRANSPORT = "peak_images_local.transport"
"""The key of the connection's transport in the state of a request, set by the server."""

_BODY_IDLE_SECONDS = 30.0
"""How long a client may take for the next chunk of a body."""

_PAGES = ("/ui/", "/control/", "/image-management/api-docs/", "/favicon.ico")
"""The paths of pages, their files and the test controls, which are neither recorded nor made to fail."""

_LINGER_SECONDS = 2.0
_LINGER_BYTES = 64 << 20


class FaultMiddleware:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if problem := host_problem(self._state.settings, Headers(scope=scope).get("host")):
            await JSONResponse({"detail": problem}, 403)(scope, receive, send)
            return
        is_page = scope["path"] == "/" or scope["path"].startswith(_PAGES)
        record = Record(scope, None if is_page else self._state.requests)
        exchange = _Exchange(scope, receive, send, record)
        fault = None if is_page else self._state.faults.pop_matching(scope["method"], scope["path"])
        try:
            if fault is None:
                await self._app(scope, exchange.receive, exchange.send)
            else:
                await _go_wrong(self._app, fault, exchange)
        finally:
            record.finish(0)


class _Exchange:
    """One request and its response, in progress."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, record: Record) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self._record = record
        self._read = False
        self._expects_go_ahead = "expect" in Headers(scope=scope)

    async def receive(self) -> Message:
        """Return the next chunk of the request."""
        try:
            # Once the request has been read, the next message is the disconnect.
            async with asyncio.timeout(None if self._read else _BODY_IDLE_SECONDS):
                message = await self._receive()
        except TimeoutError:
            self._read = True
            await self.end()
            return {"type": "http.disconnect"}
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self._read = True
        return message

    async def send(self, message: Message) -> None:
        """Send a chunk of the response.

        A response that precedes the end of the request (a 401 or 413 to an upload) is sent completely, and the rest of
        the request is read and discarded for a while: closing at once would reset the connection, and the client might
        not receive the response.
        """
        if message["type"] == "http.response.start":
            self._record.finish(message["status"])
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if not last or self._read or self._expects_go_ahead:
            await self._send(message)
            return
        await self._send({**message, "more_body": True})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._read_on(), _LINGER_SECONDS)
        await self._send({"type": "http.response.body", "body": b""})

    async def _read_on(self) -> None:
        length = 0
        while not self._read and length < _LINGER_BYTES:
            length += len((await self.receive()).get("body", b""))

    async def end(self, *, reset: bool = False) -> None:
        """Close the connection, regardless of what has been sent."""
        self._record.finish(0)
        transport = self.scope.get("state", {}).get(TRANSPORT)
        if transport is None:
            return
        if reset:
            # With nothing to linger for, closing sends a reset.
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        else:
            transport.close()
        while (await self._receive())["type"] != "http.disconnect":
            pass


async def _go_wrong(app: ASGIApp, fault: Fault, exchange: _Exchange) -> None:
    if fault.delay:
        await asyncio.sleep(fault.delay)
    response = _HeldResponse()
    if fault.acted or not (fault.status or fault.drop):
        await app(exchange.scope, exchange.receive, response.send)
    if fault.drop:
        await exchange.end(reset=fault.drop == "reset")
        return
    if fault.status:
        response = _HeldResponse()
        detail = f"The test controls injected the status {fault.status}"
        content = json.dumps({"detail": detail}) if fault.body is None else fault.body
        content = "" if fault.status in {204, 304} else content
        made = Response(content, fault.status, headers={"content-type": fault.content_type})
        await made(exchange.scope, exchange.receive, response.send)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fault.headers.items()]
    await exchange.send({**response.start, "headers": [*response.start["headers"], *headers]})
    is_cut = fault.truncate is not None
    await exchange.send({"type": "http.response.body", "body": response.body[: fault.truncate], "more_body": is_cut})
    if is_cut:
        await exchange.end()


class _HeldResponse:
    """A response that is buffered."""

    def __init__(self) -> None:
        self.start: dict[str, Any] = {}
        self.body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = dict(message)
        else:
            self.body += message.get("body", b"")
