"""The session: where the service is, who asks, and the connections to it."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from peak_images._settings import Timeout, find_root, find_token
from peak_images.errors import ConfigurationError, quoted

if TYPE_CHECKING:
    from peak_images._http import Connections

DEFAULT_RETRIES: Final = 3


class Session:
    """Where the service is, who asks, and how: everything that clients share, their connection pool included.

    Making one sends nothing.

    Args:
        auth_token: An API key or session token. Without it ``PEAK_AUTH_TOKEN``, else ``API_KEY``, of the environment.
        stage: ``prod``, ``dev``, ``test``, ``beta``, ``parvati`` or ``latest``. Without it ``PEAK__STAGE``, else
            ``STAGE``, of the environment, else ``prod``.
        base_url: The root of a service, such as ``http://127.0.0.1:8080``, in place of the stage's. Without it
            ``PEAK_IMAGES_URL`` of the environment.
        timeout: How long to wait: a ``Timeout``, or seconds for each of its four. Unless given: 5 s for a connection,
            30 s for the next piece of an answer, 60 s for the next piece of a request to be taken.
        retries: How often to try again after a passing fault; 0 for never. What might be carried out twice is never
            tried again.
        max_artifact_size: The largest artifact to send, in bytes, zipped; ``None`` for no limit. Unless given it is
            what the service takes, 10 MiB.
        headers: Further headers for every request.

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
        retries: int = DEFAULT_RETRIES,
        max_artifact_size: int | None = 10 * 2**20,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._root = find_root(base_url, stage)
        self._token = find_token(auth_token)
        self.timeout = Timeout.of(timeout)
        self.retries = _count("retries", retries)
        self.max_artifact_size = None if max_artifact_size is None else _count("max_artifact_size", max_artifact_size)
        self._headers = dict(headers or {})
        self._connections: Connections | None = None

    @classmethod
    def adopt(cls, session: Any) -> Session:
        """This package's session from any object that has an ``auth_token`` and a ``base_domain`` or a ``stage``.

        The session of Peak's own SDK is one.

        Raises:
            ConfigurationError: The object has neither.
        """
        if isinstance(session, Session):
            return session
        token = getattr(session, "auth_token", None)
        domain, stage = getattr(session, "base_domain", None), getattr(session, "stage", None)
        if token is None or (domain is None and stage is None):
            kind = type(session).__name__
            raise ConfigurationError(f"session: a {kind} has no auth_token with a base_domain or stage; give a Session")
        stage = getattr(stage, "value", stage)
        return cls(token, base_url=find_root(None, stage, stage_root=domain))

    @property
    def base_url(self) -> str:
        """The root of the service."""
        return self._root

    @property
    def connections(self) -> Connections:
        """The connection pools. For this package's own use."""
        if self._connections is None:
            from peak_images._http import Connections

            self._connections = Connections(self._root, self._token, self.timeout, self._headers)
        return self._connections

    def masked(self, text: str) -> str:
        """A text without the token, for messages."""
        return text.replace(self._token, "***")

    def close(self) -> None:
        """Close the connections. The session can still be used: it opens new ones."""
        if self._connections is not None:
            self._connections.close()

    async def aclose(self) -> None:
        """Close the connections, those of the running event loop included."""
        if self._connections is not None:
            await self._connections.aclose()

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


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ConfigurationError(f"{name}: {quoted(value)} is not a whole number of at least 0")
    return value
