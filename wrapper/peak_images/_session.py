"""The session: address, token, options and connections."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from peak_images._settings import (
    ARTIFACT_CHECKS,
    DEFAULT_MAX_ARTIFACT_SIZE,
    URL_VARIABLE,
    CallOptions,
    HttpOptions,
    Timeout,
    readable_settings,
    resolve_base_url,
    resolve_token,
)
from peak_images._tracebacks import shorten_traceback
from peak_images._values import validate_choice, validate_count
from peak_images._warning import warn_caller
from peak_images.errors import ConfigurationError, PeakImagesError, quoted

if TYPE_CHECKING:
    import ssl

    import httpx

    from peak_images._http.client import Connections


class Session:
    """Address, token and options of the service, and the connection pool that clients share.

    Creating one sends no request. It is thread-safe, and may be used in several event loops one after the other.
    After a fork the child opens its own connections.

    Args:
        auth_token: An API key or session token (default: ``PEAK_AUTH_TOKEN``, else ``API_KEY``, of the environment).
        stage: ``prod``, ``dev``, ``test``, ``beta``, ``parvati`` or ``latest`` (default: ``PEAK__STAGE``, else
            ``STAGE``, of the environment, else ``prod``).
        base_url: The address of a service, such as ``http://127.0.0.1:8080``; it overrides the stage (default:
            ``PEAK_IMAGES_URL`` of the environment).
        timeout: A ``Timeout``, or seconds for each wait (default: 5 s to connect, 30 s for the next chunk of a
            response, 60 s to send the next chunk of a request, 300 s in all).
        retries: The maximum number of retries after a transient error. A change that might be applied twice is never
            retried.
        headers: Additional headers of every request.
        max_artifact_size: The largest artifact to upload, in bytes, zipped; ``None`` for no limit (default: the limit
            of the service, 10 MiB).
        artifact_check: What to do about problems of a directory before it is uploaded: ``error`` raises if the build
            will fail, and warns about what looks like a mistake; ``warn`` only warns; ``off`` doesn't check;
            ``strict`` raises in both cases. ``artifact={"path": …, "check": …}`` overrides it for a call.
        progress: Whether an upload of more than 1 MB shows a bar on an interactive terminal or in a notebook.
        proxy: The address of a proxy, such as ``http://proxy:3128`` (default: that of the environment,
            ``HTTPS_PROXY`` and the like).
        ca_bundle: A file of certificates to trust, or an ``ssl.SSLContext`` (default: those of ``SSL_CERT_FILE``,
            ``SSL_CERT_DIR``, ``REQUESTS_CA_BUNDLE`` or ``CURL_CA_BUNDLE``, else certifi's).
        transport: A custom httpx transport.
        http_client: A custom httpx client, ``httpx.Client`` for ``get_client`` or ``httpx.AsyncClient`` for
            ``get_async_client``. You close it; its ``auth`` overrides the token.

    Raises:
        MissingTokenError: No token is set.
        ConfigurationError: An argument, or its environment variable, is invalid.

    Example:
        >>> with images.Session(base_url=service.url, auth_token=service.token) as session:
        ...     page = images.get_client(session).list_images(return_iterator=False)
    """

    def __init__(
        self,
        auth_token: str | None = None,
        stage: str | None = None,
        *,
        base_url: str | None = None,
        timeout: Timeout | float | None = None,
        retries: int = 3,
        headers: Mapping[str, str] | None = None,
        max_artifact_size: int | None = DEFAULT_MAX_ARTIFACT_SIZE,
        artifact_check: str = "error",
        progress: bool = True,
        proxy: str | None = None,
        ca_bundle: str | os.PathLike[str] | ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None,
        http_client: httpx.Client | httpx.AsyncClient | None = None,
    ) -> None:
        try:
            with readable_settings():
                self._root = resolve_base_url(base_url, stage)
                if stage and not base_url and os.environ.get(URL_VARIABLE):
                    warn_caller(f"stage {quoted(stage)} is overridden by {URL_VARIABLE}={self._root}", UserWarning)
                self._token = resolve_token(auth_token)
                self._options = CallOptions().changed(timeout=timeout, retries=retries, headers=headers)
                limit = max_artifact_size
                self.max_artifact_size = None if limit is None else validate_count("max_artifact_size", limit)
                self.artifact_check = validate_choice("artifact_check", artifact_check, ARTIFACT_CHECKS)
                self.progress = progress
                self._http_options = HttpOptions(transport, http_client, proxy, ca_bundle)
        except PeakImagesError as error:
            shorten_traceback(error)
            raise
        self._started_builds: list[tuple[Any, int, str]] = []
        self._build_numbers: dict[tuple[int, str], int | str] = {}

    @classmethod
    def adopt(cls, session: Any) -> Session:
        """Return a session from any object with an ``auth_token`` and a ``base_domain`` or a ``stage``.

        The session of Peak's own SDK is such an object.

        Args:
            session: The object; a ``Session`` is returned unchanged.

        Returns:
            The session.

        Raises:
            ConfigurationError: The object has neither, or they are invalid.
        """
        if isinstance(session, Session):
            return session
        token = getattr(session, "auth_token", None)
        domain, stage = getattr(session, "base_domain", None), getattr(session, "stage", None)
        if token is None or (domain is None and stage is None):
            kind = type(session).__name__
            raise ConfigurationError(f"session: a {kind} has no auth_token with a base_domain or stage; give a Session")
        stage = getattr(stage, "value", stage)
        return cls(token, base_url=resolve_base_url(None, stage, stage_root=domain))

    @property
    def base_url(self) -> str:
        """The address of the service."""
        return self._root

    @cached_property
    def _connections(self) -> Connections:
        """The connection pools, created on first use."""
        from peak_images._http.client import Connections

        new = Connections(self._root, self._token, self._http_options)
        # If several threads create them at once, the first one's are used by all.
        connections: Connections = self.__dict__.setdefault("_connections", new)
        return connections

    def close(self) -> None:
        """Close the connections. The session can still be used: it opens new ones.

        Don't call it in a ``__del__``, which may run during another call.
        """
        if "_connections" in self.__dict__:
            self._connections.close()

    async def aclose(self) -> None:
        """Close the connections, including those of the running event loop."""
        if "_connections" in self.__dict__:
            await self._connections.aclose()

    def __copy__(self) -> Self:
        """Return a session with the same settings and connections of its own."""
        other = type(self).__new__(type(self))
        other.__dict__.update(self._settings())
        return other

    def __deepcopy__(self, memo: object) -> Self:
        return self.__copy__()

    def __getstate__(self) -> dict[str, Any]:
        for name in ("http_client", "transport", "ca_bundle"):
            value = getattr(self._http_options, name)
            if value is not None and not isinstance(value, (str, bytes, os.PathLike)):
                raise TypeError(f"a session with its own {name} can't be pickled: create one where it is unpickled")
        return self._settings()

    def _settings(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_connections"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"Session(base_url={self._root!r}, auth_token='***')"
