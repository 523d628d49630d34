"""One request for a page: its parameters, within bounds, and the response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from peak_images_local.handlers.lookup import find_image, find_version
from peak_images_local.ui.rendering import render

if TYPE_CHECKING:
    from starlette.requests import Request

    from peak_images_local.state import State
    from peak_images_local.storage.database import Row
    from peak_images_local.ui.access import Access

PAGE_SIZE = 50
_MAX_DIGITS = 15
_MAX_TEXT = 200
_AGES_CHANGE_AFTER = 30_000


@dataclass(frozen=True)
class Page:
    """Where a page of a list is."""

    number: int
    count: int
    total: int

    @property
    def offset(self) -> int:
        """The number of entries before it."""
        return (self.number - 1) * PAGE_SIZE


@dataclass(frozen=True)
class View:
    """A request for a page of a service; templates have it as `view`."""

    state: State
    access: Access
    request: Request
    seen: str = ""
    """The state's fingerprint before the page has read anything."""

    @property
    def path(self) -> str:
        """The path of the page."""
        return self.request.url.path

    @property
    def origin(self) -> str:
        """The address of the service, as the browser has it."""
        return f"{self.request.url.scheme}://{self.request.url.netloc}"

    @property
    def is_logged_in(self) -> bool:
        """Whether the pages are open to this browser."""
        return self.access.is_logged_in(self.request)

    def id(self, name: str) -> int:
        """Return an id of the path; 0, which is never used, if it isn't a number."""
        return _parse_number(self.request.path_params[name]) or 0

    def ids(self) -> dict[str, int]:
        """Return all ids of the path."""
        return {name: self.id(name) for name in self.request.path_params}

    def text(self, name: str) -> str:
        """Return a value of the query, truncated."""
        return self.request.query_params.get(name, "")[:_MAX_TEXT]

    def number(self, name: str) -> int | None:
        """Return a number of the query; `None` if it isn't one."""
        return _parse_number(self.text(name))

    def link(self, **changes: str | int) -> str:
        """Return this page's address with other values in its query; empty ones are dropped."""
        query = {**self.request.query_params, **{name: str(value) for name, value in changes.items()}}
        kept = {name: value[:_MAX_TEXT] for name, value in query.items() if value and name != "done"}
        return self.path + ("?" + urlencode(kept) if kept else "")

    def page(self, total: int) -> Page:
        """Return which page of a list of `total` entries this is."""
        count = max(1, -(-total // PAGE_SIZE))
        return Page(min(max(1, self.number("page") or 1), count), count, total)

    def image(self) -> Row:
        """Return the image of the path."""
        with self.state.database.transaction() as transaction:
            return find_image(transaction, self.id("imageId"))

    def version(self) -> Row:
        """Return the version of the path."""
        with self.state.database.transaction() as transaction:
            return find_version(transaction, self.id("imageId"), self.id("versionId"))

    def exports(self) -> str:
        """Return the lines that point a client at this service."""
        return f"export PEAK_IMAGES_URL={self.origin}\nexport PEAK_AUTH_TOKEN={self.state.settings.token}"

    def render(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Return a page."""
        return HTMLResponse(self.fragment(template, **context), status)

    def fragment(self, template: str, **context: Any) -> str:
        """Return a part of a page."""
        return render(template, view=self, now=self.state.clock.now(), **context)


def _parse_number(text: str) -> int | None:
    """Return a number; `None` if it isn't one, or is too large for an id."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else None


def fingerprint(state: State) -> str:
    """Return a text that changes with the stored data, the received requests, and the displayed ages."""
    return f"{state.database.revision}-{state.requests.total}-{state.clock.now() // _AGES_CHANGE_AFTER}"
