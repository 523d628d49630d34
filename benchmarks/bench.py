"""Compare this package with the official SDK and with the floor, and write the tables of ``docs/performance.md``.

``scripts/bench`` runs it, with an environment for each of the two. Every job is a process of its own; those that are
compared take turns, against one server, and the median counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import trees
from processes import ENVIRONMENT, HERE, Results, canned_server, compare, run
from report import Mark, Row, Table, at_least, at_most, bars, missed, write_page

DOCS = HERE.parent / "docs"
PICTURE = DOCS / "assets" / "performance.svg"

# Why a mark may be missed, where something simpler is slower or the floor leaves something out.
WALK_AND_RECORDS = "the walk, the rules and a record for each file are Python; the floor has none of them"
IMPORTS = "httpx's import is most of it"
ELEMENTS = "a dictionary for each element, and its id to find those that come twice"


class Bench:
    """A run of the jobs, and its rows."""

    def __init__(self, environments: Path, url: str, directory: Path, runs: int) -> None:
        scripts = {name: environments / name / "bin" for name in ("ours", "sdk", "cli", "full")}
        self._python = {name: str(path / "python") for name, path in scripts.items()}
        self._python["bare"] = self._python["ours"]
        self._scripts = scripts
        self._url = url
        self._directory = directory
        self._runs = runs
        self.requests = Table(
            "Requests, imports, downloads",
            "Whole processes in seconds, interpreter and imports included, unless the row says otherwise.",
        )
        self.artifacts = Table(
            "Artifacts",
            "Making the archive of a directory, against the SDK's `compress`: whole processes in seconds. The size is "
            "this ÷ SDK, and memory is the peak above that of an interpreter that does nothing. The floor reads the "
            "files and deflates each with the same codec, on one core or on both, whichever is faster; it is compared "
            "by the calls alone.",
            columns=("call", "SDK: call", "floor: call", "size", "memory"),
        )
        self.commands = Table("Command line", "Whole processes in seconds.")
        self.sizes = Table(
            "Installed size",
            "MB of all files without bytecode, in an environment of its own.",
            columns=("packages", "the SDK's"),
            digits=1,
        )
        self.memory_line = ""

    @property
    def tables(self) -> list[Table]:
        return [table for table in (self.requests, self.artifacts, self.commands, self.sizes) if table.rows]

    def _job(self, whose: str, name: str, *arguments: str) -> list[str]:
        return [self._python[whose], str(HERE / f"job_{whose}.py"), name, *arguments]

    def _add(
        self,
        table: Table,
        what: str,
        found: dict[str, Results],
        *,
        label: str = "",
        of: str = "whole",
        sdk: float | None = None,
        floor: float | None = None,
        above_floor: str = "",
        marks: tuple[Mark, ...] = (),
        reason: str = "",
    ) -> None:
        """Add a row, with marks of how many times the SDK's speed and the floor's time are wanted."""
        middle = {name: results.median(of) for name, results in found.items()}
        if "bare" in middle:
            reason = f"the floor itself is {middle['sdk'] / middle['bare']:.2f} × the SDK"
        wanted = [at_least(sdk, middle["sdk"] / middle["ours"], reason)] if sdk else []
        wanted += [at_most(floor, middle["ours"] / middle["bare"], "× floor", above_floor)] if floor else []
        spread = max(results.spread(of) for results in found.values())
        row = Row(
            what, middle["ours"], middle.get("sdk"), middle.get("bare"), [*wanted, *marks], spread, label=label or what
        )
        self._show(table, row)

    def _show(self, table: Table, row: Row) -> None:
        table.rows.append(row)
        print(*row.texts(table.digits), sep=" | ", flush=True)

    def imports(self) -> None:
        statement = ["-c", "from peak.resources import images"]
        found = compare(
            {
                "ours": [self._python["ours"], *statement],
                "sdk": [self._python["sdk"], *statement],
                "bare": [self._python["bare"], "-c", "pass"],
            },
            3 * self._runs,
        )
        above = 1000 * (found["ours"].median("whole") - found["bare"].median("whole"))
        marks = (at_most(15, above, "ms above the floor"),)
        what = f"`from peak.resources import images` ({above:.1f} ms above the floor)"
        self._add(self.requests, what, found, label="import", sdk=20, marks=marks)

    def first(self) -> None:
        counts = []
        for whose in ("ours", "sdk"):
            self._count_requests()
            run(self._job(whose, "first", self._url), ENVIRONMENT)
            counts.append(self._count_requests())
        found = compare(self._jobs("first"), 2 * self._runs)
        what = f"import, client and first list ({counts[0]} request; the SDK {counts[1]})"
        self._add(self.requests, what, found, label="import and first list", sdk=2, floor=1.25)

    def _count_requests(self) -> int:
        with urllib.request.urlopen(f"{self._url}/requests") as response:
            return int(response.read())

    def _jobs(self, name: str) -> dict[str, list[str]]:
        return {whose: self._job(whose, name, self._url) for whose in ("ours", "sdk", "bare")}

    def listing(self) -> None:
        found = compare(self._jobs("listing"), self._runs)
        self._add(self.requests, "listing 20,000 images, 100 a page", found, label="20,000 images", sdk=2.5)
        found = compare(self._jobs("listing_again"), self._runs)
        what = "the same in a process that has made a call, the listing alone"
        label = "… after a first call"
        self._add(self.requests, what, found, label=label, of="call", sdk=3, floor=1.2, above_floor=ELEMENTS)

    def describing(self) -> None:
        found = compare(self._jobs("describing"), self._runs)
        self._add(self.requests, "200 `describe_image` calls", found, label="200 describes", sdk=2.5, floor=1.2)

    def prefetching(self) -> None:
        url = f"{self._url}/slow"
        jobs = {whose: self._job(whose, "prefetching", url) for whose in ("ours", "bare")}
        jobs["sdk"] = self._job("sdk", "listing", url)
        what = "listing 20,000 images at 20 ms a page, async with `prefetch`"
        self._add(self.requests, what, compare(jobs, self._few), label="20,000 images at 20 ms, prefetch", sdk=5)

    def failed_builds(self) -> None:
        jobs = {whose: self._job(whose, "failed_builds", f"{self._url}/slow/few") for whose in ("ours", "sdk")}
        what = "failed builds of 200 images at 20 ms a request, `list_all_builds`"
        self._add(self.requests, what, compare(jobs, self._few), label="failed builds of 200 images", sdk=5)

    @property
    def _few(self) -> int:
        return max(3, self._runs // 2)

    def creating(self) -> None:
        for what, make in (
            ("source code", trees.upload_of_source_code),
            ("half-compressible files", trees.upload_of_half_compressible_files),
        ):
            path = self._directory / what.replace(" ", "-")
            make(path)
            found = compare(
                {whose: self._job(whose, "creating", self._url, str(path)) for whose in ("ours", "sdk")}, self._runs
            )
            shutil.rmtree(path)
            label = f"create, 8 MB, {what.removesuffix(' files')}"
            self._add(self.requests, f"create with an artifact of 8 MB, of {what}", found, label=label, sdk=2.5)

    def saving(self) -> None:
        path = str(self._directory / "saved.log")
        jobs = {whose: self._job(whose, "saving", self._url, path) for whose in ("ours", "sdk")}
        if curl := shutil.which("curl"):
            jobs["bare"] = [curl, "--silent", "--fail", "--output", path, f"{self._url}/log"]
        jobs["httpx"] = self._job("bare", "saving", self._url, path)
        found = compare(jobs, self._few)
        httpx = found.pop("httpx").median("whole")
        Path(path).unlink()
        peak, theirs = (found[whose].median("peak") for whose in ("ours", "sdk"))
        what = f"saving a log of 500 MB; the floor is `curl` (bare httpx {httpx:.3f})"
        what += f"; peak memory {peak:.0f} MB, the SDK {theirs:.0f} MB"
        marks = (at_most(60, peak, "MB"),)
        self._add(self.requests, what, found, label="saving a log of 500 MB", sdk=1, marks=marks)

    def memory(self) -> None:
        peaks = [run(self._job("ours", "listing", self._url + path), ENVIRONMENT).peak for path in ("", "/many")]
        self.memory_line = (
            f"Peak memory while iterating over 20,000 images: {peaks[0]:.0f} MB; over 200,000: {peaks[1]:.0f} MB."
        )
        print(self.memory_line)

    def zipping(self) -> None:
        idle = compare({"bare": self._job("bare", "nothing")}, 3)["bare"].median("peak")
        for what, make, wanted, reason in (
            ("(a) 2,000 source files, 20 MB", trees.source_files, 2.5, WALK_AND_RECORDS),
            ("(b) 50 half-compressible files of 4 MB", trees.half_compressible_files, 3, ""),
            ("(c) 20,000 tiny files", trees.tiny_files, 2.5, WALK_AND_RECORDS),
            (
                "(d) 300 files beside an ignored `node_modules` of 50,000",
                trees.beside_node_modules,
                15,
                WALK_AND_RECORDS,
            ),
            ("one file of 1 GB", trees.one_large_file, None, ""),
        ):
            self._zip(what, make, wanted, reason, idle)

    def _zip(self, what: str, make: Callable[[Path], None], wanted: float | None, reason: str, idle: float) -> None:
        path = self._directory / "tree"
        make(path)
        listing = self._directory / "listing.txt"
        listing.write_text(trees.listing_of(path), encoding="utf-8")
        jobs = {"ours": self._job("ours", "zipping", str(path))}
        if wanted is not None:
            jobs["sdk"] = self._job("sdk", "zipping", str(path))
            jobs |= {f"floor {count}": self._job("bare", "deflating", str(listing), count) for count in "12"}
        found = compare(jobs, self._runs if wanted else 3)
        shutil.rmtree(path)
        ours = found["ours"]
        memory = f"{ours.median('peak') - idle:.0f} MB"
        spread = max(results.spread("whole") for results in found.values())
        if wanted is None:
            cells = [f"{ours.median('call'):.3f}", "–", "–", "–", memory]
            self._show(self.artifacts, Row(what, ours.median("whole"), spread=spread, cells=cells))
            return
        sdk = found["sdk"]
        calls = [ours.median("call"), sdk.median("call"), min(found[f"floor {count}"].median("call") for count in "12")]
        size = ours.median("size") / sdk.median("size")
        started = f"{ours.median('whole') - calls[0]:.3f} s of it are the interpreter and imports"
        marks = [
            at_least(wanted, sdk.median("whole") / ours.median("whole"), started),
            at_most(1.3, calls[0] / calls[2], "× floor", reason),
            at_most(1.005, size, "× size"),
        ]
        cells = [*(f"{call:.3f}" for call in calls), f"{size:.4f}", memory]
        row = Row(what, ours.median("whole"), sdk.median("whole"), None, marks, spread, cells, f"zip: {what[:3]}")
        self._show(self.artifacts, row)

    def command_line(self) -> None:
        ours, theirs = str(self._scripts["cli"] / "peak-images"), str(self._scripts["sdk"] / "peak")
        found = compare({"ours": [ours, "--version"], "sdk": [theirs, "--version"]}, self._runs)
        self._add(
            self.commands, "`peak-images --version`; the SDK's is `peak --version`", found, label="--version", sdk=4
        )
        environment = {"PEAK_IMAGES_URL": self._url, "PEAK_AUTH_TOKEN": "a-token", "API_KEY": "a-token"}
        jobs = {"ours": [ours, "list"], "sdk": self._job("sdk", "command_line", self._url)}
        found = compare(jobs, self._runs, environment)
        self._add(
            self.commands,
            "`peak-images list`; the SDK's is `peak images list`",
            found,
            label="list",
            sdk=2.5,
            reason=IMPORTS,
        )

    def installed(self) -> None:
        sdk_size, sdk_packages = self._installed("sdk")
        for what, name in (("the client", "ours"), ("with `[cli]`", "cli"), ("with `[cli,local]`", "full")):
            size, packages = self._installed(name)
            marks = [at_most(12, size, "MB"), at_most(14, packages, "packages")] if name == "ours" else []
            row = Row(what, size, sdk_size, marks=marks, cells=[str(packages), str(sdk_packages)])
            self._show(self.sizes, row)

    def _installed(self, name: str) -> tuple[float, int]:
        """Return the MB and the number of what an environment has installed."""
        [packages] = self._scripts[name].parent.glob("lib/*/site-packages")
        files = (path for path in packages.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return sum(path.stat().st_size for path in files) / 10**6, len(list(packages.glob("*.dist-info")))


ROWS = (
    "imports", "first", "listing", "describing", "prefetching", "failed_builds", "creating", "saving", "memory",
    "zipping", "command_line", "installed",
)  # fmt: skip


def machine() -> str:
    processor = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file() and (found := re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text())):
        processor = found[1]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{processor}, {cores} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--environments", type=Path, required=True, help="where the environments are")
    parser.add_argument("--runs", type=int, default=7, help="how many times most jobs are run (default: 7)")
    parser.add_argument("--only", nargs="+", choices=ROWS, help="only these; nothing is written")
    parser.add_argument("--print", action="store_true", help="write nothing")
    arguments = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, canned_server() as url:
        bench = Bench(arguments.environments, url, Path(directory).resolve(), arguments.runs)
        for name in arguments.only or ROWS:
            getattr(bench, name)()
    seconds = time.monotonic() - start
    intro = f"Machine: {machine()}. Medians of {arguments.runs} runs or more"
    intro += f" (3 for the longest); the whole run took {seconds / 60:.0f} minutes."
    tables = [str(table) for table in bench.tables]
    if bench.memory_line:
        tables.insert(1, bench.memory_line)
    text = "\n\n".join([intro, *tables])
    short = missed(bench.tables)
    if not arguments.only and not arguments.print:
        text = f"![{PICTURE_TEXT}](assets/{PICTURE.name})\n\n{text}"
        write_page(DOCS / "performance.md", text)
        timed = [row for table in bench.tables if table is not bench.sizes for row in table.rows if row.sdk]
        PICTURE.write_text(bars(timed), encoding="utf-8")
    else:
        print(f"\n{text}\n")
    print(f"\n{seconds:.0f} s. " + ("Every mark is reached." if not short else "Missed:\n" + "\n".join(short)))


PICTURE_TEXT = "Bars: the time of this package beside that of the SDK, for each row of the tables below"

if __name__ == "__main__":
    main()
