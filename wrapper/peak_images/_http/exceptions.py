"""What httpx raises, as this package's errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from peak_images.errors import ConnectionFailedError, InvalidInputError, RequestTimeoutError, TransportError

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""After one of these the service can't have seen the request."""


@contextmanager
def map_httpx_errors(operation: str, method: str) -> Iterator[None]:
    """Turn what httpx raises in the block into this package's errors."""
    try:
        yield
    except httpx.RequestError as error:
        request = error._request
        url = str(request.url.copy_with(query=None)) if request else ""
        raise _as_ours(error, operation, method, url) from error
    except httpx.InvalidURL as error:
        raise InvalidInputError("url", str(error)) from error
    except httpx.StreamError as error:
        raise ConnectionFailedError(
            f"the response can't be read: {error}", operation=operation, method=method, url=""
        ) from error


def _as_ours(error: httpx.RequestError, operation: str, method: str, url: str) -> TransportError:
    cause: BaseException | None = error
    while isinstance(cause, Exception) and not str(cause):
        cause = cause.__cause__ or cause.__context__
    # What isn't an Exception is how an event loop cancels, and its text is for nobody.
    what = str(cause) if isinstance(cause, Exception) else ""
    # "Connection refused" alone doesn't say by whom.
    origin = "/".join(url.split("/", 3)[:3])
    if isinstance(error, httpx.TimeoutException):
        phase = type(error).__name__.removesuffix("Timeout").lower()
        ours: TransportError = RequestTimeoutError(
            f"timed out ({phase}){origin and f' at {origin}'}{what and f': {what}'}",
            operation=operation,
            method=method,
            url=url,
        )
    else:
        problem = f"no complete response{origin and f' from {origin}'}: {what or type(error).__name__}"
        ours = ConnectionFailedError(problem, operation=operation, method=method, url=url)
    ours.outcome_unknown = method != "GET" and not isinstance(error, _NOT_SENT)
    return ours
