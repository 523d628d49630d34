"""Downloads from another host, by a signed URL: the host gets no token and no cookies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx

from peak_images._http.client import USER_AGENT
from peak_images._settings import Timeout

MAX_REDIRECTS: Final = 20

SEND_OPTIONS: Final[dict[str, Any]] = {"stream": True, "auth": None, "follow_redirects": False}
"""How to send the request: without a custom client's authentication, and redirects get no cookies of it."""


def download_request(url: str | httpx.URL, headers: Mapping[str, str], timeout: Timeout) -> httpx.Request:
    """Return a request that isn't built by the client, since a custom one may have headers and cookies of its own."""
    # identity: a transfer is resumed at a number of bytes as they are stored.
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **headers}
    return httpx.Request("GET", url, headers=headers, extensions={"timeout": vars(timeout)})


def redirect_url(response: httpx.Response, redirects: int) -> httpx.URL:
    """Return the target of a redirect, after so many others.

    Raises:
        httpx.TooManyRedirects: There have been too many.
    """
    if redirects == MAX_REDIRECTS:
        raise httpx.TooManyRedirects(f"more than {MAX_REDIRECTS} redirects", request=response.request)
    return response.request.url.join(response.headers["location"])
