"""Who may ask: the token in the Authorization header, raw, with no scheme."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from peak_images_local.errors import unauthorized

if TYPE_CHECKING:
    from starlette.requests import Request

    from peak_images_local.state import State


def check_token(state: State, request: Request) -> None:
    """Checks the token of a request.

    Raises:
        ApiError: 401, it is missing or not the one of this service.
    """
    given = request.headers.get("authorization", "")
    if not given:
        raise unauthorized("The Authorization header is missing")
    if not state.settings.any_token and not hmac.compare_digest(given.encode(), state.settings.token.encode()):
        raise unauthorized("The token in the Authorization header is not the one of this service")
