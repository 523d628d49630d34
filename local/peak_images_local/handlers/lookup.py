"""Look up the rows that a request names by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peak_images_local.errors import not_found
from peak_images_local.storage.database import MAX_ID

if TYPE_CHECKING:
    from peak_images_local.storage.database import Row, Transaction


def find_image(transaction: Transaction, image_id: object) -> Row:
    """Return an image, joined with its latest version.

    Raises:
        ApiError: 404, there is none of this id.
    """
    return _find(transaction, "image", image_id)


def find_version(transaction: Transaction, image_id: object, version_id: object) -> Row:
    """Return a version of an image, joined with its image and its last build.

    Raises:
        ApiError: 404, there is no such image, or it has no such version.
    """
    return _find(transaction, "version", version_id, find_image(transaction, image_id)["id"])


def find_build(transaction: Transaction, image_id: object, build_id: object) -> Row:
    """Return a build of an image, joined with its version and its image.

    Raises:
        ApiError: 404, there is no such image, or it has no such build.
    """
    return _find(transaction, "build", build_id, find_image(transaction, image_id)["id"])


def _find(transaction: Transaction, what: str, identifier: object, image_id: int | None = None) -> Row:
    """Return a row by its id as it was given; a text that isn't a number is no id."""
    condition, where = ("", "") if image_id is None else (f" AND image_id = {image_id}", f" of image {image_id}")
    number = min(identifier, MAX_ID) if isinstance(identifier, int) else 0
    row = transaction.fetch_one(f"SELECT * FROM {what}_rows WHERE id = ?{condition}", number)  # noqa: S608 - own names
    if row is None:
        raise not_found(what, identifier, where)
    return row
