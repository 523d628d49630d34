"""The HTTP server, in its own thread."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import threading
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from peak_images_local.api.fault_middleware import TRANSPORT
from peak_images_local.errors import ServiceError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HEAD_SECONDS = 20.0
"""How long a client may take to send a request's head, on a new connection and on one that sends another."""

UNREAD_SECONDS = 30.0
"""How long a client may leave a response unread."""

MAX_CONNECTIONS = 1000
"""The maximum number of connections; lower if the process may open fewer files."""

_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: application/json\r\n"
    b'Content-Length: 34\r\n\r\n{"detail": "Too many connections"}'
)
_GRACE_SECONDS = 0.5
_KEEP_ALIVE_SECONDS = 75
_BACKLOG = 512


class _Protocol(H11Protocol):
    """uvicorn's, with a time limit on request heads and a limit on connections.

    It also lets the application reach the connection, so that it can be dropped on demand.
    """

    _head_timer: asyncio.TimerHandle | None = None
    _unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}
        self.opened = self.loop.time()
        self._watch_head()
        # Closing connections stay in the list until the loop's next iteration.
        if sum(not other.transport.is_closing() for other in self.connections) > max_connections():
            self._make_room()

    def data_received(self, data: bytes) -> None:
        self.server_state.default_headers = [(b"date", formatdate(usegmt=True).encode())]
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self.resume_writing()
        super().connection_lost(exc)
        self._stop_watching()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread_timer = self.loop.call_later(UNREAD_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def send_400_response(self, msg: str) -> None:
        super().send_400_response(msg)
        if self.cycle is not None:
            self.cycle.disconnected = True  # the application may still respond, without a request

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
            self.transport.abort()  # closing would wait for the end of a response to be read

    def _make_room(self) -> None:
        """Close the connection that has been idle longest; this one if none is idle."""
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


class Server:
    """An application on a socket.

    It uses uvicorn's protocol without its server, which polls ten times a second whether to stop.
    """

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        """Bind the port; connections wait until `start`.

        Raises:
            ServiceError: The port can't be used.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # The protocol is explicit, since asyncio disables Nagle's algorithm (40 ms a response) only then.
        self._socket = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "nt":
            # On Windows, SO_REUSEADDR would let another process bind the port as well.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
            # From here on connections wait for the loop. Another process may have bound the port before.
            self._socket.listen(_BACKLOG)
        except OSError as error:
            self._socket.close()
            raise ServiceError(f"{host} port {port} can't be served: {error.strerror or error}") from error
        self.port: int = self._socket.getsockname()[1]
        self._config = uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            forwarded_allow_ips="127.0.0.1",  # a proxy on this machine, whatever the environment says
        )
        self._state = ServerState()
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="peak-images-local", daemon=True)

    def _run(self) -> None:
        with self._socket, asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        server = await self._loop.create_server(
            lambda: _Protocol(self._config, self._state, {}), sock=self._socket, backlog=_BACKLOG
        )
        await self._stopping.wait()
        await self._accept_pending(server)
        server.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=_GRACE_SECONDS)
        for task in self._state.tasks:
            task.cancel()
        for connection in list(self._state.connections):
            connection.transport.abort()
        # One iteration of the loop for closing the connections, and one for the tasks that wait for that.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def _accept_pending(self, server: asyncio.Server) -> None:
        """Wait until each accepted socket is a connection: asyncio doesn't close the others."""
        for sock in server.sockets:
            with contextlib.suppress(NotImplementedError):  # Windows' loop, which makes the connection at once
                self._loop.remove_reader(sock)
        accepting = asyncio.all_tasks() - self._state.tasks - {asyncio.current_task()}
        if accepting:
            await asyncio.wait(accepting, timeout=_GRACE_SECONDS)

    def start(self) -> None:
        """Start to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving; requests that are being served get a moment to finish."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
