"""The test controls over HTTP, for tests in other processes and other languages.

`POST /control/ACTION` takes the arguments as a JSON object; `GET /control/requests` and `GET /control/violations` tell.
The token is asked for, as everywhere.
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from peak_images_local.api.auth import check_token
from peak_images_local.api.contract import load_contract
from peak_images_local.api.validation_messages import find_problems
from peak_images_local.errors import ApiError, malformed, unacceptable
from peak_images_local.testing.control import ACTION_SCHEMAS, Control

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from peak_images_local.state import State

MAX_BODY = 1 << 20


def routes(state: State) -> list[Route]:
    """The routes of the test controls."""
    control = Control(state)
    actions: dict[str, Callable[..., Any]] = {
        "fail_next": control.fail_next,
        "next_build": control.next_build,
        "finish_builds": control.finish_builds,
        "finish_deletions": control.finish_deletions,
        "put_in_use": control.put_in_use,
        "fail_deletion": control.fail_deletion,
        "set_tags": control.set_tags,
        "set_scope": control.set_scope,
        "advance_clock": control.advance_clock,
        "freeze_clock": control.clock.freeze,
        "resume_clock": control.clock.resume,
        "reset": state.reset,
    }
    looks: dict[str, Callable[[], Any]] = {
        "requests": lambda: [dataclasses.asdict(request) for request in state.requests],
        "violations": lambda: state.violations,
    }
    return [
        *(
            Route(f"/control/{name.replace('_', '-')}", _acting(state, name, action), methods=["POST"])
            for name, action in actions.items()
        ),
        *(Route(f"/control/{name}", _looking(state, look), methods=["GET"]) for name, look in looks.items()),
    ]


def _acting(state: State, name: str, action: Callable[..., Any]) -> Callable[[Request], Any]:
    async def act(request: Request) -> Response:
        try:
            check_token(state, request)
            arguments = await _arguments(request)
            if problems := find_problems(load_contract().schemas, ACTION_SCHEMAS[name], arguments):
                raise unacceptable("; ".join(problem.text for problem in problems))
            _do(action, arguments)
        except ApiError as error:
            return JSONResponse({"detail": error.detail}, error.status)
        return JSONResponse({})

    return act


def _looking(state: State, look: Callable[[], Any]) -> Callable[[Request], Any]:
    async def response(request: Request) -> Response:
        try:
            check_token(state, request)
        except ApiError as error:
            return JSONResponse({"detail": error.detail}, error.status)
        return JSONResponse(look())

    return response


def _do(action: Callable[..., Any], arguments: dict[str, Any]) -> None:
    try:
        action(**arguments)
    except LookupError as error:
        raise ApiError(404, str(error.args[0])) from error
    except ValueError as error:
        raise unacceptable(str(error)) from error


async def _arguments(request: Request) -> dict[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise malformed(f"The body is longer than {MAX_BODY} bytes")
    try:
        arguments = json.loads(body or b"{}")
    except ValueError as error:
        raise malformed(f"The body is not JSON: {error}") from error
    if not isinstance(arguments, dict):
        raise malformed("The body is not a JSON object")
    return arguments
