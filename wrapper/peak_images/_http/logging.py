"""Requests and responses in the log, without what must not be there."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

logger = logging.getLogger("peak_images")

_MASK: Final = "***"
_downloading: ContextVar[bool] = ContextVar("peak_images_downloading", default=False)

_LIMIT: Final = 2000
"""Longest quotation of a body in the log, in characters."""


def masked(text: str, token: str) -> str:
    """A text without the token, as it is and as JSON has it."""
    return text.replace(token, _MASK).replace(json.dumps(token)[1:-1], _MASK)


@contextmanager
def hide_signed_urls() -> Iterator[None]:
    """Keep the queries of addresses out of httpx's own log while something is asked for by a signed URL."""
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
    """Log a request at DEBUG. Headers stay out: one of them is the token, which ``mask`` takes out of the rest."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    fields = "".join(f" {name}={value}" for name, value in readable_form(form, mask))
    logger.debug("%s: %s %s%s", operation, method.upper(), mask(str(url)), fields[:_LIMIT])


def readable_form(form: list[tuple[str, Any]] | None, mask: Callable[[str], str]) -> list[tuple[str, str]]:
    """The fields of a form as text, without what must not be seen."""
    return [(name, mask(_form_value(value))) for name, value in form or []]


def log_response(operation: str, status_code: int, content: bytes, mask: Callable[[str], str]) -> None:
    """Log a response at DEBUG."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    try:
        body = json.dumps(redact(json.loads(content)))
    except (ValueError, RecursionError):
        body = f"{len(content)} bytes that are not JSON"
    logger.debug("%s: %d %s", operation, status_code, mask(body)[:_LIMIT])


def redact(value: Any) -> Any:
    """A copy of JSON values without the values of build arguments and the queries of signed URLs."""
    if isinstance(value, list):
        return [redact(item) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: redact(item) for key, item in value.items()}
    if "buildArguments" in copy:
        arguments = copy["buildArguments"]
        copy["buildArguments"] = list(map(_masked, arguments)) if isinstance(arguments, list) else _MASK
    if isinstance(copy.get("downloadUrl"), str):
        copy["downloadUrl"] = copy["downloadUrl"].partition("?")[0] + f"?{_MASK}"
    return copy


def _masked(argument: Any) -> Any:
    if not isinstance(argument, dict):
        return _MASK
    return {key: item if key == "name" else _MASK for key, item in argument.items()}


def _form_value(part: tuple[Any, Any, Any]) -> str:
    file_name, content, _ = part
    if not isinstance(content, bytes):
        return f"<{file_name}>"
    try:
        return json.dumps(redact(json.loads(content)))
    except (ValueError, RecursionError):
        return content.decode("utf-8", errors="replace")
