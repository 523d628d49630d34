"""The httpx clients of event loops: a connection belongs to the loop it was opened in, so each loop has its own."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import httpx
from anyio.lowlevel import RunVar

_pools: RunVar[WeakKeyDictionary[object, _Pool]] = RunVar("peak_images_async_pools")

_kept_in_trio: RunVar[set[_Pool]] = RunVar("peak_images_kept_in_trio")
"""trio warns of a generator that is collected before it has finished, as asyncio doesn't."""


def client_in_loop(owner: object, new_client: Callable[[], httpx.AsyncClient]) -> httpx.AsyncClient:
    """Return an owner's client in the running event loop, created on first use."""
    pools = _pools.get(None)
    if pools is None:
        pools = WeakKeyDictionary()
        _pools.set(pools)
    if owner not in pools:
        pools[owner] = _Pool(new_client())
    return pools[owner].client


async def close_client_in_loop(owner: object) -> None:
    """Close an owner's client in the running event loop, if there is one."""
    pools = _pools.get(None)
    pool = None if pools is None else pools.pop(owner, None)
    if pool is not None:
        await pool.aclose()


class _Pool:
    """A client that is closed with its event loop at the latest.

    An event loop closes the asynchronous generators that were started in it, when it finishes. This class starts one:
    its first step needs no loop.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self._closer = _close_with_loop(client)
        with suppress(StopIteration):
            self._closer.asend(None).send(None)
        if _in_trio():
            self._kept = _kept_in_trio.get(set())
            self._kept.add(self)
            _kept_in_trio.set(self._kept)

    async def aclose(self) -> None:
        if _in_trio():
            self._kept.discard(self)
        await self._closer.aclose()


async def _close_with_loop(client: httpx.AsyncClient) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await client.aclose()


def _in_trio() -> bool:
    trio: Any = sys.modules.get("trio")
    with suppress(RuntimeError):  # raised where another event loop runs
        return trio is not None and bool(trio.lowlevel.current_trio_token())
    return False
