"""The one module that knows httpx: owns its clients, sends by them, turns its exceptions into this package's errors."""

from __future__ import annotations

import math
import os
import platform
import ssl
import threading
import time
import weakref
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import httpx
from anyio import fail_after
from anyio.lowlevel import RunVar

from peak_images._concurrency import in_trio
from peak_images._redaction import form_for_people, hiding_signed_urls, log_answer, log_request, masked
from peak_images._sdk import is_dry_run, show
from peak_images._settings import PATH_PREFIX, CallOptions, Timeout, without_secrets
from peak_images._version import __version__
from peak_images.errors import (
    ConfigurationError,
    ConnectionFailedError,
    InvalidInputError,
    RequestTimeoutError,
    TransportError,
    quoted,
)
from peak_images_api import AuthenticatedClient

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

USER_AGENT: Final = f"peak-images/{__version__} python/{platform.python_version()} httpx/{httpx.__version__}"

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""After one of these the service can't have seen the request."""

# A connection belongs to the event loop it was opened in, so each loop has its own pools.
_async_pools: RunVar[WeakKeyDictionary[Connections, _AsyncPool]] = RunVar("peak_images_async_pools")

_kept_in_trio: RunVar[set[_AsyncPool]] = RunVar("peak_images_kept_in_trio")
"""trio complains of a generator that is collected before its end, as asyncio does not."""

_left_by_fork: Final[list[httpx.Client]] = []
"""Pools of a parent process. They must be neither used nor closed here, and dropping them would close them."""


@dataclass(frozen=True)
class Injection:
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

    def client_of(self, kind: type[C]) -> C | None:
        """The ready client, if there is one.

        Raises:
            ConfigurationError: It is one of the other flavour, or none at all. Sending by another would surprise.
        """
        if self.http_client is None or isinstance(self.http_client, kind):
            return self.http_client
        raise ConfigurationError(f"http_client: {quoted(self.http_client)} is not an httpx.{kind.__name__}")

    def arguments(self, kind: type[httpx.BaseTransport | httpx.AsyncBaseTransport]) -> dict[str, Any]:
        """The arguments of the httpx client whose transport is of this kind.

        Raises:
            ConfigurationError: The transport is of another kind, or the proxy or the certificates can't be used.
        """
        arguments: dict[str, Any] = {"headers": {"User-Agent": USER_AGENT}}
        if self.transport is not None:
            if not isinstance(self.transport, kind):
                raise ConfigurationError(f"transport: {quoted(self.transport)} is not an httpx.{kind.__name__}")
            arguments["transport"] = self.transport
        if self.proxy is not None:
            try:
                arguments["proxy"] = httpx.Proxy(self.proxy)
            except (TypeError, ValueError, httpx.InvalidURL) as error:
                raise ConfigurationError(f"proxy: {quoted(without_secrets(self.proxy))} can't be used") from error
        if self.ca_bundle is not None:
            arguments["verify"] = self._context()
        return arguments

    def _context(self) -> ssl.SSLContext:
        if isinstance(self.ca_bundle, ssl.SSLContext):
            return self.ca_bundle
        try:
            return ssl.create_default_context(cafile=self.ca_bundle)
        except OSError as error:
            raise ConfigurationError(f"ca_bundle: {quoted(self.ca_bundle)} can't be used: {error}") from error


class Connections:
    """The connection pools of a session, opened on first use; each event loop has one of its own."""

    def __init__(self, root: str, token: str, injection: Injection) -> None:
        self._base_url = root + PATH_PREFIX
        self._token = token
        self._injection = injection
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._own: httpx.Client | None = None

    def sync_api(self, operation: str, options: CallOptions) -> AuthenticatedClient:
        """What the generated calls take, for synchronous ones."""
        sender = _Sender(self.sync_client(), self, operation, options)
        return self._generated().set_httpx_client(cast("httpx.Client", sender))

    def async_api(self, operation: str, options: CallOptions) -> AuthenticatedClient:
        """What the generated calls take, for asynchronous ones in the running event loop."""
        sender = _AsyncSender(self.async_client(), self, operation, options)
        return self._generated().set_async_httpx_client(cast("httpx.AsyncClient", sender))

    def sync_client(self) -> httpx.Client:
        """The httpx client of synchronous calls."""
        if (given := self._injection.client_of(httpx.Client)) is not None:
            return given
        if self._process != os.getpid():
            self._start_anew()
        with self._lock:
            if self._own is None:
                self._own = _made(httpx.Client, self._injection.arguments(httpx.BaseTransport))
                self._finalizer = weakref.finalize(self, _close_unless_forked, self._own, self._process)
            return self._own

    def async_client(self) -> httpx.AsyncClient:
        """The httpx client of asynchronous calls in the running event loop."""
        if (given := self._injection.client_of(httpx.AsyncClient)) is not None:
            return given
        pools = _async_pools.get(None)
        if pools is None:
            pools = WeakKeyDictionary()
            _async_pools.set(pools)
        if self not in pools:
            pools[self] = _AsyncPool(_made(httpx.AsyncClient, self._injection.arguments(httpx.AsyncBaseTransport)))
        return pools[self].client

    def close(self) -> None:
        """Close the pool of synchronous calls. The next call opens a new one."""
        with self._lock:
            client, self._own = self._own, None
        if client is not None:
            self._finalizer.detach()
            client.close()

    async def aclose(self) -> None:
        """Close the pool of the running event loop, and that of synchronous calls."""
        pools = _async_pools.get(None)
        pool = None if pools is None else pools.pop(self, None)
        if pool is not None:
            await pool.aclose()
        self.close()

    def masked(self, text: str) -> str:
        """A text without the token."""
        return masked(text, self._token)

    def request_arguments(self, url: str, options: CallOptions) -> dict[str, Any]:
        """What every request to the service has. The token is nowhere else, so other hosts never see it."""
        headers = httpx.Headers({"User-Agent": USER_AGENT, "Accept": "application/json"})
        headers.update(options.headers)
        headers["Authorization"] = self._token
        return {
            "url": self._base_url + url,
            "headers": headers,
            "timeout": httpx_timeout(options.timeout),
        }

    def _generated(self) -> AuthenticatedClient:
        return AuthenticatedClient(self._base_url, token=self._token)

    def _start_anew(self) -> None:
        # A fork shares the parent's sockets, and may have happened while another thread held the lock.
        self._process, self._lock = os.getpid(), threading.Lock()
        if self._own is not None:
            _left_by_fork.append(self._own)
            self._own = None


def httpx_timeout(timeout: Timeout) -> httpx.Timeout:
    """A ``Timeout`` as httpx takes it; it knows no total."""
    return httpx.Timeout(connect=timeout.connect, read=timeout.read, write=timeout.write, pool=timeout.pool)


def _close_unless_forked(client: httpx.Client, process: int) -> None:
    """What a session that was never closed leaves behind. A child process must not touch its parent's."""
    if os.getpid() == process:
        client.close()


def _made(kind: type[C], arguments: dict[str, Any]) -> C:
    try:
        return kind(**arguments)
    except (ImportError, OSError, TypeError, ValueError, httpx.InvalidURL) as error:
        # A proxy or a file of certificates that the environment names, say.
        raise ConfigurationError(f"the settings of the connection can't be used: {error}") from error


class _AsyncPool:
    """A client that is closed with its event loop, if nobody has by then.

    An event loop that ends closes the asynchronous generators that were begun in it. This has one, and begins it: the
    first step of it needs no loop.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self._keeper = _close_at_the_end(client)
        with suppress(StopIteration):
            self._keeper.asend(None).send(None)
        if in_trio():
            self._kept = _kept_in_trio.get(set())
            self._kept.add(self)
            _kept_in_trio.set(self._kept)

    async def aclose(self) -> None:
        if in_trio():
            self._kept.discard(self)
        await self._keeper.aclose()


async def _close_at_the_end(client: httpx.AsyncClient) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await client.aclose()


class _Watched(httpx.SyncByteStream):
    """A stream that ends with a timeout when the whole exchange has taken too long.

    httpx waits anew for every piece, so that a service that sends a byte now and then could go on for ever.
    """

    def __init__(self, stream: Any, deadline: float, fault: httpx.TimeoutException) -> None:
        self._stream = stream
        self._deadline = deadline
        self._fault = fault

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            if time.monotonic() > self._deadline:
                raise self._fault
            yield piece

    def close(self) -> None:
        self._stream.close()


class _Pieces(httpx.AsyncByteStream):
    """What is sent, by an iterator and no generator, which a broken connection would leave for trio to complain of."""

    def __init__(self, stream: Any) -> None:
        self._pieces = iter(stream)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return bytes(piece)
        raise StopAsyncIteration


_TOO_LONG: Final = "the whole exchange took too long"


class _SenderBase:
    """Stands where the generated calls expect an httpx client, and adds what is this session's."""

    def __init__(self, client: Any, connections: Connections, operation: str, options: CallOptions) -> None:
        self._client = client
        self._connections = connections
        self._operation = operation
        self._options = options

    def _build(self, method: str, url: str, headers: Mapping[str, str] | None = None, **rest: Any) -> httpx.Request:
        arguments = self._connections.request_arguments(url, self._options)
        arguments["headers"].update(headers)
        request: httpx.Request = self._client.build_request(method, **arguments, **rest)
        log_request(self._operation, method, str(request.url), rest.get("files"), self._connections.masked)
        return request

    def _rehearsed(self, request: httpx.Request, form: Any) -> httpx.Response | None:
        """In a dry run of the SDK's command line, what stands for the answer to a change that isn't made."""
        if request.method == "GET" or not is_dry_run():
            return None
        show(request.method, str(request.url), form_for_people(form, self._connections.masked))
        return httpx.Response(200, json={}, request=request)

    def _log(self, answer: httpx.Response) -> None:
        log_answer(self._operation, answer.status_code, answer.content, self._connections.masked)


class _Sender(_SenderBase):
    def request(self, method: str, url: str, **rest: Any) -> httpx.Response:
        request = self._build(method, url, **rest)
        if (rehearsed := self._rehearsed(request, rest.get("files"))) is not None:
            return rehearsed
        total = self._options.timeout.total
        deadline = math.inf if total is None else time.monotonic() + total
        request.stream = _Watched(request.stream, deadline, httpx.WriteTimeout(_TOO_LONG, request=request))
        answer: httpx.Response = self._client.send(request, stream=True, follow_redirects=False)
        try:
            answer.stream = _Watched(answer.stream, deadline, httpx.ReadTimeout(_TOO_LONG, request=request))
            answer.read()
        finally:
            answer.close()
        self._log(answer)
        return answer


class _AsyncSender(_SenderBase):
    async def request(self, method: str, url: str, **rest: Any) -> httpx.Response:
        request = self._build(method, url, **rest)
        if (rehearsed := self._rehearsed(request, rest.get("files"))) is not None:
            return rehearsed
        request.stream = _Pieces(request.stream)
        try:
            with fail_after(self._options.timeout.total):
                answer: httpx.Response = await self._client.send(request, stream=True, follow_redirects=False)
                try:
                    await answer.aread()
                finally:
                    await answer.aclose()
        except TimeoutError as error:
            raise httpx.ReadTimeout(_TOO_LONG, request=request) from error
        self._log(answer)
        return answer


def _download_request(url: str, headers: Mapping[str, str], timeout: Timeout) -> httpx.Request:
    # Not by the client, which may be a ready one with headers of its own, and another host is asked.
    # identity: where a broken transfer is resumed counts bytes as they are stored.
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
    return httpx.Request("GET", url, headers=headers, extensions={"timeout": httpx_timeout(timeout).as_dict()})


@contextmanager
def sync_download(
    connections: Connections, url: str, headers: Mapping[str, str], timeout: Timeout
) -> Iterator[httpx.Response]:
    """An answer of another host, which gets no token, to be read piece by piece."""
    request = _download_request(url, headers, timeout)
    with hiding_signed_urls():
        answer = connections.sync_client().send(request, stream=True, auth=None, follow_redirects=True)
    try:
        yield answer
    finally:
        answer.close()


@asynccontextmanager
async def async_download(
    connections: Connections, url: str, headers: Mapping[str, str], timeout: Timeout
) -> AsyncIterator[httpx.Response]:
    """An answer of another host, which gets no token, to be read piece by piece."""
    request = _download_request(url, headers, timeout)
    with hiding_signed_urls():
        answer = await connections.async_client().send(request, stream=True, auth=None, follow_redirects=True)
    try:
        yield answer
    finally:
        await answer.aclose()


@contextmanager
def translated(operation: str, method: str) -> Iterator[None]:
    """Turn what httpx raises in the block into this package's errors."""
    try:
        yield
    except httpx.RequestError as error:
        request = error._request  # noqa: SLF001 - the property raises where there is none
        url = str(request.url.copy_with(query=None)) if request else ""
        raise _as_ours(error, operation, method, url) from error
    except httpx.InvalidURL as error:
        raise InvalidInputError("url", str(error)) from error
    except httpx.StreamError as error:
        raise ConnectionFailedError(
            f"the answer can't be read: {error}", operation=operation, method=method, url=""
        ) from error


def _as_ours(error: httpx.RequestError, operation: str, method: str, url: str) -> TransportError:
    cause: BaseException | None = error
    while cause is not None and not str(cause):
        cause = cause.__cause__ or cause.__context__
    what = str(cause) if cause is not None else type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        phase = type(error).__name__.removesuffix("Timeout").lower()
        ours: TransportError = RequestTimeoutError(
            f"timed out ({phase}): {what}", operation=operation, method=method, url=url
        )
    else:
        ours = ConnectionFailedError(f"no complete answer: {what}", operation=operation, method=method, url=url)
    ours.outcome_unknown = method != "GET" and not isinstance(error, _NOT_SENT)
    return ours
