"""The client: all operations over one session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

from peak_images._async.deploy import AsyncDeployOperations
from peak_images._session import Session
from peak_images._settings import PATH_PREFIX, Timeout

if TYPE_CHECKING:
    from peak_images._dry_run import DryRun


class AsyncImage(AsyncDeployOperations):
    """A client of the Images service.

    ``get_async_client`` returns one; no request is sent. It can be used as a context manager, which closes the
    connections if the client created its session.

    Args:
        session: A ``Session``, or any object with an ``auth_token`` and a ``base_domain`` or ``stage`` (default: a
            session of the environment's address and token).

    Example:
        >>> async with images.get_async_client() as client:
        ...     page = await client.list_images(return_iterator=False)
    """

    BASE_ENDPOINT_V2: ClassVar[str] = PATH_PREFIX.removeprefix("/")
    """The path of the API, by the name that Peak's SDK gives it."""

    def __init__(self, session: Any = None) -> None:
        self._owns_session = session is None
        self._session = Session() if session is None else Session.adopt(session)
        self._options = self._session._options

    @property
    def session(self) -> Session:
        """The session, with the address, the token and the connections."""
        return self._session

    def with_options(
        self,
        *,
        timeout: Timeout | float | None = None,
        retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        dry_run: DryRun | None = None,
    ) -> Self:
        """Return a client over the same connections, with other options for its calls.

        Args:
            timeout: A ``Timeout``, or seconds for each wait.
            retries: The maximum number of retries after a transient error.
            headers: Additional headers.
            dry_run: A function that is called with each request, a ``PreparedRequest``, in place of sending it. The
                arguments are still checked and the artifact is still created. The response is empty, so whatever
                depends on one (iterating over a list, waiting, ``deploy`` and the like) raises ``PeakImagesError``
                after its first request.

        Returns:
            A client, which needn't be closed.

        Raises:
            ConfigurationError: An argument is invalid.

        Example:
            >>> page = await client.with_options(timeout=120, retries=0).list_images(return_iterator=False)
        """
        other = type(self)(self._session)
        other._options = self._options.changed(timeout=timeout, retries=retries, headers=headers, dry_run=dry_run)
        return other

    async def aclose(self) -> None:
        """Close the connections, if the client created its session."""
        if self._owns_session:
            await self._session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._session!r})"


def get_async_client(session: Any = None) -> AsyncImage:
    """Return a client. Nothing is sent until an operation is called.

    Args:
        session: A ``Session``, or any object with an ``auth_token`` and a ``base_domain`` or ``stage`` (default: a
            session of the environment's address and token).

    Returns:
        The client.

    Raises:
        MissingTokenError: No token is set.
        ConfigurationError: The session or the environment is invalid.

    Example:
        >>> client = images.get_async_client()
    """
    return AsyncImage(session)
