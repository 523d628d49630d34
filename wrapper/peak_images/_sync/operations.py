# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""What the operations of all three nouns share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from peak_images._payload import Payload
from peak_images._session import Session
from peak_images._settings import CallOptions
from peak_images._sync.exchange import call
from peak_images._synchronization import run_sync
from peak_images._uploads import OnProgress, make_form, reporting
from peak_images._validation import validate_artifact, validate_callback, warn_unknown_fields

if TYPE_CHECKING:
    from peak_images_api import AuthenticatedClient
    from peak_images_api.types import Response


class Operations:
    """Makes calls over a session."""

    _session: Session
    _options: CallOptions

    def _call(
        self,
        operation: str,
        method: str,
        model: str,
        send: Callable[[AuthenticatedClient], Response[Any]],
    ) -> Payload[Any]:
        return Payload(call(self._session, self._options, operation, method, send), model)

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
        warn_unknown_fields(operation, fields)
        request = validate_artifact(artifact)
        validate_callback("on_progress", on_progress)
        if request is None:
            form = make_form(form_model, fields, None, None)
            return call(self._session, self._options, operation, method, lambda api: send(api, form))
        from peak_images._artifacts import preflight, warn_about, zip_artifact

        details = fields.get("buildDetails")
        context, problems = run_sync(lambda stop: preflight(request, details, stop))
        warn_about(problems)
        limit = self._session.max_artifact_size
        packed = run_sync(lambda stop: zip_artifact(context, max_size=limit, is_cancelled=stop))
        with packed, reporting(on_progress, packed.size, show=self._session.progress) as report:
            form = make_form(form_model, fields, packed, report)
            return call(self._session, self._options, operation, method, lambda api: send(api, form))
