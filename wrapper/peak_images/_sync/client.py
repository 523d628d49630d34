# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""The client: all operations over one session."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from peak_images._session import Session
from peak_images._settings import Timeout
from peak_images._sync.deploy import DeployOperations

if TYPE_CHECKING:
    from peak_images._dry_run import DryRun


class Image(DeployOperations):
    """A client of the Images service.

    ``get_client`` makes one. Making it sends nothing. It can be used as a context manager, which closes the
    connections of a session that it made itself.

    Args:
        session: Where the service is and who asks.

    Example:
        >>> with images.get_client() as client:
        ...     page = client.list_images(return_iterator=False)
    """

    def __init__(self, session: Session | None = None) -> None:
        self._owns_session = session is None
        self._session = session or Session()
        self._options = self._session._options

    @property
    def session(self) -> Session:
        """Where the service is and who asks."""
        return self._session

    def with_options(
        self,
        *,
        timeout: Timeout | float | None = None,
        retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        dry_run: DryRun | None = None,
    ) -> Self:
        """The same client, over the same connections, with other options for the calls made through it.

        Args:
            timeout: How long to wait: a ``Timeout``, or seconds for each wait.
            retries: How often to try again after a transient error; 0 for never.
            headers: Further headers.
            dry_run: A function that is called with each request, a ``PreparedRequest``, in place of sending it. The
                arguments are checked and the artifact is made nevertheless; the response is empty.

        Returns:
            A client. It needn't be closed.

        Raises:
            ConfigurationError: One of the arguments can't be used.

        Example:
            >>> page = client.with_options(timeout=120, retries=0).list_images(return_iterator=False)
        """
        other = type(self)(self._session)
        options = self._options.changed(timeout=timeout, retries=retries, headers=headers, dry_run=dry_run)
        other._options = options
        return other

    def close(self) -> None:
        """Close the connections, where the client made its session itself; else that is the session's to do."""
        if self._owns_session:
            self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._session!r})"


def get_client(session: Any = None) -> Image:
    """Make a client. Nothing is sent until an operation is called.

    Args:
        session: A ``Session``, or any object with an ``auth_token`` and a ``base_domain`` or ``stage``. Without one,
            the environment says where the service is and who asks.

    Returns:
        The client.

    Raises:
        MissingTokenError: There is no token.
        ConfigurationError: The session or the environment can't be used.

    Example:
        >>> client = images.get_client()
    """
    return Image() if session is None else Image(Session.adopt(session))
