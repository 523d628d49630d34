"""Servers that fail, full disks, and the table of what was survived."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from peak_images import Session
from peak_images._http import retry
from tests.faults.tables import write_table
from tests.integration.backends import BACKENDS, open_client


def pytest_addoption(parser):
    parser.addoption("--faults-table", type=Path, help="write what was tried, survived and lost into this page")


def pytest_terminal_summary(terminalreporter, config):
    path = config.getoption("--faults-table", None)
    if path is None:
        return
    counted = {}
    for outcome, result in (("passed", "survived"), ("failed", "lost"), ("xfailed", "lost"), ("error", "lost")):
        for report in terminalreporter.stats.get(outcome, ()):
            counted.setdefault(report.nodeid.partition("[")[0], Counter())[result] += 1
    skipped = {report.nodeid.partition("[")[0] for report in terminalreporter.stats.get("skipped", ())}
    lines = ["| area | what was tried | times | survived | lost |", "|---|---|---|---|---|"]
    for name in sorted(counted.keys() | skipped, key=lambda name: (_area(name), name)):
        what = name.rpartition("::test_")[2].replace("_", " ")
        count = counted.get(name, Counter())
        cells = (sum(count.values()), count["survived"], count["lost"]) if count else ("not here", "", "")
        lines.append(f"| {_area(name)} | {what} | " + " | ".join(map(str, cells)) + " |")
    total = sum(counted.values(), Counter())
    lines.append(f"| **all** | | {sum(total.values())} | {total['survived']} | {total['lost']} |")
    write_table(path, "client", lines)


def _area(name):
    """Return the subject of a test's file, from its id."""
    return name.partition(".py::")[0].rpartition("/test_")[2].removeprefix("faults_")


@pytest.fixture
def no_delays(monkeypatch):
    """Retries follow each other without a delay."""
    monkeypatch.setattr(retry, "INITIAL_BACKOFF", 0)


@pytest.fixture(params=BACKENDS)
def client_of(request):
    """Opens a client of a server, in each backend."""
    with ExitStack() as stack:

        def of(url, **options):
            session = stack.enter_context(Session("a-token", base_url=url, **options))
            return stack.enter_context(open_client(request.param, session))

        yield of


@pytest.fixture
def build_context(tmp_path):
    """A directory to build from."""
    directory = tmp_path / "image"
    directory.mkdir()
    (directory / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY . /app\n")
    (directory / "main.py").write_text("print('hello')\n")
    return directory


@pytest.fixture
def full_disk(tmp_path):
    """A file system with room for 256 KiB."""
    directory = tmp_path / "small"
    directory.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small file system, and only Linux has tmpfs")
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", directory]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield directory
    subprocess.run(["umount", "--lazy", directory], check=True)
