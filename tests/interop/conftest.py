"""The official SDK, as it comes from PyPI: alone, and beside this package's wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.interop.forwarder import Forwarder
from tests.interop.interpreter import Interpreter
from tests.interop.peak_sdk import SdkClient

SDK = "peak-sdk==1.29.0"
ROOT = Path(__file__).parents[2]
CHANGED_AT = time.mktime((2024, 5, 6, 7, 8, 10, 0, 0, -1))
"""When the files to build from were last changed, by the clock on the wall: that is what an archive has."""


def pytest_collection_modifyitems(items):
    if sys.version_info >= (3, 13):
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=f"{SDK} is for Python up to 3.12"))


class Environment:
    """A virtual environment of its own, made by uv."""

    def __init__(self, folder: Path):
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        _uv("venv", "--quiet", "--python", sys.executable, str(folder))

    def pip(self, *arguments):
        _uv("pip", arguments[0], "--quiet", "--python", str(self.python), *arguments[1:])

    def run(self, *arguments, check=True, **options):
        """Run this environment's Python; what it did."""
        return subprocess.run(
            [self.python, *arguments], capture_output=True, text=True, check=check, timeout=60, **options
        )

    def value(self, code):
        """Return what a piece of code prints."""
        done = self.run("-c", code, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def _uv(*arguments):
    uv = pytest.importorskip("uv", reason="environments of their own are made with uv")
    done = subprocess.run([uv.find_uv_bin(), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """This package's wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    _uv("build", "--quiet", "--wheel", "--out-dir", str(folder), str(ROOT))
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """An environment where the SDK is alone."""
    environment = Environment(tmp_path_factory.mktemp("alone") / "venv")
    environment.pip("install", SDK)
    return environment


@pytest.fixture(scope="session")
def beside(tmp_path_factory, wheel):
    """An environment where this package's wheel is beside the SDK, with the command line and the local service."""
    environment = Environment(tmp_path_factory.mktemp("beside") / "venv")
    environment.pip("install", SDK, f"{wheel}[cli,local]")
    return environment


@pytest.fixture(scope="session")
def interpreter(beside):
    """That environment's Python, started once."""
    running = Interpreter(beside.python)
    yield running
    running.close()


@pytest.fixture
def forwarder(service):
    """What stands before the local service and notes what passes."""
    with Forwarder(service.url) as forwarder:
        yield forwarder


@pytest.fixture
def build_context(tmp_path):
    """A directory to build from, with an ignored file, and files of all kinds."""
    folder = tmp_path / "image"
    (folder / "app/assets").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "Dockerfile").write_text("FROM python:3.12-slim\nARG HELLO\nCOPY app /app\n")
    (folder / "app/main.py").write_text("print('hello')\n")
    (folder / "app/private.ini").write_text("[service]\nport = 80\n")
    (folder / "app/run.sh").write_text("#!/bin/sh\npython /app/main.py\n")
    (folder / "app/readme.md").write_text("What runs here\n")
    (folder / "app/assets/logo.png").write_bytes(bytes(range(256)) * 64)
    (folder / "app/assets/größe.txt").write_text("42\n", encoding="utf-8")
    (folder / "notes.md").write_text("Remember the milk\n")
    (folder / ".dockerignore").write_text("*.md\n")
    modes = {"app/private.ini": 0o600, "app/run.sh": 0o755}
    # Innermost first: a directory's time is that of the last change in it.
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(modes.get(path.relative_to(folder).as_posix(), 0o755 if path.is_dir() else 0o644))
        os.utime(path, times=(CHANGED_AT, CHANGED_AT))
    return folder


@pytest.fixture
def open_theirs(service, forwarder):
    """Opens a client by ``peak.resources.images`` of an environment, with the SDK's own session."""
    opened = []

    def opening(environment):
        opened.append(SdkClient(environment.python, forwarder.url, service.token))
        return opened[-1]

    yield opening
    for client in opened:
        client.close()
