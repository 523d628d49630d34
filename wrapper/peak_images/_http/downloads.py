"""Downloads from another host, by a signed URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import httpx

from peak_images._http.client import USER_AGENT, Connections
from peak_images._http.logging import hide_signed_urls
from peak_images._http.transport import httpx_timeout
from peak_images._settings import Timeout

MAX_REDIRECTS: Final = 20


def _request(url: httpx.URL, headers: Mapping[str, str], timeout: Timeout) -> httpx.Request:
    # Not made by the client: a ready one may have headers and cookies of its own, which are not for another host.
    # identity: where a broken transfer is resumed counts bytes as they are stored.
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
    return httpx.Request("GET", url, headers=headers, extensions={"timeout": httpx_timeout(timeout).as_dict()})


def _redirect(response: httpx.Response, count: int) -> httpx.URL | None:
    """Return where a response redirects to; httpx would add the client's cookies."""
    if not response.has_redirect_location:
        return None
    if count == MAX_REDIRECTS:
        raise httpx.TooManyRedirects(f"more than {MAX_REDIRECTS} redirects", request=response.request)
    return response.request.url.join(response.headers["location"])


# Not the client's authentication either.
_SEND: Final[dict[str, Any]] = {"stream": True, "auth": None, "follow_redirects": False}


@contextmanager
def sync_download(
    clients: Connections, url: str, headers: Mapping[str, str], timeout: Timeout
) -> Iterator[httpx.Response]:
    """Yield another host's response, to be read in chunks. The host gets no token and no cookies."""
    target: httpx.URL | None = httpx.URL(url)
    count = 0
    while target is not None:
        with hide_signed_urls():
            response = clients.sync_client().send(_request(target, headers, timeout), **_SEND)
        try:
            target = _redirect(response, count)
            if target is None:
                yield response
        finally:
            response.close()
        count += 1


@asynccontextmanager
async def async_download(
    clients: Connections, url: str, headers: Mapping[str, str], timeout: Timeout
) -> AsyncIterator[httpx.Response]:
    """Yield another host's response, to be read in chunks. The host gets no token and no cookies."""
    target: httpx.URL | None = httpx.URL(url)
    count = 0
    while target is not None:
        with hide_signed_urls():
            response = await clients.async_client().send(_request(target, headers, timeout), **_SEND)
        try:
            target = _redirect(response, count)
            if target is None:
                yield response
        finally:
            await response.aclose()
        count += 1
