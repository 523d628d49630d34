"""A user's code, validated by the type checkers that users have."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

USER = Path(__file__).with_name("typed_user.py")
PYRIGHT = "pyright@1.1.414"


def test_mypy_accepts_it(tmp_path: Path) -> None:
    # From another folder, so that this project's own settings don't apply.
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}", str(USER)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.timeout(300)
def test_pyright_accepts_it(tmp_path: Path) -> None:
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("pyright runs on Node.js, which is not here")
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    shutil.copy(USER, tmp_path / USER.name)
    command = [npx, "--yes", PYRIGHT, "--pythonpath", sys.executable, "--project", str(tmp_path)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
