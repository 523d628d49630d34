"""Live updates of open pages, by server-sent events."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response, StreamingResponse

from peak_images_local.errors import ApiError
from peak_images_local.handlers.lookup import find_build
from peak_images_local.ui import build_log
from peak_images_local.ui.pages import build_context
from peak_images_local.ui.view import fingerprint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import Receive, Scope, Send

    from peak_images_local.ui.view import View

_POLL_SECONDS = 0.3
_MAX_STREAMS = 50
_MAX_POLLS = 2000
"""The maximum number of polls of a stream, about ten minutes; then the browser opens another."""

_POLLS_BETWEEN_COMMENTS = 50


class Events:
    """The streams of one service."""

    def __init__(self) -> None:
        self.open = 0

    def of(self, poll: Callable[[View], Iterator[str]]) -> Callable[[View], Response]:
        """Return a response with the events of an iterator, which yields an empty text if nothing has changed."""

        def respond(view: View) -> Response:
            return _Stream(self, poll(view))

        return respond


class _Stream(StreamingResponse):
    """One stream, which takes its place when it starts: many may be asked for at once."""

    def __init__(self, events: Events, polls: Iterator[str]) -> None:
        super().__init__(_messages(polls), media_type="text/event-stream")
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._events.open >= _MAX_STREAMS:
            await PlainTextResponse("Too many pages are open", 503)(scope, receive, send)
            return
        self._events.open += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._events.open -= 1


async def _messages(polls: Iterator[str]) -> AsyncIterator[str]:
    for count in range(_MAX_POLLS):
        text = await asyncio.to_thread(next, polls, None)
        if text is None:
            yield "event: end\ndata:\n\n"
            return
        # Comments are sent regularly, so that a lost connection is detected.
        if text or count % _POLLS_BETWEEN_COMMENTS == 0:
            yield text or ": nothing new\n\n"
        await asyncio.sleep(_POLL_SECONDS)


def changes(view: View) -> Iterator[str]:
    """Yield `changed` when the stored data, the received requests or the displayed ages have changed."""
    # The state that the page shows, so that changes before this stream was opened aren't missed.
    seen = view.text("seen")
    while True:
        # Opening a transaction applies the changes that are due.
        with view.state.database.transaction():
            pass
        last, seen = seen, fingerprint(view.state)
        yield "event: changed\ndata:\n\n" if seen != last else ""


def build_lines(view: View) -> Iterator[str]:
    """Yield new lines of a build's log, until the build has finished or is deleted."""
    last = view.request.headers.get("last-event-id", "")
    position = int(last) if last.isdecimal() and len(last) < 16 else view.number("after") or 0
    while True:
        try:
            with view.state.database.transaction() as transaction:
                build = find_build(transaction, view.id("imageId"), view.id("buildId"))
                lines = build_log.read_lines(transaction, build["id"], position)
                context = build_context(view, transaction) if lines else {}
        except ApiError:
            return
        position += len(lines)
        if lines:
            new, parts = view.fragment("_lines.html", lines=lines), view.fragment("_build.html", **context)
            update = json.dumps({"lines": new, "parts": parts})
            yield f"id: {position}\nevent: log\ndata: {update}\n\n"
        else:
            yield ""
        if build["finished_at"] is not None and len(lines) < build_log.MAX_LINES:
            return
