"""The httpx clients of a session, made with what its users give in place of httpx's own."""

from __future__ import annotations

import os
import ssl
import sys
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import httpx

from peak_images._http.trust import Trust
from peak_images._settings import Timeout, strip_userinfo
from peak_images._version import __version__
from peak_images.errors import ConfigurationError, quoted

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

_PYTHON: Final = ".".join(map(str, sys.version_info[:3]))  # platform, which says it too, takes a while to load
USER_AGENT: Final = f"peak-images/{__version__} python/{_PYTHON} httpx/{httpx.__version__}"


@dataclass(frozen=True)
class HttpOptions:
    """What a session's users give in place of httpx's own.

    Attributes:
        transport: A transport, for one flavour or for both.
        http_client: A ready client, for one flavour; its owner closes it.
        proxy: The address of a proxy.
        ca_bundle: A file of certificates, or a ready context.
    """

    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None
    http_client: httpx.Client | httpx.AsyncClient | None = None
    proxy: str | None = None
    ca_bundle: str | os.PathLike[str] | ssl.SSLContext | None = None

    def provided_client(self, kind: type[C]) -> C | None:
        """The ready client, if there is one.

        Raises:
            ConfigurationError: It is one of the other flavour, or none at all. Sending by another would surprise.
        """
        if self.http_client is None or isinstance(self.http_client, kind):
            return self.http_client
        raise ConfigurationError(f"http_client: {quoted(self.http_client)} is not an httpx.{kind.__name__}")

    def new_client(self, kind: type[C], base_url: str) -> C:
        """A new httpx client.

        Args:
            kind: Its flavour.
            base_url: The address of the service.

        Raises:
            ConfigurationError: The transport is of the other flavour, or the proxy or the certificates can't be used.
        """
        arguments: dict[str, Any] = {"headers": {"User-Agent": USER_AGENT}}
        if self.transport is not None:
            fitting = httpx.BaseTransport if issubclass(kind, httpx.Client) else httpx.AsyncBaseTransport
            if not isinstance(self.transport, fitting):
                raise ConfigurationError(f"transport: {quoted(self.transport)} is not an httpx.{fitting.__name__}")
            arguments["transport"] = self.transport
        if self.ca_bundle is not None:
            arguments["verify"] = _context_of(self.ca_bundle)
        elif self.transport is None:
            trust = Trust(is_needed=_is_secure(base_url) or _is_secure(self.proxy))
            hook = trust.prepare if issubclass(kind, httpx.Client) else trust.prepare_async
            arguments |= {"verify": trust.context, "event_hooks": {"request": [hook]}}
        if self.proxy is not None:
            arguments["proxy"] = _proxy_at(self.proxy, arguments["verify"])
        try:
            return kind(**arguments)
        except (ImportError, TypeError, ValueError, httpx.InvalidURL) as error:
            # A proxy that the environment names, say.
            raise ConfigurationError(f"the settings of the connection can't be used: {error}") from error


def _is_secure(url: str | None) -> bool:
    return url is not None and url.lower().startswith("https:")


def _proxy_at(url: str, context: ssl.SSLContext) -> httpx.Proxy:
    try:
        # One that is itself spoken to over TLS is trusted by the same certificates.
        return httpx.Proxy(url, ssl_context=context if _is_secure(url) else None)
    except (TypeError, ValueError, httpx.InvalidURL) as error:
        raise ConfigurationError(f"proxy: {quoted(strip_userinfo(url))} can't be used") from error


def _context_of(ca_bundle: str | os.PathLike[str] | ssl.SSLContext) -> ssl.SSLContext:
    if isinstance(ca_bundle, ssl.SSLContext):
        return ca_bundle
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:
        raise ConfigurationError(f"ca_bundle: {quoted(ca_bundle)} can't be used: {error}") from error


def httpx_timeout(timeout: Timeout) -> httpx.Timeout:
    """A ``Timeout`` as httpx takes it; it knows no total."""
    return httpx.Timeout(connect=timeout.connect, read=timeout.read, write=timeout.write, pool=timeout.pool)
