# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""The operations on versions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from ._caller import AsyncCaller

if TYPE_CHECKING:
    from .. import bodies, models, responses


class AsyncVersionsMethods(AsyncCaller):
    """The operations on versions."""

    @overload
    def list_image_versions(
        self,
        image_id: int | str,
        page_size: int | None = ...,
        page_number: int | None = ...,
        version: str | None = ...,
        status: Iterable[bodies.ImageStatus | models.ImageStatus] | None = ...,
        last_build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[True] = ...,
        prefetch: bool = ...,
    ) -> AsyncIterator[responses.Version]: ...

    @overload
    async def list_image_versions(
        self,
        image_id: int | str,
        page_size: int | None = ...,
        page_number: int | None = ...,
        version: str | None = ...,
        status: Iterable[bodies.ImageStatus | models.ImageStatus] | None = ...,
        last_build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[False],
        prefetch: bool = ...,
    ) -> responses.VersionPage: ...

    @overload
    def list_image_versions(
        self,
        image_id: int | str,
        page_size: int | None = ...,
        page_number: int | None = ...,
        version: str | None = ...,
        status: Iterable[bodies.ImageStatus | models.ImageStatus] | None = ...,
        last_build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: bool,
        prefetch: bool = ...,
    ) -> AsyncIterator[responses.Version] | Coroutine[Any, Any, responses.VersionPage]: ...

    def list_image_versions(
        self,
        image_id: int | str,
        page_size: int | None = 25,
        page_number: int | None = 1,
        version: str | None = None,
        status: Iterable[bodies.ImageStatus | models.ImageStatus] | None = None,
        last_build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = None,
        tags: Iterable[str] | None = None,
        *,
        return_iterator: bool = True,
        prefetch: bool = False,
    ) -> Any:
        """List the versions of an image, newest first.

        ``GET /images/{imageId}/versions`` in the contract.

        The filters are combined: a version must match all of them.

        Args:
            image_id: The id of the image.
            page_size: The number of versions on a page (default: ``25``).
            page_number: The page to get, from 1 (default: ``1``). Ignored by the iterator, which starts at the first
                page.
            version: Only versions that contain this text; ``0.0.1`` also finds ``0.0.10``.
            status: Only versions in one of these states: ``not-ready``, ``ready``, ``in-use``, ``deleting``,
                ``delete-failed``.
            last_build_status: Only versions whose last build is in one of these states: ``building``, ``failed``,
                ``success``, ``stopping``, ``stopped``.
            tags: Only versions with at least one of these tags.
            return_iterator: ``True`` for an iterator over the versions of all pages, fetched as needed; ``False`` for
                one page.
            prefetch: Whether the iterator fetches up to eight pages at once.

        Returns:
            An iterator over versions, each with ``id``, ``version``, ``description``, ``status``, ``lastBuildStatus``,
            ``lastBuildAt``, ``createdAt``, ``createdBy``, ``updatedAt``, ``updatedBy``, ``pullUrl``, ``size``,
            ``tags``, ``isLatest`` and ``buildDetails``; or with ``return_iterator=False`` a page: ``versionCount``,
            ``pageSize``, ``pageNumber``, ``pageCount`` and ``versions``.

        Raises:
            InvalidInputError: An argument isn't valid.
            NotFoundError: The image doesn't exist.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> async for version in client.list_image_versions(image_id, status=["ready"]):
            ...     print(version["version"])
        """
        return self._paginate(
            "list_image_versions",
            {
                "image_id": image_id,
                "page_size": page_size,
                "page_number": page_number,
                "version": version,
                "status": status,
                "last_build_status": last_build_status,
                "tags": tags,
            },
            return_iterator=return_iterator,
            prefetch=prefetch,
        )

    async def create_version(
        self,
        image_id: int | str,
        body: bodies.VersionCreateBody | Mapping[str, Any] | models.VersionCreateForm,
        artifact: Mapping[str, Any] | None = None,
        *,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> responses.VersionCreated:
        """Create a version of an image and start a build.

        ``POST /images/{imageId}/versions`` in the contract.

        The response names the build, which runs asynchronously.

        Args:
            image_id: The id of the image.
            body: The new version, as a dictionary (``types.VersionCreateBody``) or a ``models.VersionCreateForm``.

                - ``version``: The version, a semantic version unique in the image (default: the next patch of the
                  latest version).
                - ``description``: A description of the version.
                - ``buildDetails``: How to build the version; ``source`` decides which fields there are. One of
                  ``UploadBuild`` with ``dockerfilePath`` and ``context``; ``DockerfileBuild`` with ``dockerfile``;
                  ``GithubBuild`` with ``repository``, ``branch``, ``token``, ``dockerfilePath`` and ``context``;
                  each with ``source``, ``useCache``, ``buildArguments`` and ``secrets`` (default: ``{"source":
                  "upload"}``).
                - ``autodeployResources``: The resources to redeploy once the build is completed, with ``entityId``
                  and ``entityType``.
            artifact: The directory to upload for the source ``upload``: a dictionary with ``path`` and optionally
                ``ignore_files``, a list of ignore files (default: ``.dockerignore`` in the directory),
                ``follow_external_links`` (default: ``False``), and ``check``, ``error``, ``warn``, ``off`` or
                ``strict`` (default: the session's).
            on_progress: Called with the number of bytes sent and the size of the artifact.

        Returns:
            The ids of the new version and its build: ``imageId``, ``versionId``, ``buildId`` and ``autodeploymentId``.

        Raises:
            InvalidInputError: An argument isn't valid.
            ArtifactError: The artifact can't be created, or is too large.
            NotFoundError: The image doesn't exist.
            ConflictError: The image already has this version.
            PayloadTooLargeError: The artifact is larger than 10 MiB zipped.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> created = await client.create_version(
            ...     image_id,
            ...     body={"version": "0.0.2", "buildDetails": {"source": "dockerfile", "dockerfile": "FROM nginx"}},
            ... )
        """
        response: responses.VersionCreated = await self._submit_form(
            "create_version", {"image_id": image_id}, body, artifact, on_progress
        )
        return response

    async def delete_versions(self, image_id: int | str, version_ids: Iterable[int | str]) -> responses.Deleting:
        """Delete several versions.

        ``DELETE /images/{imageId}/versions`` in the contract.

        The versions go to ``deleting`` and are deleted asynchronously. A version that can't be deleted goes to
        ``delete-failed``.

        Args:
            image_id: The id of the image.
            version_ids: The ids of the versions to delete, at least one.

        Returns:
            An empty dictionary.

        Raises:
            InvalidInputError: An argument isn't valid.
            NotFoundError: The image or one of the versions doesn't exist.
            ConflictError: One of the versions is in use.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> await client.delete_versions(image_id, version_ids=[version_id])
        """
        response: responses.Deleting = await self._call(
            "delete_versions", {"image_id": image_id, "version_ids": version_ids}
        )
        return response

    async def describe_version(self, image_id: int | str, version_id: int | str) -> responses.VersionDetail:
        """Describe a version.

        ``GET /images/{imageId}/versions/{versionId}`` in the contract.

        The response also has the name and the type of the image.

        Args:
            image_id: The id of the image.
            version_id: The id of the version.

        Returns:
            The version: ``id``, ``version``, ``description``, ``status``, ``lastBuildStatus``, ``lastBuildAt``,
            ``createdAt``, ``createdBy``, ``updatedAt``, ``updatedBy``, ``pullUrl``, ``size``, ``tags``, ``isLatest``,
            ``buildDetails``, ``imageName`` and ``imageType``.

        Raises:
            InvalidInputError: An argument isn't valid.
            NotFoundError: The image or version doesn't exist.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> version = await client.describe_version(image_id, version_id)
            >>> print(version["status"])
        """
        response: responses.VersionDetail = await self._call(
            "describe_version", {"image_id": image_id, "version_id": version_id}
        )
        return response

    async def update_version(
        self,
        image_id: int | str,
        version_id: int | str,
        body: bodies.VersionUpdateBody | Mapping[str, Any] | models.VersionUpdateForm,
        artifact: Mapping[str, Any] | None = None,
        *,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> responses.VersionCreated:
        """Update a version and build it again.

        ``PATCH /images/{imageId}/versions/{versionId}`` in the contract.

        Only a version that is ``not-ready`` can be updated. Absent fields are kept, the build details and their source
        too. The version's name can't be changed.

        Args:
            image_id: The id of the image.
            version_id: The id of the version.
            body: The fields to change, as a dictionary (``types.VersionUpdateBody``) or a ``models.VersionUpdateForm``.

                - ``description``: A description of the version.
                - ``buildDetails``: How to build from now on; without ``source`` the source of the version is kept.
                  One of ``UploadBuild`` with ``source``, ``dockerfilePath`` and ``context``; ``DockerfileBuild``
                  with ``source`` and ``dockerfile``; ``GithubBuild`` with ``source``, ``repository``, ``branch``,
                  ``token``, ``dockerfilePath`` and ``context``; ``BuildChange`` with ``dockerfile``,
                  ``repository``, ``branch``, ``token``, ``dockerfilePath`` and ``context``; each with ``useCache``,
                  ``buildArguments`` and ``secrets``.
                - ``autodeployResources``: The resources to redeploy once the build is completed, with ``entityId``
                  and ``entityType``.
            artifact: The directory to upload for the source ``upload``: a dictionary with ``path`` and optionally
                ``ignore_files``, a list of ignore files (default: ``.dockerignore`` in the directory),
                ``follow_external_links`` (default: ``False``), and ``check``, ``error``, ``warn``, ``off`` or
                ``strict`` (default: the session's).
            on_progress: Called with the number of bytes sent and the size of the artifact.

        Returns:
            The ids of the version and its new build: ``imageId``, ``versionId``, ``buildId`` and ``autodeploymentId``.

        Raises:
            InvalidInputError: An argument isn't valid.
            ArtifactError: The artifact can't be created, or is too large.
            NotFoundError: The image or version doesn't exist.
            ConflictError: The version isn't ``not-ready``.
            PayloadTooLargeError: The artifact is larger than 10 MiB zipped.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> updated = await client.update_version(image_id, version_id, body={"description": "Hello again"})
        """
        response: responses.VersionCreated = await self._submit_form(
            "update_version", {"image_id": image_id, "version_id": version_id}, body, artifact, on_progress
        )
        return response

    async def delete_version(self, image_id: int | str, version_id: int | str) -> responses.Deleting:
        """Delete a version.

        ``DELETE /images/{imageId}/versions/{versionId}`` in the contract.

        The version goes to ``deleting`` and is deleted asynchronously; if that fails, it goes to ``delete-failed``. A
        version that is used by another resource can't be deleted.

        Args:
            image_id: The id of the image.
            version_id: The id of the version.

        Returns:
            An empty dictionary.

        Raises:
            InvalidInputError: An argument isn't valid.
            NotFoundError: The image or version doesn't exist.
            ConflictError: The version is in use.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> await client.delete_version(image_id, version_id)
        """
        response: responses.Deleting = await self._call(
            "delete_version", {"image_id": image_id, "version_id": version_id}
        )
        return response
