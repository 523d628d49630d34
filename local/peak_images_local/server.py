"""The HTTP server, in a thread of its own: up at once, down at once, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from peak_images_local.api.fault_middleware import TRANSPORT
from peak_images_local.errors import ServiceError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HEAD_SECONDS = 20.0
"""How long a client may take to send a request's head, on a new connection and on one that sends another."""

MAX_CONNECTIONS = 1000
"""Fewer where the system allows the process fewer open files."""

_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: application/json\r\n"
    b'Content-Length: 34\r\n\r\n{"detail": "Too many connections"}'
)
_GRACE_SECONDS = 0.5
_TICK_SECONDS = 1.0
_KEEP_ALIVE_SECONDS = 75
_BACKLOG = 512


class _Protocol(H11Protocol):
    """uvicorn's, with a time limit on request heads and a limit on connections.

    It also lets the application reach the connection, so that it can be dropped on demand.
    """

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}
        self.opened = self.loop.time()
        self._watch_head()
        # What is being closed stays in the list until the loop's next turn.
        if sum(not other.transport.is_closing() for other in self.connections) > max_connections():
            self._make_room()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_watching()

    @property
    def is_waiting(self) -> bool:
        """Whether no request is being served."""
        return self.cycle is None or self.cycle.response_complete

    def _watch_head(self) -> None:
        if not self.is_waiting:
            self._stop_watching()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._close_waiting)

    def _stop_watching(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_waiting(self) -> None:
        self._head_timer = None
        if self.is_waiting:
            self.transport.close()

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request; this one if all are at work."""
        others = (other for other in self.connections if isinstance(other, _Protocol) and other is not self)
        open_ones = (other for other in others if other.is_waiting and not other.transport.is_closing())
        waiting = min(open_ones, key=lambda other: other.opened, default=None)
        if waiting is not None:
            waiting.transport.abort()
            return
        self.transport.write(_TOO_MANY)
        self.transport.close()


def max_connections() -> int:
    """Return how many connections are kept open: a quarter of the files that the process may open.

    The event loop accepts as many as wait (`_BACKLOG`) before it looks at any of them.
    """
    try:
        import resource
    except ImportError:  # Windows
        return MAX_CONNECTIONS
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return min(MAX_CONNECTIONS, limit // 4 if limit > 0 else MAX_CONNECTIONS)


class _Uvicorn(uvicorn.Server):
    """uvicorn's server, woken up to stop; as it is, it looks ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self.ready = threading.Event()

    def stop(self) -> None:
        """End it, from another thread."""
        self.should_exit = True
        if self._loop is not None and self._wake is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._wake.set)

    async def main_loop(self) -> None:
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        self.ready.set()
        # The tick brings the Date header up to date.
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _TICK_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._stop_accepting()
        for sock in sockets or ():
            sock.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_GRACE_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # One turn of the loop for each: the connections' ends, and what waits for them.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _stop_accepting(self) -> None:
        """Close the servers, once each accepted socket is a connection: asyncio forgets those that aren't, unclosed."""
        loop = asyncio.get_running_loop()
        for sock in (sock for server in self.servers for sock in server.sockets):
            with contextlib.suppress(NotImplementedError):  # Windows' loop, which makes the connection at once
                loop.remove_reader(sock)
        accepting = asyncio.all_tasks() - self.server_state.tasks - {asyncio.current_task()}
        if accepting:
            await asyncio.wait(accepting, timeout=_GRACE_SECONDS)
        for server in self.servers:
            server.close()


class Server:
    """An application on a socket."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        """Take the port; connections wait there until `start`.

        Raises:
            ServiceError: The port can't be had.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # The protocol is named, since asyncio turns Nagle's delay (40 ms a response) off only where it is.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "nt":
            # There, SO_REUSEADDR would let another process take the port as well.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            msg = f"{host} port {port} can't be served: {error.strerror or error}"
            raise ServiceError(msg) from error
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=_BACKLOG,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        self._uvicorn = _Uvicorn(config)
        self._thread = threading.Thread(target=self._run, name="peak-images-local", daemon=True)

    def _run(self) -> None:
        try:
            self._uvicorn.run(sockets=[self._socket])
        finally:
            self._socket.close()
            self._uvicorn.ready.set()

    def start(self) -> None:
        """Serves, from now on."""
        self._thread.start()
        self._uvicorn.ready.wait()

    def stop(self) -> None:
        """Stop serving; requests that are being served get a moment to finish."""
        self._uvicorn.stop()
        self._thread.join()
