"""Who may send requests: by which host names, and with which token."""

from __future__ import annotations

import hmac
import ipaddress
import re
from typing import TYPE_CHECKING

from peak_images_local.errors import ApiError

if TYPE_CHECKING:
    from starlette.requests import Request

    from peak_images_local.settings import Settings
    from peak_images_local.state import State


def host_problem(settings: Settings, header: str | None) -> str:
    """Return what is wrong with the Host header of a request, nothing if it names this service.

    A web page elsewhere can have its own name lead to this machine (DNS rebinding), and so send requests that the
    browser takes for its own; its name then stands in this header.
    """
    name = re.sub(r":[0-9]*$", "", header or "").strip("[]").rstrip(".").lower()
    # An address can't be made to lead elsewhere, only a name.
    if is_loopback(name) or name in settings.hosts or (settings.is_on_network and _is_address(name)):
        return ""
    known = ", ".join(sorted({"localhost", "127.0.0.1", "[::1]", *settings.hosts}))
    return f"Host: {(header or '')[:80]!r} is not a name of this service: {known}; --allow-host adds one"


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine by one of its loopback names."""
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def check_token(state: State, request: Request) -> None:
    """Check the token of a request: the raw Authorization header, with no scheme.

    Raises:
        ApiError: 401, it is missing or not the one of this service.
    """
    given = request.headers.get("authorization", "")
    if not given:
        raise ApiError(401, "The Authorization header is missing")
    if not state.settings.any_token and not hmac.compare_digest(given.encode(), state.settings.token.encode()):
        raise ApiError(401, "The token in the Authorization header is not the one of this service")
