"""What is asked of another host, by a signed URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import httpx

from peak_images._http.logging import hide_signed_urls
from peak_images._http.options import USER_AGENT, httpx_timeout

if TYPE_CHECKING:
    from peak_images._http.client import Connections
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
    """A response of another host, which gets no token, to be read in chunks."""
    request = _download_request(url, headers, timeout)
    with hide_signed_urls():
        response = connections.sync_client().send(request, stream=True, auth=None, follow_redirects=True)
    try:
        yield response
    finally:
        response.close()


@asynccontextmanager
async def async_download(
    connections: Connections, url: str, headers: Mapping[str, str], timeout: Timeout
) -> AsyncIterator[httpx.Response]:
    """A response of another host, which gets no token, to be read in chunks."""
    request = _download_request(url, headers, timeout)
    with hide_signed_urls():
        response = await connections.async_client().send(request, stream=True, auth=None, follow_redirects=True)
    try:
        yield response
    finally:
        await response.aclose()
