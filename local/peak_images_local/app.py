"""The web application: a route for each operation of the contract, with validation of requests and responses."""

from __future__ import annotations

import asyncio
import itertools
import logging
import re
import sqlite3
from typing import TYPE_CHECKING, Any, NoReturn

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from peak_images_local.api.auth import check_token
from peak_images_local.api.body import body_problems, read_body
from peak_images_local.api.contract import NO_CONTENT, load_contract
from peak_images_local.api.fault_middleware import FaultMiddleware
from peak_images_local.api.parameters import declared_query_names, read_parameters
from peak_images_local.api.request_context import RequestContext
from peak_images_local.api.validation_messages import (
    MAX_ERRORS,
    describe_undeclared,
    raise_problems,
    response_problems,
)
from peak_images_local.errors import ApiError
from peak_images_local.handlers import HANDLERS, apply_change, downloads
from peak_images_local.request_log import Record
from peak_images_local.storage.data_directory import describe_storage_error
from peak_images_local.testing import control
from peak_images_local.ui import api_docs
from peak_images_local.ui import routes as pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    from peak_images_local.api.body import RequestBody
    from peak_images_local.api.contract import Contract, Operation
    from peak_images_local.state import State

_LOG = logging.getLogger("peak_images_local")


def make_app(state: State) -> ASGIApp:
    """Return the service over a state, as an ASGI application."""

    def download(request: Request) -> Response:
        return downloads.download(state, request)

    routes = [
        Route(downloads.PATH, download, methods=["GET"]),
        *control.routes(state),
        *api_docs.routes(state),
        *pages.routes(state),
        *_operation_routes(state, load_contract()),
    ]
    on_error: dict[Any, Any] = {404: _http_error, 405: _http_error, ApiError: _api_error}
    app = Starlette(
        routes=routes, exception_handlers={**on_error, OSError: _storage_error, sqlite3.Error: _storage_error}
    )
    # `/images` isn't `/images/`: a redirect would hide a wrong path from its tests.
    app.router.redirect_slashes = False
    return FaultMiddleware(app, state)


def _operation_routes(state: State, contract: Contract) -> Iterator[Route]:
    """Yield a route for each path of the contract, those without parameters first, as OpenAPI requires."""
    paths: dict[str, dict[str, Operation]] = {}
    for operation in contract.operations:
        paths.setdefault(operation.path, {})[operation.method.upper()] = operation
    for path in sorted(paths, key=lambda path: ["{" in segment for segment in path.split("/")]):
        # A parameter's name may be any text in a contract, but must be an identifier in Starlette.
        literals_and_names = re.split(r"\{([^{}]*)\}", path)
        literals, names = literals_and_names[::2], literals_and_names[1::2]
        numbered = "".join(f"{{p{n}}}{literal}" for n, literal in enumerate(literals[1:]))
        yield Route(contract.prefix + literals[0] + numbered, _Path(state, contract, paths[path], names))


async def _http_error(request: Request, error: Exception) -> Response:
    status: int = getattr(error, "status_code", 500)
    detail = f"There is nothing at {request.url.path}"
    if status == 405:
        detail = f"{request.method} is not allowed at {request.url.path}"
    Record.of(request).problems.append("the contract has no such operation")
    return JSONResponse({"detail": detail}, status, headers=getattr(error, "headers", None))


async def _api_error(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, getattr(error, "status", 500))


async def _storage_error(request: Request, error: Exception) -> Response:
    _LOG.error("%s %s failed: %s", request.method, request.url.path, error)
    return JSONResponse({"detail": f"The local service can't store its data: {describe_storage_error(error)}"}, 500)


class _Path:
    """A path of the contract, as an ASGI application: Starlette leaves the methods to such."""

    def __init__(
        self, state: State, contract: Contract, operations: Mapping[str, Operation], names: Sequence[str]
    ) -> None:
        self._state = state
        self._contract = contract
        self._operations = operations
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        operation = self._operations.get(request.method)
        if operation is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._operations))})
        values = dict(zip(self._names, request.path_params.values(), strict=True))
        response = await self._respond(request, operation, values)
        await response(scope, receive, send)

    async def _respond(self, request: Request, operation: Operation, path: Mapping[str, str]) -> Response:
        try:
            status, body = operation.success_status, await self._dispatch(request, operation, path)
        except ApiError as error:
            status, body = error.status, {"detail": error.detail}
            if status in {400, 422}:
                Record.of(request).problems.append(error.detail)
            if status == 501 or operation.name not in HANDLERS:
                return JSONResponse(body, status)
        except ClientDisconnect:
            Record.of(request).finish(0)
            return Response(status_code=400)
        except (OSError, sqlite3.Error):
            raise  # _storage_error responds
        except Exception as error:  # noqa: BLE001 - whatever it is, there must be a response
            # Reported to the client and among the violations: this is never an error of the client.
            _LOG.exception("%s failed", operation.name)
            self._state.violations.append(f"{operation.name} failed: {error!r}")
            status, body = 500, {"detail": f"The local service has failed: {type(error).__name__}"}
        return self._checked_response(operation, status, body)

    def _checked_response(self, operation: Operation, status: int, body: Any) -> Response:
        schema = self._contract.response_schema(operation, status)
        if schema is NO_CONTENT:
            return Response(status_code=status)
        body = self._contract.schemas.select_declared(schema or {}, body)
        problems = [
            f"{operation.name} responded with {status}: {problem}"
            for problem in response_problems(self._contract, operation, status, body, closed=True)
        ]
        if problems:
            self._state.violations += problems
            detail = f"The local service has broken its own contract: {'; '.join(problems)[:1000]}"
            return JSONResponse({"detail": detail}, 500)
        return JSONResponse(body, status)

    async def _dispatch(self, request: Request, operation: Operation, path: Mapping[str, str]) -> Any:
        record = Record.of(request)
        record.operation = operation.name
        schemas = self._contract.schemas
        record.secrets = frozenset(
            parameter.name.lower() if parameter.place == "header" else parameter.name
            for parameter in operation.parameters
            if schemas.is_secret(parameter.schema) or schemas.is_secret(schemas.items(parameter.schema))
        )
        if operation.secured:
            check_token(self._state, request)
        handler = HANDLERS.get(operation.name, _refuse)
        context = self._read_request(request, operation, path)
        if not operation.bodies:
            return handler(context)
        limit = self._state.settings.max_artifact_size
        async with read_body(request, self._contract, operation, limit) as context.body:
            # Looking through a large form and unpacking an artifact take a while; others are served meanwhile.
            return await asyncio.to_thread(_change, handler, context, record)

    def _read_request(self, request: Request, operation: Operation, path: Mapping[str, str]) -> RequestContext:
        query = request.query_params.multi_items()
        declared = declared_query_names(self._contract, operation)
        undeclared = sorted({name for name, _ in query} - declared)[:MAX_ERRORS]
        Record.of(request).problems += [describe_undeclared(name, sorted(declared)) for name in undeclared]
        sent = {"query": query, "path": path, "header": request.headers, "cookie": request.cookies}
        values, problems = read_parameters(self._contract, operation, sent)
        raise_problems(problems)
        origin = f"{request.url.scheme}://{request.url.netloc}"
        return RequestContext(self._state, operation, values, origin, contract=self._contract)


def _refuse(context: RequestContext) -> NoReturn:
    name = context.operation.name
    raise ApiError(501, f"{name} is not simulated: the local service has no handler for it")


def _change(handler: Callable[[RequestContext], Any], context: RequestContext, record: Record) -> Any:
    _record_body(record, context.contract, context.operation, context.body)
    raise_problems(body_problems(context.contract, context.body))
    return apply_change(handler, context)


def _record_body(record: Record, contract: Contract, operation: Operation, body: RequestBody) -> None:
    """Add a body to the record of a request, with secrets masked."""
    record.fields = contract.schemas.mask_secrets(body.schema, body.fields)
    named = dict(itertools.islice(contract.schemas.undeclared(body.schema, body.value), MAX_ERRORS))
    record.problems += [describe_undeclared(path, named[path]) for path in sorted(named)]
    expected = {name: kind for declared in operation.bodies.values() for name, kind in declared.content_types.items()}
    for name, file in body.files.items():
        record.files[name] = (file.filename or "", file.content_type or "", file.size or 0)
        if name in expected and file.content_type != expected[name]:
            record.problems.append(f"{name}: its type is {file.content_type}, not {expected[name]}")
