"""What only the pages ask the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peak_images_local.storage.database import Row, Transaction

PAGE_SIZE = 50
RECENT = 12
"""Builds that are drawn as bars."""


def recent_builds(transaction: Transaction, column: str, ids: Sequence[int]) -> dict[int, list[Row]]:
    """Return the last builds of each image (`image_id`) or version (`version_id`), the oldest first."""
    found: dict[int, list[Row]] = {one: [] for one in ids}
    rows = transaction.fetch_all(
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {column} ORDER BY id DESC) AS rank FROM builds "  # noqa: S608
        f"WHERE {column} IN ({', '.join('?' * len(ids))})) WHERE rank <= ? ORDER BY id",
        *ids,
        RECENT,
    )
    for row in rows:
        found[row[column]].append(row)
    return found


def autodeployment_ids(transaction: Transaction, version: Row) -> list[int]:
    """Return the last autodeployments of a version."""
    sql = "SELECT id FROM autodeployments WHERE version_id = ? ORDER BY id DESC LIMIT 5"
    return [row["id"] for row in transaction.fetch_all(sql, version["id"])]


def redeployments(transaction: Transaction, version: Row) -> list[str]:
    """Return what the last build of a version redeployed."""
    sql = "SELECT message FROM log_lines WHERE build_id = ? AND at <= ? AND message LIKE 'Redeploying %' LIMIT 20"
    return [row["message"] for row in transaction.fetch_all(sql, version["last_build_id"], transaction.now)]
