"""The test controls over HTTP, for tests in other processes and other languages.

`POST /control/ACTION` takes the arguments as a JSON object; `GET /control/requests` and `GET /control/violations`
return what the service has recorded. The token is required, as everywhere.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from peak_images_local.api.auth import check_token
from peak_images_local.api.body import parse_json, read_all
from peak_images_local.errors import ApiError
from peak_images_local.testing.control import ACTION_SCHEMAS, perform

if TYPE_CHECKING:
    from starlette.requests import Request

    from peak_images_local.state import State


def routes(state: State) -> list[Route]:
    """Return the routes of the test controls; an `ApiError` is left to the application."""

    async def act(request: Request) -> Response:
        check_token(state, request)
        content = await read_all(request)
        arguments: Any = parse_json("The body", content) if content else {}
        if not isinstance(arguments, dict):
            raise ApiError(400, "The body is not a JSON object")
        perform(state, _name(request).replace("-", "_"), arguments)
        return JSONResponse({})

    async def look(request: Request) -> Response:
        check_token(state, request)
        if _name(request) == "violations":
            return JSONResponse(state.violations)
        return JSONResponse([dataclasses.asdict(received) for received in state.requests])

    actions = [Route(f"/control/{name.replace('_', '-')}", act, methods=["POST"]) for name in ACTION_SCHEMAS]
    return [*actions, *(Route(f"/control/{name}", look, methods=["GET"]) for name in ("requests", "violations"))]


def _name(request: Request) -> str:
    return request.url.path.rpartition("/")[2]
