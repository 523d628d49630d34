"""The one module that knows httpx: builds its clients, and turns its exceptions into this package's errors."""

from __future__ import annotations

import platform
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import httpx
from anyio.lowlevel import RunVar

from peak_images._settings import PATH_PREFIX, Timeout
from peak_images._version import __version__
from peak_images.errors import ConnectionFailedError, InvalidInputError, RequestTimeoutError, TransportError
from peak_images_api import AuthenticatedClient

if TYPE_CHECKING:
    _AsyncPools = WeakKeyDictionary["Connections", dict[str, httpx.AsyncClient]]

USER_AGENT = f"peak-images/{__version__} python/{platform.python_version()} httpx/{httpx.__version__}"

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""After one of these the service can't have seen the request."""

# A connection belongs to the event loop it was opened in, so each loop has its own pools.
_async_pools: RunVar[_AsyncPools] = RunVar("peak_images_async_pools")


def httpx_timeout(timeout: Timeout) -> httpx.Timeout:
    """A ``Timeout`` as httpx takes it."""
    return httpx.Timeout(connect=timeout.connect, read=timeout.read, write=timeout.write, pool=timeout.pool)


class Connections:
    """The connection pools of a session, opened on first use: to the service, and to where logs are saved from.

    The second carries no token: a signed URL is on another host, which must not see it.
    """

    def __init__(self, root: str, token: str, timeout: Timeout, headers: Mapping[str, str]) -> None:
        self._root = root
        self._token = token
        self._shared: dict[str, Any] = {"timeout": httpx_timeout(timeout)}
        self._headers = {"User-Agent": USER_AGENT, **headers}
        self._lock = threading.Lock()
        self._sync_pools: dict[str, httpx.Client] = {}

    def sync_api(self) -> AuthenticatedClient:
        """What the generated calls take, for synchronous ones."""
        return self._generated().set_httpx_client(self._sync("api"))

    def async_api(self) -> AuthenticatedClient:
        """What the generated calls take, for asynchronous ones in the running event loop."""
        return self._generated().set_async_httpx_client(self._async("api"))

    def sync_downloads(self) -> httpx.Client:
        """A client without the token."""
        return self._sync("downloads")

    def async_downloads(self) -> httpx.AsyncClient:
        """A client without the token, for the running event loop."""
        return self._async("downloads")

    def close(self) -> None:
        """Close the pools of the synchronous calls."""
        with self._lock:
            pools, self._sync_pools = self._sync_pools, {}
        for pool in pools.values():
            pool.close()

    async def aclose(self) -> None:
        """Close the pools of the running event loop, and those of the synchronous calls."""
        for pool in _async_pools.get(WeakKeyDictionary()).pop(self, {}).values():
            await pool.aclose()
        self.close()

    def _generated(self) -> AuthenticatedClient:
        return AuthenticatedClient(self._root + PATH_PREFIX, token=self._token)

    def _options(self, purpose: str) -> dict[str, Any]:
        if purpose == "downloads":
            return {**self._shared, "headers": {"User-Agent": USER_AGENT}, "follow_redirects": True}
        headers = {**self._headers, "Authorization": self._token, "Accept": "application/json"}
        return {**self._shared, "headers": headers, "base_url": self._root + PATH_PREFIX}

    def _sync(self, purpose: str) -> httpx.Client:
        with self._lock:
            if purpose not in self._sync_pools:
                self._sync_pools[purpose] = httpx.Client(**self._options(purpose))
            return self._sync_pools[purpose]

    def _async(self, purpose: str) -> httpx.AsyncClient:
        of_loop = _async_pools.get(None)
        if of_loop is None:
            of_loop = WeakKeyDictionary()
            _async_pools.set(of_loop)
        pools = of_loop.setdefault(self, {})
        if purpose not in pools:
            pools[purpose] = httpx.AsyncClient(**self._options(purpose))
        return pools[purpose]


@contextmanager
def translated(operation: str, method: str) -> Iterator[None]:
    """Turn what httpx raises in the block into this package's errors."""
    try:
        yield
    except httpx.TransportError as error:
        request = error._request  # noqa: SLF001 - the property raises where there is none
        url = str(request.url.copy_with(query=None)) if request else ""
        raise _as_ours(error, operation, method, url) from error
    except httpx.InvalidURL as error:
        raise InvalidInputError("url", str(error)) from error


def _as_ours(error: httpx.TransportError, operation: str, method: str, url: str) -> TransportError:
    what = str(error) or type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        phase = type(error).__name__.removesuffix("Timeout").lower()
        ours: TransportError = RequestTimeoutError(
            f"timed out ({phase}): {what}", operation=operation, method=method, url=url
        )
    else:
        ours = ConnectionFailedError(f"no complete answer: {what}", operation=operation, method=method, url=url)
    ours.outcome_unknown = method != "GET" and not isinstance(error, _NOT_SENT)
    return ours
