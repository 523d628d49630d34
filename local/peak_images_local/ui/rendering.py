"""Render templates: the environment, and the headers of every page."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import PlainTextResponse, Response

from peak_images_local.api.contract import load_contract
from peak_images_local.handlers.serializers import pull_url
from peak_images_local.ui.formats import FILTERS, printable

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""No resources of other hosts, no inline scripts, and no frames around a page."""


@functools.cache
def environment() -> Environment:
    """Return the templates' environment; all values are made printable and escaped."""
    made = Environment(
        loader=PackageLoader("peak_images_local.ui"),
        autoescape=True,
        finalize=_finalize,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    made.filters |= FILTERS
    made.globals |= {"prefix": load_contract().prefix, "pull_url": pull_url}
    return made


def _finalize(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def render(template: str, **context: Any) -> str:
    """Return a rendered template."""
    return environment().get_template(template).render(context)


def static_file(name: str) -> Response:
    """Return a file of the pages as a response."""
    file = resources.files("peak_images_local.ui").joinpath("static", name)
    kind = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}.get(name.rpartition(".")[2])
    if kind is None or not file.is_file():
        return PlainTextResponse("There is no such file\n", 404, headers=HEADERS)
    return Response(file.read_bytes(), media_type=kind, headers={**HEADERS, "Cache-Control": "no-cache"})
