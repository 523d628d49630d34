"""Which certificates are trusted."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterable
from typing import Any, Self

import httpx


def usual_context() -> ssl.SSLContext:
    """What is trusted unless a session says otherwise: the same as by httpx itself.

    Raises:
        OSError: The certificates that ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` name can't be used.
    """
    if os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR"):
        return httpx.create_ssl_context()  # now, so that a fault in them is found before anything is opened
    return _LateContext()


class _LateContext(ssl.SSLContext):
    """httpx's own context, with the certificates that certifi brings, made when the first secure connection is opened.

    To read them takes longer than a request, and over plain HTTP they aren't needed.
    """

    def __new__(cls) -> Self:
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: ssl.SSLContext | None = None

    def _context(self) -> ssl.SSLContext:
        with self._lock:
            if self._loaded is None:
                self._loaded = httpx.create_ssl_context()
            return self._loaded

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Called before each connection, and so before the others."""
        self._context().set_alpn_protocols(alpn_protocols)

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        """Begin a secure connection."""
        return self._context().wrap_socket(*args, **kwargs)

    def wrap_bio(self, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """Begin a secure connection."""
        return self._context().wrap_bio(*args, **kwargs)
