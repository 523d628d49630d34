"""Build the wheel, the sdist and the wheel's SBOM: ``python scripts/build.py DIRECTORY``.

The SBOM (CycloneDX) lists what a new installation of the wheel with all its extras contains, as resolved now.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = ",".join(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])


def uv(*arguments: str | Path) -> None:
    """Run uv, which is beside the interpreter or on the path."""
    beside = Path(sys.prefix) / "bin/uv"
    subprocess.run([beside if beside.exists() else "uv", *arguments, "--quiet"], check=True)


def bill_of_materials(wheel: Path) -> str:
    """Return the SBOM of a wheel, as JSON."""
    with tempfile.TemporaryDirectory() as directory:
        python = Path(directory) / "bin/python"
        uv("venv", "--python", sys.executable, directory)
        uv("pip", "install", "--python", python, f"{wheel}[{EXTRAS}]")
        command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
        command += ["--pyproject", ROOT / "pyproject.toml", "--mc-type", "library", python]
        bill = json.loads(subprocess.check_output(command))
    # pyproject.toml has no version, which is read from the package.
    name, version = wheel.name.split("-")[:2]
    purl = f"pkg:pypi/{name.replace('_', '-')}@{version}"
    digest = {"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}
    bill["metadata"]["component"] |= {"version": version, "purl": purl, "hashes": [digest]}
    return json.dumps(bill, indent=2, sort_keys=True) + "\n"


def main(directory: Path) -> None:
    """Build everything into a directory, which stays unchanged if a build fails."""
    with tempfile.TemporaryDirectory() as built:
        uv("build", "--out-dir", built, ROOT)
        (wheel,) = Path(built).glob("*.whl")
        wheel.with_suffix(".cdx.json").write_text(bill_of_materials(wheel), encoding="utf-8")
        shutil.copytree(built, directory, ignore=shutil.ignore_patterns(".gitignore"), dirs_exist_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
