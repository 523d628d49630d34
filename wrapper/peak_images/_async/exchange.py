"""One call: sent, retried where that is safe, and read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from peak_images._async.trying import with_retries
from peak_images._http.responses import parse_response
from peak_images._http.retry import RetryState
from peak_images._payload import register_yaml
from peak_images._session import Session
from peak_images._settings import CallOptions
from peak_images.errors import ApiError

if TYPE_CHECKING:
    from peak_images_api import AuthenticatedClient
    from peak_images_api.types import Response

    Send = Callable[[AuthenticatedClient], Awaitable[Response[Any]]]


async def call(session: Session, options: CallOptions, operation: str, method: str, send: Send) -> dict[str, Any]:
    """Make a call until it succeeds or can't be retried.

    Args:
        session: Where to and as whom.
        options: How long to wait and how often to try.
        operation: The operation's name in the contract.
        method: Its HTTP method.
        send: The generated call, to be given the generated client; called anew for each try.

    Raises:
        ApiError: The service answered, and not with a success.
        TransportError: No response, or an incomplete one.
    """
    register_yaml()
    state = RetryState(operation, method, options.retries)
    return await with_retries(state, lambda: _try(session, options, state, send))


async def _try(session: Session, options: CallOptions, state: RetryState, send: Send) -> dict[str, Any]:
    from peak_images._http.exceptions import map_httpx_errors

    with map_httpx_errors(state.operation, state.method):
        response = await send(session._connections.async_api(state.operation, options))
    try:
        return parse_response(state.operation, state.method, response, mask=session._mask)
    except ApiError as error:
        if state.is_already_deleted(error):
            return {}
        raise
