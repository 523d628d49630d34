"""The senders: they stand where the generated calls expect an httpx client, and add what is the session's."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from typing import Any, Final

import httpx

from peak_images._dry_run import prepare_request
from peak_images._http.logging import log_request, log_response, readable_form
from peak_images._http.responses import ResponseTooLargeError
from peak_images._peak_sdk import is_dry_run, show
from peak_images._secrets import mask_token
from peak_images._settings import CallOptions, Timeout, merge_headers
from peak_images._version import __version__

_PYTHON: Final = ".".join(map(str, sys.version_info[:3]))
USER_AGENT: Final = f"peak-images/{__version__} python/{_PYTHON} httpx/{httpx.__version__}"

MAX_RESPONSE_SIZE: Final = 64 * 2**20
"""The largest body of a response to read, in bytes, decompressed."""

_TOO_LONG: Final = "the whole exchange took too long"


def httpx_timeout(timeout: Timeout) -> httpx.Timeout:
    """Return a ``Timeout`` as httpx takes it; it has no total."""
    return httpx.Timeout(connect=timeout.connect, read=timeout.read, write=timeout.write, pool=timeout.pool)


class _SenderBase:
    """What both flavours have in common.

    Args:
        client: The httpx client to send with.
        base_url: The address that all paths of the contract are relative to.
        token: The token, which is sent with these requests only: other hosts never see it.
        operation: The operation's name in the contract.
        options: The timeout and further headers.
    """

    def __init__(self, client: Any, base_url: str, token: str, operation: str, options: CallOptions) -> None:
        self._client = client
        self._base_url = base_url
        self._token = token
        self._operation = operation
        self._options = options

    def _build(
        self, method: str, url: str, params: Any = None, headers: Mapping[str, str] | None = None, **rest: Any
    ) -> httpx.Request:
        own = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        address = httpx.URL(self._base_url + url, params=params)  # httpx would parse it a second time for the query
        request: httpx.Request = self._client.build_request(
            method,
            address,
            # A ready client may have a query of its own, to which httpx adds this one.
            params=params if self._client.params else None,
            headers=merge_headers(own, self._options.headers, {"Authorization": self._token}, headers or {}),
            timeout=httpx_timeout(self._options.timeout),
            **rest,
        )
        log_request(self._operation, method, request.url, rest.get("files"), self._mask)
        return request

    def _dry_run_response(self, request: httpx.Request, rest: Mapping[str, Any]) -> httpx.Response | None:
        """Return a stand-in for the response in a dry run, of the caller's or of the SDK's command line."""
        if self._options.dry_run is not None:
            self._options.dry_run(prepare_request(self._operation, request.method, str(request.url), rest))
        elif request.method != "GET" and is_dry_run():
            show(request.method, str(request.url), readable_form(rest.get("files"), self._mask))
        else:
            return None
        return httpx.Response(200, json={}, request=request)

    def _check_open(self, request: httpx.Request) -> None:
        # httpx's own error would be one of programming, and here it is another thread or task that has closed.
        if self._client.is_closed:
            raise httpx.ConnectError("the connections have been closed", request=request)

    def _append(self, body: bytearray, chunk: bytes, response: httpx.Response) -> None:
        body += chunk
        if len(body) > MAX_RESPONSE_SIZE:
            raise ResponseTooLargeError(
                f"the response is larger than {MAX_RESPONSE_SIZE >> 20} MiB",
                operation=self._operation,
                method=response.request.method,
                url=str(response.request.url.copy_with(query=None)),
                status_code=response.status_code,
                headers=dict(response.headers),
            )

    def _complete(self, response: httpx.Response, body: bytearray) -> httpx.Response:
        # The body is decoded already.
        headers = [(name, value) for name, value in response.headers.multi_items() if name != "content-encoding"]
        complete = httpx.Response(response.status_code, headers=headers, content=bytes(body), request=response.request)
        log_response(self._operation, complete.status_code, complete.content, self._mask)
        return complete

    def _mask(self, text: str) -> str:
        return mask_token(text, self._token)


class Sender(_SenderBase):
    """What synchronous calls are sent by."""

    def request(self, method: str, url: str, **rest: Any) -> httpx.Response:
        """Send a request and read the response."""
        request = self._build(method, url, **rest)
        if (dry_run_response := self._dry_run_response(request, rest)) is not None:
            return dry_run_response
        total = self._options.timeout.total
        deadline = math.inf if total is None else time.monotonic() + total
        request.stream = DeadlineStream(request.stream, deadline, httpx.WriteTimeout(_TOO_LONG, request=request))
        self._check_open(request)
        response: httpx.Response = self._client.send(request, stream=True, follow_redirects=False)
        body = bytearray()
        try:
            response.stream = DeadlineStream(response.stream, deadline, httpx.ReadTimeout(_TOO_LONG, request=request))
            for chunk in response.iter_bytes():
                self._append(body, chunk, response)
        finally:
            response.close()
        return self._complete(response, body)


class AsyncSender(_SenderBase):
    """What asynchronous calls are sent by."""

    async def request(self, method: str, url: str, **rest: Any) -> httpx.Response:
        """Send a request and read the response."""
        from anyio import move_on_after

        request = self._build(method, url, **rest)
        if (dry_run_response := self._dry_run_response(request, rest)) is not None:
            return dry_run_response
        request.stream = ChunkStream(request.stream)
        total = self._options.timeout.total
        body = bytearray()
        # Not fail_after(): a TimeoutError may also be one of on_progress.
        with move_on_after(math.inf if total is None else total) as scope:
            self._check_open(request)
            response: httpx.Response = await self._client.send(request, stream=True, follow_redirects=False)
            try:
                chunks: Any = response.aiter_bytes()
                async with aclosing(chunks):
                    async for chunk in chunks:
                        self._append(body, chunk, response)
            finally:
                await response.aclose()
        if scope.cancelled_caught:
            raise httpx.ReadTimeout(_TOO_LONG, request=request)
        return self._complete(response, body)


class DeadlineStream(httpx.SyncByteStream):
    """A stream that times out when the whole exchange has taken too long.

    httpx's timeouts restart with every chunk, so that a service that sends a byte now and then could go on for ever.
    """

    def __init__(self, stream: Any, deadline: float, error: httpx.TimeoutException) -> None:
        self._stream = stream
        self._deadline = deadline
        self._error = error

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._deadline:
                raise self._error
            yield chunk

    def close(self) -> None:
        self._stream.close()


class ChunkStream(httpx.AsyncByteStream):
    """A body to send as an iterator; httpx's own generator would be left for trio to warn of by a lost connection."""

    def __init__(self, stream: Any) -> None:
        self._chunks = iter(stream)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for chunk in self._chunks:
            return bytes(chunk)
        raise StopAsyncIteration
