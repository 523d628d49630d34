# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""The operations on images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, overload

from peak_images._payload import Payload
from peak_images._sync.operations import Operations
from peak_images._sync.pagination import Paginator
from peak_images._validation import build_query, validate_artifact, validate_body, validate_id

if TYPE_CHECKING:
    from peak_images._uploads import OnProgress
    from peak_images_api import models


class ImageOperations(Operations):
    """List, create, describe and delete images."""

    @overload
    def list_images(
        self,
        page_size: int | None = ...,
        page_number: int | None = ...,
        name: str | None = ...,
        status: Iterable[str] | None = ...,
        scope: Iterable[str] | None = ...,
        last_build_status: Iterable[str] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[True] = ...,
        prefetch: bool = ...,
    ) -> Iterator[Payload[models.Image]]: ...

    @overload
    def list_images(
        self,
        page_size: int | None = ...,
        page_number: int | None = ...,
        name: str | None = ...,
        status: Iterable[str] | None = ...,
        scope: Iterable[str] | None = ...,
        last_build_status: Iterable[str] | None = ...,
        tags: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[False],
        prefetch: bool = ...,
    ) -> Payload[models.ImagePage]: ...

    def list_images(
        self,
        page_size: int | None = 25,
        page_number: int | None = 1,
        name: str | None = None,
        status: Iterable[str] | None = None,
        scope: Iterable[str] | None = None,
        last_build_status: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
        *,
        return_iterator: bool = True,
        prefetch: bool = False,
    ) -> Any:
        """List images, newest first. ``GET /images/`` in the contract.

        Args:
            page_size: The number of images on a page, from 1.
            page_number: The page, from 1. It has no meaning for an iterator, which gives all pages.
            name: Only images whose name contains this text.
            status: Only images in these states: ``not-ready``, ``ready``, ``in-use``, ``deleting``,
                ``delete-failed``.
            scope: Only images of these scopes: ``custom``, ``global``.
            last_build_status: Only images whose last build is in one of these states: ``building``, ``failed``,
                ``success``, ``stopping``, ``stopped``.
            tags: Only images with at least one tag of these names.
            return_iterator: ``True`` for an iterator over the images, which fetches a page when its first image is
                wanted; ``False`` for the one page.
            prefetch: Whether the iterator fetches the next pages, up to eight, already while one is consumed.

        Returns:
            An iterator over images, each with ``id``, ``name``, ``type``, ``scope`` and ``latestVersion``; or a page:
            ``imageCount``, ``pageSize``, ``pageNumber``, ``pageCount`` and ``images``.

        Raises:
            InvalidInputError: The contract doesn't allow an argument.
            ApiError: The service refused or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> for image in client.list_images(name="awesome", status=["ready", "in-use"]):
            ...     print(image["name"])
        """

        def query(number: int | None) -> dict[str, Any]:
            return build_query(
                "list_images",
                page_size=("pageSize", page_size),
                page_number=("pageNumber", number),
                name=("searchTerm", name),
                status=("status", status),
                scope=("scope", scope),
                last_build_status=("lastBuildStatus", last_build_status),
                tags=("tags", tags),
            )

        # Checked now, not when the first element is wanted.
        checked = query(page_number)
        if not return_iterator:
            return self._image_page(checked)
        return Paginator(
            lambda number: self._image_page({**checked, "page_number": number}),
            "images",
            "Image",
            prefetch=prefetch,
        )

    def _image_page(self, query: Mapping[str, Any]) -> Payload[models.ImagePage]:
        from peak_images_api.api.images import list_images as operation

        return self._call("list_images", "GET", "ImagePage", lambda api: operation.sync_detailed(client=api, **query))

    def create_image(
        self,
        body: Mapping[str, Any] | models.ImageCreateForm,
        artifact: Mapping[str, Any] | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> Payload[models.ImageCreated]:
        """Create an image with its first version, and start a build of it. ``POST /images/`` in the contract.

        Args:
            body: ``name`` and ``type`` (``workflow``, ``workspace-r``, ``workspace-python``, ``webapp``, ``api``), and
                optionally ``version`` (``0.0.1`` unless given), ``description`` and ``buildDetails``. Without build
                details, or a ``source`` in them, the source is ``upload``. Build details: ``source`` (``upload``,
                ``dockerfile``, ``github``), ``useCache``, ``buildArguments`` (a list of ``name`` and ``value``),
                ``secrets``, ``dockerfilePath``, ``context``; for ``dockerfile`` also ``dockerfile``; for ``github``
                also ``repository``, ``branch`` and ``token``, the *name* of an external credential.
            artifact: For the source ``upload``: ``path``, the directory to build from, and optionally ``ignore_files``,
                a list of ignore files (``.dockerignore`` in the directory unless given), and ``follow_external_links``.
            on_progress: Called with the bytes of the artifact sent so far and in all.

        Returns:
            ``imageId``, ``versionId`` and ``buildId``.

        Raises:
            InvalidInputError: The contract doesn't allow the body.
            ArtifactError: The artifact can't be made, or is too large.
            ConflictError: There is an image of this name.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> created = client.create_image(
            ...     body={"name": "from-a-directory", "type": "workflow", "version": "0.0.1"},
            ...     artifact={"path": context},
            ... )
        """
        from peak_images_api.api.images import create_image as operation

        validate_artifact(artifact)
        fields = validate_body("create_image", body, default_source=True)
        response = self._send_form(
            "create_image",
            "POST",
            "ImageCreateForm",
            fields,
            artifact,
            on_progress,
            lambda api, form: operation.sync_detailed(client=api, body=form),
        )
        return Payload(response, "ImageCreated")

    def describe_image(self, image_id: int | str) -> Payload[models.Image]:
        """Describe an image and its latest version. ``GET /images/{imageId}`` in the contract.

        Args:
            image_id: The id of the image.

        Returns:
            ``id``, ``name``, ``type``, ``scope``, ``createdAt``, ``createdBy`` and ``latestVersion`` with all its
            build details.

        Raises:
            InvalidInputError: The id isn't one.
            NotFoundError: There is no such image.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> image = client.describe_image(image_id=image_id)
            >>> image["latestVersion"]["version"]
            '0.0.1'
        """
        from peak_images_api.api.images import describe_image as operation

        number = validate_id("image_id", image_id)
        return self._call("describe_image", "GET", "Image", lambda api: operation.sync_detailed(number, client=api))

    def delete_image(self, image_id: int | str) -> Payload[models.Deleting]:
        """Delete an image and all its versions. ``DELETE /images/{imageId}`` in the contract.

        The versions go to ``deleting`` first and are then deleted asynchronously; one that can't be deleted goes to
        ``delete-failed``.

        Args:
            image_id: The id of the image.

        Returns:
            An empty dictionary.

        Raises:
            InvalidInputError: The id isn't one.
            NotFoundError: There is no such image.
            ConflictError: A version is in use.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> client.delete_image(image_id=image_id)
            {}
        """
        from peak_images_api.api.images import delete_image as operation

        number = validate_id("image_id", image_id)
        return self._call("delete_image", "DELETE", "Deleting", lambda api: operation.sync_detailed(number, client=api))
