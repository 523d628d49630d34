# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""The operations on images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from ._caller import Caller

if TYPE_CHECKING:
    from .. import bodies, models, responses


class ImagesMethods(Caller):
    """The operations on images."""

    @overload
    def list_images(
        self,
        page_size: int | None = ...,
        page_number: int | None = ...,
        name: str | None = ...,
        status: Iterable[bodies.ImageStatus | models.ImageStatus] | None = ...,
        scope: Iterable[bodies.ImageScope | models.ImageScope] | None = ...,
        last_build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[True] = ...,
        prefetch: bool = ...,
    ) -> Iterator[responses.Image]: ...

    @overload
    def list_images(
        self,
        page_size: int | None = ...,
        page_number: int | None = ...,
        name: str | None = ...,
        status: Iterable[bodies.ImageStatus | models.ImageStatus] | None = ...,
        scope: Iterable[bodies.ImageScope | models.ImageScope] | None = ...,
        last_build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[False],
        prefetch: bool = ...,
    ) -> responses.ImagePage: ...

    @overload
    def list_images(
        self,
        page_size: int | None = ...,
        page_number: int | None = ...,
        name: str | None = ...,
        status: Iterable[bodies.ImageStatus | models.ImageStatus] | None = ...,
        scope: Iterable[bodies.ImageScope | models.ImageScope] | None = ...,
        last_build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: bool,
        prefetch: bool = ...,
    ) -> Iterator[responses.Image] | responses.ImagePage: ...

    def list_images(
        self,
        page_size: int | None = 25,
        page_number: int | None = 1,
        name: str | None = None,
        status: Iterable[bodies.ImageStatus | models.ImageStatus] | None = None,
        scope: Iterable[bodies.ImageScope | models.ImageScope] | None = None,
        last_build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = None,
        tags: Iterable[str] | None = None,
        *,
        return_iterator: bool = True,
        prefetch: bool = False,
    ) -> Any:
        """List images, newest first.

        ``GET /images/`` in the contract.

        The filters are combined: an image must match all of them.

        Args:
            page_size: The number of images on a page (default: ``25``).
            page_number: The page to get, from 1 (default: ``1``). Ignored by the iterator, which starts at the first
                page.
            name: Only images whose name contains this text.
            status: Only images whose latest version is in one of these states: ``not-ready``, ``ready``, ``in-use``,
                ``deleting``, ``delete-failed``.
            scope: Only images of these scopes: ``custom``, ``global``.
            last_build_status: Only images whose last build is in one of these states: ``building``, ``failed``,
                ``success``, ``stopping``, ``stopped``.
            tags: Only images with at least one of these tags.
            return_iterator: ``True`` for an iterator over the images of all pages, fetched as needed; ``False`` for one
                page.
            prefetch: Whether the iterator fetches up to eight pages at once.

        Returns:
            An iterator over images, each with ``id``, ``name``, ``type``, ``scope``, ``createdAt``, ``createdBy`` and
            ``latestVersion``; or with ``return_iterator=False`` a page: ``imageCount``, ``pageSize``, ``pageNumber``,
            ``pageCount`` and ``images``.

        Raises:
            InvalidInputError: An argument isn't valid.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> for image in client.list_images(name="awesome", status=["ready", "in-use"]):
            ...     print(image["name"])
        """
        return self._paginate(
            "list_images",
            {
                "page_size": page_size,
                "page_number": page_number,
                "name": name,
                "status": status,
                "scope": scope,
                "last_build_status": last_build_status,
                "tags": tags,
            },
            return_iterator=return_iterator,
            prefetch=prefetch,
        )

    def create_image(
        self,
        body: bodies.ImageCreateBody | Mapping[str, Any] | models.ImageCreateForm,
        artifact: Mapping[str, Any] | None = None,
        *,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> responses.ImageCreated:
        """Create an image with its first version and start a build.

        ``POST /images/`` in the contract.

        The response names the build, which runs asynchronously.

        Args:
            body: The new image and its first version, as a dictionary (``types.ImageCreateBody``) or a
                ``models.ImageCreateForm``.

                - ``name`` (required): The name of the image, unique in the tenant.
                - ``type`` (required): What the image is used for: ``workflow``, ``workspace-r``,
                  ``workspace-python``, ``webapp``, ``api``.
                - ``version``: The first version, a semantic version (default: ``0.0.1``).
                - ``description``: A description of the version.
                - ``buildDetails``: How to build the version; ``source`` decides which fields there are. One of
                  ``UploadBuild`` with ``dockerfilePath`` and ``context``; ``DockerfileBuild`` with ``dockerfile``;
                  ``GithubBuild`` with ``repository``, ``branch``, ``token``, ``dockerfilePath`` and ``context``;
                  each with ``source``, ``useCache``, ``buildArguments`` and ``secrets`` (default: ``{"source":
                  "upload"}``).
            artifact: The directory to upload for the source ``upload``: a dictionary with ``path`` and optionally
                ``ignore_files``, a list of ignore files (default: ``.dockerignore`` in the directory),
                ``follow_external_links`` (default: ``False``), and ``check``, ``error``, ``warn``, ``off`` or
                ``strict`` (default: the session's).
            on_progress: Called with the number of bytes sent and the size of the artifact.

        Returns:
            The ids of the new image, its first version and the build: ``imageId``, ``versionId`` and ``buildId``.

        Raises:
            InvalidInputError: An argument isn't valid.
            ArtifactError: The artifact can't be created, or is too large.
            ConflictError: An image with this name exists.
            PayloadTooLargeError: The artifact is larger than 10 MiB zipped.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> created = client.create_image(
            ...     body={"name": "from-a-directory", "type": "workflow", "version": "0.0.1"},
            ...     artifact={"path": context},
            ... )
        """
        response: responses.ImageCreated = self._submit_form("create_image", {}, body, artifact, on_progress)
        return response

    def describe_image(self, image_id: int | str) -> responses.Image:
        """Describe an image and its latest version.

        ``GET /images/{imageId}`` in the contract.

        The state and the build details are those of its latest version, in ``latestVersion``.

        Args:
            image_id: The id of the image.

        Returns:
            The image: ``id``, ``name``, ``type``, ``scope``, ``createdAt``, ``createdBy`` and ``latestVersion``.

        Raises:
            InvalidInputError: An argument isn't valid.
            NotFoundError: The image doesn't exist.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> image = client.describe_image(image_id)
            >>> print(image["latestVersion"]["version"])
        """
        response: responses.Image = self._call("describe_image", {"image_id": image_id})
        return response

    def delete_image(self, image_id: int | str) -> responses.Deleting:
        """Delete an image and all its versions.

        ``DELETE /images/{imageId}`` in the contract.

        All versions go to ``deleting`` and are deleted asynchronously, the image with the last of them. A version that
        can't be deleted goes to ``delete-failed``.

        Args:
            image_id: The id of the image.

        Returns:
            An empty dictionary.

        Raises:
            InvalidInputError: An argument isn't valid.
            NotFoundError: The image doesn't exist.
            ConflictError: A version of the image is in use.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> client.delete_image(image_id)
        """
        response: responses.Deleting = self._call("delete_image", {"image_id": image_id})
        return response
