"""The rows that a request names by their ids, or a 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peak_images_local.errors import not_found
from peak_images_local.storage.database import MAX_ID

if TYPE_CHECKING:
    from peak_images_local.storage.database import Row, Transaction


def find_image(transaction: Transaction, image_id: int) -> Row:
    """Return an image, joined with its latest version.

    Raises:
        ApiError: 404, there is none of this id.
    """
    row = transaction.fetch_one("SELECT * FROM image_rows WHERE id = ?", min(image_id, MAX_ID))
    if row is None:
        raise not_found("image", image_id)
    return row


def find_version(transaction: Transaction, image_id: int, version_id: int) -> Row:
    """Return a version of an image, joined with its image and its last build.

    Raises:
        ApiError: 404, there is no such image, or it has no such version.
    """
    return _find(transaction, "version", image_id, version_id)


def find_build(transaction: Transaction, image_id: int, build_id: int, given: object = None) -> Row:
    """Return a build of an image, joined with its version and its image.

    Args:
        transaction: Where it is looked up.
        image_id: The image.
        build_id: The build.
        given: The id as it was given, where that may be a text.

    Raises:
        ApiError: 404, there is no such image, or it has no such build.
    """
    return _find(transaction, "build", image_id, build_id, given)


def _find(transaction: Transaction, what: str, image_id: int, identifier: int, given: object = None) -> Row:
    find_image(transaction, image_id)
    sql = f"SELECT * FROM {what}_rows WHERE id = ? AND image_id = ?"  # noqa: S608 - a name of the code's own
    row = transaction.fetch_one(sql, min(identifier, MAX_ID), image_id)
    if row is None:
        raise not_found(what, identifier if given is None else given, f" of image {image_id}")
    return row
