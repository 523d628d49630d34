"""Send the requests of the generated calls, and read the responses."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from logging import DEBUG
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from peak_images._http.client import USER_AGENT, Connections
from peak_images._http.logging import log_request, log_response, logger, readable_fields
from peak_images._http.responses import ResponseTooLargeError
from peak_images._peak_sdk import is_dry_run, show
from peak_images._secrets import mask_token, redact_url
from peak_images._settings import CallOptions
from peak_images.errors import InvalidInputError

if TYPE_CHECKING:
    from peak_images._artifacts import Artifact

MAX_RESPONSE_SIZE: Final = 64 * 2**20
"""The largest decompressed body of a response, in bytes."""

_TIMED_OUT: Final = "the whole exchange took too long"
_CLOSED: Final = "the connections have been closed"


@dataclass
class _SenderBase:
    """The base of the senders of both flavours.

    Attributes:
        connections: The session's connections.
        options: The timeout and additional headers.
        operation: The operation's name, for the log.
        fields: The fields of the body; ``None`` for no body.
        artifact: The artifact, if the body has one.
    """

    connections: Connections
    options: CallOptions
    operation: str
    fields: Mapping[str, Any] | None
    artifact: Artifact | None

    def mask(self, text: str) -> str:
        """Return a text without the token."""
        return mask_token(text, self.connections.token)

    def _build(
        self, client: Any, method: str, url: str, params: Any = None, headers: Any = None, **body: Any
    ) -> httpx.Request:
        given = {name.lower(): value for name, value in headers.items()} if headers else {}
        try:
            # httpx would parse the address a second time for the query.
            address = httpx.URL(self.connections.base_url + url, params=params)
        except httpx.InvalidURL as error:  # a part is too long
            raise InvalidInputError("url", str(error)) from error
        request: httpx.Request = client.build_request(
            method,
            address,
            # A custom client may have a query of its own, to which httpx adds this one.
            params=params if client.params else None,
            headers={
                "user-agent": USER_AGENT,
                "accept": "application/json",
                **self.options.headers,
                # The token is sent with these requests only: other hosts never see it.
                "authorization": self.connections.token,
                **given,
            },
            extensions={"timeout": vars(self.options.timeout)},
            **body,
        )
        if logger.isEnabledFor(DEBUG):
            log_request(self.operation, request.method, self.mask(str(request.url)), self._shown_fields())
        return request

    def _shown_fields(self) -> list[tuple[str, str]]:
        fields = [(name, self.mask(text)) for name, text in readable_fields(self.fields or {})]
        return [*fields, ("artifact", "<artifact.zip>")] if self.artifact else fields

    def _dry_run_response(self, request: httpx.Request) -> httpx.Response:
        """Return a stand-in for the response in a dry run, the caller's or that of the SDK's command line."""
        from peak_images._dry_run import PreparedRequest

        url = str(request.url)
        if self.options.dry_run is not None:
            size = self.artifact.size if self.artifact else None
            self.options.dry_run(PreparedRequest(self.operation, request.method, url, self.fields, size))
        else:
            show(request.method, redact_url(url), self._shown_fields())
        return httpx.Response(200, json={}, request=request)

    def _too_large(self, response: httpx.Response) -> ResponseTooLargeError:
        return ResponseTooLargeError(
            f"the response is larger than {MAX_RESPONSE_SIZE >> 20} MiB",
            operation=self.operation,
            method=response.request.method,
            url=str(response.request.url.copy_with(query=None)),
            status_code=response.status_code,
            headers=dict(response.headers),
        )


class Sender(_SenderBase):
    """The sender of synchronous requests, in place of the httpx client that the generated calls expect."""

    def get_httpx_client(self) -> Self:
        """Return what the generated calls send by."""
        return self

    def request(self, method: str, url: str, **rest: Any) -> httpx.Response:
        """Send a request and read the response."""
        client = self.connections.sync_client()
        request = self._build(client, method, url, **rest)
        if self.options.dry_run or (request.method != "GET" and is_dry_run()):
            return self._dry_run_response(request)
        total = self.options.timeout.total
        deadline = math.inf if total is None else time.monotonic() + total
        if self.fields is not None:
            request.stream = DeadlineStream(request.stream, deadline, httpx.WriteTimeout(_TIMED_OUT, request=request))
        if client.is_closed:  # by another thread; httpx would raise a RuntimeError
            raise httpx.ConnectError(_CLOSED, request=request)
        response = client.send(request, stream=True, follow_redirects=False)
        body = bytearray()
        try:
            response.stream = DeadlineStream(response.stream, deadline, httpx.ReadTimeout(_TIMED_OUT, request=request))
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > MAX_RESPONSE_SIZE:
                    raise self._too_large(response)
        finally:
            response.close()
        response._content = bytes(body)  # as httpx's read() does, which has no limits
        if logger.isEnabledFor(DEBUG):
            log_response(self.operation, response.status_code, body, self.mask)
        return response


class AsyncSender(_SenderBase):
    """The sender of asynchronous requests, in place of the httpx client that the generated calls expect."""

    def get_async_httpx_client(self) -> Self:
        """Return what the generated calls send by."""
        return self

    async def request(self, method: str, url: str, **rest: Any) -> httpx.Response:
        """Send a request and read the response."""
        from anyio import move_on_after

        client = self.connections.async_client()
        request = self._build(client, method, url, **rest)
        if self.options.dry_run or (request.method != "GET" and is_dry_run()):
            return self._dry_run_response(request)
        request.stream = ChunkStream(request.stream)
        total = self.options.timeout.total
        body = bytearray()
        # Not fail_after(): a TimeoutError may also be one of on_progress.
        with move_on_after(math.inf if total is None else total) as scope:
            if client.is_closed:  # by another task
                raise httpx.ConnectError(_CLOSED, request=request)
            response = await client.send(request, stream=True, follow_redirects=False)
            try:
                chunks: Any = response.aiter_bytes()
                async with aclosing(chunks):
                    async for chunk in chunks:
                        body += chunk
                        if len(body) > MAX_RESPONSE_SIZE:
                            raise self._too_large(response)
            finally:
                await response.aclose()
        if scope.cancelled_caught:
            raise httpx.ReadTimeout(_TIMED_OUT, request=request)
        response._content = bytes(body)  # as httpx's read() does, which has no limits
        if logger.isEnabledFor(DEBUG):
            log_response(self.operation, response.status_code, body, self.mask)
        return response


@dataclass
class DeadlineStream(httpx.SyncByteStream):
    """A stream that raises when the total timeout has passed.

    httpx's timeouts restart with every chunk, so that a slow response could take for ever.
    """

    stream: Any
    deadline: float
    error: httpx.TimeoutException

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.stream:
            if time.monotonic() > self.deadline:
                raise self.error
            yield chunk

    def close(self) -> None:
        self.stream.close()


class ChunkStream(httpx.AsyncByteStream):
    """A request body as an iterator. trio warns of httpx's own generator when the connection is lost."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        # Each time from the start: the authentication of a custom client may send the request twice.
        self._chunks = iter(self._stream)
        return self

    async def __anext__(self) -> bytes:
        for chunk in self._chunks:
            return bytes(chunk)
        raise StopAsyncIteration
