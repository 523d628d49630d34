"""Run jobs as processes of their own, in turns, and take medians."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent

# Nothing of the machine's own: a proxy or certificates from the environment would be measured too.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR") if name in os.environ}


@dataclass(frozen=True)
class Run:
    """What a process took.

    Attributes:
        whole: Seconds from its start to its end.
        call: Seconds of the call in it; below 0 where only the whole process counts.
        peak: Its peak memory in MB.
        size: The size of what it made, in bytes.
    """

    whole: float
    call: float = -1
    peak: float = 0
    size: float = 0


@dataclass
class Results:
    """The runs of a job."""

    runs: list[Run]

    def median(self, what: str) -> float:
        return float(statistics.median(getattr(run, what) for run in self.runs))

    def spread(self, what: str) -> float:
        """Return half the distance between the quartiles, relative to the median."""
        low, middle, high = statistics.quantiles((getattr(run, what) for run in self.runs), n=4)
        return float((high - low) / 2 / middle)


def run(command: list[str], environment: Mapping[str, str]) -> Run:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=HERE, check=False)
    whole = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stderr}")
    *_, last = done.stdout.splitlines() or [""]
    try:
        return Run(whole, *map(float, last.split()))
    except (TypeError, ValueError):
        return Run(whole)  # no job, but a command, which prints something else


def compare(
    jobs: Mapping[str, list[str]], runs: int, environment: Mapping[str, str] | None = None
) -> dict[str, Results]:
    """Let jobs take turns; the first turn, which warms up caches, doesn't count."""
    found = {name: Results([]) for name in jobs}
    for turn in range(runs + 1):
        for name, command in jobs.items():
            result = run(command, {**ENVIRONMENT, **(environment or {})})
            if turn:
                found[name].runs.append(result)
    return found


@contextmanager
def canned_server() -> Iterator[str]:
    """Run the server that all requests go to. Gives its URL."""
    command = [sys.executable, str(HERE / "canned_server.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate("")
