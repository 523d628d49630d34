"""The operations that delete: they mark what is to go, and time does the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_images_local.builds import lifecycle
from peak_images_local.errors import conflict, forbidden
from peak_images_local.handlers.lookup import find_image, find_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.storage.database import Row, Transaction


def delete_version(context: RequestContext) -> dict[str, Any]:
    """Start the deletion of a version."""
    with context.state.database.transaction() as transaction:
        _check_own(find_image(transaction, context.path_id("imageId")))
        _delete(
            transaction, context, [find_version(transaction, context.path_id("imageId"), context.path_id("versionId"))]
        )
    return {}


def delete_versions(context: RequestContext) -> dict[str, Any]:
    """Start the deletion of several versions: of all of them, or, where one can't be deleted, of none."""
    with context.state.database.transaction() as transaction:
        _check_own(find_image(transaction, context.path_id("imageId")))
        numbers = dict.fromkeys(context.query_ints("versionIds"))
        _delete(
            transaction, context, [find_version(transaction, context.path_id("imageId"), number) for number in numbers]
        )
    return {}


def delete_image(context: RequestContext) -> dict[str, Any]:
    """Start the deletion of all versions of an image, and so of the image."""
    with context.state.database.transaction() as transaction:
        image = find_image(transaction, context.path_id("imageId"))
        _check_own(image)
        versions = transaction.fetch_all("SELECT * FROM versions WHERE image_id = ? ORDER BY id", image["id"])
        _delete(transaction, context, versions)
        transaction.execute("UPDATE images SET deleting = 1 WHERE id = ?", image["id"])
    return {}


def _check_own(image: Row) -> None:
    if image["scope"] != "custom":
        raise forbidden(f"Image {image['id']} comes with the platform and can't be deleted")


def _delete(transaction: Transaction, context: RequestContext, versions: Sequence[Row]) -> None:
    used = [str(version["id"]) for version in versions if version["status"] == "in-use"]
    if used:
        raise conflict(f"In use by another resource, and so can't be deleted: version {', '.join(used)}")
    due = transaction.now + round(context.state.settings.delete_seconds * 1000)
    for version in versions:
        # One that is being deleted already goes at its own time.
        if version["status"] == "deleting":
            continue
        lifecycle.stop_running(transaction, version["id"], "the version is being deleted")
        transaction.execute(
            "UPDATE versions SET status = 'deleting', delete_at = ?, updated_at = ? WHERE id = ?",
            due,
            transaction.now,
            version["id"],
        )
