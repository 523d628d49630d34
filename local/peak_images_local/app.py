"""The web application: one endpoint a path, every request and every answer held to the contract."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from peak_images_local.api.auth import check_token
from peak_images_local.api.contract import PREFIX, Contract, Operation, load_contract
from peak_images_local.api.fault_middleware import FaultMiddleware
from peak_images_local.api.forms import FILE_FIELD, Form, read_form
from peak_images_local.api.request_context import RequestContext
from peak_images_local.errors import ApiError
from peak_images_local.handlers import delete, downloads, logs, read, write
from peak_images_local.request_log import Record, mask_build_arguments
from peak_images_local.testing import control_http
from peak_images_local.ui import api_docs, pages

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from peak_images_local.state import State

_LOG = logging.getLogger("peak_images_local")

_HANDLERS: dict[str, Callable[[RequestContext], dict[str, Any]]] = {
    "list_images": read.list_images,
    "create_image": write.create_image,
    "describe_image": read.describe_image,
    "delete_image": delete.delete_image,
    "list_image_versions": read.list_image_versions,
    "create_version": write.create_version,
    "describe_version": read.describe_version,
    "update_version": write.update_version,
    "delete_version": delete.delete_version,
    "delete_versions": delete.delete_versions,
    "list_image_builds": read.list_image_builds,
    "get_build_logs": logs.get_build_logs,
    "get_build_logs_download": downloads.get_build_logs_download,
}


def make_app(state: State) -> ASGIApp:
    """The service over a state, as an ASGI application."""
    api = _Api(state, load_contract())

    async def download(request: Request) -> Response:
        return downloads.download(state, request)

    routes = [
        *api.routes(),
        Route(downloads.PATH, download, methods=["GET"]),
        *control_http.routes(state),
        *api_docs.routes(),
        *pages.routes(state),
    ]
    app = Starlette(routes=routes, exception_handlers={404: _http_error, 405: _http_error})
    # `/images` isn't `/images/`: a redirect would hide a wrong path from its tests.
    app.router.redirect_slashes = False
    return FaultMiddleware(app, state)


async def _http_error(request: Request, error: Exception) -> Response:
    status: int = getattr(error, "status_code", 500)
    detail = f"There is nothing at {request.url.path}"
    if status == 405:
        detail = f"{request.method} is not allowed at {request.url.path}"
    error_headers = getattr(error, "headers", None)
    return JSONResponse({"detail": detail}, status, headers=error_headers)


class _Api:
    """The operations of the contract, each at its path."""

    def __init__(self, state: State, contract: Contract) -> None:
        self._state = state
        self._contract = contract

    def routes(self) -> list[Route]:
        """A route for each path, with all the methods that the path has."""
        by_path: dict[str, dict[str, Operation]] = {}
        for operation in self._contract.operations:
            by_path.setdefault(operation.path, {})[operation.method.upper()] = operation
        routes = []
        for path, operations in by_path.items():
            route = Route(PREFIX + path, self._endpoint(operations), methods=list(operations))
            # Starlette adds HEAD, which the contract doesn't have.
            route.methods = set(operations)
            routes.append(route)
        return routes

    def _endpoint(self, operations: dict[str, Operation]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            operation = operations[request.method]
            try:
                status, body = 200, await self._dispatch(request, operation)
            except ApiError as error:
                status, body = error.status, {"detail": error.detail}
                if status in {400, 422}:
                    Record.of(request).problems.append(error.detail)
            except ClientDisconnect:
                Record.of(request).finish(0)
                return Response(status_code=400)
            except Exception as error:  # noqa: BLE001 - whatever it is, there must be an answer
                # The client is told, and so is whoever looks at the violations: this is never the client's fault.
                _LOG.exception("%s failed", operation.name)
                self._state.violations.append(f"{operation.name} failed: {error!r}")
                status, body = 500, {"detail": f"The local service has failed: {type(error).__name__}"}
            return self._answer(operation, status, body)

        return endpoint

    def _answer(self, operation: Operation, status: int, body: Any) -> Response:
        problems = self._contract.response_problems(operation, status, body)
        if problems:
            self._state.violations += problems
            detail = f"The local service has broken its own contract: {'; '.join(problems)[:1000]}"
            return JSONResponse({"detail": detail}, 500)
        return JSONResponse(body, status)

    async def _dispatch(self, request: Request, operation: Operation) -> dict[str, Any]:
        check_token(self._state, request)
        record = Record.of(request)
        record.operation = operation.name
        query = request.query_params.multi_items()
        for name in sorted({name for name, _ in query} - set(operation.query)):
            record.problems.append(f"{name}: a query parameter that the contract doesn't declare")
        _refuse(self._contract.request_problems(operation, request.path_params, query))
        origin = f"{request.url.scheme}://{request.url.netloc}"
        context = RequestContext(self._state, request.path_params, query, origin)
        if operation.fields is None:
            return _HANDLERS[operation.name](context)
        context.form = await read_form(request, operation, self._state.settings.max_artifact_size)
        try:
            _record_form(record, context.form, operation.fields)
            self._check_form(operation, context.form)
            # Unpacking an artifact takes a while; others are served meanwhile.
            return await asyncio.to_thread(_change, _HANDLERS[operation.name], context)
        finally:
            await context.form.close()

    def _check_form(self, operation: Operation, form: Form) -> None:
        fields = dict(form.text)
        if form.artifact is not None:
            # The contract sees an empty stand-in; that it is a file has been checked.
            fields[FILE_FIELD] = ""
        _refuse(self._contract.form_problems(operation, fields))


def _change(handler: Callable[[RequestContext], dict[str, Any]], context: RequestContext) -> dict[str, Any]:
    answer = handler(context)
    context.state.delete_orphaned_artifacts()
    return answer


def _refuse(problems: list[Any]) -> None:
    if problems:
        raise ApiError(problems[0].status, "; ".join(problem.text for problem in problems))


def _record_form(record: Record, form: Form, declared: Collection[str]) -> None:
    """Add a form to what is recorded of a request."""
    record.fields = {name: mask_build_arguments(value) for name, value in form.values.items()}
    record.problems += [
        f"{name}: a field that the contract doesn't declare" for name in sorted(form.text) if name not in declared
    ]
    if form.artifact is not None:
        file = form.artifact
        record.files[FILE_FIELD] = (file.filename or "", file.content_type or "", file.size or 0)
        if file.content_type != "application/zip":
            record.problems.append(f"{FILE_FIELD}: its type is {file.content_type}, not application/zip")
