"""Code to copy that sends a recorded request again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from peak_images_local.ui.formats import short_json

if TYPE_CHECKING:
    from peak_images_local.request_log import ReceivedRequest

_MAX_FIELD = 20_000


def as_curl(request: ReceivedRequest) -> str:
    """Return a request as a command of curl; what is masked stays masked."""
    parts = ["curl", "-X", request.method, '-H "Authorization: $PEAK_AUTH_TOKEN"']
    parts.append('"$PEAK_IMAGES_URL"' + _shell(_address(request)))
    for name, value in request.fields.items():
        parts.append("--form-string " + _shell(f"{name}={short_json(value, _MAX_FIELD)}"))
    for name, (file_name, kind, _) in request.files.items():
        parts.append("-F " + _shell(f"{name}=@{file_name};type={kind}"))
    return " \\\n  ".join([" ".join(parts[:3]), *parts[3:]])


def as_python(request: ReceivedRequest) -> str:
    """Return a request as Python that needs httpx."""
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
