"""The httpx clients of a session: made on first use, one for threads and one for each event loop."""

from __future__ import annotations

import os
import ssl
import sys
import threading
import weakref
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar, cast

import httpx

from peak_images._http.certificates import ssl_context
from peak_images._http.proxies import environment_proxies, unusable_proxy
from peak_images._settings import PATH_PREFIX, strip_userinfo
from peak_images._version import __version__
from peak_images.errors import ConfigurationError, quoted

_PYTHON: Final = ".".join(map(str, sys.version_info[:3]))
USER_AGENT: Final = f"peak-images/{__version__} python/{_PYTHON} httpx/{httpx.__version__}"

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

_inherited_by_fork: Final[list[httpx.Client]] = []
"""Clients of a parent process. They must be neither used nor closed here, and dropping them would close them."""


@dataclass(frozen=True)
class HttpOptions:
    """What a session's users give in place of httpx's own.

    Attributes:
        transport: A transport, for one flavour or for both.
        http_client: A ready client, for one flavour; its owner closes it.
        proxy: The address of a proxy.
        ca_bundle: A file of certificates, or a ready context.
    """

    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None
    http_client: httpx.Client | httpx.AsyncClient | None = None
    proxy: str | None = None
    ca_bundle: str | os.PathLike[str] | ssl.SSLContext | None = None

    def provided_client(self, kind: type[C]) -> C | None:
        """Return the ready client, if there is one.

        Raises:
            ConfigurationError: It isn't of this flavour.
        """
        if self.http_client is None or isinstance(self.http_client, kind):
            return self.http_client
        raise ConfigurationError(f"http_client: {quoted(self.http_client)} is not an httpx.{kind.__name__}")

    def new_client(self, kind: type[C], base_url: str) -> C:
        """Return a new httpx client.

        Args:
            kind: Its flavour.
            base_url: The address of the service.

        Raises:
            ConfigurationError: The transport is of the other flavour, or the proxy or the certificates can't be used.
        """
        is_sync = issubclass(kind, httpx.Client)
        # The environment's proxies and certificates are read here: httpx's errors don't name the variable.
        arguments: dict[str, Any] = {"headers": {"User-Agent": USER_AGENT}, "trust_env": False}
        if self.transport is not None:
            expected = httpx.BaseTransport if is_sync else httpx.AsyncBaseTransport
            if not isinstance(self.transport, expected):
                raise ConfigurationError(f"transport: {quoted(self.transport)} is not an httpx.{expected.__name__}")
            return kind(transport=cast("Any", self.transport), **arguments)
        verify = ssl_context(self.ca_bundle)
        transport: Any = partial(_transport_class(is_sync=is_sync), verify=verify, trust_env=False)
        if self.proxy is not None:
            try:
                return kind(transport=transport(proxy=_proxy(self.proxy, verify)), **arguments)
            except (ImportError, TypeError, ValueError, httpx.InvalidURL) as error:
                shown = quoted(strip_userinfo(self.proxy))
                raise ConfigurationError(f"proxy: {shown} can't be used as a proxy: {error}") from error
        mounts: dict[str, Any] = {}
        for pattern, proxy in environment_proxies(base_url).items():
            if proxy is None:
                mounts[pattern] = None
                continue
            variable, url = proxy
            try:
                mounts[pattern] = transport(proxy=_proxy(url, verify))
            except (ImportError, TypeError, ValueError, httpx.InvalidURL) as error:
                mounts[pattern] = unusable_proxy(variable, url, error)
        return kind(transport=transport(), mounts=mounts, **arguments)


class Connections:
    """The httpx clients of a session, made on first use; each event loop has one of its own.

    Attributes:
        base_url: The address that all paths of the contract are relative to.
        token: The token.
    """

    def __init__(self, base_url: str, token: str, options: HttpOptions) -> None:
        self.base_url = base_url + PATH_PREFIX
        self.token = token
        self._options = options
        # Reentrant: a signal handler may close what is being opened.
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._client: httpx.Client | None = None

    def sync_client(self) -> httpx.Client:
        """Return the httpx client of synchronous calls."""
        if self._process != os.getpid():
            self._forget_parent()
        with self._lock:
            if (provided := self._options.provided_client(httpx.Client)) is not None:
                return provided
            # At the end of a program it is closed before what the program itself still does then.
            if self._client is None or self._client.is_closed:
                self._client = self._options.new_client(httpx.Client, self.base_url)
                self._finalizer = weakref.finalize(self, _close_unless_forked, self._client, self._process)
            return self._client

    def async_client(self) -> httpx.AsyncClient:
        """Return the httpx client of asynchronous calls in the running event loop."""
        if (provided := self._options.provided_client(httpx.AsyncClient)) is not None:
            return provided
        # Here and not above: synchronous calls don't need anyio, which takes a while to load.
        from peak_images._http.event_loops import client_in_loop

        return client_in_loop(self, lambda: self._options.new_client(httpx.AsyncClient, self.base_url))

    def close(self) -> None:
        """Close the client of synchronous calls. The next call makes a new one."""
        if self._process != os.getpid():
            self._forget_parent()
        with self._lock:
            client, self._client = self._client, None
            if client is not None:
                self._finalizer.detach()
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        """Close the client of the running event loop, and that of synchronous calls."""
        from peak_images._http.event_loops import close_client_in_loop

        await close_client_in_loop(self)
        self.close()

    def _forget_parent(self) -> None:
        # A fork shares the parent's sockets, and may have happened while another thread held the lock.
        self._process, self._lock = os.getpid(), threading.RLock()
        if self._client is not None:
            _inherited_by_fork.append(self._client)
            self._client = None


def _transport_class(*, is_sync: bool) -> Any:
    if is_sync:
        return httpx.HTTPTransport
    # Here and not above: it imports anyio, which synchronous calls don't need.
    from peak_images._http.early_responses import EarlyResponseTransport

    return EarlyResponseTransport


def _proxy(url: str, verify: ssl.SSLContext) -> httpx.Proxy:
    # A proxy that is itself reached over TLS is verified by the same certificates.
    return httpx.Proxy(url, ssl_context=verify if url.lower().startswith("https:") else None)


def _close_unless_forked(client: httpx.Client, process: int) -> None:
    """Close the client of a session that was never closed. A child process must not touch its parent's."""
    if os.getpid() == process:
        client.close()
