"""The client: all operations over one session, and the one that decides between three of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from peak_images._async.waiters import AsyncWaiterOperations
from peak_images._payload import Payload
from peak_images._session import Session
from peak_images._settings import Timeout
from peak_images._validation import validate_artifact, validate_upsert

if TYPE_CHECKING:
    from peak_images._uploads import OnProgress
    from peak_images_api import models

_LOOKUP_PAGE_SIZE = 100


class AsyncImage(AsyncWaiterOperations):
    """A client of the Images service.

    ``get_async_client`` makes one. Making it sends nothing. It can be used as a context manager, which closes the
    connections of a session that it made itself.

    Args:
        session: Where the service is and who asks.

    Example:
        >>> async with images.get_async_client() as client:
        ...     page = await client.list_images(return_iterator=False)
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
    ) -> Self:
        """The same client, over the same connections, with other options for the calls made through it.

        Args:
            timeout: How long to wait: a ``Timeout``, or seconds for each wait.
            retries: How often to try again after a transient error; 0 for never.
            headers: Further headers.

        Returns:
            A client. It needn't be closed.

        Raises:
            ConfigurationError: One of the arguments can't be used.

        Example:
            >>> page = await client.with_options(timeout=120, retries=0).list_images(return_iterator=False)
        """
        other = type(self)(self._session)
        options = self._options.changed(timeout=timeout, retries=retries, headers=headers)
        other._options = options
        return other

    async def create_or_update_image_version(
        self,
        body: Mapping[str, Any],
        artifact: Mapping[str, Any] | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> Payload[models.VersionCreated]:
        """Create an image, or a version of it, or update the version: whichever is needed.

        The image is the one whose name is exactly ``name``, the version the one that is exactly ``version``, wherever
        in the lists they are. No such image: it is created. No such version, or none given: one is created.
        Otherwise the version is updated. In the contract: ``GET /images/``, ``GET /images/{imageId}/versions``, then
        one of ``create_image``, ``create_version`` and ``update_version``.

        Args:
            body: ``name`` and ``type``, and optionally ``version``, ``description``, ``buildDetails`` and
                ``autodeployResources``, as for ``create_image`` and ``update_version``, whose defaults hold: where
                something is created the source is ``upload`` unless given, where it is updated it stays. Resources
                are redeployed where a version is created or updated; with a new image there are none yet.
            artifact: As for ``create_image``.
            on_progress: Called with the bytes of the artifact sent so far and in all.

        Returns:
            ``imageId``, ``versionId``, ``buildId`` and, where it was asked for, ``autodeploymentId``.

        Raises:
            InvalidInputError: The contract doesn't allow the body.
            ArtifactError: The artifact can't be made, or is too large.
            ConflictError: The version exists and isn't ``not-ready``.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> done = await client.create_or_update_image_version(
            ...     body={"name": "an-image", "type": "workflow", "version": "0.0.1"},
            ...     artifact={"path": context},
            ... )
        """
        validate_artifact(artifact)
        fields = validate_upsert(body)
        image_id = await self._find_image(fields["name"])
        if image_id is None:
            fields.pop("autodeployResources", None)
            return await self.create_image(fields, artifact, on_progress=on_progress)  # type: ignore[return-value]
        change = {key: value for key, value in fields.items() if key not in ("name", "type")}
        version_id = await self._find_version(image_id, fields["version"]) if "version" in fields else None
        if version_id is None:
            return await self.create_version(image_id, change, artifact, on_progress=on_progress)
        change.pop("version")
        return await self.update_version(image_id, version_id, change, artifact, on_progress=on_progress)

    async def _find_image(self, name: str) -> Any:
        """The id of the image of exactly this name; of the tenant's own before one that comes with the platform."""
        of_the_platform = None
        async for image in self.list_images(page_size=_LOOKUP_PAGE_SIZE, name=name):
            if image.get("name") == name:
                if image.get("scope") != "global":
                    return image._require("id")
                of_the_platform = image._require("id")
        return of_the_platform

    async def _find_version(self, image_id: int, version: str) -> Any:
        async for found in self.list_image_versions(image_id, page_size=_LOOKUP_PAGE_SIZE, version=version):
            if found.get("version") == version:
                return found._require("id")
        return None

    async def aclose(self) -> None:
        """Close the connections, where the client made its session itself; else that is the session's to do."""
        if self._owns_session:
            await self._session.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._session!r})"


def get_async_client(session: Any = None) -> AsyncImage:
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
        >>> client = images.get_async_client()
    """
    return AsyncImage() if session is None else AsyncImage(Session.adopt(session))
