"""Fixtures for the examples of the documentation: a local service, a working directory, and the commands."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))


@pytest.fixture
def service(monkeypatch):
    """An empty local service, named by the environment. Its builds take long enough to be updated while they run."""
    from peak_images_local import LocalService

    with LocalService(build_seconds=0.3, delete_seconds=0.05, seed=1) as running:
        monkeypatch.setenv("PEAK_IMAGES_URL", running.url)
        monkeypatch.setenv("PEAK_AUTH_TOKEN", running.token)
        yield running
        assert running.violations == []


@pytest.fixture
def workdir(tmp_path, monkeypatch):
    """The working directory of the examples, with ``image``, the directory that the documentation builds.

    The README names it by its path in the repository.
    """
    place = tmp_path / "work"
    for name in ("image", "examples/image"):
        shutil.copytree(ROOT / "examples" / "image", place / name)
    monkeypatch.chdir(place)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return place


@pytest.fixture
def quick(monkeypatch):
    """Shorten polling intervals, which are made for the platform."""
    from peak_images._deadline import Deadline

    pause = Deadline.pause
    monkeypatch.setattr(Deadline, "pause", lambda self, *given: min(pause(self, *given), 0.02))


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """The commands of this checkout on the ``PATH``, however it is installed."""
    place = tmp_path / "bin"
    place.mkdir()
    for name, module in (("peak-images", "peak_images_cli"), ("peak-images-local", "peak_images_local")):
        (place / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" -W error -m {module} "$@"\n')
        (place / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    paths = [str(ROOT / name) for name in ("cli", "wrapper", "generated", "local")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
