"""Compare this package with the official SDK and with the floor, and print a table in Markdown.

``scripts/bench`` runs it, in an environment of its own, with the SDK in another one. Every job is a process of its
own; those that are compared take turns, against one server, and what counts is the median.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from artifact import text, write

HERE = Path(__file__).parent

# Nothing of the machine's own: a proxy or certificates from the environment would be measured too.
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR") if name in os.environ}


@dataclass(frozen=True)
class Run:
    """What a process took.

    Attributes:
        whole: Seconds from its start to its end.
        call: Seconds of the call in it; below 0 where only the whole process counts.
        peak: The peak of its memory in MB.
    """

    whole: float
    call: float
    peak: float


@dataclass
class Results:
    """The runs of a job."""

    runs: list[Run]

    def median(self, what: str) -> float:
        return statistics.median(getattr(run, what) for run in self.runs)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles, relative to the median."""
        low, middle, high = statistics.quantiles((run.whole for run in self.runs), n=4)
        return (high - low) / 2 / middle


def run(command: list[str]) -> Run:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, cwd=HERE, check=False)
    whole = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{command} failed:\n{done.stderr}")
    told = done.stdout.split()
    return Run(whole, float(told[0]), float(told[1])) if len(told) == 2 else Run(whole, -1, -1)


@contextmanager
def server() -> Iterator[str]:
    """The server's address."""
    command = [sys.executable, str(HERE / "canned_server.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate("")


DOCKERFILE = b"FROM python:3.12-slim\nCOPY . /app\n"


def source_code(root: Path) -> None:
    """A build context of 22 MB, whose archive is of about 8 MB."""
    generator = random.Random(1)
    write(root / "Dockerfile", DOCKERFILE)
    for index in range(2_200):
        write(root / f"package{index % 40}/module{index}.py", text(generator, generator.randint(1_000, 19_000)))


def half_compressible_files(root: Path) -> None:
    """A build context of 12 MB, whose archive is of about 8 MB."""
    generator = random.Random(2)
    write(root / "Dockerfile", DOCKERFILE)
    for index in range(48):
        words = text(generator, 2**17)
        blocks = (words[start : start + 2**16] + generator.randbytes(2**16) for start in range(0, len(words), 2**16))
        write(root / f"{index}.bin", b"".join(blocks))


class Bench:
    """Runs jobs and keeps the rows of the table."""

    def __init__(self, sdk_python: str, url: str, folder: Path, runs: int) -> None:
        self._python = {"ours": sys.executable, "sdk": sdk_python, "bare": sys.executable}
        self._url = url
        self._folder = folder
        self._runs = runs

    def compare(self, jobs: dict[str, list[str]], runs: int | None = None) -> dict[str, Results]:
        """Let the jobs take turns; the first turn, which warms up caches, doesn't count."""
        found = {name: Results([]) for name in jobs}
        for turn in range((runs or self._runs) + 1):
            for name, command in jobs.items():
                result = run(command)
                if turn:
                    found[name].runs.append(result)
                (self._folder / "saved.log").unlink(missing_ok=True)
        return found

    def job(self, whose: str, name: str, *arguments: str, path: str = "") -> list[str]:
        return [self._python[whose], str(HERE / f"job_{whose}.py"), name, self._url + path, *arguments]

    def requests(self) -> int:
        with urllib.request.urlopen(f"{self._url}/requests") as answer:
            return int(answer.read())

    def row(self, what: str, found: dict[str, Results], targets: str, call: bool = False) -> None:
        def shown(name: str, of: str) -> str:
            return f"{found[name].median(of):.3f}" if name in found and found[name].median(of) >= 0 else "–"

        def ratio(one: str, other: str, of: str) -> str:
            if one not in found or other not in found:
                return "–"
            return f"{found[one].median(of) / found[other].median(of):.2f}"

        of = "call" if call else "whole"
        spread = max(results.spread for results in found.values())
        cells = [shown("ours", of), shown("sdk", of), shown("bare", of)]
        cells += [ratio("sdk", "ours", of), ratio("ours", "bare", of), targets, f"±{spread:.0%}"]
        print(f"| {what} | " + " | ".join(cells) + " |", flush=True)

    def imports(self) -> None:
        code = ["-c", "from peak.resources import images"]
        found = self.compare(
            {
                "ours": [self._python["ours"], *code],
                "sdk": [self._python["sdk"], *code],
                "bare": [self._python["bare"], "-c", "pass"],
            },
            runs=3 * self._runs,
        )
        above = 1000 * (found["ours"].median("whole") - found["bare"].median("whole"))
        self.row(f"`from peak.resources import images` ({above:.1f} ms above the floor)", found, "≥ 20 · ≤ 15 ms above")

    def first(self) -> None:
        counts = []
        for whose in ("ours", "sdk"):
            self.requests()
            run(self.job(whose, "first"))
            counts.append(self.requests())
        found = self.compare({whose: self.job(whose, "first") for whose in self._python}, runs=2 * self._runs)
        what = f"import, client and first list answered ({counts[0]} request; the SDK {counts[1]})"
        self.row(what, found, "≥ 2 · ≤ 1.25")

    def requests_in_a_row(self) -> None:
        for name, what, targets in (
            ("listing", "listing 20,000 images, 100 a page", "≥ 2.8 · ≤ 1.2"),
            ("describing", "200 `describe_image` calls", "≥ 2.5 · ≤ 1.3"),
        ):
            found = self.compare({whose: self.job(whose, name) for whose in self._python})
            self.row(what, found, targets)

    def listing_ahead(self) -> None:
        found = self.compare(
            {
                "ours": self.job("ours", "listing_ahead", path="/slow"),
                "sdk": self.job("sdk", "listing", path="/slow"),
            },
            runs=max(3, self._runs // 2),
        )
        self.row("the same with 20 ms a page, async with prefetch", found, "≥ 5")

    def creating(self) -> None:
        for what, make in (("source code", source_code), ("half-compressible files", half_compressible_files)):
            context = self._folder / what.replace(" ", "-")
            make(context)
            found = self.compare({whose: self.job(whose, "creating", str(context)) for whose in ("ours", "sdk")})
            self.row(f"create with an artifact of 8 MB, of {what}", found, "≥ 2.5")

    def saving(self) -> None:
        path = str(self._folder / "saved.log")
        jobs = {whose: self.job(whose, "saving", path) for whose in ("ours", "sdk")}
        if curl := shutil.which("curl"):
            jobs["bare"] = [curl, "--silent", "--fail", "--output", path, f"{self._url}/log"]
        jobs["httpx"] = self.job("bare", "saving", path)
        found = self.compare(jobs, runs=max(3, self._runs // 2))
        peaks = " MB, the SDK ".join(f"{found[whose].median('peak'):.0f}" for whose in ("ours", "sdk"))
        httpx = found["httpx"].median("whole")
        what = f"saving a log of 500 MB; the floor is `curl` (peak {peaks} MB; bare httpx {httpx:.3f} s)"
        self.row(what, found, "> 1 · ≤ 1.3, ≤ 60 MB")

    def memory(self) -> None:
        few, many = (run(self.job("ours", "listing", path=path)).peak for path in ("", "/many"))
        print(f"\nPeak memory while iterating 20,000 images: {few:.1f} MB; 200,000 images: {many:.1f} MB.")


def machine() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    name = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists() and (found := re.search(r"model name\s*: (.+)", info.read_text())):
        name = found[1]
    return f"{name}, {cores} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sdk-python", required=True, help="the interpreter of the environment with the SDK")
    parser.add_argument("--runs", type=int, default=9, help="how many times most jobs are run")
    parser.add_argument("--only", nargs="*", help="only these rows, by the names of the methods of Bench")
    arguments = parser.parse_args()
    print(f"Machine: {machine()}. Medians of {arguments.runs} runs or more, whole processes, in seconds.\n")
    print("| what | this package | SDK | floor | SDK ÷ this | this ÷ floor | wanted | spread |")
    print("|---|---|---|---|---|---|---|---|")
    rows = ("imports", "first", "requests_in_a_row", "listing_ahead", "creating", "saving", "memory")
    with tempfile.TemporaryDirectory() as folder, server() as url:
        bench = Bench(arguments.sdk_python, url, Path(folder), arguments.runs)
        for name in arguments.only or rows:
            getattr(bench, name)()


if __name__ == "__main__":
    main()
