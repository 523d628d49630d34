# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""The client that the low-level calls take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import httpx

DEFAULT_TIMEOUT = httpx.Timeout(connect=5.0, read=30.0, write=60.0, pool=5.0)
"""Seconds to wait for a connection, for something to come, for something to be taken, and for a free connection."""


class Sender(Protocol):
    """What synchronous calls are sent by, such as an ``httpx.Client``."""

    @property
    def request(self) -> Callable[..., httpx.Response]:
        """Send a request and read the response."""


class AsyncSender(Protocol):
    """What asynchronous calls are sent by, such as an ``httpx.AsyncClient``."""

    @property
    def request(self) -> Callable[..., Awaitable[httpx.Response]]:
        """Send a request and read the response."""


@dataclass
class Client:
    """Where the service is and how to talk to it.

    Attributes:
        base_url: The address that all paths of the contract are relative to.
        headers: Headers that go with every call.
        timeout: How long to wait; unused with a ready-made httpx client.
    """

    base_url: str
    headers: dict[str, str] = field(default_factory=dict, kw_only=True)
    timeout: httpx.Timeout = field(default_factory=lambda: DEFAULT_TIMEOUT, kw_only=True)
    _client: Sender | None = field(default=None, init=False, repr=False)
    _async_client: AsyncSender | None = field(default=None, init=False, repr=False)

    def _all_headers(self) -> dict[str, str]:
        return dict(self.headers)

    def set_httpx_client(self, client: Sender) -> Self:
        """Use an existing httpx client, or a substitute, with its own address, headers and timeout."""
        self._client = client
        return self

    def get_httpx_client(self) -> Sender:
        """The httpx client behind the synchronous calls, made on first use."""
        if self._client is None:
            self._client = httpx.Client(base_url=self.base_url, headers=self._all_headers(), timeout=self.timeout)
        return self._client

    def set_async_httpx_client(self, async_client: AsyncSender) -> Self:
        """Use an existing httpx client, or a substitute, with its own address, headers and timeout."""
        self._async_client = async_client
        return self

    def get_async_httpx_client(self) -> AsyncSender:
        """The httpx client behind the asynchronous calls, made on first use."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(
                base_url=self.base_url, headers=self._all_headers(), timeout=self.timeout
            )
        return self._async_client

    def __enter__(self) -> Self:
        client: Any = self.get_httpx_client()
        client.__enter__()
        return self

    def __exit__(self, *args: Any) -> None:
        client: Any = self.get_httpx_client()
        client.__exit__(*args)

    async def __aenter__(self) -> Self:
        client: Any = self.get_async_httpx_client()
        await client.__aenter__()
        return self

    async def __aexit__(self, *args: Any) -> None:
        client: Any = self.get_async_httpx_client()
        await client.__aexit__(*args)


@dataclass
class AuthenticatedClient(Client):
    """A client that sends a token.

    Attributes:
        token: The token, sent as it is in the ``Authorization`` header.
    """

    token: str = field(kw_only=True, repr=False)

    def _all_headers(self) -> dict[str, str]:
        return {**self.headers, "Authorization": self.token}
