"""The operations that read: lists, descriptions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from peak_images_local.clock import milliseconds, timestamp
from peak_images_local.errors import not_found, unacceptable
from peak_images_local.handlers.lookup import find_image, find_version
from peak_images_local.handlers.serializers import serialize_build, serialize_version
from peak_images_local.storage.database import MAX_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.storage.database import Row, Transaction

_VERSION_COLUMNS = (
    "versions.*, images.name AS image_name, builds.status AS last_build_status, "
    "builds.started_at AS last_build_at, builds.reference AS last_build_reference"
)
_DAY = 24 * 60 * 60 * 1000
_DEFAULT_DAYS = 90
_PAGE_SIZE = 25
"""Of a contract that has no default."""


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
        row = transaction.fetch_one(f"SELECT count(*) AS n {self._from()}", *self._values)
        return int(row["n"]) if row else 0

    def rows(self, transaction: Transaction, columns: str, order: str, limit: int, offset: int) -> list[Row]:
        sql = f"SELECT {columns} {self._from()} ORDER BY {order} DESC LIMIT ? OFFSET ?"
        return transaction.fetch_all(sql, *self._values, min(limit, MAX_ID), min(offset, MAX_ID))

    def _from(self) -> str:
        return f"FROM {self._tables} WHERE {' AND '.join(self._conditions)}"


def list_images(context: RequestContext) -> dict[str, Any]:
    """One page of images, each with its latest version."""
    query = _Query(
        "images JOIN versions ON versions.id = images.latest_version_id "
        "JOIN builds ON builds.id = versions.last_build_id",
        "1",
    )
    if term := context.query_value("searchTerm"):
        query.add("instr(images.name, ?)", term)
    query.add_any("images.scope", context.query_list("scope"))
    _add_version_filters(query, context)
    columns = f"{_VERSION_COLUMNS}, images.type AS image_type, images.scope AS image_scope"
    with context.state.database.transaction() as transaction:
        total, rows = _page(transaction, query, columns, "images.id", context)
    return _serialize_page(context, "image", total, [_list_entry(row) for row in rows])


def _list_entry(row: Row) -> dict[str, Any]:
    return {
        "id": row["image_id"],
        "name": row["image_name"],
        "type": row["image_type"],
        "scope": row["image_scope"],
        "latestVersion": serialize_version(row, full=False),
    }


def describe_image(context: RequestContext) -> dict[str, Any]:
    """An image, with all that is known of its latest version."""
    with context.state.database.transaction() as transaction:
        image = find_image(transaction, context.path_id("imageId"))
        version = _joined_version(transaction, image["latest_version_id"])
    return {
        "id": image["id"],
        "name": image["name"],
        "type": image["type"],
        "scope": image["scope"],
        "createdAt": timestamp(image["created_at"]),
        "createdBy": image["created_by"],
        "latestVersion": serialize_version(version, full=True),
    }


def list_image_versions(context: RequestContext) -> dict[str, Any]:
    """One page of an image's versions."""
    query = _Query(
        "versions JOIN images ON images.id = versions.image_id JOIN builds ON builds.id = versions.last_build_id",
        "versions.image_id = ?",
        min(context.path_id("imageId"), MAX_ID),
    )
    if term := context.query_value("searchTerm"):
        query.add("instr(versions.version, ?)", term)
    _add_version_filters(query, context)
    with context.state.database.transaction() as transaction:
        image = find_image(transaction, context.path_id("imageId"))
        total, rows = _page(transaction, query, _VERSION_COLUMNS, "versions.id", context)
    latest = image["latest_version_id"]
    entries = [{**serialize_version(row, full=False), "isLatest": row["id"] == latest} for row in rows]
    return _serialize_page(context, "version", total, entries)


def describe_version(context: RequestContext) -> dict[str, Any]:
    """A version, with the name and type of its image."""
    with context.state.database.transaction() as transaction:
        version = find_version(transaction, context.path_id("imageId"), context.path_id("versionId"))
        image = find_image(transaction, version["image_id"])
        joined = _joined_version(transaction, version["id"])
    return {"imageName": image["name"], "imageType": image["type"], **serialize_version(joined, full=True)}


def list_image_builds(context: RequestContext) -> dict[str, Any]:
    """One page of an image's builds."""
    with context.state.database.transaction() as transaction:
        image = find_image(transaction, context.path_id("imageId"))
        query = _Query("builds JOIN versions ON versions.id = builds.version_id", "builds.image_id = ?", image["id"])
        query.add("builds.started_at >= ?", _date(context, "dateFrom", transaction.now - _DEFAULT_DAYS * _DAY))
        query.add("builds.started_at <= ?", _date(context, "dateTo", transaction.now))
        query.add_any("builds.version_id", context.query_ints("versions"))
        query.add_any("builds.status", context.query_list("buildStatus"))
        count = context.query_int("count", -1)
        total, rows = _page(transaction, query, "builds.*, versions.version AS version", "builds.id", context, count)
    return _serialize_page(context, "build", total, [serialize_build(row) for row in rows])


def _date(context: RequestContext, name: str, default: int) -> int:
    text = context.query_value(name)
    if not text:
        return default
    try:
        return milliseconds(text)
    except (ValueError, OverflowError) as error:
        raise unacceptable(f"{name}: {json.dumps(text)} is not a date: {error}") from error


def _joined_version(transaction: Transaction, version_id: int) -> Row:
    row = transaction.fetch_one(
        f"SELECT {_VERSION_COLUMNS} FROM versions JOIN images ON images.id = versions.image_id "  # noqa: S608
        "JOIN builds ON builds.id = versions.last_build_id WHERE versions.id = ?",
        version_id,
    )
    if row is None:
        raise not_found("version", version_id)
    return row


def _add_version_filters(query: _Query, context: RequestContext) -> None:
    query.add_any("versions.status", context.query_list("status"))
    query.add_any("builds.status", context.query_list("lastBuildStatus"))
    query.add_tags(context.query_list("tags"))


def _page(
    transaction: Transaction, query: _Query, columns: str, order: str, context: RequestContext, count: int = -1
) -> tuple[int, list[Row]]:
    """How many there are in all, and those of the page that was asked for; at most ``count`` of them."""
    total = query.count(transaction)
    if count >= 0:
        total = min(total, count)
    size, number = context.query_int("pageSize", _PAGE_SIZE), context.query_int("pageNumber", 1)
    offset = (number - 1) * size
    return total, query.rows(transaction, columns, order, max(0, min(size, total - offset)), offset)


def _serialize_page(context: RequestContext, what: str, total: int, entries: list[dict[str, Any]]) -> dict[str, Any]:
    size = context.query_int("pageSize", _PAGE_SIZE)
    return {
        f"{what}Count": total,
        "pageSize": size,
        "pageNumber": context.query_int("pageNumber", 1),
        # As documented, nothing at all is one page too: an empty one.
        "pageCount": max(1, -(-total // size)),
        f"{what}s": entries,
    }
