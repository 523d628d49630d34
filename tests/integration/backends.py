"""The client's two backends under one interface, so that one test covers both, and both event loops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import contextmanager
from functools import partial

from anyio.from_thread import start_blocking_portal

from peak_images import get_async_client, get_client

BACKENDS = ("sync", "asyncio", "trio")


class Blocking:
    """An asynchronous client whose calls are made in an event loop of another thread, and waited for."""

    def __init__(self, client, portal):
        self._client, self._portal = client, portal

    def __getattr__(self, name):
        attribute = getattr(self._client, name)
        return partial(self._call, attribute) if callable(attribute) else attribute

    def _call(self, operation, *arguments, **named):
        result = self._portal.call(partial(operation, *arguments, **named))
        return self._iterate(result) if isinstance(result, AsyncIterator) else result

    def _iterate(self, elements):
        end = object()
        while (element := self._portal.call(anext, elements, end)) is not end:
            yield element


@contextmanager
def open_client(backend, session):
    """Yield a client of this backend that is called as the synchronous one is."""
    if backend == "sync":
        yield get_client(session)
        return
    with start_blocking_portal(backend) as portal:
        try:
            yield Blocking(get_async_client(session), portal)
        finally:
            portal.call(session.aclose)
