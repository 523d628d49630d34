"""What the operations of all three nouns share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from peak_images._async.exchange import call
from peak_images._payload import Payload
from peak_images._session import Session
from peak_images._settings import CallOptions
from peak_images._synchronization import run_in_thread
from peak_images._uploads import OnProgress, make_form, reporting
from peak_images._validation import validate_artifact, validate_callback, warn_unknown_fields

if TYPE_CHECKING:
    from peak_images_api import AuthenticatedClient
    from peak_images_api.types import Response


class AsyncOperations:
    """Makes calls over a session."""

    _session: Session
    _options: CallOptions

    async def _call(
        self,
        operation: str,
        method: str,
        model: str,
        send: Callable[[AuthenticatedClient], Awaitable[Response[Any]]],
    ) -> Payload[Any]:
        return Payload(await call(self._session, self._options, operation, method, send), model)

    async def _send_form(
        self,
        operation: str,
        method: str,
        form_model: str,
        fields: Mapping[str, Any],
        artifact: Mapping[str, Any] | None,
        on_progress: OnProgress | None,
        send: Callable[[AuthenticatedClient, Any], Awaitable[Response[Any]]],
    ) -> dict[str, Any]:
        """Make a call whose body is a form. The artifact is made once, and each try sends the same bytes."""
        warn_unknown_fields(operation, fields)
        request = validate_artifact(artifact)
        validate_callback("on_progress", on_progress)
        if request is None:
            form = make_form(form_model, fields, None, None)
            return await call(self._session, self._options, operation, method, lambda api: send(api, form))
        from peak_images._artifacts import preflight, warn_about, zip_artifact

        details = fields.get("buildDetails")
        context, problems = await run_in_thread(lambda stop: preflight(request, details, stop))
        warn_about(problems)
        limit = self._session.max_artifact_size
        packed = await run_in_thread(lambda stop: zip_artifact(context, max_size=limit, is_cancelled=stop))
        with packed, reporting(on_progress, packed.size, show=self._session.progress) as report:
            form = make_form(form_model, fields, packed, report)
            return await call(self._session, self._options, operation, method, lambda api: send(api, form))
