"""The web application: each operation of the contract, every request and every response held to it."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from typing import TYPE_CHECKING, Any

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
from peak_images_local.api.validation_messages import describe_undeclared, raise_problems, response_problems
from peak_images_local.errors import ApiError
from peak_images_local.handlers import HANDLERS, downloads
from peak_images_local.request_log import Record
from peak_images_local.storage.data_directory import describe_storage_error
from peak_images_local.testing import control_http
from peak_images_local.ui import api_docs
from peak_images_local.ui import routes as pages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp

    from peak_images_local.api.body import RequestBody
    from peak_images_local.api.contract import Contract, Operation
    from peak_images_local.state import State

_LOG = logging.getLogger("peak_images_local")


def make_app(state: State) -> ASGIApp:
    """Return the service over a state, as an ASGI application."""
    contract = load_contract()
    api = _Api(state, contract)

    async def download(request: Request) -> Response:
        return downloads.download(state, request)

    routes = [
        Route(downloads.PATH, download, methods=["GET"]),
        *control_http.routes(state),
        *api_docs.routes(state),
        *pages.routes(state),
        # Last, since the API of a contract without a path in its server's address is everywhere.
        Route(contract.prefix + "/{path:path}", api, include_in_schema=False),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _http_error, 405: _http_error, ApiError: _api_error})
    # `/images` isn't `/images/`: a redirect would hide a wrong path from its tests.
    app.router.redirect_slashes = False
    return FaultMiddleware(app, state)


async def _http_error(request: Request, error: Exception) -> Response:
    status: int = getattr(error, "status_code", 500)
    detail = f"There is nothing at {request.url.path}"
    if status == 405:
        detail = f"{request.method} is not allowed at {request.url.path}"
    Record.of(request).problems.append("the contract has no such operation")
    return JSONResponse({"detail": detail}, status, headers=getattr(error, "headers", None))


async def _api_error(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, getattr(error, "status", 500))


class _Router:
    """The paths of the contract, those without parameters first, as OpenAPI says."""

    def __init__(self, operations: list[Operation]) -> None:
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in operations:
            by_path.setdefault(operation.path, {})[operation.method.upper()] = operation
        paths = sorted(by_path, key=lambda path: ["{" in segment for segment in path.split("/")])
        self._routes = [(*self._compile(path), by_path[path]) for path in paths]

    @staticmethod
    def _compile(path: str) -> tuple[re.Pattern[str], list[str]]:
        parts = re.split(r"\{([^{}]*)\}", path)
        pattern = "".join("([^/]+)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
        return re.compile(pattern), parts[1::2]

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Return the operation at a path, with the values of the path's parameters.

        Raises:
            HTTPException: 404 or 405, there is none.
        """
        allowed: set[str] = set()
        for pattern, names, operations in self._routes:
            if match := pattern.fullmatch(path):
                if method in operations:
                    return operations[method], dict(zip(names, match.groups(), strict=True))
                allowed.update(operations)
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
        raise HTTPException(404)


class _Api:
    """The operations of the contract, as one ASGI application."""

    def __init__(self, state: State, contract: Contract) -> None:
        self._state = state
        self._contract = contract
        self._router = _Router(contract.operations)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        path = scope["path"].removeprefix(self._contract.prefix)
        operation, values = self._router.find(request.method, path)
        response = await self._respond(request, operation, values)
        await response(scope, receive, send)

    async def _respond(self, request: Request, operation: Operation, path: Mapping[str, str]) -> Response:
        try:
            status, body = operation.success_status, await self._dispatch(request, operation, path)
        except ApiError as error:
            status, body = error.status, {"detail": error.detail}
            if status in {400, 422}:
                Record.of(request).problems.append(error.detail)
            if status == 501:
                return JSONResponse(body, status)
        except ClientDisconnect:
            Record.of(request).finish(0)
            return Response(status_code=400)
        except (OSError, sqlite3.Error) as error:
            _LOG.error("%s failed: %s", operation.name, error)
            status, body = 500, {"detail": f"The local service can't store its data: {describe_storage_error(error)}"}
        except Exception as error:  # noqa: BLE001 - whatever it is, there must be a response
            # Reported to the client and among the violations: this is never the client's fault.
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
        if operation.secured:
            check_token(self._state, request)
        handler = HANDLERS.get(operation.name)
        if handler is None:
            raise ApiError(501, f"{operation.name} is not simulated: the local service has no handler for it")
        context = self._read_request(request, operation, path)
        if not operation.bodies:
            return handler(context)
        limit = self._state.settings.max_artifact_size
        context.body = await read_body(request, self._contract, operation, limit)
        try:
            _record_body(record, self._contract, operation, context.body)
            raise_problems(body_problems(self._contract, context.body))
            # Unpacking an artifact takes a while; others are served meanwhile.
            return await asyncio.to_thread(_change, handler, context)
        finally:
            await context.body.close()

    def _read_request(self, request: Request, operation: Operation, path: Mapping[str, str]) -> RequestContext:
        query = request.query_params.multi_items()
        declared = declared_query_names(self._contract, operation)
        undeclared = {name for name, _ in query} - declared
        Record.of(request).problems += [describe_undeclared(name, sorted(declared)) for name in sorted(undeclared)]
        sent = {"query": query, "path": path, "header": request.headers, "cookie": request.cookies}
        values, problems = read_parameters(self._contract, operation, sent)
        raise_problems(problems)
        origin = f"{request.url.scheme}://{request.url.netloc}"
        return RequestContext(self._state, operation, values, origin, contract=self._contract)


def _change(handler: Callable[[RequestContext], Any], context: RequestContext) -> Any:
    result = handler(context)
    context.state.delete_orphaned_artifacts()
    return result


def _record_body(record: Record, contract: Contract, operation: Operation, body: RequestBody) -> None:
    """Add a body to what is recorded of a request, with secrets masked."""
    record.fields = contract.schemas.mask_secrets(body.schema, body.fields)
    named = dict(contract.schemas.undeclared(body.schema, body.value))
    record.problems += [describe_undeclared(path, named[path]) for path in sorted(named)]
    expected = {name: kind for declared in operation.bodies.values() for name, kind in declared.content_types.items()}
    for name, file in body.files.items():
        record.files[name] = (file.filename or "", file.content_type or "", file.size or 0)
        if name in expected and file.content_type != expected[name]:
            record.problems.append(f"{name}: its type is {file.content_type}, not {expected[name]}")
