"""The SQLite database of the service: its tables, its lock, and what becomes due as time passes.

Nothing runs in the background. A build is stored with the time of its end, and each line of its log with its own;
a deletion with the time at which it is done. Whoever opens a transaction first lets happen what has become due, so
lists and filters see the state of this moment, and a clock that is moved moves everything.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from peak_images_local.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from peak_images_local.clock import Clock

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS images (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    deleting INTEGER NOT NULL DEFAULT 0,
    latest_version_id INTEGER
);
CREATE TABLE IF NOT EXISTS artifacts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL REFERENCES images ON DELETE CASCADE,
    version TEXT NOT NULL,
    description TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_by TEXT NOT NULL,
    build_details TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '[]',
    size REAL NOT NULL DEFAULT 0,
    artifact_id INTEGER REFERENCES artifacts,
    last_build_id INTEGER,
    delete_at INTEGER,
    delete_fails INTEGER NOT NULL DEFAULT 0,
    UNIQUE (image_id, version)
);
CREATE INDEX IF NOT EXISTS versions_of_artifact ON versions (artifact_id);
CREATE INDEX IF NOT EXISTS versions_being_deleted ON versions (delete_at) WHERE delete_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS builds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    reference TEXT NOT NULL,
    image_id INTEGER NOT NULL,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
    status TEXT NOT NULL,
    outcome TEXT NOT NULL,
    size REAL NOT NULL,
    use_cache INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    due_at INTEGER,
    finished_at INTEGER
);
CREATE INDEX IF NOT EXISTS builds_running ON builds (due_at) WHERE status = 'building';
CREATE INDEX IF NOT EXISTS builds_of_image ON builds (image_id, started_at);
CREATE INDEX IF NOT EXISTS builds_of_version ON builds (version_id);
CREATE TABLE IF NOT EXISTS log_lines (
    build_id INTEGER NOT NULL REFERENCES builds ON DELETE CASCADE,
    position INTEGER NOT NULL,
    at INTEGER NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (build_id, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (file TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS autodeployments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE
);
"""

_FIRST_IDS = {"images": 101, "versions": 201, "builds": 301, "autodeployments": 401}
"""The ids start where the documented examples do, and apart, so that one taken for another is noticed."""

_APPLICATION_ID = 0x5065616B
"""In the header of the file: it is this service's."""

_FIRST_TABLES = {"artifacts", "builds", "images", "log_lines", "meta", "versions"}

Row = dict[str, Any]
"""A row of the database, by the names of its columns."""

MAX_ID = 2**63 - 1
"""The largest number that SQLite holds; there is no id beyond."""


def _make_row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, values, strict=True)}


def _make_private(path: Path) -> None:
    """Make the file readable by its owner only, before anything is written; SQLite's other files follow it."""
    # One that is there isn't opened: closing it would drop the lock of a service in the same process.
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    path.chmod(0o600)


def _describe_start_error(path: Path | None, error: Exception) -> str:
    where = f"The database {path}" if path else "The database"
    text = " ".join(str(error).split())
    if path and path.is_dir():
        return f"{where} is a directory: move it away, or give another directory"
    if "locked" in text:
        return f"{where} can't be opened: it is in use by another process; stop that, or give another directory"
    if "full" in text or getattr(error, "errno", 0) == errno.ENOSPC:
        return f"{where} can't be written: the disk is full"
    if "readonly" in text or "read-only" in text.lower() or "disk I/O" in text:
        return f"{where} can't be written: the directory is read-only, or its disk has failed"
    if "malformed" in text or "not a database" in text:
        return f"{where} is damaged or of another program ({text}): move it away, or give another directory"
    return f"{where} can't be opened: {text}"


class Database:
    """A connection that threads share, one transaction at a time."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        """Open the database, or make one.

        Args:
            clock: The service's time.
            path: The file; `None` keeps everything in memory.

        Raises:
            ServiceError: Another process has it open, or it isn't a database.
        """
        self._clock = clock
        self._path = path
        self._lock = threading.RLock()
        try:
            if path is not None:
                _make_private(path)
            self._connection = sqlite3.connect(
                path or ":memory:", isolation_level=None, check_same_thread=False, timeout=0.2
            )
            self._connection.row_factory = _make_row
            try:
                self._prepare()
            except sqlite3.Error:
                self._connection.close()
                raise
        except (sqlite3.Error, OSError) as error:
            raise ServiceError(_describe_start_error(path, error)) from error
        self._clock.start_after(self._last_change())

    def _prepare(self) -> None:
        self._check_origin()
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        # In this locking mode the first write takes the lock, and it is kept until the connection is closed.
        self._connection.execute("BEGIN EXCLUSIVE")
        for statement in _SCHEMA.split(";"):
            self._connection.execute(statement)
        self._set_first_ids()
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
        # The first releases didn't set the id.
        if tables and (application_id not in {0, _APPLICATION_ID} or not tables.issuperset(_FIRST_TABLES)):
            raise sqlite3.DatabaseError("it is not a database of this service")

    def _last_change(self) -> int:
        """Return the latest time at which something has happened, in milliseconds since 1970."""
        row = self._connection.execute(
            "SELECT max((SELECT coalesce(max(started_at), 0) FROM builds), "
            "(SELECT coalesce(max(finished_at), 0) FROM builds), "
            "(SELECT coalesce(max(updated_at), 0) FROM versions)) AS at"
        ).fetchone()
        return int(row["at"])

    def _set_first_ids(self) -> None:
        for table, first in _FIRST_IDS.items():
            row = self._connection.execute("SELECT 1 FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
            if row is None:
                self._connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, first - 1))

    def close(self) -> None:
        """Close the file; what has been committed stays."""
        with self._lock:
            self._connection.close()

    @property
    def revision(self) -> int:
        """A number that grows with every change of what is stored."""
        return self._connection.total_changes

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """All or nothing, on a state in which everything due has happened."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                transaction = Transaction(self._connection, self._clock.now())
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
        """Forget everything; ids start again."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            for table in (
                "log_lines",
                "builds",
                "autodeployments",
                "versions",
                "images",
                "artifacts",
                "uploads",
                "meta",
                "sqlite_sequence",
            ):
                self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - fixed names
            self._set_first_ids()
            self._connection.execute("COMMIT")


class Transaction:
    """What can be asked and changed within one transaction; `now` is its one moment."""

    def __init__(self, connection: sqlite3.Connection, now: int) -> None:
        self._connection = connection
        self.now = now
        self.actions: list[Callable[[], None]] = []

    def on_commit(self, action: Callable[[], None]) -> None:
        """Do something once all this is stored."""
        self.actions.append(action)

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Run a statement."""
        return self._connection.execute(sql, values)

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of the rows."""
        self._connection.executemany(sql, rows)

    def fetch_one(self, sql: str, *values: Any) -> Row | None:
        """The first row, if there is one."""
        row: Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def fetch_all(self, sql: str, *values: Any) -> list[Row]:
        """All rows."""
        return self._connection.execute(sql, values).fetchall()

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row and return its id."""
        names = ", ".join(values)
        places = ", ".join("?" * len(values))
        cursor = self._connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({places})",  # noqa: S608 - names are the code's own
            tuple(values.values()),
        )
        return int(cursor.lastrowid or 0)

    def apply_due(self) -> None:
        """Let happen what has become due: builds end, deletions are done."""
        ended = self.fetch_all(
            "SELECT * FROM builds WHERE status = 'building' AND due_at <= ? ORDER BY due_at, id", self.now
        )
        for build in ended:
            self._end_build(build)
        due = self.fetch_all("SELECT * FROM versions WHERE delete_at <= ? ORDER BY delete_at, id", self.now)
        for version in due:
            self._end_deletion(version)

    def _end_build(self, build: Row) -> None:
        self.execute(
            "UPDATE builds SET status = outcome, finished_at = due_at, due_at = NULL WHERE id = ?", build["id"]
        )
        if build["outcome"] == "success":
            self.execute(
                "UPDATE versions SET status = 'ready', size = ? WHERE last_build_id = ? AND status = 'not-ready'",
                build["size"],
                build["id"],
            )

    def _end_deletion(self, version: Row) -> None:
        if version["delete_fails"]:
            self.execute(
                "UPDATE versions SET status = 'delete-failed', delete_at = NULL, delete_fails = 0 WHERE id = ?",
                version["id"],
            )
            self.execute("UPDATE images SET deleting = 0 WHERE id = ?", version["image_id"])
            return
        self.execute("DELETE FROM versions WHERE id = ?", version["id"])
        latest = self.fetch_one("SELECT max(id) AS id FROM versions WHERE image_id = ?", version["image_id"])
        if latest is None or latest["id"] is None:
            self.execute("DELETE FROM images WHERE id = ?", version["image_id"])
        else:
            self.execute("UPDATE images SET latest_version_id = ? WHERE id = ?", latest["id"], version["image_id"])
