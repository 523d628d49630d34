"""Lists of rows: conditions that are added one by one, counts and pages of what they select."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peak_images_local.storage.database import MAX_ID

if TYPE_CHECKING:
    from collections.abc import Collection

    from peak_images_local.storage.database import Row, Transaction


class Query:
    """The rows of a table or view that satisfy all conditions."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._conditions = ["1"]
        self._values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        """Add a condition, with the values of its placeholders."""
        self._conditions.append(condition)
        self._values += values

    def add_any(self, expression: str, values: Collection[Any]) -> None:
        """Add the condition that an expression is one of the values, if there are any."""
        if values:
            self.add(f"{expression} IN ({', '.join('?' * len(values))})", *values)

    def count(self, transaction: Transaction) -> int:
        """Return how many rows there are."""
        return int(transaction.fetch_all(f"SELECT count(*) AS n {self._source}", *self._values)[0]["n"])

    def count_by(self, transaction: Transaction, column: str) -> dict[str, int]:
        """Return how many rows there are for each value of a column, in the order of the values."""
        sql = f"SELECT {column} AS value, count(*) AS n {self._source} GROUP BY 1 ORDER BY 1"
        return {row["value"]: row["n"] for row in transaction.fetch_all(sql, *self._values)}

    def rows(self, transaction: Transaction, limit: int, offset: int = 0, order: str = "id DESC") -> list[Row]:
        """Return a page of the rows."""
        sql = f"SELECT * {self._source} ORDER BY {order} LIMIT ? OFFSET ?"
        return transaction.fetch_all(sql, *self._values, min(limit, MAX_ID), min(offset, MAX_ID))

    @property
    def _source(self) -> str:
        return f"FROM {self._table} WHERE {' AND '.join(self._conditions)}"
