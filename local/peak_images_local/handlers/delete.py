"""The operations that delete: they store when the deletion will be complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_images_local.builds.lifecycle import stop_running
from peak_images_local.errors import ApiError
from peak_images_local.handlers.lookup import find_image, find_version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.storage.database import Transaction


def delete_version(context: RequestContext) -> dict[str, Any]:
    """Start the deletion of a version."""
    with context.state.database.transaction() as transaction:
        _delete(transaction, context, [context.path_id("versionId")])
    return {}


def delete_versions(context: RequestContext) -> dict[str, Any]:
    """Start the deletion of several versions; of none, if one can't be deleted."""
    with context.state.database.transaction() as transaction:
        _delete(transaction, context, context.query_ints("versionIds"))
    return {}


def delete_image(context: RequestContext) -> dict[str, Any]:
    """Start the deletion of all versions of an image, and so of the image."""
    with context.state.database.transaction() as transaction:
        image_id = find_image(transaction, context.path_id("imageId"))["id"]
        versions = transaction.fetch_all("SELECT id FROM versions WHERE image_id = ? ORDER BY id", image_id)
        _delete(transaction, context, [version["id"] for version in versions])
        transaction.update("images", image_id, deleting=1)
    return {}


def _delete(transaction: Transaction, context: RequestContext, version_ids: Iterable[object]) -> None:
    image = find_image(transaction, context.path_id("imageId"))
    if image["scope"] != "custom":
        raise ApiError(403, f"Image {image['id']} comes with the platform and can't be deleted")
    versions = [find_version(transaction, image["id"], version_id) for version_id in dict.fromkeys(version_ids)]
    used = [str(version["id"]) for version in versions if version["status"] == "in-use"]
    if used:
        raise ApiError(409, f"In use by another resource, and so can't be deleted: version {', '.join(used)}")
    due = transaction.now + round(context.state.settings.delete_seconds * 1000)
    for version in versions:
        # The time of a deletion that was started before stays.
        if version["status"] != "deleting":
            stop_running(transaction, version["id"], "the version is being deleted")
            transaction.update("versions", version["id"], status="deleting", delete_at=due, updated_at=transaction.now)
