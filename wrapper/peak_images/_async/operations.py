"""What the operations of all three nouns share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from peak_images._async.exchange import call
from peak_images._concurrency import run_in_thread
from peak_images._payload import Payload
from peak_images._requests import checked_artifact
from peak_images._uploads import OnProgress, make_form, pack

if TYPE_CHECKING:
    from peak_images._session import Session
    from peak_images_api import AuthenticatedClient
    from peak_images_api.types import Response


class AsyncOperations:
    """Makes calls over a session."""

    _session: Session

    async def _call(
        self,
        operation: str,
        method: str,
        model: str,
        send: Callable[[AuthenticatedClient], Awaitable[Response[Any]]],
    ) -> Payload[Any]:
        return Payload(await call(self._session, operation, method, send), model)

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
        request = checked_artifact(artifact)
        if request is None:
            return await call(
                self._session, operation, method, lambda api: send(api, make_form(form_model, fields, None, None))
            )
        limit = self._session.max_artifact_size
        with await run_in_thread(lambda: pack(request, fields.get("buildDetails"), limit)) as packed:
            return await call(
                self._session,
                operation,
                method,
                lambda api: send(api, make_form(form_model, fields, packed, on_progress)),
            )
