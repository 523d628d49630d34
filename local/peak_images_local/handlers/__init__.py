"""The handlers of the operations: one per operationId, written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_images_local.api.body import RequestBody, body_problems
from peak_images_local.api.contract import load_contract
from peak_images_local.api.request_context import RequestContext
from peak_images_local.api.validation_messages import raise_problems
from peak_images_local.errors import ApiError
from peak_images_local.handlers import delete, downloads, logs, read, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.datastructures import UploadFile

    from peak_images_local.state import State

HANDLERS: dict[str, Callable[[RequestContext], dict[str, Any]]] = {
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
"""The handlers by operationId; an operation without one is responded to with 501."""


def call_operation(
    state: State,
    name: str,
    ids: Mapping[str, int],
    fields: Mapping[str, Any] | None = None,
    artifact: UploadFile | None = None,
) -> dict[str, Any]:
    """Call an operation without HTTP; the body is validated as by its endpoint.

    Args:
        state: The state of the service.
        name: The operationId.
        ids: The parameters of the path.
        fields: The fields of the body.
        artifact: The build context.

    Raises:
        ApiError: The operation is rejected.
    """
    contract = load_contract()
    operation = contract.operation(name)
    context = RequestContext(state, operation, {("path", key): value for key, value in ids.items()})
    for declared in operation.bodies.values():
        context.body = RequestBody(dict(fields or {}), {"artifact": artifact} if artifact else {}, declared.schema)
        raise_problems(body_problems(contract, context.body))
    return apply_change(HANDLERS[name], context)


def apply_change(handler: Callable[[RequestContext], dict[str, Any]], context: RequestContext) -> dict[str, Any]:
    """Call the handler of an operation that takes a body.

    Such handlers run one after the other: a build is planned outside of transactions, and its version and artifact must
    not change until it is stored.

    Raises:
        ApiError: The operation is rejected, or the service was reset while the body was received.
    """
    state = context.state
    with state.change_lock:
        if context.reset_count != state.reset_count:
            raise ApiError(409, "The service was reset while this request was received: send it again")
        try:
            return handler(context)
        finally:  # of a refused change too: its transactions may have applied deletions that were due
            state.artifacts.discard_unused()
