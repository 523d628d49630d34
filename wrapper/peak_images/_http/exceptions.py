"""Map httpx's exceptions to this package's errors."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final

import httpx

from peak_images.errors import ConnectionFailedError, RequestTimeoutError, TransportError

_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, UnicodeError)
"""Exceptions after which the service can't have received the request."""

_WRONG_SCHEME: Final = {
    "(?i)wrong.version.number|record.layer.failure": " (no TLS is spoken there; should the address start with http://?)",
    "illegal request line": " (TLS may be spoken there; should the address start with https://?)",
}
"""OpenSSL's error for a response without TLS, and h11's for a binary one, each with a hint."""

HTTPX_ERRORS: Final = (httpx.RequestError, httpx.InvalidURL, httpx.StreamError, UnicodeError)
"""The exceptions of httpx for a request that can't be sent, or a response that can't be read."""


def map_httpx_error(error: Exception, operation: str, method: str) -> TransportError:
    """Return the error of this package for one of ``HTTPX_ERRORS``, which is its cause.

    Raises:
        UnicodeError: The exception isn't of httpx.
    """
    request, reason = _request_of(error), _reason(error)
    url = str(request.url.copy_with(query=None, userinfo=b"")) if request else ""
    proxy = request.extensions.get("proxy") if request else None
    origin = "/".join(url.split("/", 3)[:3]) + (f" through {proxy}" if proxy else "")
    kind: type[TransportError] = ConnectionFailedError
    if isinstance(error, UnicodeError):
        # Raised by sockets for a host name that DNS doesn't allow; Python 3.12 names the codec in a note.
        if "idna" not in " ".join((type(error).__module__, str(error), *getattr(error, "__notes__", ()))).lower():
            raise error
        message = f"invalid host name: {error}"
    elif isinstance(error, httpx.StreamError):
        message = f"the response can't be read: {error}"
    elif isinstance(error, httpx.InvalidURL):
        message = f"the response refers to an invalid URL: {error}"
    elif isinstance(error, httpx.TimeoutException):
        kind, phase = RequestTimeoutError, type(error).__name__.removesuffix("Timeout").lower()
        message = f"timed out ({phase}){origin and f' at {origin}'}{reason and f': {reason}'}"
    elif isinstance(error, httpx.ConnectError):
        message = f"can't connect to {origin or 'the service'}: {reason or type(error).__name__}"
        if not proxy and "SSL" not in reason and re.match(r"https?://(localhost|127\.|\[::1\])", origin):
            message += " (for the local service, is `peak-images serve` running?)"
    else:
        source = origin and f", from {origin}"
        message = f"no response, or an incomplete one{source}: {reason or type(error).__name__}"
    message += next((hint for pattern, hint in _WRONG_SCHEME.items() if re.search(pattern, reason)), "")
    mapped = kind(message, operation=operation, method=method, url=url)
    mapped.outcome_unknown = method != "GET" and not isinstance(error, _NOT_SENT)
    mapped.__cause__ = error
    return mapped


def _request_of(error: Any) -> httpx.Request | None:
    with suppress(AttributeError, RuntimeError):  # there is no request
        return error.request  # type: ignore[no-any-return]
    return None


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    # anyio's own text hides the error of the system.
    while isinstance(cause, Exception) and str(cause) in ("", "All connection attempts failed"):
        cause = cause.__cause__ or cause.__context__
        if isinstance(cause, ExceptionGroup):
            cause = cause.exceptions[0]
    # An exception that isn't an Exception is how an event loop cancels; its message is internal.
    return str(cause) if isinstance(cause, Exception) else ""
