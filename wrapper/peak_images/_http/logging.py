"""Requests and responses in the log, without secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from peak_images._secrets import MASK, is_secret, redact

logger = logging.getLogger("peak_images")

_downloading: ContextVar[bool] = ContextVar("peak_images_downloading", default=False)

MAX_LOGGED_BODY: Final = 2000
"""Longest quotation of a body in the log, in characters."""


@contextmanager
def hide_signed_urls() -> Iterator[None]:
    """Keep the queries of URLs out of httpx's own log in the block."""
    before = _downloading.set(True)
    try:
        yield
    finally:
        _downloading.reset(before)


def _without_query(record: logging.LogRecord) -> bool:
    if _downloading.get() and isinstance(record.args, tuple):
        record.args = tuple(str(one).partition("?")[0] if "?" in str(one) else one for one in record.args)
    return True


logging.getLogger("httpx").addFilter(_without_query)


def log_request(
    operation: str, method: str, url: object, form: list[tuple[str, Any]] | None, mask: Callable[[str], str]
) -> None:
    """Log a request at DEBUG, without its headers, of which one is the token; ``mask`` takes it out of the rest."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    fields = "".join(f" {name}={value}" for name, value in readable_form(form, mask))
    logger.debug("%s: %s %s%s", operation, method.upper(), mask(str(url)), fields[:MAX_LOGGED_BODY])


def readable_form(form: list[tuple[str, Any]] | None, mask: Callable[[str], str]) -> list[tuple[str, str]]:
    """Return the fields of a form as text, without secrets."""
    return [(name, mask(_form_value(name, part))) for name, part in form or []]


def log_response(operation: str, status_code: int, content: bytes, mask: Callable[[str], str]) -> None:
    """Log a response at DEBUG."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    try:
        body = json.dumps(redact(json.loads(content)))
    except (ValueError, RecursionError):
        body = f"{len(content)} bytes that are not JSON"
    logger.debug("%s: %d %s", operation, status_code, mask(body)[:MAX_LOGGED_BODY])


def _form_value(name: str, part: tuple[Any, Any, Any]) -> str:
    file_name, content, _ = part
    if not isinstance(content, bytes):
        return f"<{file_name}>"
    if is_secret([name]):
        return MASK
    try:
        return json.dumps(redact(json.loads(content), name))
    except (ValueError, RecursionError):
        return content.decode("utf-8", errors="replace")
