"""Create or update images, and deploy directories."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from peak_images._async.cleanup import AsyncCleanupOperations
from peak_images._payload import Payload, require
from peak_images._project import read_project_table
from peak_images._reports import Deployment
from peak_images._tracebacks import shorten_traceback
from peak_images._validation import fields_of, validate_artifact, validate_upsert
from peak_images._values import validate_choice, validate_id
from peak_images._warning import warn_caller
from peak_images.errors import InvalidInputError, PeakImagesError, quoted

if TYPE_CHECKING:
    from peak_images._uploads import OnProgress
    from peak_images_api import responses

IfExists = Literal["fail", "skip", "new-version"]
"""How ``deploy`` treats a version that is built already."""

_AUTO: Final = "auto"
"""The version whose number the service chooses: the next patch of the latest one."""


class AsyncDeployOperations(AsyncCleanupOperations):
    """Create or update versions, wait for their builds and prune old ones."""

    async def create_or_update_image_version(
        self,
        body: Mapping[str, Any],
        artifact: Mapping[str, Any] | None = None,
        *,
        on_progress: OnProgress | None = None,
    ) -> responses.VersionCreated:
        """Create an image, or a version of it, or update the version: whichever is needed.

        The image is the one whose name is exactly ``name``, the version the one that is exactly ``version``, on
        any page. If there is no such image, it is created. If there is no such version, or none is given, a version is
        created. Otherwise the version is updated. In the contract: ``GET /images/``,
        ``GET /images/{imageId}/versions``, then one of ``create_image``, ``create_version`` and ``update_version``.

        Args:
            body: ``name`` and, where the image doesn't exist yet, ``type``; optionally ``version``, ``description``,
                ``buildDetails`` and ``autodeployResources``, as for ``create_image`` and ``update_version``, with their
                defaults: in a new version the source is ``upload`` (default), in an updated one it stays. A new image
                has no resources to redeploy yet.
            artifact: As for ``create_image``.
            on_progress: Called with the bytes of the artifact sent so far and in all.

        Returns:
            ``imageId``, ``versionId``, ``buildId`` and, if resources are redeployed, ``autodeploymentId``.

        Raises:
            InvalidInputError: The contract doesn't allow the body.
            ArtifactError: The artifact can't be created, or is too large.
            ConflictError: The version exists and isn't ``not-ready``.
            ApiError: The server rejected the request or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> done = await client.create_or_update_image_version(
            ...     body={"name": "another-image", "type": "workflow", "version": "0.0.1"},
            ...     artifact={"path": context},
            ... )
        """
        validate_artifact(artifact)
        fields = validate_upsert(body)
        image = await self.find_image(fields["name"])
        version = await self._find_version_in(image, fields.get("version"))
        return await self._upsert(image, version, fields, artifact, on_progress)

    async def deploy(
        self,
        directory: str | os.PathLike[str] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        artifact: Mapping[str, Any] | None = None,
        if_exists: IfExists = "fail",
        prune: int | None = None,
        timeout: float | None = 3600.0,
        poll_interval: float = 5.0,
        on_log: Callable[[Payload[Any]], object] | None = None,
        on_status: Callable[[str], object] | None = None,
        on_progress: OnProgress | None = None,
    ) -> Deployment:
        """Build a directory as a version of an image, and wait until it is built. It is safe to repeat.

        It combines ``create_or_update_image_version``, ``wait_until_built`` and ``prune_versions``.

        Args:
            directory: The directory to build; ``None`` for the sources ``dockerfile`` and ``github``. The table
                ``[tool.peak-images]`` of its ``pyproject.toml``, if there is one, gives fields of the body.
            body: Further fields, as for ``create_or_update_image_version``; they override the table's. Without a
                ``version``, or with ``auto``, it is the next patch of the latest one.
            artifact: Options of the artifact besides its path, such as ``ignore_files``.
            if_exists: What to do with a version that has been built already: ``fail`` (default), ``skip`` (change
                nothing, and return it) or ``new-version`` (create the next patch instead).
            prune: How many of the newest versions to keep when this one has been built; older ones that aren't in
                use are deleted. ``None`` for all.
            timeout: The timeout for the build, in seconds; ``None`` for no limit.
            poll_interval: The polling interval, in seconds.
            on_log: Called with each entry of the build's log.
            on_status: Called with ``lastBuildStatus`` when it is first seen and whenever it has changed.
            on_progress: Called with the bytes of the artifact sent so far and in all.

        Returns:
            ``action`` (``created-image``, ``created-version``, ``updated-version`` or ``skipped``), ``image``,
            ``imageId``, ``version``, ``versionId``, the numeric ``buildId``, ``status``, ``lastBuildStatus`` and
            ``pruned``.

        Raises:
            InvalidInputError: A field is missing or invalid, or the version has been built already and ``if_exists``
                is ``fail``.
            ArtifactError: The artifact can't be created, or is too large.
            BuildFailedError: The build failed or was stopped; it has the last lines of the log.
            WaitTimeoutError: The build isn't finished in time. It continues.
            ApiError: The server rejected the request or failed otherwise.
            TransportError: No response, or an incomplete one.

        Example:
            >>> done = await client.deploy(
            ...     context, {"name": "a-deployed-image", "type": "workflow"}, if_exists="skip", poll_interval=0.1
            ... )
            >>> done["action"], done["version"], done["status"]
            ('created-image', '0.0.1', 'ready')
        """
        validate_choice("if_exists", if_exists, get_args(IfExists))
        keep = None if prune is None else validate_id("prune", prune)
        table = {} if directory is None else read_project_table(directory)
        options = {**table.pop("artifact", {}), **({} if artifact is None else fields_of(artifact, "artifact"))}
        fields: dict[str, Any] = {**table, **({} if body is None else fields_of(body))}
        if isinstance(fields.get("version"), str) and fields["version"] == _AUTO:
            del fields["version"]
        fields = validate_upsert(fields)
        request = None if directory is None else validate_artifact({**options, "path": directory})
        image = await self.find_image(fields["name"])
        version = await self._find_version_in(image, fields.get("version"))
        action = "created-image" if image is None else "created-version" if version is None else "updated-version"
        if version is not None and version.get("status") in ("ready", "in-use"):
            if if_exists == "fail":
                problem = f"{quoted(fields['version'])} of {quoted(fields['name'])} has been built already"
                problem += "; give another version, or set if_exists (--if-exists) to skip or new-version"
                raise InvalidInputError("version", problem, fields["version"])
            if if_exists == "skip":
                image_id = require(image or {}, "id")
                built = {**version, "buildId": await self._last_build_id(image_id, require(version, "id"))}
                return await self._deployment("skipped", fields["name"], image_id, built, keep)
            version, action = None, "created-version"
            del fields["version"]
        created = await self._upsert(image, version, fields, request, on_progress)
        image_id, version_id = require(created, "imageId"), require(created, "versionId")
        built = await self.wait_until_built(
            image_id, version_id, timeout=timeout, poll_interval=poll_interval, on_log=on_log, on_status=on_status
        )
        return await self._deployment(action, fields["name"], image_id, built, keep)

    async def _deployment(
        self, action: str, name: str, image_id: int, version: Mapping[str, Any], keep: int | None
    ) -> Deployment:
        try:
            pruned = None if keep is None else await self.prune_versions(image_id, keep=keep)
        except PeakImagesError as error:
            error.add_note(f"{name}:{version.get('version')} has been built; old versions couldn't be listed")
            raise
        return {
            "action": action,
            "image": name,
            "imageId": image_id,
            "version": str(version.get("version")),
            "versionId": require(version, "id"),
            "buildId": version.get("buildId"),
            "status": str(version.get("status")),
            "lastBuildStatus": str(version.get("lastBuildStatus")),
            "pruned": pruned,
        }

    async def _find_version_in(self, image: responses.Image | None, version: str | None) -> Any:
        return None if image is None or version is None else await self.find_version(image, version)

    async def _upsert(
        self, image: Any, version: Any, fields: dict[str, Any], artifact: Any, on_progress: OnProgress | None
    ) -> responses.VersionCreated:
        __tracebackhide__ = True
        try:
            if image is None:
                # A new image has no resources to redeploy.
                new = {key: value for key, value in fields.items() if key != "autodeployResources"}
                return await self.create_image(new, artifact, on_progress=on_progress)  # type: ignore[return-value]
            name, kind, given = image.get("name"), image.get("type"), fields.get("type")
            if given not in (None, kind):
                warn_caller(f"type: {name!r} is of type {kind!r}, which can't be changed to {given!r}", UserWarning)
            change = {key: value for key, value in fields.items() if key not in ("name", "type")}
            if version is None:
                return await self.create_version(require(image, "id"), change, artifact, on_progress=on_progress)
            del change["version"]
            ids = require(image, "id"), require(version, "id")
            return await self.update_version(*ids, change, artifact, on_progress=on_progress)
        except PeakImagesError as error:
            shorten_traceback(error)
            raise
