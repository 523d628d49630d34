"""The operations on builds."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, overload

from peak_images._async.download import download
from peak_images._async.operations import AsyncOperations
from peak_images._async.pagination import AsyncPaginator
from peak_images._atomic_write import atomic_write
from peak_images._payload import Payload, SavedLog
from peak_images._validation import (
    build_query,
    parse_datetime,
    validate_build_id,
    validate_id,
    validate_ids,
    validate_path,
)
from peak_images.errors import InvalidInputError, quoted

if TYPE_CHECKING:
    from peak_images_api import models


class AsyncBuildOperations(AsyncOperations):
    """List the builds of an image, read and save their logs."""

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
        build_status: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[True] = ...,
        prefetch: bool = ...,
    ) -> AsyncIterator[Payload[models.Build]]: ...

    @overload
    async def list_image_builds(
        self,
        image_id: int | str,
        date_from: str | date | None = ...,
        date_to: str | date | None = ...,
        page_size: int | None = ...,
        page_number: int | None = ...,
        count: int | None = ...,
        version_ids: Iterable[int | str] | None = ...,
        build_status: Iterable[str] | None = ...,
        *,
        return_iterator: Literal[False],
        prefetch: bool = ...,
    ) -> Payload[models.BuildPage]: ...

    def list_image_builds(
        self,
        image_id: int | str,
        date_from: str | date | None = None,
        date_to: str | date | None = None,
        page_size: int | None = 25,
        page_number: int | None = 1,
        count: int | None = -1,
        version_ids: Iterable[int | str] | None = None,
        build_status: Iterable[str] | None = None,
        *,
        return_iterator: bool = True,
        prefetch: bool = False,
    ) -> Any:
        """List the builds of an image, newest first. ``GET /images/{imageId}/builds`` in the contract.

        Args:
            image_id: The id of the image.
            date_from: Only builds started at or after this time: ISO 8601 text, a ``datetime`` or a ``date``, in UTC
                where it has no zone. 90 days ago unless given.
            date_to: Only builds started at or before this time, given alike. Now unless given.
            page_size: The number of builds on a page, from 1.
            page_number: The page, from 1. It has no meaning for an iterator, which gives all pages.
            count: At most this many builds, the newest; ``-1`` for all in the date range.
            version_ids: Only builds of the versions with these ids.
            build_status: Only builds in these states: ``building``, ``failed``, ``success``, ``stopping``,
                ``stopped``.
            return_iterator: ``True`` for an iterator over the builds, which fetches a page when its first build is
                wanted; ``False`` for the one page.
            prefetch: Whether the iterator fetches the next pages, up to eight, already while one is consumed.

        Returns:
            An iterator over builds, each with ``buildId``, ``versionId``, ``version``, ``status``, ``startedAt``,
            ``finishedAt`` and ``useCache``; or a page: ``buildCount``, ``pageSize``, ``pageNumber``, ``pageCount``
            and ``builds``.

        Raises:
            InvalidInputError: The contract doesn't allow an argument, or ``date_from`` is after ``date_to``.
            NotFoundError: There is no such image.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> async for build in client.list_image_builds(image_id, build_status=["failed"]):
            ...     print(build["buildId"], build["finishedAt"])
        """
        number = validate_id("image_id", image_id)
        start, end = parse_datetime("date_from", date_from), parse_datetime("date_to", date_to)
        if start and end and start > end:
            raise InvalidInputError("date_from", f"{quoted(date_from)} is after date_to, {quoted(date_to)}", date_from)
        checked = build_query(
            "list_image_builds",
            page_size=("pageSize", page_size),
            page_number=("pageNumber", page_number),
            count=("count", count),
            version_ids=("versions", None if version_ids is None else validate_ids("version_ids", version_ids)),
            build_status=("buildStatus", build_status),
        )
        checked |= {name: time for name, time in (("date_from", start), ("date_to", end)) if time}
        if not return_iterator:
            return self._build_page(number, checked)
        return AsyncPaginator(
            lambda page: self._build_page(number, {**checked, "page_number": page}),
            "builds",
            "Build",
            prefetch=prefetch,
        )

    async def _build_page(self, image_id: int, query: Mapping[str, Any]) -> Payload[models.BuildPage]:
        from peak_images_api.api.builds import list_image_builds as operation

        return await self._call(
            "list_image_builds",
            "GET",
            "BuildPage",
            lambda api: operation.asyncio_detailed(image_id, client=api, **query),
        )

    @overload
    async def get_build_logs(
        self,
        image_id: int | str,
        build_id: int | str,
        next_token: str | None = ...,
        save: Literal[False] = ...,
        file_name: str | os.PathLike[str] | None = ...,
    ) -> Payload[models.BuildLogs]: ...

    @overload
    async def get_build_logs(
        self,
        image_id: int | str,
        build_id: int | str,
        next_token: str | None = ...,
        *,
        save: Literal[True],
        file_name: str | os.PathLike[str] | None = ...,
    ) -> SavedLog[models.BuildLogsDownload]: ...

    async def get_build_logs(
        self,
        image_id: int | str,
        build_id: int | str,
        next_token: str | None = None,
        save: bool = False,
        file_name: str | os.PathLike[str] | None = None,
    ) -> Any:
        """Read one slice of a build's log, or save the whole of it.

        ``GET /images/{imageId}/builds/{buildId}/logs``, or ``…/logs/download``, in the contract.

        Args:
            image_id: The id of the image.
            build_id: The id of the build, as ``list_image_builds`` gives it.
            next_token: The ``nextToken`` of the slice before; ``None`` for the beginning of the log.
            save: Whether to save the whole log to a file.
            file_name: The file to save to; ``image_build_logs_{image_id}_{build_id}.log`` in the working directory
                unless given. A file of this name is replaced once the whole log is there.

        Returns:
            A slice: ``logs`` (each with ``message``, ``timestamp`` and ``ingestionTime``), ``buildStatus``,
            ``startTime``, ``finishTime`` and ``nextToken``, which stays the same when there is nothing new. With
            ``save``, the service's response, ``downloadUrl``, with the file's ``path`` and ``size`` as attributes.

        Raises:
            InvalidInputError: An id isn't one, or ``next_token`` and ``save`` are both given.
            SaveError: The file can't be written.
            NotFoundError: There is no such image or build.
            ApiError: The service refused or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> logs = await client.get_build_logs(image_id=image_id, build_id=build_id)
            >>> more = await client.get_build_logs(image_id, build_id, next_token=logs["nextToken"])
            >>> saved = await client.get_build_logs(image_id, build_id, save=True, file_name="build.log")
        """
        image, build = validate_id("image_id", image_id), validate_build_id(build_id)
        if save:
            if next_token is not None:
                raise InvalidInputError("next_token", "goes without save=True, which saves the whole log", next_token)
            return await self._save_build_logs(image, build, file_name)
        if file_name is not None:
            raise InvalidInputError("file_name", "goes with save=True", file_name)
        query = build_query("get_build_logs", next_token=("nextToken", next_token))
        from peak_images_api.api.builds import get_build_logs as operation

        return await self._call(
            "get_build_logs",
            "GET",
            "BuildLogs",
            lambda api: operation.asyncio_detailed(image, build, client=api, **query),
        )

    async def _save_build_logs(
        self, image_id: int, build_id: int | str, file_name: str | os.PathLike[str] | None
    ) -> SavedLog[models.BuildLogsDownload]:
        from peak_images_api.api.builds import get_build_logs_download as operation

        default = f"image_build_logs_{image_id}_{build_id}.log"
        path = validate_path("file_name", default if file_name is None else file_name)
        # Opened first: a file that can't be written is an error before anything is fetched.
        with atomic_write(path) as file:
            response = await self._call(
                "get_build_logs",
                "GET",
                "BuildLogsDownload",
                lambda api: operation.asyncio_detailed(image_id, build_id, client=api),
            )
            size = await download(self._session, self._options, response._require("downloadUrl"), file)
        return SavedLog(response, "BuildLogsDownload", path, size)
