"""Installing compiles nothing: there are wheels of all dependencies for each system and Python that is supported."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
SYSTEMS = {
    "manylinux": "x86_64-manylinux_2_28",
    "musllinux": "x86_64-unknown-linux-musl",
    "macos": "aarch64-apple-darwin",
    "windows": "x86_64-pc-windows-msvc",
}


def resolve(system: str, python: str) -> subprocess.CompletedProcess[str]:
    """Resolve the core and its extras to wheels, without installing them."""
    command = ["uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--extra", "local", "--extra", "cli"]
    command += ["--only-binary", ":all:", "--python-platform", system, "--python-version", python, "pyproject.toml"]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("system", SYSTEMS.values(), ids=SYSTEMS)
def test_wheels_of_all_dependencies_are_published(system: str, python: str) -> None:
    resolved = resolve(system, python)
    if "error sending request" in resolved.stderr.lower() or "failed to fetch" in resolved.stderr.lower():
        pytest.skip("there is no package index here")
    assert resolved.returncode == 0, resolved.stderr
    assert "\ndeflate==" in resolved.stdout
