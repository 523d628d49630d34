"""The command line, run in this process or as one of its own, against the local service."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from peak.resources import images
from peak_images_cli.__main__ import main

CLI = Path(sys.modules["peak_images_cli"].__file__).parent.parent
VARIABLES = (
    "PEAK_IMAGES_PROFILE",
    "PEAK_IMAGES_CONFIG",
    "NO_COLOR",
    "FORCE_COLOR",
    "TTY_COMPATIBLE",
    "COLUMNS",
    "TERM",
)


@dataclass(frozen=True)
class Ended:
    """A run that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch, one_ssl_context):
    """A home without a configuration file."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    directory = tmp_path / "home"
    directory.mkdir()
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(directory))
    return directory


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The directory that the command runs in."""
    directory = tmp_path / "here"
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


@pytest.fixture
def known_service(service, monkeypatch):
    """The local service, named by the environment. Its time runs."""
    service.control.clock.resume()
    monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
    monkeypatch.setenv("PEAK_AUTH_TOKEN", service.token)
    return service


@pytest.fixture
def run(capsys):
    """Run the command line in this process, where nothing is a terminal."""

    def running(*argv: object) -> Ended:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in argv])
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        return Ended(int(code), captured.out, captured.err)

    return running


@pytest.fixture
def done(run):
    """Run the command line successfully, and return the JSON that it printed."""

    def running(*argv: object) -> Any:
        ended = run(*argv)
        assert ended.code == 0, ended.err
        return ended.json

    return running


@pytest.fixture
def weather(here):
    """A directory to build from, with a file that must not be uploaded."""
    directory = here / "weather"
    (directory / "app").mkdir(parents=True)
    (directory / "Dockerfile").write_text("FROM python:3.12-slim\nARG GREETING\nCOPY app /app\n")
    (directory / "app/main.py").write_text("print('sunny')\n")
    (directory / "keys.env").write_text("KEY=value\n")
    (directory / ".dockerignore").write_text("*.env\n")
    return directory


class Seed:
    """A factory of images and versions."""

    def __init__(self, service, client):
        self._service, self._client = service, client

    def image(self, name="weather", dockerfile="FROM nginx", **fields):
        details = {"source": "dockerfile", "dockerfile": dockerfile}
        created = self._client.create_image({"name": name, "type": "api", "buildDetails": details, **fields})
        self._service.control.finish_builds()
        return created

    def version(self, image_id, dockerfile="FROM nginx", **fields):
        details = {"source": "dockerfile", "dockerfile": dockerfile}
        created = self._client.create_version(image_id, {"buildDetails": details, **fields})
        self._service.control.finish_builds()
        return created


@pytest.fixture
def client(known_service, session):
    """A client of the local service."""
    return images.get_client(session)


@pytest.fixture
def seed(known_service, client):
    """A factory of images and versions."""
    return Seed(known_service, client)


def _environment(**changes: str) -> dict[str, str]:
    paths = [str(CLI), *filter(None, [changes.pop("PYTHONPATH", None), os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **changes}


@pytest.fixture
def start():
    """Start the command line as a process of its own, with pipes; it is killed at the end if it still runs."""
    started = []

    def starting(*argv: object, **changes: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "peak_images_cli", *map(str, argv)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(**changes),
        )
        started.append(process)
        return process

    yield starting
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


class Terminal:
    """The command line as a process of its own, on a terminal."""

    def __init__(self, argv, changes):
        self._terminal, other = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "peak_images_cli", *map(str, argv)],
            stdin=other,
            stdout=other,
            stderr=other,
            env=_environment(**{"TERM": "xterm-256color", "COLUMNS": "140", **changes}),
            start_new_session=True,
        )
        os.close(other)
        self._read_so_far = b""

    @property
    def shown(self) -> str:
        """The output so far, without an incomplete character at its end."""
        return self._read_so_far.decode(errors="ignore").replace("\r\n", "\n")

    def read_until(self, text: str, seconds: float = 60) -> None:
        """Read until a text is seen."""
        deadline = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            assert self._read(), self.shown

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def end(self) -> int:
        """Read all output; return the exit code."""
        while self._read():
            pass
        return self._process.wait(60)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)

    def _read(self) -> bool:
        if not select.select([self._terminal], [], [], 60)[0]:
            return False
        try:
            chunk = os.read(self._terminal, 65536)
        except OSError:
            return False
        self._read_so_far += chunk
        return bool(chunk)


@pytest.fixture
def terminal():
    """Run the command line on a terminal."""
    opened = []

    def opening(*argv: object, **changes: str) -> Terminal:
        opened.append(Terminal(argv, changes))
        return opened[-1]

    yield opening
    for one in opened:
        one.close()
