# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""The operations on builds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, overload

from ._caller import Caller

if TYPE_CHECKING:
    from .. import bodies, models, responses


class BuildsMethods(Caller):
    """The operations on builds."""

    @overload
    def list_image_builds(
        self,
        image_id: int | str,
        date_from: str | date | None = ...,
        date_to: str | date | None = ...,
        page_size: int | None = ...,
        page_number: int | None = ...,
        count: int | None = ...,
        version_ids: Iterable[int | str] | None = ...,
        build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = ...,
        *,
        return_iterator: Literal[True] = ...,
        prefetch: bool = ...,
    ) -> Iterator[responses.Build]: ...

    @overload
    def list_image_builds(
        self,
        image_id: int | str,
        date_from: str | date | None = ...,
        date_to: str | date | None = ...,
        page_size: int | None = ...,
        page_number: int | None = ...,
        count: int | None = ...,
        version_ids: Iterable[int | str] | None = ...,
        build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = ...,
        *,
        return_iterator: Literal[False],
        prefetch: bool = ...,
    ) -> responses.BuildPage: ...

    @overload
    def list_image_builds(
        self,
        image_id: int | str,
        date_from: str | date | None = ...,
        date_to: str | date | None = ...,
        page_size: int | None = ...,
        page_number: int | None = ...,
        count: int | None = ...,
        version_ids: Iterable[int | str] | None = ...,
        build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = ...,
        *,
        return_iterator: bool,
        prefetch: bool = ...,
    ) -> Iterator[responses.Build] | responses.BuildPage: ...

    def list_image_builds(
        self,
        image_id: int | str,
        date_from: str | date | None = None,
        date_to: str | date | None = None,
        page_size: int | None = 25,
        page_number: int | None = 1,
        count: int | None = -1,
        version_ids: Iterable[int | str] | None = None,
        build_status: Iterable[bodies.BuildStatus | models.BuildStatus] | None = None,
        *,
        return_iterator: bool = True,
        prefetch: bool = False,
    ) -> Any:
        """List the builds of an image, newest first.

        ``GET /images/{imageId}/builds`` in the contract.

        The filters are combined: a build must match all of them.

        Args:
            image_id: The id of the image.
            date_from: Only builds started at or after this time (default: 90 days ago); ISO 8601 text, a ``datetime``
                or a ``date``, in UTC if it has no zone.
            date_to: Only builds started at or before this time (default: now); ISO 8601 text, a ``datetime`` or a
                ``date``, in UTC if it has no zone.
            page_size: The number of builds on a page (default: ``25``).
            page_number: The page to get, from 1 (default: ``1``). Ignored by the iterator, which starts at the first
                page.
            count: At most this many builds, newest first; ``-1`` for all in the date range (default: ``-1``).
            version_ids: Only builds of the versions with these ids.
            build_status: Only builds in one of these states: ``building``, ``failed``, ``success``, ``stopping``,
                ``stopped``.
            return_iterator: ``True`` for an iterator over the builds of all pages, fetched as needed; ``False`` for one
                page.
            prefetch: Whether the iterator fetches up to eight pages at once.

        Returns:
            An iterator over builds, each with ``buildId``, ``versionId``, ``version``, ``status``, ``startedAt``,
            ``finishedAt`` and ``useCache``; or with ``return_iterator=False`` a page: ``buildCount``, ``pageSize``,
            ``pageNumber``, ``pageCount`` and ``builds``.

        Raises:
            InvalidInputError: An argument isn't valid.
            NotFoundError: The image doesn't exist.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> for build in client.list_image_builds(image_id, build_status=["failed"]):
            ...     print(build["buildId"], build["finishedAt"])
        """
        return self._paginate(
            "list_image_builds",
            {
                "image_id": image_id,
                "date_from": date_from,
                "date_to": date_to,
                "page_size": page_size,
                "page_number": page_number,
                "count": count,
                "version_ids": version_ids,
                "build_status": build_status,
            },
            return_iterator=return_iterator,
            prefetch=prefetch,
        )

    def _get_build_logs(
        self, image_id: int | str, build_id: int | str, next_token: str | None = None
    ) -> responses.BuildLogs:
        """Read a chunk of a build's log.

        ``GET /images/{imageId}/builds/{buildId}/logs`` in the contract.

        The response has a chunk of the log, oldest entries first, and the token of the next chunk.

        Args:
            image_id: The id of the image.
            build_id: The id of the build, from the list of builds.
            next_token: Continue after this token, the ``nextToken`` of the previous chunk (default: the start of the
                log).

        Returns:
            A chunk of the log: ``buildStatus``, ``startTime``, ``finishTime``, ``logs`` and ``nextToken``.

        Raises:
            InvalidInputError: An argument isn't valid.
            NotFoundError: The image or build doesn't exist.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.
        """
        response: responses.BuildLogs = self._call(
            "get_build_logs", {"image_id": image_id, "build_id": build_id, "next_token": next_token}
        )
        return response

    def _get_build_logs_download(self, image_id: int | str, build_id: int | str) -> responses.BuildLogsDownload:
        """Get the download address of a build's log.

        ``GET /images/{imageId}/builds/{buildId}/logs/download`` in the contract.

        The response has a signed URL on another host, from which the log can be downloaded as a text file for a short
        time, without the ``Authorization`` header.

        Args:
            image_id: The id of the image.
            build_id: The id of the build, from the list of builds.

        Returns:
            The address of the log: ``downloadUrl``.

        Raises:
            InvalidInputError: An argument isn't valid.
            NotFoundError: The image or build doesn't exist.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.
        """
        response: responses.BuildLogsDownload = self._call(
            "get_build_logs_download", {"image_id": image_id, "build_id": build_id}
        )
        return response
