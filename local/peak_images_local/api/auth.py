"""Check the host name and the token of requests."""

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
    """Return the error of a request's Host header; an empty text if it names this service.

    A web page of another site can resolve its own name to this machine (DNS rebinding), so that its requests count
    as same-origin; the header then has the name of that site.
    """
    name = re.sub(r":[0-9]*$", "", header or "").strip("[]").rstrip(".").lower()
    # Only a name can be resolved to another machine, not an address.
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
