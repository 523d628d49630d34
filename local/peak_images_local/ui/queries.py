"""What the pages ask the database: lists over all images, with their last builds."""

# ruff: noqa: S608 - the parts of the statements are constants of this module

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peak_images_local.storage.database import Row, Transaction

PAGE_SIZE = 50
RECENT = 12
"""Builds that are drawn as bars."""

# The one state that a person asks for: that of the version, or, where it isn't ready, how its build is doing.
_STATE = (
    "CASE WHEN images.deleting THEN 'deleting' WHEN versions.status <> 'not-ready' THEN versions.status "
    "WHEN builds.status = 'success' THEN 'not-ready' ELSE builds.status END"
)
_COLUMNS = (
    "builds.id AS build_id, builds.status AS build_status, builds.started_at, builds.finished_at, "
    "max(versions.updated_at, coalesce(builds.finished_at, builds.started_at)) AS changed_at"
)
_IMAGES = (
    "FROM images JOIN versions ON versions.id = images.latest_version_id "
    "JOIN builds ON builds.id = versions.last_build_id"
)
_VERSIONS = (
    "FROM versions JOIN images ON images.id = versions.image_id JOIN builds ON builds.id = versions.last_build_id"
)
_BUILDS = (
    "FROM builds JOIN versions ON versions.id = builds.version_id JOIN images ON images.id = builds.image_id "
    "WHERE (?1 IS NULL OR builds.image_id = ?1) AND (?2 IS NULL OR builds.version_id = ?2) "
)


@dataclass(frozen=True)
class Filter:
    """Which images: a part of the name and a state, both empty for all."""

    name: str = ""
    state: str = ""


def count_images(transaction: Transaction, name: str) -> dict[str, int]:
    """Return how many images are in each state, among those with ``name`` in their name."""
    rows = transaction.fetch_all(
        f"SELECT {_STATE} AS state, count(*) AS n {_IMAGES} WHERE instr(lower(images.name), lower(?)) GROUP BY 1", name
    )
    return {row["state"]: row["n"] for row in rows}


def list_images(transaction: Transaction, wanted: Filter, offset: int) -> list[Row]:
    """Return one page of images with their latest versions, the last changed first."""
    return transaction.fetch_all(
        f"SELECT images.*, versions.id AS version_id, versions.version, {_STATE} AS state, {_COLUMNS}, "
        "(SELECT count(*) FROM versions AS gone WHERE gone.image_id = images.id AND gone.status = 'deleting') "
        f"AS deleting_versions {_IMAGES} WHERE instr(lower(images.name), lower(?)) AND (? = '' OR state = ?) "
        "ORDER BY changed_at DESC, images.id DESC LIMIT ? OFFSET ?",
        wanted.name,
        wanted.state,
        wanted.state,
        PAGE_SIZE,
        offset,
    )


def find_image(transaction: Transaction, image_id: int) -> Row | None:
    """Return an image with its latest version."""
    return transaction.fetch_one(
        f"SELECT images.*, versions.id AS version_id, versions.version, {_STATE} AS state, {_COLUMNS} {_IMAGES} "
        "WHERE images.id = ?",
        image_id,
    )


def list_versions(transaction: Transaction, image_id: int, offset: int) -> list[Row]:
    """Return one page of the versions of an image, the newest first."""
    rows = transaction.fetch_all(
        f"SELECT versions.*, {_STATE} AS state, {_COLUMNS} {_VERSIONS} WHERE images.id = ? "
        "ORDER BY versions.id DESC LIMIT ? OFFSET ?",
        image_id,
        PAGE_SIZE,
        offset,
    )
    return [_decode(row) for row in rows]


def find_version(transaction: Transaction, image_id: int, version_id: int) -> Row | None:
    """Return a version of an image."""
    row = transaction.fetch_one(
        f"SELECT versions.*, {_STATE} AS state, {_COLUMNS} {_VERSIONS} WHERE images.id = ? AND versions.id = ?",
        image_id,
        version_id,
    )
    return row and _decode(row)


def _decode(row: Row) -> Row:
    details = json.loads(row["build_details"])
    return {**row, "tags": json.loads(row["tags"]), "details": details, "source": details["source"]}


def recent_builds(transaction: Transaction, column: str, ids: Sequence[int]) -> dict[int, list[Row]]:
    """Return the last builds of each image (``image_id``) or version (``version_id``), the oldest first."""
    found: dict[int, list[Row]] = {one: [] for one in ids}
    rows = transaction.fetch_all(
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {column} ORDER BY id DESC) AS rank FROM builds "
        f"WHERE {column} IN ({', '.join('?' * len(ids))})) WHERE rank <= ? ORDER BY id",
        *ids,
        RECENT,
    )
    for row in rows:
        found[row[column]].append(row)
    return found


def count_builds(
    transaction: Transaction, image_id: int | None = None, version_id: int | None = None
) -> dict[str, int]:
    """Return how many builds are in each state."""
    rows = transaction.fetch_all(f"SELECT builds.status, count(*) AS n {_BUILDS} GROUP BY 1", image_id, version_id)
    return {row["status"]: row["n"] for row in rows}


def list_builds(
    transaction: Transaction,
    image_id: int | None = None,
    version_id: int | None = None,
    status: str = "",
    limit: int = PAGE_SIZE,
    offset: int = 0,
) -> list[Row]:
    """Return builds, the newest first."""
    return transaction.fetch_all(
        f"SELECT builds.*, versions.version, images.name AS image_name {_BUILDS} "
        "AND (?3 = '' OR builds.status = ?3) ORDER BY builds.id DESC LIMIT ?4 OFFSET ?5",
        image_id,
        version_id,
        status,
        limit,
        offset,
    )


def find_build(transaction: Transaction, image_id: int, build_id: int) -> Row | None:
    """Return a build of an image, with the name of its version."""
    rows = transaction.fetch_all(
        f"SELECT builds.*, versions.version, images.name AS image_name {_BUILDS} AND builds.id = ?3",
        image_id,
        None,
        build_id,
    )
    return rows[0] if rows else None


def find_artifact(transaction: Transaction, version: Row) -> Row | None:
    """Return the artifact that a version is built from."""
    return transaction.fetch_one("SELECT * FROM artifacts WHERE id = ?", version["artifact_id"])


def list_autodeployments(transaction: Transaction, version: Row) -> dict[str, Any]:
    """Return the autodeployments of a version, and what its last build redeployed."""
    return {
        "autodeployments": transaction.fetch_all(
            "SELECT id FROM autodeployments WHERE version_id = ? ORDER BY id DESC LIMIT 5", version["id"]
        ),
        "redeployed": [
            row["message"]
            for row in transaction.fetch_all(
                "SELECT message FROM log_lines "
                "WHERE build_id = ? AND at <= ? AND message LIKE 'Redeploying %' LIMIT 20",
                version["build_id"],
                transaction.now,
            )
        ],
    }
