"""The operations that read: lists, descriptions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from peak_images_local.clock import milliseconds, timestamp
from peak_images_local.database import LARGEST_ID
from peak_images_local.errors import not_found, unacceptable
from peak_images_local.shapes import build_shape, version_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peak_images_local.calls import Call
    from peak_images_local.database import Row, Transaction

_VERSION_COLUMNS = (
    "versions.*, images.name AS image_name, builds.status AS last_build_status, "
    "builds.started_at AS last_build_at, builds.reference AS last_build_reference"
)
_DAY = 24 * 60 * 60 * 1000
_DEFAULT_DAYS = 90


class _Query:
    """A `FROM … WHERE …` that grows a condition at a time."""

    def __init__(self, tables: str, condition: str, *values: Any) -> None:
        self._tables = tables
        self._conditions = [condition]
        self._values = list(values)

    def add(self, condition: str, *values: Any) -> None:
        self._conditions.append(condition)
        self._values += values

    def add_any(self, column: str, values: Sequence[Any]) -> None:
        """One of the values, if any are given."""
        if values:
            self.add(f"{column} IN ({', '.join('?' * len(values))})", *values)

    def add_tags(self, names: Sequence[str]) -> None:
        """At least one tag of these names, if any are given."""
        if names:
            places = ", ".join("?" * len(names))
            self.add(
                "EXISTS (SELECT 1 FROM json_each(versions.tags) AS tag "  # noqa: S608 - places only
                f"WHERE json_extract(tag.value, '$.name') IN ({places}))",
                *names,
            )

    def count(self, transaction: Transaction) -> int:
        row = transaction.one(f"SELECT count(*) AS n {self._from()}", *self._values)
        return int(row["n"]) if row else 0

    def rows(self, transaction: Transaction, columns: str, order: str, limit: int, offset: int) -> list[Row]:
        sql = f"SELECT {columns} {self._from()} ORDER BY {order} DESC LIMIT ? OFFSET ?"
        return transaction.all(sql, *self._values, min(limit, LARGEST_ID), min(offset, LARGEST_ID))

    def _from(self) -> str:
        return f"FROM {self._tables} WHERE {' AND '.join(self._conditions)}"


def find_image(transaction: Transaction, image_id: int) -> Row:
    """The image of this id.

    Raises:
        ApiError: 404, there is none.
    """
    row = transaction.one("SELECT * FROM images WHERE id = ?", image_id) if image_id <= LARGEST_ID else None
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
    if version_id <= LARGEST_ID:
        sql = "SELECT * FROM versions WHERE id = ? AND image_id = ?"
        row = transaction.one(sql, version_id, image_id)
    if row is None:
        raise not_found("version", version_id, f" of image {image_id}")
    return row


def list_images(call: Call) -> dict[str, Any]:
    """One page of images, each with its latest version."""
    query = _Query(
        "images JOIN versions ON versions.id = images.latest_version_id "
        "JOIN builds ON builds.id = versions.last_build_id",
        "1",
    )
    if term := call.one("searchTerm"):
        query.add("instr(images.name, ?)", term)
    query.add_any("images.scope", call.many("scope"))
    _add_version_filters(query, call)
    columns = f"{_VERSION_COLUMNS}, images.type AS image_type, images.scope AS image_scope"
    with call.state.database.transaction() as transaction:
        total, rows = _page(transaction, query, columns, "images.id", call)
    return _page_shape(call, "image", total, [_list_entry(row) for row in rows])


def _list_entry(row: Row) -> dict[str, Any]:
    return {
        "id": row["image_id"],
        "name": row["image_name"],
        "type": row["image_type"],
        "scope": row["image_scope"],
        "latestVersion": version_shape(row, full=False),
    }


def describe_image(call: Call) -> dict[str, Any]:
    """An image, with all that is known of its latest version."""
    with call.state.database.transaction() as transaction:
        image = find_image(transaction, call.id("imageId"))
        version = _joined_version(transaction, image["latest_version_id"])
    return {
        "id": image["id"],
        "name": image["name"],
        "type": image["type"],
        "scope": image["scope"],
        "createdAt": timestamp(image["created_at"]),
        "createdBy": image["created_by"],
        "latestVersion": version_shape(version, full=True),
    }


def list_image_versions(call: Call) -> dict[str, Any]:
    """One page of an image's versions."""
    query = _Query(
        "versions JOIN images ON images.id = versions.image_id JOIN builds ON builds.id = versions.last_build_id",
        "versions.image_id = ?",
        min(call.id("imageId"), LARGEST_ID),
    )
    if term := call.one("searchTerm"):
        query.add("instr(versions.version, ?)", term)
    _add_version_filters(query, call)
    with call.state.database.transaction() as transaction:
        image = find_image(transaction, call.id("imageId"))
        total, rows = _page(transaction, query, _VERSION_COLUMNS, "versions.id", call)
    latest = image["latest_version_id"]
    entries = [{**version_shape(row, full=False), "isLatest": row["id"] == latest} for row in rows]
    return _page_shape(call, "version", total, entries)


def describe_version(call: Call) -> dict[str, Any]:
    """A version, with the name and type of its image."""
    with call.state.database.transaction() as transaction:
        version = find_version(transaction, call.id("imageId"), call.id("versionId"))
        image = find_image(transaction, version["image_id"])
        joined = _joined_version(transaction, version["id"])
    return {"imageName": image["name"], "imageType": image["type"], **version_shape(joined, full=True)}


def list_image_builds(call: Call) -> dict[str, Any]:
    """One page of an image's builds."""
    with call.state.database.transaction() as transaction:
        image = find_image(transaction, call.id("imageId"))
        query = _Query("builds JOIN versions ON versions.id = builds.version_id", "builds.image_id = ?", image["id"])
        query.add("builds.started_at >= ?", _date(call, "dateFrom", transaction.now - _DEFAULT_DAYS * _DAY))
        query.add("builds.started_at <= ?", _date(call, "dateTo", transaction.now))
        query.add_any("builds.version_id", call.numbers("versions"))
        query.add_any("builds.status", call.many("buildStatus"))
        most = call.number("count", -1)
        total, rows = _page(transaction, query, "builds.*, versions.version AS version", "builds.id", call, most)
    return _page_shape(call, "build", total, [build_shape(row) for row in rows])


def _date(call: Call, name: str, default: int) -> int:
    text = call.one(name)
    if not text:
        return default
    try:
        return milliseconds(text)
    except (ValueError, OverflowError) as error:
        raise unacceptable(f"{name}: {json.dumps(text)} is not a date: {error}") from error


def _joined_version(transaction: Transaction, version_id: int) -> Row:
    row = transaction.one(
        f"SELECT {_VERSION_COLUMNS} FROM versions JOIN images ON images.id = versions.image_id "  # noqa: S608
        "JOIN builds ON builds.id = versions.last_build_id WHERE versions.id = ?",
        version_id,
    )
    if row is None:
        raise not_found("version", version_id)
    return row


def _add_version_filters(query: _Query, call: Call) -> None:
    query.add_any("versions.status", call.many("status"))
    query.add_any("builds.status", call.many("lastBuildStatus"))
    query.add_tags(call.many("tags"))


def _page(
    transaction: Transaction, query: _Query, columns: str, order: str, call: Call, most: int = -1
) -> tuple[int, list[Row]]:
    """How many there are in all, and those of the page that was asked for; at most `most` of them are counted."""
    total = query.count(transaction)
    if most >= 0:
        total = min(total, most)
    size, number = call.number("pageSize", 25), call.number("pageNumber", 1)
    offset = (number - 1) * size
    return total, query.rows(transaction, columns, order, max(0, min(size, total - offset)), offset)


def _page_shape(call: Call, what: str, total: int, entries: list[dict[str, Any]]) -> dict[str, Any]:
    size = call.number("pageSize", 25)
    return {
        f"{what}Count": total,
        "pageSize": size,
        "pageNumber": call.number("pageNumber", 1),
        # As documented, nothing at all is one page too: an empty one.
        "pageCount": max(1, -(-total // size)),
        f"{what}s": entries,
    }
