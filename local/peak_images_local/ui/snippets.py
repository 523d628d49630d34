"""Code to copy: what a page shows, asked for by a client; and a recorded request, sent again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from peak_images_local.api.contract import load_contract
from peak_images_local.ui.view import short_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from peak_images_local.request_log import ReceivedRequest

_MAX_FIELD = 20_000


def same(python: str, shell: str, path: str) -> dict[str, str]:
    """Return what a page shows as Python, a shell command and a request by curl.

    Args:
        python: Statements that use a `client`.
        shell: The arguments of `peak-images`.
        path: The path and query, within the API.
    """
    return {
        "Python": f"from peak.resources import images\n\nclient = images.get_client()\n{python}",
        "Shell": f"peak-images {shell}",
        "curl": f'curl -H "Authorization: $PEAK_AUTH_TOKEN" "$PEAK_IMAGES_URL{load_contract().prefix}{path}"',
    }


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


def describe_image(image: Mapping[str, Any]) -> dict[str, str]:
    """Return how a client reads an image."""
    number = image["id"]
    return same(
        f'image = client.describe_image({number})\nprint(image["latestVersion"]["status"])',
        f"describe {number}",
        f"/images/{number}",
    )


def describe_version(version: Mapping[str, Any]) -> dict[str, str]:
    """Return how a client reads a version."""
    image_id, number = version["image_id"], version["id"]
    return same(
        f'version = client.describe_version({image_id}, {number})\nprint(version["status"], version["pullUrl"])',
        f"describe-version --image-id {image_id} --version-id {number}",
        f"/images/{image_id}/versions/{number}",
    )


def read_log(build: Mapping[str, Any]) -> dict[str, str]:
    """Return how a client reads the log of a build."""
    image_id, number = build["image_id"], build["id"]
    return same(
        f'for entry in client.follow_build_logs({image_id}, {number}):\n    print(entry["message"])',
        f"get-build-logs --image-id {image_id} --build-id {number} --follow",
        f"/images/{image_id}/builds/{number}/logs",
    )
