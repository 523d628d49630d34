"""Serve whole logs at signed URLs, as an object store would."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from starlette.responses import Response

from peak_images_local.handlers import logs
from peak_images_local.handlers.lookup import find_build

if TYPE_CHECKING:
    from starlette.requests import Request

    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.state import State

PATH = "/downloads/{name}"
"""Where logs are fetched."""

_LINK_SECONDS = 300
"""How long the address of a log can be used."""

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_OTHER_HOST = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


def get_build_logs_download(context: RequestContext) -> dict[str, Any]:
    """Return the URL of a build's whole log, which expires soon."""
    with context.state.database.transaction() as transaction:
        build = find_build(transaction, context.path_id("imageId"), context.path_id("buildId"))
        expires = transaction.now // 1000 + _LINK_SECONDS
    name = f"{build['id']}.log"
    query = urlencode({"expires": expires, "signature": _signature(context.state, name, str(expires))})
    return {"downloadUrl": f"{_other_origin(context.origin)}/downloads/{name}?{query}"}


def _other_origin(origin: str) -> str:
    """Return this service's address by another host name if it has one, since real URLs name another host."""
    scheme, _, netloc = origin.partition("://")
    host, colon, port = netloc.partition(":")
    return f"{scheme}://{_OTHER_HOST.get(host, host)}{colon}{port}"


def _signature(state: State, name: str, expires: str) -> str:
    return hmac.digest(state.signing_key().encode(), f"{name} {expires}".encode(), "sha256").hex()


def download(state: State, request: Request) -> Response:
    """Respond to a request for a log."""
    # An object store rejects a request with a signed URL and an Authorization header.
    if "authorization" in request.headers:
        return _refusal(400, "InvalidArgument", "Only one auth mechanism allowed; the address is signed already")
    name = request.path_params["name"]
    expires = request.query_params.get("expires", "")
    signature = request.query_params.get("signature", "")
    if not hmac.compare_digest(signature.encode(), _signature(state, name, expires).encode()):
        return _refusal(403, "SignatureDoesNotMatch", "The signature is not that of this address")
    # This service has created the signed text, so it can be parsed.
    build_id = int(name.removesuffix(".log"))
    with state.database.transaction() as transaction:
        if int(expires) * 1000 <= transaction.now:
            return _refusal(403, "AccessDenied", "The address has expired")
        if transaction.fetch_one("SELECT 1 FROM builds WHERE id = ?", build_id) is None:
            return _refusal(404, "NoSuchKey", f"There is no {name}")
        content = logs.log_text(transaction, build_id).encode(errors="replace")
    return _part(content, request.headers.get("range"))


def _part(content: bytes, wanted: str | None) -> Response:
    """Return the content, or the requested range; a malformed range is ignored."""
    headers = {"Accept-Ranges": "bytes"}
    match = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if match is None or match[0] == "bytes=-" or (match[1] and match[2] and int(match[2]) < int(match[1])):
        return Response(content, media_type="text/plain", headers=headers)
    size = len(content)
    if match[1]:
        start = int(match[1])
        end = min(int(match[2]) if match[2] else size - 1, size - 1)
    else:
        start, end = max(0, size - int(match[2])), size - 1
    if start > end:
        headers["Content-Range"] = f"bytes */{size}"
        return _refusal(416, "InvalidRange", "The range is not within the file", headers)
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return Response(content[start : end + 1], 206, media_type="text/plain", headers=headers)


def _refusal(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'
    return Response(body, status, media_type="application/xml", headers=headers)
