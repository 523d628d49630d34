"""The connection pools of event loops: a connection belongs to the loop it was opened in, so each has its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from anyio.lowlevel import RunVar

from peak_images._synchronization import in_trio

if TYPE_CHECKING:
    import httpx

    from peak_images._http.client import Connections

_pools: RunVar[WeakKeyDictionary[Connections, _Pool]] = RunVar("peak_images_async_pools")

_kept_in_trio: RunVar[set[_Pool]] = RunVar("peak_images_kept_in_trio")
"""trio complains of a generator that is collected before its end, as asyncio does not."""


def client_of(connections: Connections, make: Callable[[], httpx.AsyncClient]) -> httpx.AsyncClient:
    """The client of a session in the running event loop, made on first use."""
    pools = _pools.get(None)
    if pools is None:
        pools = WeakKeyDictionary()
        _pools.set(pools)
    if connections not in pools:
        pools[connections] = _Pool(make())
    return pools[connections].client


async def close_client_of(connections: Connections) -> None:
    """Close the client of a session in the running event loop, if there is one."""
    pools = _pools.get(None)
    pool = None if pools is None else pools.pop(connections, None)
    if pool is not None:
        await pool.aclose()


class _Pool:
    """A client that is closed with its event loop, if nobody has by then.

    An event loop that ends closes the asynchronous generators that were begun in it. This has one, and begins it: the
    first step of it needs no loop.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self._closer = _close_at_the_end(client)
        with suppress(StopIteration):
            self._closer.asend(None).send(None)
        if in_trio():
            self._kept = _kept_in_trio.get(set())
            self._kept.add(self)
            _kept_in_trio.set(self._kept)

    async def aclose(self) -> None:
        if in_trio():
            self._kept.discard(self)
        await self._closer.aclose()


async def _close_at_the_end(client: httpx.AsyncClient) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await client.aclose()
