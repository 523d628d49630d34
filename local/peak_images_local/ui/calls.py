"""The page of the requests that the API has received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_images_local.api.contract import load_contract
from peak_images_local.ui import snippets
from peak_images_local.ui.queries import PAGE_SIZE
from peak_images_local.ui.view import short_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from peak_images_local.request_log import ReceivedRequest
    from peak_images_local.ui.view import View

_KINDS: dict[str, tuple[str, str, Callable[[ReceivedRequest], bool]]] = {
    "": ("all", "", lambda _: True),
    "changes": ("changes only", "", lambda request: request.method != "GET"),
    "errors": ("errors", "bad", lambda request: not 0 < request.status < 400),
    "problems": ("against the contract", "bad", lambda request: bool(request.problems)),
}


def requests(view: View) -> Response:
    """Return the page of requests, the newest first."""
    only, q = view.text("only"), view.text("q")
    log = view.state.requests
    kept = list(log)
    # Numbers that stay the same while others arrive.
    numbered = list(enumerate(kept, log.total - len(kept) + 1))
    found = [entry for entry in numbered if _matches(entry[1], q)]
    _, _, is_wanted = _KINDS.get(only, _KINDS[""])
    wanted = [entry for entry in reversed(found) if is_wanted(entry[1])]
    page = view.page(len(wanted))
    chips = [
        {
            "text": text,
            "state": "",
            "tone": tone,
            "count": sum(is_one(request) for _, request in found),
            "href": view.link(only=name, page=""),
            "current": name == only,
        }
        for name, (text, tone, is_one) in _KINDS.items()
    ]
    return view.render(
        "requests.html",
        "Requests",
        q=q,
        only=only,
        chips=chips,
        calls=[_call(number, request) for number, request in wanted[page.offset : page.offset + PAGE_SIZE]],
        page=page,
        events=view.events(),
    )


def _matches(request: ReceivedRequest, q: str) -> bool:
    """Whether each word of a filter is in a request; `4xx` is a word too."""
    status = str(request.status)
    known = (request.method, _target(request), _user_agent(request), status, f"{status[0]}xx", request.operation)
    text = " ".join(known).lower()
    return all(word in text for word in q.lower().split())


def _target(request: ReceivedRequest) -> str:
    return " ".join([request.path, *(f"{name}={value}" for name, value in request.query)])


def _user_agent(request: ReceivedRequest) -> str:
    return request.headers.get("user-agent", "")[:200]


def _call(number: int, request: ReceivedRequest) -> dict[str, Any]:
    path, _, query = _target(request).partition(" ")
    return {
        "number": number,
        "method": request.method,
        "short_path": path.removeprefix(load_contract().prefix)[:300],
        "short_query": query[:300],
        "client": _user_agent(request) or request.client,
        "status": request.status,
        "took": request.duration_ms,
        "at": request.received_at,
        "operation": request.operation,
        "problems": [problem[:1000] for problem in request.problems[:20]],
        "fields": {name: short_json(value) for name, value in request.fields.items()},
        "files": {name: {"name": file[0], "type": file[1], "size": file[2]} for name, file in request.files.items()},
        "curl": snippets.as_curl(request),
        "python": snippets.as_python(request),
    }
