# Written by scripts/regenerate from wrapper/peak_images/_async. Do not edit: change the source and run scripts/regenerate.

"""Read and save the logs of builds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from peak_images._atomic_write import atomic_write
from peak_images._payload import SavedLog, require
from peak_images._sync._base import Base
from peak_images._sync.download import ResumableDownload
from peak_images._sync.log_stream import is_final
from peak_images._validation import validate_arguments
from peak_images._values import as_bool, as_list, validate_build_id, validate_id, validate_path
from peak_images.errors import InvalidInputError, SaveError

if TYPE_CHECKING:
    from peak_images_api import models, responses


class BuildLogReader(Base):
    """Read and save the logs of builds."""

    @overload
    def get_build_logs(
        self,
        image_id: int | str,
        build_id: int | str,
        next_token: str | None = ...,
        *,
        save: Literal[True],
        file_name: str | os.PathLike[str] | None = ...,
    ) -> SavedLog[models.BuildLogsDownload]: ...

    @overload
    def get_build_logs(
        self,
        image_id: int | str,
        build_id: int | str,
        next_token: str | None = ...,
        save: bool = ...,
        file_name: str | os.PathLike[str] | None = ...,
    ) -> responses.BuildLogs: ...

    def get_build_logs(
        self,
        image_id: int | str,
        build_id: int | str,
        next_token: str | None = None,
        save: bool = False,
        file_name: str | os.PathLike[str] | None = None,
    ) -> Any:
        """Read a chunk of a build's log, or save the whole log to a file.

        ``GET /images/{imageId}/builds/{buildId}/logs``, or ``…/logs/download`` with ``save``, in the contract.

        Args:
            image_id: The id of the image.
            build_id: The id of the build, from ``list_image_builds``, a create or an update.
            next_token: Continue after this token, the ``nextToken`` of the previous chunk (default: the start of the
                log). Can't be combined with ``save``.
            save: Whether to save the whole log to a file.
            file_name: The file to save to (default: ``image_build_logs_{image_id}_{build_id}.log`` in the working
                directory). Requires ``save``. An existing file is replaced once the log is complete.

        Returns:
            A chunk of the log: ``logs`` (each with ``message``, ``timestamp`` and ``ingestionTime``), ``buildStatus``,
            ``startTime``, ``finishTime`` and ``nextToken``, which is unchanged if there is nothing new. With ``save``
            the response with ``downloadUrl``, and the file's ``path`` and ``size`` as attributes.

        Raises:
            InvalidInputError: An argument isn't valid, or can't be combined with another.
            SaveError: The file can't be written.
            NotFoundError: The image or build doesn't exist.
            ApiError: The server rejected the request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> logs = client.get_build_logs(image_id=image_id, build_id=build_id)
            >>> more = client.get_build_logs(image_id, build_id, next_token=logs["nextToken"])
            >>> saved = client.get_build_logs(image_id, build_id, save=True, file_name="build.log")
        """
        if not as_bool("save", save):
            if file_name is not None:
                raise InvalidInputError("file_name", "requires save=True", file_name)
            return self._get_build_logs(image_id, build_id, next_token)
        if next_token is not None:
            raise InvalidInputError("next_token", "can't be combined with save=True", next_token)
        ids = validate_arguments("get_build_logs_download", {"image_id": image_id, "build_id": build_id})
        default = "image_build_logs_{image_id}_{build_id}.log".format(**ids)
        path = validate_path("file_name", default if file_name is None else file_name)
        # Opened first: a file that can't be written is an error before anything is fetched.
        with atomic_write(path) as file:
            download = ResumableDownload(
                self._session, self._options, partial(self._get_build_logs_download, image_id, build_id), file
            )
            size = download.run()
        return SavedLog(download.response, "BuildLogsDownload", path, size)

    def save_build_logs(
        self,
        directory: str | os.PathLike[str],
        image_id: int | str,
        build_ids: Iterable[int | str] | None = None,
    ) -> list[Path]:
        """Save the logs of builds to a directory, a file for each build.

        The directory is created. Logs of finished builds that it already has are skipped, so that an interrupted
        call can be repeated. In the contract: ``GET /images/{imageId}/builds``, then
        ``GET /images/{imageId}/builds/{buildId}/logs/download`` for each.

        Args:
            directory: The directory.
            image_id: The id of the image.
            build_ids: The ids of the builds; ``None`` for those that ``list_image_builds`` gives.

        Returns:
            The files, in the order of the builds, each named ``image_build_logs_{image_id}_{build_id}.log``.

        Raises:
            InvalidInputError: An argument is invalid.
            SaveError: The directory can't be created, or a file can't be written.
            NotFoundError: The image or a build doesn't exist.
            ApiError: The server rejected a request or failed.
            TransportError: No response, or an incomplete one.

        Example:
            >>> paths = client.save_build_logs("logs", image_id)
        """
        target, image = validate_path("directory", directory), validate_id("image_id", image_id)
        wanted: list[int | str] | None = None
        if build_ids is not None:
            wanted = [validate_build_id(one, "build_ids") for one in as_list("build_ids", build_ids)]
        try:
            target.mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise SaveError(target, f"can't be created: {getattr(error, 'strerror', None) or error}") from error
        states = {str(require(build, "buildId")): build.get("status") for build in self.list_image_builds(image)}
        paths = []
        for build_id in states if wanted is None else wanted:
            path = target / f"image_build_logs_{image}_{build_id}.log"
            if not (path.exists() and is_final(states.get(str(build_id)))):
                self.get_build_logs(image, build_id, save=True, file_name=path)
            paths.append(path)
        return paths
