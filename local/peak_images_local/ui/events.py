"""Live updates: server-sent events, for as long as somebody looks at a page."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response, StreamingResponse

from peak_images_local.errors import ApiError
from peak_images_local.handlers.lookup import find_build
from peak_images_local.ui import build_log
from peak_images_local.ui.pages import build_context
from peak_images_local.ui.rendering import render
from peak_images_local.ui.view import fingerprint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from peak_images_local.ui.view import View

_POLL_SECONDS = 0.3
_MAX_STREAMS = 50
_MAX_POLLS = 2000
"""A stream ends after these, about ten minutes; the browser opens another."""

_POLLS_BETWEEN_COMMENTS = 50
_END = "event: end\ndata:\n\n"


class Events:
    """The streams of one service."""

    def __init__(self) -> None:
        self._open = 0

    def of_everything(self, view: View) -> Response:
        """Return a stream that says `changed` whenever something has."""
        return self._respond(_Changes(view).poll)

    def of_build(self, view: View) -> Response:
        """Return a stream of the lines of a build, and `end` when it has ended."""
        return self._respond(_BuildLines(view).poll)

    def _respond(self, poll: Callable[[], str]) -> Response:
        if self._open >= _MAX_STREAMS:
            return PlainTextResponse("Too many pages are open", 503)
        return StreamingResponse(self._stream(poll), media_type="text/event-stream")

    async def _stream(self, poll: Callable[[], str]) -> AsyncIterator[str]:
        self._open += 1
        try:
            for count in range(_MAX_POLLS):
                text = await asyncio.to_thread(poll)
                # Something is sent now and then, so that a connection that is gone is noticed.
                if text or count % _POLLS_BETWEEN_COMMENTS == 0:
                    yield text or ": nothing new\n\n"
                if text.endswith(_END):
                    return
                await asyncio.sleep(_POLL_SECONDS)
        finally:
            self._open -= 1


class _Changes:
    """Notices that what is stored, what was received or how old everything is has changed."""

    def __init__(self, view: View) -> None:
        self._state = view.state
        # What the page that listens has seen: nothing that came between it and this stream is missed.
        self._seen = view.text("seen")

    def poll(self) -> str:
        # Opening a transaction lets happen what has become due.
        with self._state.database.transaction():
            pass
        seen, self._seen = self._seen, fingerprint(self._state)
        return "event: changed\ndata:\n\n" if seen != self._seen else ""


class _BuildLines:
    """Reads on in the log of a build."""

    def __init__(self, view: View) -> None:
        self._view = view
        last = view.request.headers.get("last-event-id", "")
        self._next = int(last) if last.isdecimal() and len(last) < 16 else view.number("after") or 0

    def poll(self) -> str:
        view = self._view
        try:
            with view.state.database.transaction() as transaction:
                build = find_build(transaction, view.id("imageId"), view.id("buildId"))
                lines = build_log.read_lines(transaction, build["id"], self._next)
                context = build_context(view, transaction) if lines else {}
        except ApiError:
            return _END
        text = ""
        if lines:
            self._next += len(lines)
            new = render("_lines.html", log={"lines": lines})
            update = json.dumps({"lines": new, "parts": view.fragment("_build.html", **context)})
            text = f"id: {self._next}\nevent: log\ndata: {update}\n\n"
        ended = build["finished_at"] is not None and len(lines) < build_log.MAX_LINES
        return text + (_END if ended else "")
