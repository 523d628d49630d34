"""Access to the pages, and protection of their forms.

Browsers send no Authorization header, so the pages are protected from other web sites and machines by these rules:

- the connection comes from this machine, and the address in the browser is one of this machine (DNS rebinding);
- a change requires a POST with the token of the page's form, from the same origin (request forgery);
- a service whose token isn't the public default asks for it once, and keeps a cookie.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from peak_images_local.api.auth import is_loopback
from peak_images_local.errors import ApiError
from peak_images_local.settings import DEFAULT_TOKEN

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from peak_images_local.settings import Settings

FORM_TOKEN = "form_token"  # noqa: S105 - the name of a field
_SAME = {"same-origin", "none"}


class Access:
    """The rules of one service."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secret = secrets.token_bytes(32)
        self.form_token = self._sign("form")

    def _sign(self, purpose: str) -> str:
        return hmac.digest(self._secret, purpose.encode(), "sha256").hex()

    def check_address(self, request: Request) -> None:
        """Check where a request comes from.

        Raises:
            ApiError: 403, from another machine, or by a name of another machine.
        """
        if not is_loopback(request.client.host if request.client else "") or not is_loopback(
            request.url.hostname or ""
        ):
            raise ApiError(403, "The pages are only for the machine that the service runs on")

    def check_origin(self, request: Request) -> None:
        """Check that a form was sent by a page of this service.

        Raises:
            ApiError: 403, the browser reports that another site sent it.
        """
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site", "same-origin")
        if site not in _SAME or (origin is not None and urlsplit(origin).netloc != request.url.netloc):
            raise ApiError(403, "This form was sent by another site")

    def check_form(self, token: str) -> None:
        """Check the token of a form.

        Raises:
            ApiError: 403, it isn't the one that this service put into its pages.
        """
        if not hmac.compare_digest(token.encode(), self.form_token.encode()):
            raise ApiError(403, "This form is of another run of the service: load its page again")

    def is_logged_in(self, request: Request) -> bool:
        """Return whether the pages are open to this browser."""
        if self._settings.any_token or self._settings.token == DEFAULT_TOKEN:
            return True
        given = request.cookies.get(self._cookie_name(request), "")
        return hmac.compare_digest(given.encode(), self._sign("login").encode())

    def log_in(self, request: Request, response: Response, token: str) -> None:
        """Set the browser's cookie.

        Raises:
            ApiError: 401, the token isn't the one of this service.
        """
        if not hmac.compare_digest(token.strip().encode(), self._settings.token.encode()):
            raise ApiError(401, "This is not the token of this service")
        response.set_cookie(self._cookie_name(request), self._sign("login"), httponly=True, samesite="strict", path="/")

    @staticmethod
    def _cookie_name(request: Request) -> str:
        # Cookies are shared by all ports.
        return f"peak_images_local_{request.url.port or 80}"
