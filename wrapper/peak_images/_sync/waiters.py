# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""Wait for builds and deletions."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from peak_images._deadline import Deadline
from peak_images._payload import Payload, require
from peak_images._sync.build_logs import BuildLogReader
from peak_images._sync.log_stream import LogStream, is_final, poll
from peak_images._synchronization import sleep_sync
from peak_images._values import (
    plain,
    validate_build_id,
    validate_callback,
    validate_id,
    validate_ids,
    validate_seconds,
)
from peak_images.errors import (
    BuildFailedError,
    DeletionFailedError,
    NotFoundError,
    PeakImagesError,
)

if TYPE_CHECKING:
    from peak_images_api import models, responses

_LOG_TIMEOUT: Final = 10.0
"""The longest to wait for the rest of a failed build's log, in seconds."""

_LAST_LINES: Final = 20
"""The number of log lines in the error of a failed build."""


class WaiterOperations(BuildLogReader):
    """Wait for builds and deletions, follow logs."""

    def wait_until_built(
        self,
        image_id: int | str,
        version_id: int | str,
        *,
        timeout: float | None = 3600.0,
        poll_interval: float = 5.0,
        on_log: Callable[[Payload[models.LogEntry]], object] | None = None,
        on_status: Callable[[str], object] | None = None,
    ) -> responses.VersionDetail:
        """Wait until the last build of a version has succeeded.

        It polls ``describe_version``. Without a callback, a notebook shows a live card and a terminal a line; elsewhere
        it is silent, as it is with ``Session(progress=False)``.

        Args:
            image_id: The id of the image.
            version_id: The id of the version.
            timeout: The longest to wait, in seconds; ``None`` for no limit.
            poll_interval: The polling interval, in seconds.
            on_log: Called with each entry of the build's log, while it is written.
            on_status: Called with ``lastBuildStatus`` when it is first seen and whenever it has changed.

        Returns:
            The version, as ``describe_version`` gives it, and the numeric ``buildId`` of its last build.

        Raises:
            BuildFailedError: The build failed or was stopped; it has the last lines of the log.
            WaitTimeoutError: The build isn't finished in time. It continues.
            InvalidInputError: An argument is invalid.
            ApiError: The server rejected the request, or failed at the first poll or several times in a row.
            TransportError: No response, or an incomplete one, to the first poll or several times in a row.

        Example:
            >>> version = client.wait_until_built(image_id, version_id, poll_interval=0.1)
            >>> version["lastBuildStatus"]
            'success'
        """
        from peak_images._notebook import live_build

        image, number = validate_id("image_id", image_id), validate_id("version_id", version_id)
        what = f"version {number} of image {image}"
        deadline = Deadline(timeout, f"the build of {what}", image_id=image, version_id=number)
        interval = validate_seconds("poll_interval", poll_interval)
        validate_callback("on_log", on_log)
        validate_callback("on_status", on_status)
        is_live = self._session.progress and on_log is None and on_status is None
        log: LogStream | None = None
        seen = None
        version: responses.VersionDetail | None = None
        describe = partial(self.describe_version, image, number)
        with live_build(what, show=is_live) as live:
            take_log = live.add_entry if live else on_log
            report = live.set_status if live else on_status
            while True:
                version = poll(describe, deadline, interval, is_first=version is None)
                require(version, "id")
                status, name = version.get("lastBuildStatus"), _full_name(version)
                if name:
                    deadline.what, deadline.attributes["name"] = f"the build of {name}, {what}", name
                if status != seen and report is not None:
                    report(str(status))
                seen = status
                if take_log is not None:
                    log = log or self._open_log(image, number, interval)
                    for entry in self._new_entries(log, is_finished=is_final(status)):
                        take_log(entry)
                if live:
                    live.refresh()
                if status == "success":
                    version["buildId"] = self._last_build_id(image, number)
                    return version
                if is_final(status):
                    raise self._build_failed(image, number, str(status), name)
                sleep_sync(deadline.pause(interval, f"; it is {status!r}, and continues"))

    def _open_log(self, image_id: int, version_id: int, interval: float) -> Any:
        build_id = self._last_build_id(image_id, version_id)
        return None if build_id is None else self.follow_build_logs(image_id, build_id, poll_interval=interval)

    def _new_entries(self, log: LogStream | None, *, is_finished: bool) -> list[Payload[Any]]:
        entries: list[Payload[Any]] = []
        # An error of the log must not end the wait for the build.
        with suppress(PeakImagesError):
            if log is not None and is_finished:
                log.finish()
                for entry in log:
                    entries.append(entry)  # noqa: PERF401 - those before an error count
            elif log is not None:
                entries = log.available()
        return entries

    def _last_build_id(self, image_id: int, version_id: int) -> Any:
        """Return the numeric id of a version's last build, if the service lists it."""
        with suppress(PeakImagesError):
            for build in self.list_image_builds(image_id, version_ids=[version_id], page_size=1):
                return build.get("buildId")
        return None

    def _build_failed(self, image_id: int, version_id: int, status: str, name: str) -> BuildFailedError:
        lines = deque[str](maxlen=_LAST_LINES)
        build_id = self._last_build_id(image_id, version_id)
        with suppress(PeakImagesError):
            if build_id is not None:
                log = self.follow_build_logs(image_id, build_id, timeout=_LOG_TIMEOUT, poll_interval=1)
                for entry in log:
                    lines.append(str(entry.get("message")))
        ids: Any = {"image_id": image_id, "version_id": version_id, "build_id": build_id}
        return BuildFailedError(status, **ids, log=lines, name=name)

    def follow_build_logs(
        self,
        image_id: int | str,
        build_id: int | str,
        *,
        next_token: str | None = None,
        timeout: float | None = None,
        poll_interval: float = 2.0,
    ) -> Iterator[Payload[models.LogEntry]]:
        """Follow the log of a build as it is written, until the build has finished and the log is complete.

        Each entry comes once, in order. It polls ``get_build_logs``, and reconnects if the connection drops.

        Args:
            image_id: The id of the image.
            build_id: The id of the build, as ``list_image_builds``, a create or an update gives it.
            next_token: Continue after this token, the ``nextToken`` of a chunk (default: the start of the log).
            timeout: The longest to wait, in seconds; ``None`` for no limit.
            poll_interval: The polling interval when there is nothing new, in seconds.

        Returns:
            An iterator over entries, each with ``message``, ``timestamp`` and ``ingestionTime``.

        Raises:
            WaitTimeoutError: The build isn't finished in time. It continues.
            InvalidInputError: An argument is invalid.
            ApiError: The server rejected the request, or failed several times in a row.
            TransportError: No response, or an incomplete one, several times in a row.

        Example:
            >>> for entry in client.follow_build_logs(image_id, build_id, poll_interval=0.1):
            ...     print(entry["message"])
        """
        image, build = validate_id("image_id", image_id), validate_build_id(build_id)
        deadline = Deadline(timeout, f"build {build} of image {image}")
        interval = validate_seconds("poll_interval", poll_interval)
        return LogStream(
            lambda token: self.get_build_logs(image, build, next_token=token), next_token, deadline, interval
        )

    def wait_until_deleted(
        self,
        image_id: int | str,
        version_id: int | str | Iterable[int | str] | None = None,
        *,
        timeout: float | None = 900.0,
        poll_interval: float = 2.0,
    ) -> None:
        """Wait until an image, or versions of it, are deleted.

        It polls ``describe_image`` or ``describe_version``.

        Args:
            image_id: The id of the image.
            version_id: The id of the version, or several ids; ``None`` for the image and all its versions.
            timeout: The longest to wait, in seconds; ``None`` for no limit.
            poll_interval: The polling interval, in seconds.

        Raises:
            DeletionFailedError: The state of a version is ``delete-failed``.
            WaitTimeoutError: The deletion isn't finished in time. It continues.
            InvalidInputError: An argument is invalid.
            ApiError: The server rejected the request, or failed at the first poll or several times in a row.
            TransportError: No response, or an incomplete one, to the first poll or several times in a row.

        Example:
            >>> client.delete_version(image_id, version_id)
            {}
            >>> client.wait_until_deleted(image_id, version_id, poll_interval=0.1)
        """
        image = validate_id("image_id", image_id)
        versions: list[int | None] = [None]
        target = f"image {image}"
        if version_id is not None:
            given: Any = plain(version_id)
            is_single = isinstance(given, str) or not isinstance(given, Iterable)
            versions = [*validate_ids("version_id", [given] if is_single else given)]
            target = f"version {', '.join(map(str, versions))} of {target}"
        deadline = Deadline(timeout, f"the deletion of {target}")
        interval = validate_seconds("poll_interval", poll_interval)
        exists: bool | None = None
        for version in versions:
            check = partial(self._exists, image, version)
            while exists := poll(check, deadline, interval, is_first=exists is None):
                sleep_sync(deadline.pause(interval))

    def _exists(self, image_id: int, version_id: int | None) -> bool:
        """Return whether an image, or a version of it, isn't deleted yet."""
        try:
            if version_id is None:
                require(self.describe_image(image_id), "id")
                listed = self.list_image_versions(image_id, status=["delete-failed"])
                failed = [require(found, "id") for found in listed]
            else:
                version = self.describe_version(image_id, version_id)
                require(version, "id")
                # Spelled with an underscore in parts of the service's documentation.
                failed = [version_id] if version.get("status") in ("delete-failed", "delete_failed") else []
        except NotFoundError:
            return False
        if failed:
            raise DeletionFailedError(image_id=image_id, version_ids=failed)
        return True


def _full_name(version: Mapping[str, Any]) -> str:
    name, number = version.get("imageName"), version.get("version")
    return f"{name}:{number}" if name and number else ""
