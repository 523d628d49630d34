"""Apply realistic changes of the API to a copy of the tree, and check that every layer follows each of them.

``scripts/drill`` writes the outcome to ``docs/when-the-api-changes.md``; ``--check`` fails if it differs from that.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jsonpatch
import pytest
import yaml

import regenerate
from contract_changes import find_changes, summary
from contract_file import load_contract
from contract_versions import VersionError, check_version

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/when-the-api-changes.md"
CONTRACT = "openapi/images.yaml"
COPIED = ("openapi", "generated", "wrapper", "local", "cli", "tests", "docs", "scripts", "pyproject.toml")
TESTS = (
    "tests/contract/test_contract_examples.py",
    "tests/contract/test_layers.py",
    "tests/contract/test_layers_service.py",
    "tests/unit/test_signatures.py",
)
MARKS = "<!-- drill -->\n", "<!-- end of drill -->\n"
PYTEST = ("-q", "-p", "no:cacheprovider", "--disable-plugin-autoload", "-p", "pytest_timeout")
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
HEAD = "| change | version | written by hand | fails until then |\n|---|---|---|---|\n"


class DrillError(Exception):
    """A layer wasn't updated, or was updated where it shouldn't be."""


@dataclass(frozen=True)
class Case:
    """One change, and what must follow from it. ``drill.yaml`` describes the fields."""

    change: str
    patch: list[dict[str, Any]]
    version: str
    summary: str | None = None
    followed: list[str] = field(default_factory=list)
    by_hand: str | None = None
    lists: list[str] = field(default_factory=list)
    fails: list[str] = field(default_factory=list)

    def row(self) -> str:
        """Return the case as a row of the table."""
        parameters: dict[str, list[str]] = {}
        for test, _, parameter in (name.rstrip("]").partition("[") for name in self.fails):
            parameters.setdefault(test, []).append(parameter)
        tests = "<br>".join(f"`{test}`: {', '.join(found)}" for test, found in parameters.items())
        return f"| {self.change} | {self.version} | {self.by_hand or '0 lines'} | {tests} |\n"


def next_version(version: str, kind: str) -> str:
    """Return the version that a kind of change requires."""
    major, minor = map(int, version.split(".")[:2])
    return {"same": version, "minor": f"{major}.{minor + 1}.0", "major": f"{major + 1}.0.0"}[kind]


def check_summary(case: Case, released: dict[str, Any], contract: dict[str, Any]) -> None:
    """Check the line of the summary, and that no lower version is accepted."""
    changes = find_changes(released, contract)
    lines = summary(released, contract, changes).splitlines()
    if case.summary is not None and f"- {case.summary}" not in lines:
        raise DrillError("the summary is:\n" + "\n".join(lines))
    before = released["info"]["version"]
    if case.version == "any":
        contract["info"]["version"] = next_version(before, "minor")
        return
    for kind in ("same", "minor", "major"):
        contract["info"]["version"] = next_version(before, kind)
        try:
            check_version(released, contract, changes)
        except VersionError as error:
            if kind == case.version:
                raise DrillError(str(error)) from error
        else:
            if kind != case.version:
                raise DrillError(f"version {contract['info']['version']} would be accepted too")
            return


def prepare(tree: Path) -> None:
    """Copy the tree, with this contract as the released one, and with the bytecode of what the tests import.

    The copies for the cases contain the bytecode: compiling it again would take most of their time.
    """
    tree.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, tree / name)
    shutil.copyfile(tree / CONTRACT, tree / "openapi/released.yaml")
    load_contract(tree / CONTRACT, tree)  # it is kept: each case compares with it
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", *PYTEST, "--collect-only", *TESTS],
        check=False,
        cwd=tree,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(map(str, packages(tree))),
            "PYTHONDONTWRITEBYTECODE": "",
        },
    )
    if collected.returncode:
        raise DrillError(f"the tests can't be collected:\n{collected.stdout[-2000:]}\n{collected.stderr[-4000:]}")


def packages(tree: Path) -> list[Path]:
    """Return where the packages of a tree are imported from."""
    return [tree, *(tree / name for name in ("generated", "wrapper", "local", "cli"))]


def attempt(case: Case, released: dict[str, Any], prepared: Path) -> str | None:
    """Return an error for what doesn't follow a change, if anything.

    It needs a process of its own, since it imports the packages of the case's copy.
    """
    with tempfile.TemporaryDirectory(dir=prepared.parent) as tree:
        try:
            run_case(case, released, prepared, Path(tree))
        except DrillError as error:
            return str(error)
    return None


def run_case(case: Case, released: dict[str, Any], prepared: Path, tree: Path) -> None:
    """Apply a change to a copy of the tree, regenerate it, and run the tests that compare the layers with the contract.

    Raises:
        DrillError: Something that must follow doesn't.
    """
    contract = jsonpatch.apply_patch(released, case.patch)
    check_summary(case, released, contract)
    shutil.copytree(prepared, tree, dirs_exist_ok=True)
    (tree / CONTRACT).write_text(yaml.dump(contract, Dumper=DUMPER, sort_keys=False), encoding="utf-8")
    output = io.StringIO()
    # No PATH, so that Node.js and with it the linter isn't found: it would take most of the time.
    with patch.dict(os.environ, PATH=""), redirect_stdout(output), redirect_stderr(output):
        status = regenerate.main(["--root", str(tree)])
    if status:
        raise DrillError(f"scripts/regenerate:\n{output.getvalue()[-6000:]}")
    lines = re.compile(r"^by hand(?:, if it is the contract's)?: ([\w/.]+):\d+: ", re.MULTILINE)
    listed = sorted(set(lines.findall(output.getvalue())))
    if listed != sorted(case.lists):
        raise DrillError(f"scripts/regenerate lists as to be changed by hand: {listed}")
    check_tests(case, run_tests(tree))


class Outcomes:
    """A plugin of pytest that notes which tests passed, and the errors of those that failed."""

    def __init__(self) -> None:
        self.passed: set[str] = set()
        self.failed: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome of a phase of a test."""
        name = report.nodeid.partition("::")[2]
        if report.failed:
            self.failed[name] = report.longreprtext
        elif report.passed and report.when == "call":
            self.passed.add(name)


def run_tests(tree: Path) -> Outcomes:
    """Run the tests in a tree, with its packages: none of them is imported yet."""
    sys.path[:0] = [str(path) for path in packages(tree)]
    os.chdir(tree)
    output, outcomes = io.StringIO(), Outcomes()
    with redirect_stdout(output), redirect_stderr(output):
        status = pytest.main([*PYTEST, "--tb=short", "--show-capture=no", *TESTS], plugins=[outcomes])
    # What pytest meets after the last test, such as an object that wasn't closed, is in its status only.
    if not outcomes.passed or status != bool(outcomes.failed):
        raise DrillError(f"the tests didn't run as they should (status {status}):\n{output.getvalue()[-6000:]}")
    return outcomes


def check_tests(case: Case, outcomes: Outcomes) -> None:
    """Compare the tests that failed with those that are to fail, and look for those that the change must add."""
    failed = set(outcomes.failed)
    if failed != set(case.fails):
        more, fewer = sorted(failed - set(case.fails)), sorted(set(case.fails) - failed)
        lines = (line for name in more for line in outcomes.failed[name].splitlines())
        errors = "\n".join(line for line in lines if line.startswith("E  "))[:4000]
        raise DrillError(f"failed unexpectedly: {more}\npassed unexpectedly: {fewer}\n{errors}")
    for part in case.followed:
        if not any(part in name for name in outcomes.passed | failed):
            raise DrillError(f"there is no test for {part}")


def table(cases: list[Case]) -> str:
    """Return the outcome as a table."""
    return HEAD + "".join(case.row() for case in cases)


def main(arguments: list[str] | None = None) -> int:
    """Run the drill; 0 if every layer followed every change."""
    parser = argparse.ArgumentParser(prog="scripts/drill", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if the page has another table; write nothing")
    parser.add_argument(
        "--only", metavar="TEXT", default="", help="only changes whose name contains this; writes nothing"
    )
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="how many at once (default: one per core)"
    )
    options = parser.parse_args(arguments)
    described = yaml.safe_load(Path(__file__).with_name("drill.yaml").read_text(encoding="utf-8"))
    cases = [Case(**one) for one in described]
    released = yaml.safe_load((ROOT / CONTRACT).read_text(encoding="utf-8"))

    chosen = [case for case in cases if options.only in case.change]
    problems = 0
    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch, "prepared")
        prepare(prepared)

        def attempt_apart(case: Case) -> str | None:
            # Forked, it has imported already what takes most of the time: pytest, and the generator.
            with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as process:
                return process.submit(attempt, case, released, prepared).result()

        with ThreadPoolExecutor(options.jobs) as pool:
            found = pool.map(attempt_apart, chosen)
            for case, problem in zip(chosen, found, strict=True):
                print(
                    f"{'FAILED' if problem else 'followed'}: {case.change}" + (f"\n{problem}" if problem else ""),
                    flush=True,
                )
                problems += problem is not None
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(MARKS[0])
    new = before + MARKS[0] + table(cases) + MARKS[1] + rest.split(MARKS[1])[1]
    if options.check and new != text:
        print(f"{PAGE.relative_to(ROOT)} has another table: run scripts/drill", file=sys.stderr)
        problems += 1
    elif not options.only and not options.check and not problems:
        PAGE.write_text(new, encoding="utf-8")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
