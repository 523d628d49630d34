"""The routes of the pages: each checks the credentials before it shows or does anything."""

from __future__ import annotations

import asyncio
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from peak_images_local.api.body import MULTIPART, read_body
from peak_images_local.api.contract import load_contract
from peak_images_local.errors import ApiError, malformed, too_large
from peak_images_local.ui import actions, calls, pages
from peak_images_local.ui.access import FORM_TOKEN, Access
from peak_images_local.ui.actions import Form
from peak_images_local.ui.events import Events
from peak_images_local.ui.rendering import HEADERS
from peak_images_local.ui.view import View, fingerprint

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from peak_images_local.state import State

    Endpoint = Callable[[Request], Awaitable[Response]]
    Show = Callable[[View], Response]

_MAX_FORM = 64 << 10
_MAX_FIELDS = 20
_STATIC = {
    "style.css": "text/css",
    "page.js": "text/javascript",
    **dict.fromkeys(("icon.svg", "icon-good.svg", "icon-bad.svg", "icon-busy.svg", "icon-idle.svg"), "image/svg+xml"),
}
_IMAGE = "/ui/images/{imageId}"
_VERSION = _IMAGE + "/versions/{versionId}"
_BUILD = _IMAGE + "/builds/{buildId}"


def routes(state: State) -> list[Route]:
    """Return the routes of the pages of a service."""
    site, events = _Site(state), Events()
    shown: dict[str, Show] = {
        "/": pages.images,
        "/ui/new": actions.new,
        "/ui/builds": pages.builds,
        "/ui/requests": calls.requests,
        "/ui/controls": actions.controls,
        "/ui/reset": actions.confirm_reset,
        "/ui/events": events.of_everything,
        _IMAGE: pages.image,
        _IMAGE + "/new": actions.new,
        _IMAGE + "/delete": actions.confirm_delete,
        _VERSION: pages.version,
        _VERSION + "/delete": actions.confirm_delete,
        _VERSION + "/artifact.zip": pages.artifact_file,
        _VERSION + "/files/{path:path}": pages.artifact_file,
        _BUILD: pages.build,
        _BUILD + "/log": pages.raw_log,
        _BUILD + "/events": events.of_build,
    }
    done: dict[str, actions.Action] = {
        "/ui/new": actions.create,
        "/ui/reset": actions.reset,
        "/ui/requests/clear": actions.clear_requests,
        "/ui/control/{name}": actions.control,
        _IMAGE + "/new": actions.create,
        _IMAGE + "/delete": actions.delete_one,
        _VERSION + "/delete": actions.delete_one,
        _VERSION + "/rebuild": actions.rebuild,
    }
    return [
        Route("/ui/static/{name}", _static, methods=["GET"]),
        Route("/ui/login", site.login, methods=["POST"]),
        *(
            Route(path, site.endpoint(shown.get(path), done.get(path)), methods=_methods(path, shown, done))
            for path in dict.fromkeys([*shown, *done])
        ),
    ]


def _methods(path: str, shown: dict[str, Any], done: dict[str, Any]) -> list[str]:
    return [method for method, paths in (("GET", shown), ("POST", done)) if path in paths]


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _STATIC:
        return PlainTextResponse("There is no such file\n", 404, headers=HEADERS)
    content = resources.files("peak_images_local.ui").joinpath("static", name).read_bytes()
    return Response(content, media_type=_STATIC[name], headers={**HEADERS, "Cache-Control": "no-cache"})


class _Site:
    """The pages of one service, and who may see them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._access = Access(state.settings)

    def endpoint(self, show: Show | None, do: actions.Action | None) -> Endpoint:
        """Return the endpoint of a path: ``show`` for GET, ``do`` for POST."""

        async def endpoint(request: Request) -> Response:
            view = View(self._state, self._access, request, fingerprint(self._state))
            try:
                self._access.check_address(request)
                if not self._access.is_logged_in(request):
                    return view.render("login.html", "Token", 401, error="")
                if request.method == "POST" and do is not None:
                    return await self._do(view, do)
                return await asyncio.to_thread(show, view) if show else Response(status_code=405)
            except ApiError as error:
                return _refusal(view, error)

        return endpoint

    async def _do(self, view: View, do: actions.Action) -> Response:
        self._access.check_origin(view.request)
        if not view.request.headers.get("content-type", "").startswith(MULTIPART):
            return await self._carry_out(view, do, await _read_fields(view.request))
        contract = load_contract()
        limit = self._state.settings.max_artifact_size
        body = await read_body(view.request, contract, contract.operation("create_image"), limit)
        try:
            text = {name: value for name, value in body.fields.items() if isinstance(value, str)}
            return await self._carry_out(view, do, Form(text, body.files.get("artifact")))
        finally:
            await body.close()

    async def _carry_out(self, view: View, do: actions.Action, form: Form) -> Response:
        self._access.check_form(form.text.get(FORM_TOKEN, ""))
        return await asyncio.to_thread(do, view, form)

    async def login(self, request: Request) -> Response:
        """Check the token of the login page, and keep it as a cookie."""
        view = View(self._state, self._access, request)
        try:
            self._access.check_address(request)
            self._access.check_origin(request)
            form = await _read_fields(request)
            self._access.check_form(form.text.get(FORM_TOKEN, ""))
            response = RedirectResponse("/", 303, headers=HEADERS)
            self._access.log_in(request, response, form.text.get("token", ""))
        except ApiError as error:
            return view.render("login.html", "Token", error.status, error=error.detail)
        return response


async def _read_fields(request: Request) -> Form:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            raise too_large(f"The form is larger than {_MAX_FORM} bytes")
    try:
        return Form(dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)))
    except ValueError as error:
        raise malformed("The form can't be read") from error


def _refusal(view: View, error: ApiError) -> Response:
    title = {403: "Refused", 404: "Not found"}.get(error.status, "That can't be done")
    if error.status == 403 and not view.access.is_logged_in(view.request):
        return PlainTextResponse(f"{error.detail}\n", 403, headers=HEADERS)
    return view.render("message.html", title, error.status, text=error.detail, back="/")
