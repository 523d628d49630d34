"""Delete versions that are no longer needed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from peak_images._async.log_stream import is_final
from peak_images._async.lookup import AsyncLookupOperations, ImageReference
from peak_images._payload import require
from peak_images._reports import PruneReport
from peak_images._validation import largest_page
from peak_images._values import Since, parse_since, validate_id
from peak_images.errors import ApiError, NotFoundError, TransportError

if TYPE_CHECKING:
    from peak_images._payload import Payload

_BUSY: Final = {"in-use": "in use", "deleting": "being deleted"}
"""Why a version in this state is kept."""


class AsyncCleanupOperations(AsyncLookupOperations):
    """Delete old and failed versions."""

    async def prune_versions(
        self,
        image: ImageReference,
        *,
        keep: int = 3,
        failed: bool = False,
        older_than: Since | None = None,
        dry_run: bool = False,
    ) -> PruneReport:
        """Delete the old versions of an image, one by one.

        ``GET /images/{imageId}/versions``, then ``DELETE /images/{imageId}/versions/{versionId}`` in the contract. The
        newest versions, the newest one that was built, those in use and those whose build is running are never
        deleted. A version that can't be deleted is reported, and the others are deleted nevertheless. A lost
        connection ends the deletions, and is reported too.

        Args:
            image: The image: its id, its name, or what ``create_image`` or ``describe_image`` returned.
            keep: How many of the newest versions to keep, from 1.
            failed: Whether to delete only versions whose last build failed.
            older_than: Delete only versions created longer ago than this (a ``timedelta``, or text such as ``30d``), or
                before this point in time (a ``datetime``, a ``date`` or ISO 8601 text).
            dry_run: Whether to delete nothing, and only report what would be deleted.

        Returns:
            ``imageId``, ``dryRun``, and three lists: ``deleted``, ``kept`` (each with its ``reason``) and ``failed``
            (each with its ``error`` and the ``statusCode`` of the response, ``None`` if there was none). Each element
            has ``versionId`` and ``version``.

        Raises:
            InvalidInputError: An argument is invalid, or no image has this name.
            NotFoundError: No image has this id.
            ApiError: The server rejected the listing of the versions, or failed.
            TransportError: No response to it, or an incomplete one.

        Example:
            >>> report = await client.prune_versions(image_id, keep=3, older_than="30d", dry_run=True)
            >>> report["deleted"]
            []
        """
        count = validate_id("keep", keep)
        limit = None if older_than is None else parse_since("older_than", older_than)
        image_id = await self._require_image_id(image)
        report: PruneReport = {"imageId": image_id, "dryRun": dry_run, "deleted": [], "kept": [], "failed": []}
        size = largest_page("list_image_versions")
        listed = [version async for version in self.list_image_versions(image_id, page_size=size)]
        last_built = next((version for version in listed if version.get("lastBuildStatus") == "success"), None)
        doomed: list[dict[str, Any]] = []
        for index, version in enumerate(listed):
            entry = {"versionId": require(version, "id"), "version": version.get("version")}
            if index < count:
                reason: str | None = f"one of the newest {count}"
            elif version is last_built:
                reason = "the newest that was built"
            else:
                reason = _reason_to_keep(version, limit, failed=failed)
            if reason is None:
                doomed.append(entry)
            else:
                report["kept"].append({**entry, "reason": reason})
        await self._delete_each(doomed, report)
        return report

    async def _delete_each(self, entries: list[dict[str, Any]], report: PruneReport) -> None:
        """Delete versions and report on each, also if the connection is lost in between."""
        unreachable: str | None = None
        for entry in entries:
            problem, status_code = unreachable, None
            try:
                if not (report["dryRun"] or unreachable):
                    await self.delete_version(report["imageId"], entry["versionId"])
            except NotFoundError:
                pass  # deleted meanwhile
            except ApiError as error:
                problem, status_code = error.detail, error.status_code
            except TransportError as error:
                problem, unreachable = str(error), f"not attempted, after: {error}"
            if problem is None:
                report["deleted"].append(entry)
            else:
                report["failed"].append({**entry, "error": problem, "statusCode": status_code})


def _reason_to_keep(version: Payload[Any], limit: datetime | None, *, failed: bool) -> str | None:
    status = version.get("status")
    if status in _BUSY:
        return _BUSY[status]
    if not is_final(version.get("lastBuildStatus")):
        return "its build is running"
    if failed and version.get("lastBuildStatus") != "failed":
        return "its last build didn't fail"
    if limit is None:
        return None
    try:
        is_old = datetime.fromisoformat(version["createdAt"]) < limit
    except (KeyError, TypeError, ValueError):
        return "its age is unknown"
    return None if is_old else "not old enough"
