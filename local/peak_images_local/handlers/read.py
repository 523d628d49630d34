"""The operations that read: lists, descriptions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from peak_images_local.clock import milliseconds
from peak_images_local.errors import ApiError
from peak_images_local.handlers.lookup import find_image, find_version
from peak_images_local.handlers.serializers import serialize, serialize_version
from peak_images_local.storage.query import Query

if TYPE_CHECKING:
    from collections.abc import Callable

    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.storage.database import Row, Transaction

_DEFAULT_DAYS = 90
_PAGE_SIZE = 25
"""Of a contract that has no default."""


def list_images(context: RequestContext) -> dict[str, Any]:
    """Return one page of images, each with its latest version."""
    query = Query("latest_version_rows")
    query.add_any("image_scope", context.query_list("scope"))
    _add_version_filters(query, context, "image_name")

    def serialize_image(row: Row) -> dict[str, Any]:
        image = {name: row[f"image_{name}"] for name in ("id", "name", "type", "scope")}
        return {**image, "latestVersion": serialize_version(row, full=False)}

    with context.state.database.transaction() as transaction:
        return _page(transaction, query, context, "image", serialize_image, order="owner_id DESC")


def describe_image(context: RequestContext) -> dict[str, Any]:
    """Return an image, with all details of its latest version."""
    with context.state.database.transaction() as transaction:
        image = find_image(transaction, context.path_id("imageId"))
        version = find_version(transaction, image["id"], image["latest_version_id"])
    return {**serialize(image), "latestVersion": serialize_version(version, full=True)}


def list_image_versions(context: RequestContext) -> dict[str, Any]:
    """Return one page of an image's versions."""
    query = Query("version_rows")
    _add_version_filters(query, context, "version")

    def serialize_entry(row: Row) -> dict[str, Any]:
        return {**serialize_version(row, full=False), "isLatest": row["id"] == row["latest_version_id"]}

    with context.state.database.transaction() as transaction:
        query.add("image_id = ?", find_image(transaction, context.path_id("imageId"))["id"])
        return _page(transaction, query, context, "version", serialize_entry)


def describe_version(context: RequestContext) -> dict[str, Any]:
    """Return a version, with the name and type of its image."""
    with context.state.database.transaction() as transaction:
        version = find_version(transaction, context.path_id("imageId"), context.path_id("versionId"))
    return serialize_version(version, full=True)


def list_image_builds(context: RequestContext) -> dict[str, Any]:
    """Return one page of an image's builds."""
    query = Query("build_rows")

    def serialize_build(row: Row) -> dict[str, Any]:
        return {**serialize(row), "buildId": row["id"], "useCache": bool(row["use_cache"])}

    with context.state.database.transaction() as transaction:
        query.add("image_id = ?", find_image(transaction, context.path_id("imageId"))["id"])
        default_from = transaction.now - _DEFAULT_DAYS * 24 * 60 * 60 * 1000
        query.add("started_at >= ?", _date(context, "dateFrom", default_from))
        query.add("started_at <= ?", _date(context, "dateTo", transaction.now))
        query.add_any("version_id", context.query_ints("versions"))
        query.add_any("status", context.query_list("buildStatus"))
        return _page(transaction, query, context, "build", serialize_build, count=context.query_int("count", -1))


def _date(context: RequestContext, name: str, default: int) -> int:
    text = context.query_value(name)
    if not text:
        return default
    try:
        return milliseconds(text)
    except (ValueError, OverflowError) as error:
        raise ApiError(422, f"{name}: {json.dumps(text)} is not a date: {error}") from error


def _add_version_filters(query: Query, context: RequestContext, searched: str) -> None:
    if term := context.query_value("searchTerm"):
        query.add(f"instr({searched}, ?)", term)
    query.add_any("status", context.query_list("status"))
    query.add_any("last_build_status", context.query_list("lastBuildStatus"))
    if names := context.query_list("tags"):
        places = ", ".join("?" * len(names))
        name = "json_extract(tag.value, '$.name')"
        query.add(f"EXISTS (SELECT 1 FROM json_each(tags) AS tag WHERE {name} IN ({places}))", *names)  # noqa: S608


def _page(
    transaction: Transaction,
    query: Query,
    context: RequestContext,
    what: str,
    serialize_row: Callable[[Row], dict[str, Any]],
    *,
    order: str = "id DESC",
    count: int = -1,
) -> dict[str, Any]:
    """Return the requested page of a list, of at most `count` rows."""
    total = query.count(transaction)
    if count >= 0:
        total = min(total, count)
    size, number = context.query_int("pageSize", _PAGE_SIZE), context.query_int("pageNumber", 1)
    offset = (number - 1) * size
    rows = query.rows(transaction, max(0, min(size, total - offset)), offset, order)
    return {
        f"{what}Count": total,
        "pageSize": size,
        "pageNumber": number,
        # As documented, an empty list has one page.
        "pageCount": max(1, -(-total // size)),
        f"{what}s": [serialize_row(row) for row in rows],
    }
