"""Unit tests reach no network. Where one needs a response, ``wire`` stands in its place."""

import json
import socket

import httpx
import pytest


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*arguments):
        pytest.fail(f"a unit test reached for the network: {arguments[1:]}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


class Wire:
    """Records the requests that httpx would send; each response is a success, unless a test changes it."""

    def __init__(self):
        self.requests = []
        self.status, self.body, self.headers = 200, {"imageCount": 0, "pageCount": 1, "images": []}, {}

    def response(self, request):
        self.requests.append(request)
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return httpx.Response(self.status, headers=self.headers, content=content, request=request)

    def handle(self, request):
        request.read()
        return self.response(request)

    async def handle_async(self, request):
        await request.aread()
        return self.response(request)


@pytest.fixture
def wire(monkeypatch):
    """In place of the network, below everything that is this package's."""
    wire = Wire()
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", lambda _, request: wire.handle(request))
    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", lambda _, request: wire.handle_async(request))
    return wire


@pytest.fixture
def sent(wire):
    """Gives the request that one call over a session sends."""
    from peak_images import get_client

    def by(session):
        client = get_client(session)
        client.list_images(return_iterator=False)
        client.session.close()
        return wire.requests[-1]

    return by
