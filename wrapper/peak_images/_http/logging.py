"""Log requests and responses, with secrets redacted."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from peak_images._secrets import redact, redact_url

logger = logging.getLogger("peak_images")

_downloading: ContextVar[bool] = ContextVar("peak_images_downloading", default=False)

MAX_LOGGED_BODY: Final = 2000
"""The longest text of a body in the log, in characters."""


@contextmanager
def hide_signed_urls() -> Iterator[None]:
    """Remove the queries of URLs from httpx's own log in the block."""
    before = _downloading.set(True)
    try:
        yield
    finally:
        _downloading.reset(before)


def _redact_urls(record: logging.LogRecord) -> bool:
    shown = (lambda url: url.partition("?")[0]) if _downloading.get() else redact_url
    if isinstance(record.args, tuple):
        record.args = tuple(shown(str(one)) if "?" in str(one) else one for one in record.args)
    return True


logging.getLogger("httpx").addFilter(_redact_urls)


def log_request(operation: str, method: str, url: str, fields: list[tuple[str, str]]) -> None:
    """Log a request without its headers, since one is the token."""
    shown = "".join(f" {name}={value}" for name, value in fields)
    logger.debug("%s: %s %s%s", operation, method, redact_url(url), shown[:MAX_LOGGED_BODY])


def readable_fields(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields of a body as text, with secrets redacted."""
    return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in redact(fields).items()]


def log_response(operation: str, status_code: int, content: bytes | bytearray, mask: Callable[[str], str]) -> None:
    """Log a response."""
    try:
        body = json.dumps(redact(json.loads(content)))
    except (ValueError, RecursionError):
        body = f"{len(content)} bytes that are not JSON"
    logger.debug("%s: %d %s", operation, status_code, mask(body)[:MAX_LOGGED_BODY])
