"""The rows that a request names by their ids, or a 404."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peak_images_local.errors import not_found
from peak_images_local.storage.database import MAX_ID

if TYPE_CHECKING:
    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.storage.database import Row, Transaction


def find_image(transaction: Transaction, image_id: int) -> Row:
    """The image of this id.

    Raises:
        ApiError: 404, there is none.
    """
    row = transaction.fetch_one("SELECT * FROM images WHERE id = ?", image_id) if image_id <= MAX_ID else None
    if row is None:
        raise not_found("image", image_id)
    return row


def find_version(transaction: Transaction, image_id: int, version_id: int) -> Row:
    """The version of this id, of this image.

    Raises:
        ApiError: 404, there is no such image, or it has no such version.
    """
    find_image(transaction, image_id)
    row = None
    if version_id <= MAX_ID:
        sql = "SELECT * FROM versions WHERE id = ? AND image_id = ?"
        row = transaction.fetch_one(sql, version_id, image_id)
    if row is None:
        raise not_found("version", version_id, f" of image {image_id}")
    return row


def find_build(transaction: Transaction, context: RequestContext) -> Row:
    """The build that a call names by its number.

    Raises:
        ApiError: 404, there is no such image, or it has no such build.
    """
    image = find_image(transaction, context.path_id("imageId"))
    number = min(context.path_id("buildId"), MAX_ID)
    row = transaction.fetch_one("SELECT * FROM builds WHERE id = ? AND image_id = ?", number, image["id"])
    if row is None:
        raise not_found("build", context.parameters.get(("path", "buildId")), f" of image {image['id']}")
    return row
