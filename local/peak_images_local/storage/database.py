"""The SQLite database of the service: its tables, its lock, and the changes that become due.

Nothing runs in the background. A build is stored with the time at which it finishes, each line of its log with its
time, a deletion with the time at which it is complete. Each transaction first applies the changes that are due, so
lists and filters see the current state, and advancing the clock advances everything.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import threading
from importlib import resources
from typing import TYPE_CHECKING, Any

from peak_images_local.errors import ServiceError
from peak_images_local.storage.data_directory import describe_storage_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from peak_images_local.clock import Clock

_APPLICATION_ID = 0x5065616B
"""The application id in the header of the file."""

_JSON_COLUMNS = {"build_details", "tags"}
"""Columns of JSON, which is parsed when it is read."""

_FIRST_TABLES = {"artifacts", "builds", "images", "log_lines", "meta", "versions"}

Row = dict[str, Any]
"""A row of the database, by the names of its columns."""

MAX_ID = 2**63 - 1
"""The largest integer of SQLite, and so the largest id."""


def _make_row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    row = {column[0]: value for column, value in zip(cursor.description, values, strict=True)}
    return row | {name: json.loads(row[name]) for name in _JSON_COLUMNS & row.keys()}


def _create(path: Path) -> None:
    """Create a file if it doesn't exist, readable by its owner only; SQLite's other files get the same mode."""
    # An existing file isn't opened: closing it would release the lock of a service in the same process.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _create_tables(connection: sqlite3.Connection) -> None:
    schema = resources.files("peak_images_local.storage").joinpath("schema.sql").read_text(encoding="utf-8")
    for statement in schema.split(";"):
        connection.execute(statement)


def _columns(connection: sqlite3.Connection) -> dict[tuple[str, str], str]:
    """Return the types of all columns, by table and name."""
    sql = "SELECT t.name, c.name, c.type FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'"
    return {(table, name): kind for table, name, kind in _tuples(connection, sql)}


def _tuples(connection: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(sql)


def _describe_start_error(path: Path | None, error: Exception) -> str:
    where = f"The database {path}" if path else "The database"
    text = " ".join(str(error).split())
    if path and path.is_dir():
        return f"{where} is a directory: move it away, or give another directory"
    if "locked" in text:
        return f"{where} can't be opened: it is in use by another process; stop that, or give another directory"
    if "malformed" in text or "not a database" in text or "decode" in text:
        return f"{where} is damaged or of another program ({text}): move it away, or give another directory"
    return f"{where} can't be opened: {describe_storage_error(error)}"


class Database:
    """A connection that threads share, one transaction at a time."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        """Open or create the database.

        Args:
            clock: The service's time.
            path: The file; `None` keeps everything in memory.

        Raises:
            ServiceError: Another process has it open, or it isn't a database.
        """
        self.on_deletion: Callable[[], None] = lambda: None
        """Called after versions have been deleted."""
        self._clock = clock
        self._lock = threading.RLock()
        try:
            if path is not None:
                _create(path)
            self._connection = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False, timeout=0.2
            )
            self._connection.row_factory = _make_row
            # SQLite calls it for `text REGEXP pattern`.
            self._connection.create_function("regexp", 2, lambda pattern, text: bool(re.search(pattern, text)))
            try:
                self._check_origin()
                if path is not None:
                    path.chmod(0o600)
                self._prepare(is_kept=path is not None)
            except sqlite3.Error:
                self._connection.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise ServiceError(_describe_start_error(path, error)) from error
        last = self._connection.execute("SELECT coalesce(max(changed_at), 0) AS at FROM version_rows").fetchone()
        self._clock.start_after(last["at"])

    def _prepare(self, *, is_kept: bool) -> None:
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        # In this locking mode the first write takes the lock, which is held until the connection is closed.
        self._connection.execute("BEGIN EXCLUSIVE")
        _create_tables(self._connection)
        if is_kept:
            self._check_content()
        self._connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        self._connection.execute("COMMIT")

    def _check_origin(self) -> None:
        """Check that the file is empty or this service's, and not damaged.

        Raises:
            sqlite3.DatabaseError: It isn't.
        """
        check = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if check is not None and next(iter(check.values())) != "ok":
            raise sqlite3.DatabaseError(f"database disk image is malformed: {next(iter(check.values()))}")
        rows = self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = {row["name"] for row in rows}
        application_id = self._connection.execute("PRAGMA application_id").fetchone()["application_id"]
        version = self._connection.execute("PRAGMA user_version").fetchone()["user_version"]
        if application_id == _APPLICATION_ID and version > 0:
            raise sqlite3.DatabaseError("a newer release made it; use that")
        # The first releases didn't set the id.
        if tables and (application_id not in {0, _APPLICATION_ID} or not tables.issuperset(_FIRST_TABLES)):
            raise sqlite3.DatabaseError("it is not a database of this service")

    def _check_content(self) -> None:
        """Check that nothing is missing, and that columns hold what they are for.

        Raises:
            sqlite3.DatabaseError: The check fails.
        """
        with contextlib.closing(sqlite3.connect(":memory:")) as complete:
            _create_tables(complete)
            columns = _columns(complete)
        damaged = sorted(columns.keys() - _columns(self._connection).keys())
        damaged = damaged or [column for column in columns if self._holds_another_type(*column, columns[column])]
        damaged = damaged or list(_tuples(self._connection, "SELECT * FROM damaged_rows"))
        if damaged:
            raise sqlite3.DatabaseError(f"database disk image is malformed: {damaged[:3]}")

    def _holds_another_type(self, table: str, column: str, kind: str) -> bool:
        """Return whether a column has a value that isn't of its type; a text that isn't UTF-8 is an error."""
        wrong = f"typeof({column}) NOT IN ('{kind.lower()}', 'null')" if kind else "0"
        texts = f"SELECT {column} FROM {table} WHERE typeof({column}) = 'text'"  # noqa: S608 - names are the code's own
        for _ in _tuples(self._connection, texts):
            pass
        return any(_tuples(self._connection, f"SELECT 1 FROM {table} WHERE {wrong} LIMIT 1"))  # noqa: S608 - as above

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @property
    def revision(self) -> int:
        """A number that grows with every stored change."""
        return self._connection.total_changes

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction, and apply the changes that are due."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                transaction = Transaction(self._connection, self._clock.now(), self.on_deletion)
                transaction.apply_due()
                yield transaction
                self._connection.execute("COMMIT")
            except BaseException:
                # A full disk may have ended it already.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        for action in transaction.actions:
            action()

    def clear(self) -> None:
        """Delete all rows, and restart the ids."""
        with self.transaction() as transaction:
            # The other tables are deleted by cascade, except for artifacts, which are no longer used.
            for table in ("images", "meta", "sqlite_sequence"):
                transaction.execute(f"DELETE FROM {table}")  # noqa: S608 - fixed names
            _create_tables(self._connection)


class Transaction:
    """The statements of one transaction; `now` is its time."""

    def __init__(self, connection: sqlite3.Connection, now: int, on_deletion: Callable[[], None]) -> None:
        self._connection = connection
        self._on_deletion = on_deletion
        self.now = now
        self.actions: list[Callable[[], None]] = []

    def on_commit(self, action: Callable[[], None]) -> None:
        """Call a function after the transaction has been committed."""
        self.actions.append(action)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Run a statement."""
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of the rows."""
        self._connection.executemany(sql, rows)

    def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """Return the first row, if there is one."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        """Return all rows."""
        return self._connection.execute(sql, values).fetchall()

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row and return its id."""
        places = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"  # noqa: S608 - names are the code's own
        return int(self.execute(sql, *values.values()).lastrowid or 0)

    def update(self, table: str, row_id: int, **values: Any) -> None:
        """Change columns of the row of an id."""
        columns = ", ".join(f"{name} = ?" for name in values)
        self.execute(f"UPDATE {table} SET {columns} WHERE id = ?", *values.values(), row_id)  # noqa: S608 - as above

    def apply_due(self) -> None:
        """Apply the changes that are due: finish builds, complete deletions."""
        sql = "SELECT * FROM builds WHERE status = 'building' AND due_at <= ? ORDER BY due_at, id"
        for build in self.fetch_all(sql, self.now):
            self.update("builds", build["id"], status=build["outcome"], finished_at=build["due_at"], due_at=None)
            if build["outcome"] == "success":
                sql = "UPDATE versions SET status = 'ready', size = ? WHERE last_build_id = ? AND status = 'not-ready'"
                self.execute(sql, build["size"], build["id"])
        for version in self.fetch_all("SELECT * FROM versions WHERE delete_at <= ?", self.now):
            if version["delete_fails"]:
                self.update("versions", version["id"], status="delete-failed", delete_at=None, delete_fails=0)
                self.update("images", version["image_id"], deleting=0)
            else:
                self.execute("DELETE FROM versions WHERE id = ?", version["id"])
                self._settle_image(version["image_id"])
                if self._on_deletion not in self.actions:
                    self.on_commit(self._on_deletion)

    def _settle_image(self, image_id: int) -> None:
        """Set the latest version of an image; without a version it is deleted."""
        latest = "(SELECT max(id) FROM versions WHERE image_id = images.id)"
        self.execute(f"UPDATE images SET latest_version_id = {latest} WHERE id = ?", image_id)  # noqa: S608 - a constant
        self.execute("DELETE FROM images WHERE id = ? AND latest_version_id IS NULL", image_id)
