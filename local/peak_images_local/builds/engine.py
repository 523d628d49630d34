"""Real builds, by an engine of this machine: Docker, Podman or Buildah."""

from __future__ import annotations

import contextlib
import functools
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peak_images_local.builds.plan import MASK, BuildPlan
from peak_images_local.errors import ServiceError
from peak_images_local.storage import archive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from peak_images_local.storage.database import Database

ENGINES: dict[str, Sequence[str]] = {
    "docker": ("docker", "build", "--progress=plain"),
    "podman": ("podman", "build"),
    "buildah": ("buildah", "build"),
}
"""The engines, each with the command that builds."""

_LOOK_SECONDS = 0.2
MAX_LINE = 10_000
_SHORTEST_SECRET = 3


class Engine:
    """Runs builds, each in a thread with a process of the engine."""

    def __init__(self, name: str, database: Database) -> None:
        """Takes the engine of this name.

        Raises:
            ServiceError: It isn't installed.
        """
        if shutil.which(ENGINES[name][0]) is None:
            msg = f"The builder {name} is not installed, or not on the PATH"
            raise ServiceError(msg)
        self._command = ENGINES[name]
        self._database = database
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def plan(self, details: Mapping[str, Any], artifact: Path | None) -> BuildPlan:
        """A build whose course nobody knows beforehand."""
        return BuildPlan(["Building the Docker image..."], job=functools.partial(self._start, dict(details), artifact))

    def stop(self) -> None:
        """Stops all builds; they count as interrupted."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _start(self, details: Mapping[str, Any], artifact: Path | None, build_id: int) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        build = _Build(self._database, self._stopping, build_id, details)
        thread = threading.Thread(target=build.run, args=(self._command, artifact), daemon=True)
        self._threads.append(thread)
        thread.start()


class _Build:
    """One build."""

    def __init__(
        self, database: Database, stopping: threading.Event, build_id: int, details: Mapping[str, Any]
    ) -> None:
        self._database = database
        self._stopping = stopping
        self._id = build_id
        self._details = details
        arguments = details.get("buildArguments", ())
        # Masking what is as short as "1" would leave nothing to read.
        self._secrets = [item["value"] for item in arguments if len(item["value"]) >= _SHORTEST_SECRET]

    def run(self, engine: Sequence[str], artifact: Path | None) -> None:
        """Builds, and stores how it went."""
        try:
            with tempfile.TemporaryDirectory(prefix="peak-images-build-") as folder:
                context = self._prepare(Path(folder), artifact)
                status = self._build([*engine, *self._options(Path(folder)), str(context)])
        except OSError as error:
            self._write([f"ERROR: {error}"])
            status = 1
        self._end(status)

    def _prepare(self, folder: Path, artifact: Path | None) -> Path:
        if self._details["source"] == "dockerfile" or artifact is None:
            (folder / "Dockerfile").write_text(self._details.get("dockerfile", ""), encoding="utf-8")
            empty = folder / "context"
            empty.mkdir()
            return empty
        archive.unpack(artifact, folder)
        return folder / (archive.relative_path(self._details.get("context") or ".") or "")

    def _options(self, folder: Path) -> Iterator[str]:
        path = "" if self._details["source"] == "dockerfile" else self._details.get("dockerfilePath") or ""
        yield from ("-f", str(folder / (archive.relative_path(path or "Dockerfile") or "Dockerfile")))
        yield from ("-t", f"peak-images-local:build-{self._id}")
        for item in self._details.get("buildArguments", ()):
            yield from ("--build-arg", f"{item['name']}={item['value']}")
        if not self._details.get("useCache", True):
            yield "--no-cache"

    def _build(self, command: Sequence[str]) -> int:
        """Runs the engine; gives its exit status, and one of its own where the build was stopped."""
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            lines: queue.Queue[str] = queue.Queue()
            reader = threading.Thread(target=_read, args=(process, lines.put), daemon=True)
            reader.start()
            while self._write(_take(lines)) and not self._stopping.is_set():
                if not reader.is_alive() and lines.empty():
                    return process.wait()
            # The engine's own children are of its group.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            reader.join()
            return 1

    def _write(self, lines: Sequence[str]) -> bool:
        """Adds lines to the log; false where the build has been stopped meanwhile."""
        with self._database.transaction() as transaction:
            if not transaction.fetch_one("SELECT 1 FROM builds WHERE id = ? AND status = 'building'", self._id):
                return False
            row = transaction.fetch_one("SELECT max(position) AS last FROM log_lines WHERE build_id = ?", self._id)
            first = (row["last"] if row and row["last"] is not None else -1) + 1
            transaction.executemany(
                "INSERT INTO log_lines VALUES (?, ?, ?, ?)",
                [(self._id, first + n, transaction.now, self._mask(line)) for n, line in enumerate(lines)],
            )
        return True

    def _mask(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return line[:MAX_LINE]

    def _end(self, status: int) -> None:
        if self._stopping.is_set():
            return
        self._write(["The build failed" if status else "The build succeeded"])
        with self._database.transaction() as transaction:
            transaction.execute(
                "UPDATE builds SET outcome = ?, due_at = ? WHERE id = ? AND status = 'building'",
                "failed" if status else "success",
                transaction.now,
                self._id,
            )
            transaction.apply_due()


def _read(process: subprocess.Popen[str], put: Callable[[str], None]) -> None:
    for line in process.stdout or ():
        put(line.rstrip())


def _take(lines: queue.Queue[str]) -> list[str]:
    """What has come meanwhile, or nothing after a short wait."""
    taken = []
    with contextlib.suppress(queue.Empty):
        taken.append(lines.get(timeout=_LOOK_SECONDS))
        while True:
            taken.append(lines.get_nowait())
    return taken
