"""Parse HTTP responses into JSON or errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from peak_images.errors import ApiError, class_for_status

if TYPE_CHECKING:
    from peak_images_api.types import Response

_REQUEST_ID_HEADERS: Final = (
    "x-request-id",
    "x-amzn-requestid",
    "x-amzn-request-id",
    "x-correlation-id",
    "x-amzn-trace-id",
    "x-amz-cf-id",
    "cf-ray",
)
_DETAIL_LIMIT: Final = 300
"""The longest text of a response that isn't JSON in an error, in characters."""


class ResponseTooLargeError(ApiError):
    """The response is too large to read. The call isn't retried."""


def parse_response(
    operation: str,
    method: str,
    response: Response[Any],
    *,
    mask: Callable[[str], str],
    may_be_deleted: bool = False,
    may_be_empty: bool = False,
) -> dict[str, Any]:
    """Return the JSON object of a successful response; ``{}`` for an empty one to DELETE, or that the contract allows.

    Args:
        operation: The operation's name, for errors.
        method: Its HTTP method.
        response: The response.
        mask: Removes the token from a text.
        may_be_deleted: Whether an earlier attempt of a DELETE may have succeeded: 404 then means that it has.
        may_be_empty: Whether the contract has a success without a body.

    Raises:
        ApiError: The response isn't a success, or can't be read.
    """
    is_success = 200 <= response.status_code <= 299
    is_empty = is_success and not response.content.strip()
    if is_empty and (may_be_empty or method == "DELETE"):
        return {}
    if may_be_deleted and method == "DELETE" and response.status_code == 404:
        return {}
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        body = response.content.decode("utf-8", errors="replace")
    if is_success and isinstance(body, dict):
        return body
    detail = f"the response is not a JSON object: {summarize(body)}" if is_success else _detail(body)
    if response.status_code // 100 == 3 and (target := response.headers.get("location")):
        # Of a login page, or of http:// in place of https://.
        detail = f"redirected to {target.partition('?')[0]}; check the address of the service"
    masked: Any = mask(response.content.decode("utf-8", errors="replace"))
    with suppress(ValueError, RecursionError):
        masked = json.loads(masked)
    raise class_for_status(response.status_code)(
        mask(detail),
        operation=operation,
        method=method,
        url=response.url,
        status_code=response.status_code,
        body=masked,
        headers=dict(response.headers),
        request_id=_request_id(response.headers),
    )


def may_have_been_applied(method: str, error: ApiError) -> bool:
    """Return whether the service may have applied a change although its response is this error."""
    status = error.status_code
    unclear = status == 408 or (status >= 500 and status not in (501, 503)) or 200 <= status <= 299
    return method != "GET" and unclear


def _detail(body: object) -> str:
    if isinstance(body, dict):
        for key in ("detail", "message"):
            value = body.get(key)
            text = value if isinstance(value, str) else json.dumps(value)
            if value and text.strip():
                return text
    return summarize(body)


def summarize(body: object) -> str:
    """Return a short text of a body that isn't JSON: the title of a page, or the message of XML."""
    if not isinstance(body, str):
        body = json.dumps(body)
    title = re.search(r"<title[^>]*>(.*?)</title>", body, re.IGNORECASE | re.DOTALL)
    message = re.search(r"<Message>(.*?)</Message>", body, re.DOTALL)
    if title or message:
        import html  # it takes a while to load, and few responses are pages

        if title:
            body = f"a page titled {html.unescape(title[1]).strip()!r}"
        elif message:
            body = html.unescape(message[1]).strip()
    body = " ".join(body.split())
    if not body:
        return "no text"
    return body if len(body) <= _DETAIL_LIMIT else body[: _DETAIL_LIMIT - 1] + "…"


def _request_id(headers: Mapping[str, str]) -> str | None:
    return next((value for name in _REQUEST_ID_HEADERS if (value := headers.get(name))), None)
