"""What stands where the generated calls expect an httpx client, and adds what is the session's."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final

import httpx

from peak_images._http.logging import log_request, log_response, masked, readable_form
from peak_images._http.options import USER_AGENT, httpx_timeout
from peak_images._peak_sdk import is_dry_run, show
from peak_images._settings import CallOptions, merge_headers

_TOO_LONG: Final = "the whole exchange took too long"


class _SenderBase:
    """What both flavours have in common.

    Args:
        client: The httpx client to send by.
        base_url: The address that all paths of the contract are relative to.
        token: The token, which goes with these requests only: other hosts never see it.
        operation: The operation's name in the contract.
        options: How long to wait, and further headers.
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
        log_request(self._operation, method, request.url, rest.get("files"), self._masked)
        return request

    def _dry_run_response(self, request: httpx.Request, form: Any) -> httpx.Response | None:
        """In a dry run of the SDK's command line, what stands for the response to a change that isn't made."""
        if request.method == "GET" or not is_dry_run():
            return None
        show(request.method, str(request.url), readable_form(form, self._masked))
        return httpx.Response(200, json={}, request=request)

    def _check_open(self, request: httpx.Request) -> None:
        # httpx's own error would be one of programming, and here it is another thread or task that has closed.
        if self._client.is_closed:
            raise httpx.ConnectError("the connections have been closed", request=request)

    def _log(self, response: httpx.Response) -> None:
        log_response(self._operation, response.status_code, response.content, self._masked)

    def _masked(self, text: str) -> str:
        return masked(text, self._token)


class Sender(_SenderBase):
    """What synchronous calls are sent by."""

    def request(self, method: str, url: str, **rest: Any) -> httpx.Response:
        """Send a request and read the response."""
        request = self._build(method, url, **rest)
        if (rehearsed := self._dry_run_response(request, rest.get("files"))) is not None:
            return rehearsed
        total = self._options.timeout.total
        deadline = math.inf if total is None else time.monotonic() + total
        request.stream = DeadlineStream(request.stream, deadline, httpx.WriteTimeout(_TOO_LONG, request=request))
        self._check_open(request)
        response: httpx.Response = self._client.send(request, stream=True, follow_redirects=False)
        try:
            response.stream = DeadlineStream(response.stream, deadline, httpx.ReadTimeout(_TOO_LONG, request=request))
            response.read()
        finally:
            response.close()
        self._log(response)
        return response


class AsyncSender(_SenderBase):
    """What asynchronous calls are sent by."""

    async def request(self, method: str, url: str, **rest: Any) -> httpx.Response:
        """Send a request and read the response."""
        from anyio import move_on_after

        request = self._build(method, url, **rest)
        if (rehearsed := self._dry_run_response(request, rest.get("files"))) is not None:
            return rehearsed
        request.stream = ChunkStream(request.stream)
        total = self._options.timeout.total
        # Not fail_after(): a TimeoutError may also be one of on_progress.
        with move_on_after(math.inf if total is None else total) as scope:
            self._check_open(request)
            response: httpx.Response = await self._client.send(request, stream=True, follow_redirects=False)
            try:
                await response.aread()
            finally:
                await response.aclose()
        if scope.cancelled_caught:
            raise httpx.ReadTimeout(_TOO_LONG, request=request)
        self._log(response)
        return response


class DeadlineStream(httpx.SyncByteStream):
    """A stream that ends with a timeout when the whole exchange has taken too long.

    httpx waits anew for every chunk, so that a service that sends a byte now and then could go on for ever.
    """

    def __init__(self, stream: Any, deadline: float, fault: httpx.TimeoutException) -> None:
        self._stream = stream
        self._deadline = deadline
        self._fault = fault

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            if time.monotonic() > self._deadline:
                raise self._fault
            yield chunk

    def close(self) -> None:
        self._stream.close()


class ChunkStream(httpx.AsyncByteStream):
    """What is sent, by an iterator and no generator, which a broken connection would leave for trio to complain of."""

    def __init__(self, stream: Any) -> None:
        self._pieces = iter(stream)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for chunk in self._pieces:
            return bytes(chunk)
        raise StopAsyncIteration
