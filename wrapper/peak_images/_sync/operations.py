# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""What the operations of all three nouns share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from peak_images._concurrency import run_here
from peak_images._payload import Payload
from peak_images._requests import checked_artifact
from peak_images._sync.exchange import call
from peak_images._uploads import OnProgress, make_form, pack

if TYPE_CHECKING:
    from peak_images._session import Session
    from peak_images_api import AuthenticatedClient
    from peak_images_api.types import Response


class Operations:
    """Makes calls over a session."""

    _session: Session

    def _call(
        self,
        operation: str,
        method: str,
        model: str,
        send: Callable[[AuthenticatedClient], Response[Any]],
    ) -> Payload[Any]:
        return Payload(call(self._session, operation, method, send), model)

    def _send_form(
        self,
        operation: str,
        method: str,
        form_model: str,
        fields: Mapping[str, Any],
        artifact: Mapping[str, Any] | None,
        on_progress: OnProgress | None,
        send: Callable[[AuthenticatedClient, Any], Response[Any]],
    ) -> dict[str, Any]:
        """Make a call whose body is a form. The artifact is made once, and each try sends the same bytes."""
        request = checked_artifact(artifact)
        if request is None:
            return call(
                self._session, operation, method, lambda api: send(api, make_form(form_model, fields, None, None))
            )
        limit = self._session.max_artifact_size
        with run_here(lambda: pack(request, fields.get("buildDetails"), limit)) as packed:
            return call(
                self._session,
                operation,
                method,
                lambda api: send(api, make_form(form_model, fields, packed, on_progress)),
            )
