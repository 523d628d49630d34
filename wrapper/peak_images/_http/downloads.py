"""What is asked of another host, by a signed URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import httpx

from peak_images._http.injection import USER_AGENT, httpx_timeout
from peak_images._redaction import hiding_signed_urls

if TYPE_CHECKING:
    from peak_images._http.connections import Connections
    from peak_images._settings import Timeout


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
