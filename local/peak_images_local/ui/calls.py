"""The page of the requests that the API has received."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peak_images_local.ui import snippets
from peak_images_local.ui.view import PAGE_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from peak_images_local.request_log import ReceivedRequest
    from peak_images_local.ui.view import View

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
    # Numbers that stay the same while others arrive.
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
        snippets=snippets,
    )


def _matches(request: ReceivedRequest, q: str) -> bool:
    """Whether each word of a filter is in a request; `4xx` is a word too."""
    status = str(request.status)
    query = " ".join(f"{name}={value}" for name, value in request.query)
    agent = request.headers.get("user-agent", "")
    known = (request.method, request.path, query, agent, status, f"{status[0]}xx", request.operation)
    text = " ".join(known).lower()
    return all(word in text for word in q.lower().split())
