"""The operations that delete: they mark what is to go, and time does the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_images_local import builds
from peak_images_local.errors import conflict, forbidden
from peak_images_local.reading import find_image, find_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peak_images_local.calls import Call
    from peak_images_local.database import Row, Transaction


def delete_version(call: Call) -> dict[str, Any]:
    """Starts the deletion of a version."""
    with call.state.database.transaction() as transaction:
        _check_own(find_image(transaction, call.id("imageId")))
        _delete(transaction, call, [find_version(transaction, call.id("imageId"), call.id("versionId"))])
    return {}


def delete_versions(call: Call) -> dict[str, Any]:
    """Starts the deletion of several versions: of all of them, or, where one can't be deleted, of none."""
    with call.state.database.transaction() as transaction:
        _check_own(find_image(transaction, call.id("imageId")))
        numbers = dict.fromkeys(call.numbers("versionIds"))
        _delete(transaction, call, [find_version(transaction, call.id("imageId"), number) for number in numbers])
    return {}


def delete_image(call: Call) -> dict[str, Any]:
    """Starts the deletion of all versions of an image, and so of the image."""
    with call.state.database.transaction() as transaction:
        image = find_image(transaction, call.id("imageId"))
        _check_own(image)
        versions = transaction.all("SELECT * FROM versions WHERE image_id = ? ORDER BY id", image["id"])
        _delete(transaction, call, versions)
        transaction.run("UPDATE images SET deleting = 1 WHERE id = ?", image["id"])
    return {}


def _check_own(image: Row) -> None:
    if image["scope"] != "custom":
        raise forbidden(f"Image {image['id']} comes with the platform and can't be deleted")


def _delete(transaction: Transaction, call: Call, versions: Sequence[Row]) -> None:
    used = [str(version["id"]) for version in versions if version["status"] == "in-use"]
    if used:
        raise conflict(f"In use by another resource, and so can't be deleted: version {', '.join(used)}")
    due = transaction.now + round(call.state.settings.delete_seconds * 1000)
    for version in versions:
        # One that is being deleted already goes at its own time.
        if version["status"] == "deleting":
            continue
        builds.stop_running(transaction, version["id"], "the version is being deleted")
        transaction.run(
            "UPDATE versions SET status = 'deleting', delete_at = ?, updated_at = ? WHERE id = ?",
            due,
            transaction.now,
            version["id"],
        )
