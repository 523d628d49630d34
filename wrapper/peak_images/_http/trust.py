"""Which certificates are trusted."""

from __future__ import annotations

import os
import ssl

import httpx

from peak_images.errors import ConfigurationError


class Trust:
    """What is trusted unless a session says otherwise: the same as by httpx itself.

    To read the certificates takes longer than a request. So for a service over plain HTTP they are read when something
    is asked for over HTTPS after all, as a log may be.

    Args:
        is_needed: Whether the certificates are needed at once.

    Attributes:
        context: For httpx: a plain ``ssl.SSLContext``, which asynchronous libraries know to be quick.
    """

    def __init__(self, *, is_needed: bool) -> None:
        # Those that the environment names may have a fault, which is found now, before anything is opened.
        self._is_read = is_needed or bool(os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"))
        self.context = _read() if self._is_read else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    def prepare(self, request: httpx.Request) -> None:
        """Called by httpx before each request, of those that it is redirected to as well."""
        if request.url.scheme == "https" and not self._is_read:
            whole = _read()
            self.context.verify_flags |= whole.verify_flags
            self.context.load_verify_locations(cadata=b"".join(whole.get_ca_certs(binary_form=True)))
            self._is_read = True

    async def prepare_async(self, request: httpx.Request) -> None:
        """The same for an asynchronous client."""
        self.prepare(request)


def _read() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise ConfigurationError(f"the trusted certificates can't be read: {error}") from error
