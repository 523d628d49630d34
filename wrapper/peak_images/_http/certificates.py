"""Trusted certificates."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import httpx

from peak_images.errors import ConfigurationError, quoted

CERTIFICATE_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The environment variables that name certificates; the first one that is set is used."""


def ssl_context(ca_bundle: str | os.PathLike[str] | ssl.SSLContext | None) -> ssl.SSLContext:
    """Return the SSL context: the argument, else the environment's, else certifi's.

    Raises:
        ConfigurationError: The certificates can't be read.
    """
    if isinstance(ca_bundle, ssl.SSLContext):
        return ca_bundle
    if ca_bundle is not None:
        return _read("ca_bundle", ca_bundle)
    for variable in CERTIFICATE_VARIABLES:
        if path := os.environ.get(variable):
            return _read(variable, path)
    with _readable("certifi: certificates can't be read"):
        return httpx.create_ssl_context(trust_env=False)


def _read(source: str, path: str | os.PathLike[str]) -> ssl.SSLContext:
    is_directory = os.path.isdir(path)  # noqa: PTH112 - may be bytes
    with _readable(f"{source}: certificates can't be read from {quoted(path)}"):
        return ssl.create_default_context(cafile=None if is_directory else path, capath=path if is_directory else None)


@contextmanager
def _readable(problem: str) -> Iterator[None]:
    try:
        yield
    except (OSError, TypeError, ValueError) as error:
        # Every context opens this file too.
        if getattr(error, "filename", None) == os.environ.get("SSLKEYLOGFILE", ""):
            problem = "SSLKEYLOGFILE: can't be written"
        raise ConfigurationError(f"{problem}: {error}") from error
