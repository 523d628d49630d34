"""The session: where the service is, who asks, and the connections to it."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from peak_images._settings import (
    DEFAULT_MAX_ARTIFACT_SIZE,
    URL_VARIABLE,
    CallOptions,
    HttpOptions,
    Timeout,
    readable_settings,
    resolve_base_url,
    resolve_token,
    validate_check,
    validate_count,
)
from peak_images._tracebacks import short_traceback
from peak_images._warning import warn_caller
from peak_images.errors import ConfigurationError, quoted

if TYPE_CHECKING:
    import ssl

    import httpx

    from peak_images._http.client import Connections


class Session:
    """Where the service is, who asks, and how: everything that clients share, their connection pool included.

    Making one sends nothing. It may be used from several threads, and from several event loops one after the other.
    After a fork the child opens connections of its own.

    Args:
        auth_token: An API key or session token. Without it ``PEAK_AUTH_TOKEN``, else ``API_KEY``, of the environment.
        stage: ``prod``, ``dev``, ``test``, ``beta``, ``parvati`` or ``latest``. Without it ``PEAK__STAGE``, else
            ``STAGE``, of the environment, else ``prod``.
        base_url: The root of a service, such as ``http://127.0.0.1:8080``, in place of the stage's. Without it
            ``PEAK_IMAGES_URL`` of the environment.
        timeout: How long to wait: a ``Timeout``, or seconds for each wait. Unless given: 5 s for a connection, 30 s
            for the next chunk of a response, 60 s for the next chunk of a request to be taken, 300 s in all.
        retries: How often to try again after a transient error; 0 for never. What might be carried out twice is never
            tried again.
        headers: Further headers for every request.
        max_artifact_size: The largest artifact to send, in bytes, zipped; ``None`` for no limit. Unless given it is
            what the service takes, 10 MiB.
        artifact_check: What is done about problems found in a directory before it is sent: ``error`` raises if the
            build is sure to fail, and warns about what looks like a mistake; ``warn`` only warns; ``off`` doesn't look;
            ``strict`` raises in both cases. ``artifact={"path": …, "check": …}`` overrides it for a call.
        progress: Whether an upload of more than 1 MB shows a bar on an interactive terminal or in a notebook.
        proxy: The address of a proxy, such as ``http://proxy:3128``. Without it that of the environment
            (``HTTPS_PROXY`` and the like).
        ca_bundle: A file of certificates to trust, or an ``ssl.SSLContext``. Without it those that ``SSL_CERT_FILE`` or
            ``SSL_CERT_DIR`` name, else certifi's.
        transport: An httpx transport to send by.
        http_client: A ready httpx client to send by, ``httpx.Client`` for ``get_client`` or ``httpx.AsyncClient`` for
            ``get_async_client``. It stays its owner's to close. An ``auth`` of its own goes before the token.

    Raises:
        MissingTokenError: There is no token.
        ConfigurationError: One of the arguments, or its variable of the environment, can't be used.

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
        __tracebackhide__ = True
        with short_traceback(), readable_settings():
            self._root = resolve_base_url(base_url, stage)
            if stage and not base_url and os.environ.get(URL_VARIABLE):
                warn_caller(f"stage {quoted(stage)} is overridden by {URL_VARIABLE}={self._root}", UserWarning)
            self._token = resolve_token(auth_token)
            self._options = CallOptions().changed(timeout=timeout, retries=retries, headers=headers)
            limit = max_artifact_size
            self.max_artifact_size = None if limit is None else validate_count("max_artifact_size", limit)
            self.artifact_check = validate_check(artifact_check)
            self.progress = progress
            self._http_options = HttpOptions(transport, http_client, proxy, ca_bundle)
        self._http: Connections | None = None
        self._started_builds: list[tuple[Any, int, str]] = []
        self._lock = threading.RLock()

    @classmethod
    def adopt(cls, session: Any) -> Session:
        """This package's session from any object that has an ``auth_token`` and a ``base_domain`` or a ``stage``.

        The session of Peak's own SDK is one.

        Args:
            session: A ``Session``, which is given back, or such an object.

        Returns:
            The session.

        Raises:
            ConfigurationError: The object has neither, or they can't be used.
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
        """The root of the service."""
        return self._root

    @property
    def _connections(self) -> Connections:
        """The connection pools, made on first use."""
        if self._http is None:
            from peak_images._http.client import Connections

            with self._lock:
                if self._http is None:
                    self._http = Connections(self._root, self._token, self._http_options)
        return self._http

    def close(self) -> None:
        """Close the connections. The session can still be used: it opens new ones.

        Not for a ``__del__``, which may run in the midst of another call.
        """
        if self._http is not None:
            self._http.close()

    async def aclose(self) -> None:
        """Close the connections, those of the running event loop included."""
        if self._http is not None:
            await self._http.aclose()

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
                raise TypeError(f"a session with its own {name} can't be pickled: make one where it is unpickled")
        return {name: value for name, value in self._settings().items() if name != "_lock"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.RLock()

    def _settings(self) -> dict[str, Any]:
        return {**self.__dict__, "_http": None, "_lock": threading.RLock()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"Session(base_url={self._root!r}, auth_token='***')"
