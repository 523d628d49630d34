"""The calls behind the documented methods: validate, send, retry if that is safe, parse."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from peak_images._async.pagination import AsyncPaginator, parse_int
from peak_images._http.responses import parse_response
from peak_images._http.retry import RetryState
from peak_images._payload import make_payload
from peak_images._session import Session
from peak_images._settings import CallOptions
from peak_images._synchronization import run_in_thread, sleep_async
from peak_images._tracebacks import shorten_traceback
from peak_images._validation import validate_arguments, validate_artifact, validate_body, warn_unknown_fields
from peak_images._values import as_bool, validate_callback
from peak_images.errors import ApiError, NotFoundError, PeakImagesError, TransportError
from peak_images_api import operations
from peak_images_api.async_methods import AsyncMethods

if TYPE_CHECKING:
    from peak_images._artifacts import Artifact
    from peak_images._uploads import OnProgress

T = TypeVar("T")


async def with_retries(state: RetryState, attempt: Callable[[], Awaitable[T]]) -> T:
    """Repeat an attempt until it succeeds or can't be repeated.

    Raises:
        ApiError: The last attempt's error.
        TransportError: The last attempt's error.
    """
    from peak_images._http.exceptions import HTTPX_ERRORS, map_httpx_error

    failure: ApiError | TransportError
    while True:
        try:
            return await attempt()
        except HTTPX_ERRORS as error:
            failure = map_httpx_error(error, state.operation, state.method)
        except (ApiError, TransportError) as error:
            failure = error
        delay = state.next_delay(failure)
        if delay is None:
            # Outside the except clause, so that the traceback doesn't show this frame twice.
            raise failure
        await sleep_async(delay)


class AsyncBase(AsyncMethods):
    """The base of the generated methods, which makes their calls over a session."""

    _session: Session
    _options: CallOptions

    async def _call(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        try:
            parameters = validate_arguments(operation, arguments)
            text = parameters.get("build_id")
            if isinstance(text, str) and "image_id" in parameters:
                parameters["build_id"] = await self._resolve_build_id(parameters["image_id"], text)
            try:
                response = await self._send(operation, parameters)
            except NotFoundError as error:
                if isinstance(text, str):
                    problem = "a text id is known to the session that started it; list_image_builds has its number"
                    error.args = (f"{error.args[0]} ({problem})",)
                raise
            return make_payload(response, operations.operation(operation))
        except PeakImagesError as error:
            shorten_traceback(error)
            raise

    def _paginate(self, operation: str, arguments: Mapping[str, Any], *, return_iterator: bool, prefetch: bool) -> Any:
        try:
            is_prefetching = as_bool("prefetch", prefetch)
            if not as_bool("return_iterator", return_iterator):
                return self._call(operation, arguments)
            # Validated now, not when the first element is needed.
            parameters = validate_arguments(operation, arguments)
        except PeakImagesError as error:
            shorten_traceback(error)
            raise
        return AsyncPaginator(
            lambda number: self._send(operation, {**parameters, "page_number": number}),
            operations.operation(operation)["pagination"],
            prefetch=is_prefetching,
        )

    async def _submit(self, operation: str, arguments: Mapping[str, Any], body: Any) -> Any:
        described = operations.operation(operation)["body"]
        if body is None and described and not described["required"]:
            return await self._call(operation, arguments)
        return await self._submit_form(operation, arguments, body, None, None)

    async def _submit_form(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        body: Any,
        artifact: Mapping[str, Any] | None,
        on_progress: OnProgress | None,
    ) -> Any:
        """Make a call with a body. The artifact is made once, and each attempt sends the same bytes."""
        try:
            parameters = validate_arguments(operation, arguments)
            request = validate_artifact(artifact)
            fields = validate_body(operation, body)
            warn_unknown_fields(operation, fields)
            validate_callback("on_progress", on_progress)
            described = operations.operation(operation)
            if request is None:
                return make_payload(await self._send(operation, parameters, fields), described)
            from peak_images._artifacts import preflight, warn_about, zip_artifact
            from peak_images._uploads import reporting

            details, check = fields.get("buildDetails"), self._session.artifact_check
            context, problems = await run_in_thread(lambda stop: preflight(request, details, stop, check=check))
            warn_about(problems)
            limit = self._session.max_artifact_size
            packed = await run_in_thread(lambda stop: zip_artifact(context, max_size=limit, is_cancelled=stop))
            with packed, reporting(on_progress, packed.size, show=self._session.progress) as report:
                return make_payload(await self._send(operation, parameters, fields, packed, report), described)
        except PeakImagesError as error:
            shorten_traceback(error)
            raise

    async def _send(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        fields: Mapping[str, Any] | None = None,
        artifact: Artifact | None = None,
        on_progress: OnProgress | None = None,
    ) -> dict[str, Any]:
        """Make a call until it succeeds or can't be retried; return the JSON object of the response.

        Raises:
            ApiError: The service responded, and not with a success.
            TransportError: No response, or an incomplete one.
        """
        from peak_images._http.transport import AsyncSender

        described = operations.operation(operation)
        name, method = described["documented_as"], described["method"]
        call = import_module(f"peak_images_api.api.{described['tag']}.{described['module']}")
        sender = AsyncSender(self._session._connections, self._options, name, fields, artifact)
        arguments = dict(parameters)
        if fields is not None and described["body"]:
            from peak_images._uploads import make_body

            arguments["body"] = make_body(fields, artifact, on_progress)
        state = RetryState(name, method, self._options.retries)

        async def attempt() -> dict[str, Any]:
            response = await call.asyncio_detailed(client=sender, **arguments)
            is_repeated, can_be_empty = state.outcome_unknown, described["response"]["empty"]
            return parse_response(
                name, method, response, mask=sender.mask, may_be_deleted=is_repeated, may_be_empty=can_be_empty
            )

        response = await with_retries(state, attempt)
        if isinstance(response.get("buildId"), str):
            self._remember_build(response)
        return response

    def _remember_build(self, response: Mapping[str, Any]) -> None:
        """Record the version whose build was started, if the response has a text id of the build."""
        image_id, version_id = parse_int(response.get("imageId")), parse_int(response.get("versionId"))
        if image_id and version_id:
            self._session._started_builds.append((image_id, version_id, response["buildId"]))

    async def _resolve_build_id(self, image_id: int, text: str) -> int | str:
        """Return the numeric id of a build that this session has started, by its text id."""
        started, numbers = self._session._started_builds, self._session._build_numbers
        if (image_id, text) in numbers:
            return numbers[image_id, text]
        version_id = next((version for image, version, build in started if (image, build) == (image_id, text)), None)
        if version_id is None:
            return text
        # Builds are listed newest first: this one follows those of the version that were started later.
        texts = [build for image, version, build in started if (image, version) == (image_id, version_id)]
        position = len(texts) - 1 - texts.index(text)
        query = {"image_id": image_id, "version_ids": [version_id], "page_size": position + 1}
        number: object = None
        async for build in self._paginate("list_image_builds", query, return_iterator=True, prefetch=False):
            if position == 0:
                number = build.get("buildId")
                break
            position -= 1
        # Cached: a build that is started later takes its position in the list.
        return numbers.setdefault((image_id, text), number) if isinstance(number, (int, str)) else text
