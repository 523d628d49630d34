"""The service, judged by Schemathesis with the contract: what it accepts, refuses and responses."""

import os
import pathlib
import subprocess
import sys

import httpx
import pytest

from peak_images_local import LocalService
from peak_images_local.api import contract

pytest.importorskip("schemathesis")

HERE = pathlib.Path(__file__).parent
PREFIX = "/image-management/api/v2"

RUNS = {
    "examples, fuzzing, stateful": ["--phases", "examples,fuzzing,stateful", "--max-examples", "15"],
    "coverage of what has no form": ["--phases", "coverage", "--include-method", "GET", "--include-method", "DELETE"],
    # Of forms it takes some that are valid for invalid ones, and it crashes on the form of update_version.
    "coverage of the forms": [
        *("--phases", "coverage", "--include-method", "POST"),
        *("--exclude-checks", "negative_data_rejection"),
    ],
}


@pytest.mark.parametrize("arguments", RUNS.values(), ids=RUNS)
def test_no_failure(arguments, tmp_path):
    (tmp_path / "images.yaml").write_text(contract.read_contract())
    with LocalService(build_seconds=0, delete_seconds=0) as service:
        # The ids of the contract's examples are those of this image, which can't be deleted.
        details = '{"source": "dockerfile", "dockerfile": "FROM scratch"}'
        form = {"name": (None, "kept"), "type": (None, "api"), "buildDetails": (None, details)}
        url, headers = f"{service.url}{PREFIX}", {"Authorization": service.token}
        httpx.post(f"{url}/images/", files=form, headers=headers).raise_for_status()
        service.control.put_in_use(201)

        command = [sys.executable, "-m", "schemathesis.cli", "run", str(tmp_path / "images.yaml"), "--url", url]
        options = ["-H", f"Authorization: {service.token}", "--no-color", "--seed", "1", "--workers", "1"]
        done = subprocess.run(
            [*command, *options, *arguments],
            cwd=tmp_path,
            env={**os.environ, "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py")},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

        assert done.returncode == 0, done.stdout[-20_000:]
        assert service.violations == []
        assert len(service.requests) > 50
