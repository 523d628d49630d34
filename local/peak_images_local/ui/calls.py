"""The page of the received requests, each with code that sends it again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from peak_images_local.ui.formats import short_json
from peak_images_local.ui.view import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from peak_images_local.request_log import ReceivedRequest
    from peak_images_local.ui.view import View

_MAX_FIELD = 20_000
_KINDS: dict[str, Callable[[ReceivedRequest], bool]] = {
    "": lambda _: True,
    "changes": lambda request: request.method != "GET",
    "errors": lambda request: not 0 < request.status < 400,
    "problems": lambda request: bool(request.problems),
}


def requests(view: View) -> Response:
    """Return the page of requests, the newest first."""
    log = view.state.requests
    kept = list(log)
    # Numbers that don't change when others arrive.
    numbered = enumerate(kept, log.total - len(kept) + 1)
    found = [entry for entry in numbered if _matches(entry[1], view.text("q"))]
    is_wanted = _KINDS.get(view.text("only"), _KINDS[""])
    wanted = [entry for entry in reversed(found) if is_wanted(entry[1])]
    page = view.page(len(wanted))
    return view.render(
        "requests.html",
        counts={kind: sum(is_one(request) for _, request in found) for kind, is_one in _KINDS.items()},
        calls=wanted[page.offset : page.offset + PAGE_SIZE],
        page=page,
        as_curl=as_curl,
        as_python=as_python,
    )


def _matches(request: ReceivedRequest, q: str) -> bool:
    """Return whether each word of a filter is in a request; `4xx` is a word too."""
    status = str(request.status)
    query = " ".join(f"{name}={value}" for name, value in request.query)
    agent = request.headers.get("user-agent", "")
    known = (request.method, request.path, query, agent, status, f"{status[0]}xx", request.operation)
    text = " ".join(known).lower()
    return all(word in text for word in q.lower().split())


def as_curl(request: ReceivedRequest) -> str:
    """Return a request as a curl command; masked values stay masked."""
    parts = ["curl", "-X", request.method, '-H "Authorization: $PEAK_AUTH_TOKEN"']
    parts.append('"$PEAK_IMAGES_URL"' + _shell(_address(request)))
    for name, value in request.fields.items():
        parts.append("--form-string " + _shell(f"{name}={short_json(value, _MAX_FIELD)}"))
    for name, (file_name, kind, _) in request.files.items():
        parts.append("-F " + _shell(f"{name}=@{file_name};type={kind}"))
    return " \\\n  ".join([" ".join(parts[:3]), *parts[3:]])


def as_python(request: ReceivedRequest) -> str:
    """Return a request as Python code with httpx."""
    lines = [
        "import os",
        "",
        "import httpx",
        "",
        "response = httpx.request(",
        f"    {request.method!r},",
        f"    os.environ['PEAK_IMAGES_URL'] + {_address(request)!r},",
        "    headers={'Authorization': os.environ['PEAK_AUTH_TOKEN']},",
    ]
    parts = [f"        {name!r}: (None, {short_json(value, _MAX_FIELD)!r})," for name, value in request.fields.items()]
    parts += [
        f"        {name!r}: ({file_name!r}, open({file_name!r}, 'rb'), {kind!r}),"
        for name, (file_name, kind, _) in request.files.items()
    ]
    if parts:
        lines += ["    files={", *parts, "    },"]
    return "\n".join([*lines, ")", "print(response.status_code, response.text)"])


def _address(request: ReceivedRequest) -> str:
    query = urlencode(request.query)
    return quote(request.path) + (f"?{query}" if query else "")


def _shell(text: str) -> str:
    """Return text quoted for a shell; control characters are written as escapes, which bash and zsh read."""
    if text.isprintable() or not any(ord(char) < 32 or ord(char) == 127 for char in text):
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + "".join(f"\\x{ord(c):02x}" if ord(c) < 32 or ord(c) == 127 else c for c in escaped) + "'"
