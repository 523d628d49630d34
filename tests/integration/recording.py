"""What httpx sends and receives, noted at the edge to the network."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx


@dataclass
class Exchange:
    """A request and its response, as they were sent.

    ``status`` is 0 without a response, and ``complete`` false if it was not read to its end.
    """

    method: str
    url: httpx.URL
    request_headers: httpx.Headers = field(default_factory=httpx.Headers)
    sent: bytearray = field(default_factory=bytearray)
    status: int = 0
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    received: bytearray = field(default_factory=bytearray)
    complete: bool = False

    @classmethod
    def of(cls, request: httpx.Request) -> Exchange:
        return cls(request.method, request.url, request.headers)

    def record_response(self, response: httpx.Response) -> None:
        self.status, self.headers = response.status_code, response.headers


class _Tee(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A stream that keeps what passes through it."""

    def __init__(self, stream, kept, at_end=lambda: None):
        self._stream, self._kept, self._at_end = stream, kept, at_end

    def __iter__(self):
        for chunk in self._stream:
            self._kept += chunk
            yield chunk
        self._at_end()

    async def __aiter__(self):
        chunks = aiter(self._stream)
        try:
            async for chunk in chunks:
                self._kept += chunk
                yield chunk
        finally:
            # A generator within this one isn't closed with it.
            if hasattr(chunks, "aclose"):
                await chunks.aclose()
        self._at_end()

    def close(self):
        self._stream.close()

    async def aclose(self):
        await self._stream.aclose()


def record(monkeypatch) -> list[Exchange]:
    """Note everything that passes through httpx from now on."""
    exchanges: list[Exchange] = []

    def begin(request):
        exchange = Exchange.of(request)
        exchanges.append(exchange)
        request.stream = _Tee(request.stream, exchange.sent)
        return exchange

    def end(exchange, response):
        exchange.record_response(response)
        response.stream = _Tee(response.stream, exchange.received, lambda: setattr(exchange, "complete", True))
        return response

    original, original_async = httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request

    def handle_request(self, request):
        exchange = begin(request)
        return end(exchange, original(self, request))

    async def handle_async_request(self, request):
        exchange = begin(request)
        return end(exchange, await original_async(self, request))

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle_request)
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle_async_request)
    return exchanges
