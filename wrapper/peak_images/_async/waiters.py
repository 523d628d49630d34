"""Waiting for what the service does asynchronously."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from peak_images._async.build_logs import AsyncBuildLogReader
from peak_images._async.log_stream import TERMINAL_STATUSES, AsyncLogStream
from peak_images._deadline import Deadline, validate_seconds
from peak_images._payload import Payload, require
from peak_images._synchronization import sleep_async
from peak_images._validation import validate_build_id, validate_callback, validate_id
from peak_images.errors import (
    BuildFailedError,
    DeletionFailedError,
    NotFoundError,
    PeakImagesError,
)

if TYPE_CHECKING:
    from peak_images_api import models, responses

_LOG_TIMEOUT: Final = 10.0
"""How long the error of a failed build waits for the rest of its log, in seconds."""

_LAST_LINES: Final = 20
"""How many lines of its log the error of a failed build shows."""


class AsyncWaiterOperations(AsyncBuildLogReader):
    """Wait for builds and deletions, follow logs."""

    async def wait_until_built(
        self,
        image_id: int | str,
        version_id: int | str,
        *,
        timeout: float | None = 3600.0,
        poll_interval: float = 5.0,
        on_status: Callable[[str], object] | None = None,
    ) -> responses.VersionDetail:
        """Wait until the last build of a version has ended well. Polls ``describe_version``.

        Args:
            image_id: The id of the image.
            version_id: The id of the version.
            timeout: The longest to wait, in seconds; ``None`` for no limit.
            poll_interval: The time between two looks, in seconds.
            on_status: Called with ``lastBuildStatus`` when it is first seen and whenever it has changed.

        Returns:
            The version, as ``describe_version`` gives it.

        Raises:
            BuildFailedError: The build failed or was stopped; it has the last lines of the log.
            WaitTimeoutError: The build hasn't ended in time. It goes on.
            InvalidInputError: An argument can't be right.
            ApiError: The service refused or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> version = await client.wait_until_built(image_id, version_id, poll_interval=0.1)
            >>> version["lastBuildStatus"]
            'success'
        """
        image, number = validate_id("image_id", image_id), validate_id("version_id", version_id)
        deadline = Deadline(timeout, f"the build of version {number} of image {image}")
        interval = validate_seconds("poll_interval", poll_interval)
        validate_callback("on_status", on_status)
        seen = None
        while True:
            version = await self.describe_version(image, number)
            status = version.get("lastBuildStatus")
            if status != seen and on_status is not None:
                on_status(str(status))
            seen = status
            if status == "success":
                return version
            if isinstance(status, str) and status in TERMINAL_STATUSES:
                raise await self._build_failed(image, number, status)
            await sleep_async(deadline.pause(interval, f"; it is {status!r}, and goes on"))

    async def _build_failed(self, image_id: int, version_id: int, status: str) -> BuildFailedError:
        build_id, lines = None, deque[str](maxlen=_LAST_LINES)
        # Whatever becomes of the log, the failure of the build is what must be told.
        with suppress(PeakImagesError):
            # The response to a create may name the build by a text that its log isn't found by; the list has the id.
            page = await self.list_image_builds(image_id, version_ids=[version_id], page_size=1, return_iterator=False)
            for build in require(page, "builds"):
                build_id = require(Payload(build, "Build"), "buildId")
                log = self.follow_build_logs(image_id, build_id, timeout=_LOG_TIMEOUT, poll_interval=1)
                async for entry in log:
                    lines.append(str(entry.get("message")))
        return BuildFailedError(status, image_id=image_id, version_id=version_id, build_id=build_id, log=lines)

    def follow_build_logs(
        self,
        image_id: int | str,
        build_id: int | str,
        *,
        next_token: str | None = None,
        timeout: float | None = None,
        poll_interval: float = 2.0,
    ) -> AsyncIterator[Payload[models.LogEntry]]:
        """Follow the log of a build as it is written, until the build has ended and the log is drained.

        Each entry comes once, in order, also when the connection is lost in between. Polls ``get_build_logs``.

        Args:
            image_id: The id of the image.
            build_id: The id of the build, as ``list_image_builds`` gives it.
            next_token: The ``nextToken`` of a slice, to go on after it; ``None`` for the beginning of the log.
            timeout: The longest to wait, in seconds; ``None`` for no limit.
            poll_interval: The time between two looks when there was nothing new, in seconds.

        Returns:
            An iterator over entries, each with ``message``, ``timestamp`` and ``ingestionTime``.

        Raises:
            WaitTimeoutError: The build hasn't ended in time. It goes on.
            InvalidInputError: An argument can't be right.
            ApiError: The service refused, or failed several times in a row.
            TransportError: No response, or an incomplete one, several times in a row.

        Example:
            >>> async for entry in client.follow_build_logs(image_id, build_id, poll_interval=0.1):
            ...     print(entry["message"])
        """
        image, build = validate_id("image_id", image_id), validate_build_id(build_id)
        deadline = Deadline(timeout, f"the end of build {build} of image {image}")
        interval = validate_seconds("poll_interval", poll_interval)
        return AsyncLogStream(
            lambda token: self.get_build_logs(image, build, next_token=token), next_token, deadline, interval
        )

    async def wait_until_deleted(
        self,
        image_id: int | str,
        version_id: int | str | None = None,
        *,
        timeout: float | None = 900.0,
        poll_interval: float = 2.0,
    ) -> None:
        """Wait until an image, or one version of it, is gone. Polls ``describe_image`` or ``describe_version``.

        Args:
            image_id: The id of the image.
            version_id: The id of the version; ``None`` for the image and all its versions.
            timeout: The longest to wait, in seconds; ``None`` for no limit.
            poll_interval: The time between two looks, in seconds.

        Raises:
            DeletionFailedError: A version's state is ``delete-failed``.
            WaitTimeoutError: It isn't gone in time. The deletion goes on.
            InvalidInputError: An argument can't be right.
            ApiError: The service refused or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> await client.delete_version(image_id, version_id)
            {}
            >>> await client.wait_until_deleted(image_id, version_id, poll_interval=0.1)
        """
        image = validate_id("image_id", image_id)
        version = None if version_id is None else validate_id("version_id", version_id)
        deadline = Deadline(
            timeout, f"the deletion of {'' if version is None else f'version {version} of '}image {image}"
        )
        interval = validate_seconds("poll_interval", poll_interval)
        while True:
            try:
                failed = await self._failed_deletions(image, version)
            except NotFoundError:
                return
            if failed:
                raise DeletionFailedError(image_id=image, version_ids=failed)
            await sleep_async(deadline.pause(interval))

    async def _failed_deletions(self, image_id: int, version_id: int | None) -> list[int]:
        if version_id is not None:
            version = await self.describe_version(image_id, version_id)
            return [version_id] if version.get("status") == "delete-failed" else []
        await self.describe_image(image_id)
        return [require(found, "id") async for found in self.list_image_versions(image_id, status=["delete-failed"])]
