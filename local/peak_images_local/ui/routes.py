"""The routes of the pages, each of which checks the credentials first."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from typing import TYPE_CHECKING

from starlette.datastructures import UploadFile
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from peak_images_local.api.body import read_form
from peak_images_local.errors import ApiError
from peak_images_local.storage.data_directory import describe_storage_error
from peak_images_local.ui import actions, calls, pages
from peak_images_local.ui.access import FORM_TOKEN, Access
from peak_images_local.ui.actions import Form
from peak_images_local.ui.events import Events, build_lines, changes
from peak_images_local.ui.rendering import HEADERS, static_file
from peak_images_local.ui.view import View, fingerprint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from peak_images_local.state import State

    Endpoint = Callable[[Request], Awaitable[Response]]
    Show = Callable[[View], Response]

_LOG = logging.getLogger("peak_images_local")
_MAX_REASON = 500
_MAX_FORM = 64 << 10
_IMAGE = "/ui/images/{imageId}"
_VERSION = _IMAGE + "/versions/{versionId}"
_BUILD = _IMAGE + "/builds/{buildId}"


def routes(state: State) -> list[Route]:
    """Return the routes of the pages of a service."""
    site, events = _Site(state), Events()
    # The functions of a path for GET and for POST.
    table: list[tuple[str, Show | None, actions.Action | None]] = [
        ("/", pages.images, None),
        ("/ui/login", lambda _: RedirectResponse("/"), actions.log_in),
        ("/ui/new", actions.new, actions.create),
        ("/ui/builds", pages.builds, None),
        ("/ui/requests", calls.requests, None),
        ("/ui/requests/clear", None, actions.clear_requests),
        ("/ui/controls", actions.controls, None),
        ("/ui/control/{name}", None, actions.control),
        ("/ui/reset", actions.confirm_reset, actions.reset),
        ("/ui/events", events.of(changes), None),
        (_IMAGE, pages.image, None),
        (_IMAGE + "/new", actions.new, actions.create),
        (_IMAGE + "/delete", actions.confirm_delete, actions.delete_one),
        (_VERSION, pages.version, None),
        (_VERSION + "/delete", actions.confirm_delete, actions.delete_one),
        (_VERSION + "/rebuild", None, actions.rebuild),
        (_VERSION + "/artifact.zip", pages.artifact_file, None),
        (_VERSION + "/files/{path:path}", pages.artifact_file, None),
        (_BUILD, pages.build, None),
        (_BUILD + "/log", pages.raw_log, None),
        (_BUILD + "/events", events.of(build_lines), None),
    ]
    return [
        Route("/ui/static/{name}", _static, methods=["GET"]),
        *(
            Route(path, site.endpoint(show, do), methods=["GET"] * bool(show) + ["POST"] * bool(do))
            for path, show, do in table
        ),
    ]


async def _static(request: Request) -> Response:
    return static_file(request.path_params["name"])


class _Site:
    """The pages of one service, with access control."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._access = Access(state.settings)

    def endpoint(self, show: Show | None, do: actions.Action | None) -> Endpoint:
        """Return the endpoint of a path: `show` for GET, `do` for POST."""

        async def endpoint(request: Request) -> Response:
            view = View(self._state, self._access, request, fingerprint(self._state))
            try:
                response = await self._respond(view, show, do)
            except ApiError as error:
                response = _refusal(view, error)
            except Exception as error:  # noqa: BLE001 - whatever it is, there must be a page
                _LOG.exception("%s failed", request.url.path)
                reason = describe_storage_error(error) if isinstance(error, OSError | sqlite3.Error) else repr(error)
                self._state.violations.append(f"{request.url.path} failed: {reason}")
                response = view.render("message.html", 500, title="The page failed", text=reason[:_MAX_REASON])
            response.headers.update(HEADERS)
            return response

        return endpoint

    async def _respond(self, view: View, show: Show | None, do: actions.Action | None) -> Response:
        self._access.check_address(view.request)
        if do is not actions.log_in and not view.is_logged_in:
            return view.render("login.html", 401, error="")
        if view.request.method == "POST" and do is not None:
            return await self._do(view, do)
        return await asyncio.to_thread(show, view) if show else Response(status_code=405)

    async def _do(self, view: View, do: actions.Action) -> Response:
        self._access.check_origin(view.request)
        parts = await read_form(view.request, self._state.settings.max_artifact_size, _MAX_FORM)
        try:
            file = parts.get("artifact")
            # A browser sends a file without a name if none was chosen.
            chosen = file if isinstance(file, UploadFile) and file.filename else None
            form = Form({name: value for name, value in parts.items() if isinstance(value, str)}, chosen)
            self._access.check_form(form.text.get(FORM_TOKEN, ""))
            return await asyncio.to_thread(do, view, form)
        finally:
            await parts.close()


def _refusal(view: View, error: ApiError) -> Response:
    title = {403: "Refused", 404: "Not found"}.get(error.status, "That can't be done")
    if error.status == 403 and not view.is_logged_in:
        return PlainTextResponse(f"{error.detail}\n", 403)
    return view.render("message.html", error.status, title=title, text=error.detail)
