"""Connections of event loops that return a response which arrives while the request is still being sent.

A service may reject an upload by its headers alone, and close the connection. Sending then fails although the response
can still be read; but asyncio closes a connection that it can't send on, and TLS streams stop reading from it. Windows
itself drops received data after a reset.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import httpcore
import httpx
from anyio import BrokenResourceError
from anyio.abc import ByteStream, SocketAttribute
from anyio.lowlevel import checkpoint

from peak_images._http.proxies import MAX_PORT


class EarlyResponseTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over such connections."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._pool._network_backend = _Backend()


class _Backend(httpcore.AnyIOBackend):
    async def connect_tcp(self, host: str, port: int, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        if port > MAX_PORT:  # anyio's error would be a group
            raise httpcore.ConnectError(f"there is no port {port}")
        stream: Any = await super().connect_tcp(host, port, *arguments, **options)
        # Here, since TLS is wrapped around this stream later.
        stream._stream = _Connection(stream._stream)
        return stream  # type: ignore[no-any-return]


class _Connection(ByteStream):
    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._is_broken = False
        raw = stream.extra(SocketAttribute.raw_socket)  # noqa: S610 - not Django's
        # asyncio closes its socket after an error; a duplicate keeps the received bytes readable.
        self._duplicate = socket.fromfd(raw.fileno(), raw.family, raw.type)
        self._duplicate.setblocking(False)

    @property
    def extra_attributes(self) -> Mapping[Any, Callable[[], Any]]:
        return self._stream.extra_attributes

    async def send(self, item: bytes) -> None:
        if self._is_broken:
            await checkpoint()
            return
        try:
            await self._stream.send(item)
        except BrokenResourceError:
            # receive() raises the error, unless a response has arrived.
            self._is_broken = True

    async def receive(self, max_bytes: int = 65536) -> bytes:
        try:
            return await self._stream.receive(max_bytes)
        except BrokenResourceError:
            with suppress(OSError):
                if received := self._duplicate.recv(max_bytes):
                    return received
            raise

    async def send_eof(self) -> None:
        await self._stream.send_eof()

    async def aclose(self) -> None:
        self._duplicate.close()
        await self._stream.aclose()
