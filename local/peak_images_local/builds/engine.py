"""Real builds, by an engine of this machine: Docker, Podman or Buildah."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from peak_build_context.preflight import relative_path
from peak_images_local.builds import supervisor
from peak_images_local.builds.plan import BuildPlan
from peak_images_local.errors import ServiceError
from peak_images_local.settings import ENGINES, MASK
from peak_images_local.storage import archive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from peak_images_local.storage.database import Database

MAX_LINE_LENGTH = 10_000
MAX_LOG_BYTES = 4 << 20
"""The maximum length of a log, counted by `MIN_LINE_BYTES`; the rest isn't kept."""

MIN_LINE_BYTES = 100
"""What a line counts at least: millions of empty ones would hold everybody up while they are stored."""

MIN_SECRET_LENGTH = 3
"""The minimum length of a masked value: masking `1` would make the log unreadable."""

_POLL_SECONDS = 0.2


class BuildError(Exception):
    """A build can't go on; the message is the line of the log."""


class Engine:
    """A runner of builds, each in a thread with a process of the engine."""

    def __init__(self, name: str, database: Database, workspace: Path) -> None:
        """Find the engine of this name.

        Raises:
            ServiceError: It isn't installed.
        """
        if shutil.which(ENGINES[name][0]) is None:
            raise ServiceError(f"The builder {name} is not installed, or not on the PATH")
        self._command = ENGINES[name]
        self._database = database
        self._workspace = workspace
        self._stopping = threading.Event()
        self._threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()

    def plan(self, details: Mapping[str, Any], artifact: Path | None) -> BuildPlan:
        """Return the plan of a real build, whose log and result aren't known in advance."""
        job = functools.partial(self._start, dict(details), artifact)
        return BuildPlan(details, ["Building the Docker image..."], job=job)

    def stop(self) -> None:
        """Stop all builds; they count as interrupted."""
        self._stopping.set()
        for thread in list(self._threads):
            thread.join()
        self._stopping.clear()

    def _start(self, details: Mapping[str, Any], artifact: Path | None, build_id: int) -> None:
        build = _Build(self._database, self._workspace, self._stopping, build_id, details)
        thread = threading.Thread(target=build.run, args=(self._command, artifact), daemon=True)
        thread.start()
        self._threads.add(thread)


@dataclass
class _Build:
    """One build."""

    database: Database
    workspace: Path
    stopping: threading.Event
    id: int
    details: Mapping[str, Any]
    log_bytes: int = 0

    def __post_init__(self) -> None:
        arguments = self.details.get("buildArguments", ())
        lines = {line for item in arguments for line in item["value"].splitlines() if len(line) >= MIN_SECRET_LENGTH}
        # The longest first: masking a prefix of another secret would leave the rest of that.
        self._secrets = sorted(lines, key=len, reverse=True)

    def run(self, engine: Sequence[str], artifact: Path | None) -> None:
        """Build, and store the result; in any case the log ends with a line that explains it."""
        try:
            with tempfile.TemporaryDirectory(
                prefix="build-", dir=self.workspace, ignore_cleanup_errors=True
            ) as directory:
                root = Path(directory, "root")
                root.mkdir()
                context = self._prepare(root, artifact)
                status = self._build([*engine, *self._options(root), str(context)], root.with_suffix(".log"))
            failed = [f"ERROR: the builder ended with status {status}", "The build failed"]
            lines = failed if status else ["The build succeeded"]
        except BuildError as error:
            status, lines = 1, [f"ERROR: {error}", "The build failed"]
        except Exception as error:  # noqa: BLE001 - a build that isn't ended would be running for ever
            status, lines = 1, [f"ERROR: {type(error).__name__}: {error}", "The build failed"]
        with contextlib.suppress(Exception):  # the disk is full: the result may still fit
            self._write(lines)
        self._end(status)

    def _prepare(self, directory: Path, artifact: Path | None) -> Path:
        if self.details["source"] == "dockerfile" or artifact is None:
            (directory / "Dockerfile").write_text(self.details.get("dockerfile", ""), encoding="utf-8")
            empty = directory / "context"
            empty.mkdir()
            return empty
        if not artifact.exists():
            raise BuildError("the uploaded artifact is gone: upload it again")
        archive.unpack(artifact, directory)
        return self._within(
            directory, "context", ".", "the build context is not in the artifact: there is no directory"
        )

    def _within(self, directory: Path, name: str, default: str, problem: str) -> Path:
        """Return a path of the build details, which must be in the artifact."""
        given = self.details.get(name) or default
        path = relative_path(given)
        if path is None or not (directory / path).exists():
            raise BuildError(f"{problem} {given}")
        return directory / path

    def _options(self, directory: Path) -> Iterator[str]:
        if self.details["source"] == "dockerfile":
            yield from ("-f", str(directory / "Dockerfile"))
        else:
            problem = "failed to read the Dockerfile: the artifact has no"
            yield from ("-f", str(self._within(directory, "dockerfilePath", "Dockerfile", problem)))
        yield from ("-t", f"peak-images-local:build-{self.id}")
        for item in self.details.get("buildArguments", ()):
            if "\0" in item["name"] + item["value"]:
                raise BuildError(f"build argument {item['name']!r}: a null character can't be given to a command")
            yield from ("--build-arg", f"{item['name']}={item['value']}")
        if not self.details.get("useCache", True):
            yield "--no-cache"

    def _build(self, command: Sequence[str], output: Path) -> int:
        """Run the engine and return its exit status, or a special one if the build was stopped.

        Its output is a file: a pipe could be held open by a process that outlives the command.
        """
        with output.open("ab") as written, output.open("rb") as log:
            try:
                process = subprocess.Popen(
                    [sys.executable, "-I", supervisor.__file__, *command],
                    stdin=subprocess.PIPE,
                    stdout=written,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise BuildError(f"{command[0]} can't be started: {error.strerror or error}") from error
            is_wanted, has_ended = True, False
            with process:
                while not has_ended:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(_POLL_SECONDS)
                    # Checked first, so that the last output is read.
                    has_ended = process.returncode is not None
                    lines = self._read_lines(log, has_ended=has_ended)
                    if is_wanted and (self.stopping.is_set() or not self._write(lines)):
                        is_wanted = False
                        if process.stdin is not None:
                            process.stdin.close()
                return process.returncode if is_wanted else 1

    def _read_lines(self, log: IO[bytes], *, has_ended: bool) -> list[str]:
        """Return the lines that have been written since, long ones in chunks, up to the limit."""
        lines = []
        while self.log_bytes <= MAX_LOG_BYTES and (line := log.readline(MAX_LINE_LENGTH)):
            if not line.endswith(b"\n") and len(line) < MAX_LINE_LENGTH and not has_ended:
                log.seek(-len(line), os.SEEK_CUR)  # the rest of the line is still to come
                break
            self.log_bytes += max(len(line), MIN_LINE_BYTES)
            lines.append(line.decode(errors="replace").rstrip("\r\n"))
        if self.log_bytes > MAX_LOG_BYTES:
            if lines:
                lines[-1] = "WARNING: the log is too long; the rest is not kept"
            # Limited, so that an endless log doesn't fill the disk.
            os.truncate(log.name, 0)
        return lines

    def _write(self, lines: Sequence[str]) -> bool:
        """Add lines to the log; return false where the build has been stopped meanwhile."""
        with self.database.transaction() as transaction:
            if not transaction.fetch_one("SELECT 1 FROM builds WHERE id = ? AND status = 'building'", self.id):
                return False
            row = transaction.fetch_one("SELECT max(position) AS last FROM log_lines WHERE build_id = ?", self.id)
            first = (row["last"] if row and row["last"] is not None else -1) + 1
            transaction.executemany(
                "INSERT INTO log_lines VALUES (?, ?, ?, ?)",
                [(self.id, first + n, transaction.now, self._mask(line)) for n, line in enumerate(lines)],
            )
        return True

    def _mask(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        # A truncated secret couldn't be masked, so the line is truncated last.
        return line[:MAX_LINE_LENGTH]

    def _end(self, status: int) -> None:
        if self.stopping.is_set():
            return
        with self.database.transaction() as transaction:
            transaction.execute(
                "UPDATE builds SET outcome = ?, due_at = ? WHERE id = ? AND status = 'building'",
                "failed" if status else "success",
                transaction.now,
                self.id,
            )
            transaction.apply_due()
