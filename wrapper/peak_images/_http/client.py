"""The httpx clients of a session: created on first use, one for threads and one for each event loop."""

from __future__ import annotations

import os
import ssl
import sys
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NoReturn, TypeVar, cast

import httpx

from peak_images._http.certificates import ssl_context
from peak_images._http.proxies import MAX_PORT, environment_proxies
from peak_images._settings import PATH_PREFIX, HttpOptions, strip_userinfo
from peak_images._version import __version__
from peak_images.errors import ConfigurationError, quoted

_PYTHON: Final = ".".join(map(str, sys.version_info[:3]))
USER_AGENT: Final = f"peak-images/{__version__} python/{_PYTHON} httpx/{httpx.__version__}"

C = TypeVar("C", httpx.Client, httpx.AsyncClient)
T = TypeVar("T")

_inherited_by_fork: Final[list[httpx.Client]] = []
"""Clients of a parent process, kept referenced: they must not be used here, and garbage collection would close them."""


class Connections:
    """The httpx clients of a session, created on first use; each event loop has its own.

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
            if self._options.http_client is not None:
                return _checked_client(self._options.http_client, httpx.Client)
            # Finalized at exit, before the program's own exit handlers.
            if self._client is None or self._client.is_closed:
                self._client = _new_client(self._options, httpx.Client, self.base_url)
                self._finalizer = weakref.finalize(self, _close_unless_forked, self._client, self._process)
            return self._client

    def async_client(self) -> httpx.AsyncClient:
        """Return the httpx client of asynchronous calls in the running event loop."""
        if self._options.http_client is not None:
            return _checked_client(self._options.http_client, httpx.AsyncClient)
        # Here and not above: synchronous calls don't need anyio, which takes a while to load.
        from peak_images._http.event_loops import client_in_loop

        return client_in_loop(self, lambda: _new_client(self._options, httpx.AsyncClient, self.base_url))

    def close(self) -> None:
        """Close the client of synchronous calls. The next call creates a new one."""
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
        self._lock, self._process = threading.RLock(), os.getpid()
        if self._client is not None:
            _inherited_by_fork.append(self._client)
            self._client = None


def _checked_client(client: object, kind: type[C]) -> C:
    if isinstance(client, kind):
        return client
    raise ConfigurationError(f"http_client: {quoted(client)} is not an httpx.{kind.__name__}")


def _new_client(options: HttpOptions, kind: type[C], base_url: str) -> C:
    """Return a new httpx client.

    Raises:
        ConfigurationError: The transport is of the other flavour, or the proxy or the certificates can't be used.
    """
    is_sync = issubclass(kind, httpx.Client)
    if options.transport is not None:
        expected = httpx.BaseTransport if is_sync else httpx.AsyncBaseTransport
        if not isinstance(options.transport, expected):
            raise ConfigurationError(f"transport: {quoted(options.transport)} is not an httpx.{expected.__name__}")
        return kind(transport=cast("Any", options.transport), trust_env=False)
    # The environment's proxies and certificates are read here: httpx's errors don't name the variable.
    verify = ssl_context(options.ca_bundle)
    transport: Any = partial(_transport_class(is_sync=is_sync), verify=verify, trust_env=False)
    handler = "handle_request" if is_sync else "handle_async_request"

    def through_proxy(source: str, url: str) -> Any:
        shown = quoted(strip_userinfo(url))
        try:
            through = transport(proxy=_proxy(url, verify))
        except (ImportError, TypeError, ValueError, httpx.InvalidURL) as error:
            # httpx's error may quote a part of the password.
            is_encoded = "@" not in url or not isinstance(error, httpx.InvalidURL)
            reason = error if is_encoded else "its user name and password must be percent-encoded"
            raise ConfigurationError(f"{source}: {shown} can't be used as a proxy: {reason}") from None
        setattr(through, handler, partial(_send_through, f"{source} {shown}", getattr(through, handler)))
        return through

    if options.proxy is not None:
        return kind(transport=through_proxy("proxy", options.proxy), trust_env=False)
    mounts: dict[str, Any] = {}
    for pattern, proxy in environment_proxies(base_url).items():
        try:
            mounts[pattern] = through_proxy(*proxy) if proxy else None
        except ConfigurationError as error:
            # NO_PROXY may cover the service.
            mounts[pattern] = transport()
            setattr(mounts[pattern], handler, partial(_refuse, str(error)))
    return kind(transport=transport(), mounts=mounts, trust_env=False)


def _send_through(proxy: str, handler: Callable[[httpx.Request], T], request: httpx.Request) -> T:
    request.extensions["proxy"] = proxy  # for errors: httpx's own only name the service
    return handler(request)


def _refuse(problem: str, _: httpx.Request) -> NoReturn:
    raise ConfigurationError(problem)


def _proxy(url: str, verify: ssl.SSLContext) -> httpx.Proxy:
    # A proxy that is itself reached over TLS is verified by the same certificates.
    proxy = httpx.Proxy(url, ssl_context=verify if url.lower().startswith("https:") else None)
    if not proxy.url.host or (proxy.url.port or 0) > MAX_PORT:
        raise ValueError("it has no host, or a port above 65535")
    # Raises the error that a socket would, for a name that DNS doesn't allow.
    proxy.url.raw_host.decode("ascii").encode("idna")
    return proxy


def _transport_class(*, is_sync: bool) -> Any:
    if is_sync:
        return httpx.HTTPTransport
    # Here and not above: it imports anyio, which synchronous calls don't need.
    from peak_images._http.early_responses import EarlyResponseTransport

    return EarlyResponseTransport


def _close_unless_forked(client: httpx.Client, process: int) -> None:
    """Close the client of an unclosed session, unless it is that of a parent process."""
    if os.getpid() == process:
        client.close()
