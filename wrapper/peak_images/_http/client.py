"""The connection pools of a session."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Final, cast

import httpx

from peak_images._http.options import C, HttpOptions
from peak_images._http.transport import AsyncSender, Sender
from peak_images._settings import PATH_PREFIX, CallOptions
from peak_images_api import AuthenticatedClient

_left_by_fork: Final[list[httpx.Client]] = []
"""Pools of a parent process. They must be neither used nor closed here, and dropping them would close them."""


class Connections:
    """The connection pools of a session, opened on first use; each event loop has one of its own."""

    def __init__(self, root: str, token: str, injection: HttpOptions) -> None:
        self._base_url = root + PATH_PREFIX
        self._token = token
        self._injection = injection
        # One that a handler of a signal may take again, to close what is being opened.
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._own: httpx.Client | None = None

    def sync_api(self, operation: str, options: CallOptions) -> AuthenticatedClient:
        """What the generated calls take, for synchronous ones."""
        sender = Sender(self.sync_client(), self._base_url, self._token, operation, options)
        return self._generated().set_httpx_client(cast("httpx.Client", sender))

    def async_api(self, operation: str, options: CallOptions) -> AuthenticatedClient:
        """What the generated calls take, for asynchronous ones in the running event loop."""
        sender = AsyncSender(self.async_client(), self._base_url, self._token, operation, options)
        return self._generated().set_async_httpx_client(cast("httpx.AsyncClient", sender))

    def sync_client(self) -> httpx.Client:
        """Return the httpx client of synchronous calls."""
        if self._process != os.getpid():
            self._start_anew()
        with self._lock:
            if (given := self._injection.provided_client(httpx.Client)) is not None:
                return given
            # At the end of a program it is closed before what the program itself still does then.
            if self._own is None or self._own.is_closed:
                self._own = self._new_client(httpx.Client)
                self._finalizer = weakref.finalize(self, _close_unless_forked, self._own, self._process)
            return self._own

    def async_client(self) -> httpx.AsyncClient:
        """Return the httpx client of asynchronous calls in the running event loop."""
        if (given := self._injection.provided_client(httpx.AsyncClient)) is not None:
            return given
        # Here and not above: synchronous calls do without anyio, which takes a while to load.
        from peak_images._http.event_loops import client_of

        return client_of(self, lambda: self._new_client(httpx.AsyncClient))

    def close(self) -> None:
        """Close the pool of synchronous calls. The next call opens a new one."""
        if self._process != os.getpid():
            self._start_anew()
        with self._lock:
            client, self._own = self._own, None
            if client is not None:
                self._finalizer.detach()
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        """Close the pool of the running event loop, and that of synchronous calls."""
        from peak_images._http.event_loops import close_client_of

        await close_client_of(self)
        self.close()

    def _new_client(self, kind: type[C]) -> C:
        return self._injection.new_client(kind, self._base_url)

    def _generated(self) -> AuthenticatedClient:
        return AuthenticatedClient(self._base_url, token=self._token)

    def _start_anew(self) -> None:
        # A fork shares the parent's sockets, and may have happened while another thread held the lock.
        self._process, self._lock = os.getpid(), threading.RLock()
        if self._own is not None:
            _left_by_fork.append(self._own)
            self._own = None


def _close_unless_forked(client: httpx.Client, process: int) -> None:
    """What a session that was never closed leaves behind. A child process must not touch its parent's."""
    if os.getpid() == process:
        client.close()
