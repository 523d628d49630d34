"""The operations on versions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from peak_images._async.operations import AsyncOperations
from peak_images._async.pagination import AsyncPaginator
from peak_images._payload import Payload
from peak_images._validation import build_query, validate_artifact, validate_body, validate_id, validate_ids

if TYPE_CHECKING:
    from peak_images._uploads import OnProgress
    from peak_images_api import models


class AsyncVersionOperations(AsyncOperations):
    """List, create, describe, update and delete the versions of an image."""

    @overload
    def list_image_versions(
        self,
        image_id: int | str,
        page_size: int | None = ...,
        page_number: int | None = ...,
        version: str | None = ...,
        status: Iterable[str] | None = ...,
        last_build_status: Iterable[str] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[True] = ...,
        prefetch: bool = ...,
    ) -> AsyncIterator[Payload[models.Version]]: ...

    @overload
    async def list_image_versions(
        self,
        image_id: int | str,
        page_size: int | None = ...,
        page_number: int | None = ...,
        version: str | None = ...,
        status: Iterable[str] | None = ...,
        last_build_status: Iterable[str] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[False],
        prefetch: bool = ...,
    ) -> Payload[models.VersionPage]: ...

    def list_image_versions(
        self,
        image_id: int | str,
        page_size: int | None = 25,
        page_number: int | None = 1,
        version: str | None = None,
        status: Iterable[str] | None = None,
        last_build_status: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
        *,
        return_iterator: bool = True,
        prefetch: bool = False,
    ) -> Any:
        """List the versions of an image, newest first. ``GET /images/{imageId}/versions`` in the contract.

        Args:
            image_id: The id of the image.
            page_size: The number of versions on a page, from 1.
            page_number: The page, from 1. It has no meaning for an iterator, which gives all pages.
            version: Only versions that contain this text: ``0.0.1`` finds ``0.0.10`` too.
            status: Only versions in these states: ``not-ready``, ``ready``, ``in-use``, ``deleting``,
                ``delete-failed``.
            last_build_status: Only versions whose last build is in one of these states: ``building``, ``failed``,
                ``success``, ``stopping``, ``stopped``.
            tags: Only versions with at least one tag of these names.
            return_iterator: ``True`` for an iterator over the versions, which fetches a page when its first version
                is wanted; ``False`` for the one page.
            prefetch: Whether the iterator fetches the next pages, up to eight, already while one is consumed.

        Returns:
            An iterator over versions, each with ``id``, ``version``, ``status``, ``lastBuildStatus`` and more; or a
            page: ``versionCount``, ``pageSize``, ``pageNumber``, ``pageCount`` and ``versions``.

        Raises:
            InvalidInputError: The contract doesn't allow an argument.
            NotFoundError: There is no such image.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> async for version in client.list_image_versions(image_id, status=["ready"]):
            ...     print(version["version"])
        """
        number = validate_id("image_id", image_id)
        checked = build_query(
            "list_image_versions",
            page_size=("pageSize", page_size),
            page_number=("pageNumber", page_number),
            version=("searchTerm", version),
            status=("status", status),
            last_build_status=("lastBuildStatus", last_build_status),
            tags=("tags", tags),
        )
        if not return_iterator:
            return self._version_page(number, checked)
        return AsyncPaginator(
            lambda page: self._version_page(number, {**checked, "page_number": page}),
            "versions",
            "Version",
            prefetch=prefetch,
        )

    async def _version_page(self, image_id: int, query: Mapping[str, Any]) -> Payload[models.VersionPage]:
        from peak_images_api.api.versions import list_image_versions as operation

        return await self._call(
            "list_image_versions",
            "GET",
            "VersionPage",
            lambda api: operation.asyncio_detailed(image_id, client=api, **query),
        )

    async def create_version(
        self,
        image_id: int | str,
        body: Mapping[str, Any] | models.VersionCreateForm,
        artifact: Mapping[str, Any] | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> Payload[models.VersionCreated]:
        """Create a version and start a build of it. ``POST /images/{imageId}/versions`` in the contract.

        Args:
            image_id: The id of the image.
            body: Optionally ``version`` (the next patch of the latest unless given), ``description``,
                ``buildDetails`` and ``autodeployResources``, a list of ``entityId`` and ``entityType`` (``workflow``,
                ``workspace``, ``api``, ``webapp``) to redeploy when the build has completed. Without build details,
                or a ``source`` in them, the source is ``upload``.
            artifact: For the source ``upload``: ``path``, the directory to build from, and optionally ``ignore_files``
                and ``follow_external_links``, as for ``create_image``.
            on_progress: Called with the bytes of the artifact sent so far and in all.

        Returns:
            ``imageId``, ``versionId``, ``buildId`` and, where it was asked for, ``autodeploymentId``.

        Raises:
            InvalidInputError: The contract doesn't allow the body.
            ArtifactError: The artifact can't be made, or is too large.
            NotFoundError: There is no such image.
            ConflictError: The image has this version.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> created = await client.create_version(
            ...     image_id,
            ...     body={"version": "0.0.2", "buildDetails": {"source": "dockerfile", "dockerfile": "FROM nginx"}},
            ... )
        """
        from peak_images_api.api.versions import create_version as operation

        number = validate_id("image_id", image_id)
        validate_artifact(artifact)
        fields = validate_body("create_version", body, default_source=True)
        response = await self._send_form(
            "create_version",
            "POST",
            "VersionCreateForm",
            fields,
            artifact,
            on_progress,
            lambda api, form: operation.asyncio_detailed(number, client=api, body=form),
        )
        return Payload(response, "VersionCreated")

    async def describe_version(self, image_id: int | str, version_id: int | str) -> Payload[models.VersionDetail]:
        """Describe a version. ``GET /images/{imageId}/versions/{versionId}`` in the contract.

        Args:
            image_id: The id of the image.
            version_id: The id of the version.

        Returns:
            ``imageName``, ``imageType``, ``id``, ``version``, ``status``, ``lastBuildStatus``, ``buildDetails`` and
            more.

        Raises:
            InvalidInputError: An id isn't one.
            NotFoundError: There is no such image or version.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> version = await client.describe_version(image_id=image_id, version_id=version_id)
            >>> version["version"]
            '0.0.1'
        """
        from peak_images_api.api.versions import describe_version as operation

        image, number = validate_id("image_id", image_id), validate_id("version_id", version_id)
        return await self._call(
            "describe_version",
            "GET",
            "VersionDetail",
            lambda api: operation.asyncio_detailed(image, number, client=api),
        )

    async def update_version(
        self,
        image_id: int | str,
        version_id: int | str,
        body: Mapping[str, Any] | models.VersionUpdateForm,
        artifact: Mapping[str, Any] | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> Payload[models.VersionCreated]:
        """Change a version and build it anew. ``PATCH /images/{imageId}/versions/{versionId}`` in the contract.

        Only a version that is ``not-ready`` can be updated, and its own name stays.

        Args:
            image_id: The id of the image.
            version_id: The id of the version.
            body: Optionally ``description``, ``buildDetails`` and ``autodeployResources``, as for
                ``create_version``. What isn't given stays; so do the build details, or their ``source``.
            artifact: For the source ``upload``: ``path``, the directory to build from, and optionally ``ignore_files``
                and ``follow_external_links``, as for ``create_image``.
            on_progress: Called with the bytes of the artifact sent so far and in all.

        Returns:
            ``imageId``, ``versionId``, ``buildId`` and, where it was asked for, ``autodeploymentId``.

        Raises:
            InvalidInputError: The contract doesn't allow the body.
            ArtifactError: The artifact can't be made, or is too large.
            NotFoundError: There is no such image or version.
            ConflictError: The version isn't ``not-ready``.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> updated = await client.update_version(image_id, version_id, body={"description": "Hello again"})
        """
        from peak_images_api.api.versions import update_version as operation

        image, number = validate_id("image_id", image_id), validate_id("version_id", version_id)
        validate_artifact(artifact)
        fields = validate_body("update_version", body, default_source=False)
        response = await self._send_form(
            "update_version",
            "PATCH",
            "VersionUpdateForm",
            fields,
            artifact,
            on_progress,
            lambda api, form: operation.asyncio_detailed(image, number, client=api, body=form),
        )
        return Payload(response, "VersionCreated")

    async def delete_version(self, image_id: int | str, version_id: int | str) -> Payload[models.Deleting]:
        """Delete a version. ``DELETE /images/{imageId}/versions/{versionId}`` in the contract.

        It goes to ``deleting`` first and is then deleted asynchronously, or goes to ``delete-failed``.

        Args:
            image_id: The id of the image.
            version_id: The id of the version.

        Returns:
            An empty dictionary.

        Raises:
            InvalidInputError: An id isn't one.
            NotFoundError: There is no such image or version.
            ConflictError: The version is in use.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> await client.delete_version(image_id=image_id, version_id=version_id)
            {}
        """
        from peak_images_api.api.versions import delete_version as operation

        image, number = validate_id("image_id", image_id), validate_id("version_id", version_id)
        return await self._call(
            "delete_version",
            "DELETE",
            "Deleting",
            lambda api: operation.asyncio_detailed(image, number, client=api),
        )

    async def delete_versions(self, image_id: int | str, version_ids: Iterable[int | str]) -> Payload[models.Deleting]:
        """Delete several versions. ``DELETE /images/{imageId}/versions`` in the contract.

        They go to ``deleting`` first and are then deleted asynchronously, or go to ``delete-failed``.

        Args:
            image_id: The id of the image.
            version_ids: The ids of the versions, at least one.

        Returns:
            An empty dictionary.

        Raises:
            InvalidInputError: An id isn't one, or there is none.
            NotFoundError: There is no such image or version.
            ConflictError: A version is in use.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> await client.delete_versions(image_id=image_id, version_ids=[version_id])
            {}
        """
        from peak_images_api.api.versions import delete_versions as operation

        number = validate_id("image_id", image_id)
        query = build_query("delete_versions", version_ids=("versionIds", validate_ids("version_ids", version_ids)))
        return await self._call(
            "delete_versions",
            "DELETE",
            "Deleting",
            lambda api: operation.asyncio_detailed(number, client=api, **query),
        )
