"""What is published: built, looked into, and installed where nothing else is."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = (
    "peak_images_api",
    "peak_build_context",
    "peak_images",
    "peak/resources/images",
    "peak_images_local",
    "peak_images_cli",
)
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")

pytestmark = pytest.mark.timeout(300)

USE = {
    "": "import peak_images; peak_images.get_client(peak_images.Session('a-token'))",
    "local": (
        "from peak.resources import images; from peak_images_local import LocalService\n"
        "with LocalService() as service, images.Session(service.token, base_url=service.url) as session:\n"
        "    assert list(images.get_client(session).list_images()) == []"
    ),
    "cli": "import subprocess, sys; subprocess.run([sys.prefix + '/bin/peak-images', '--help'], check=True)",
}
"""By extra, code that needs it."""


def run(*command: str | Path, **environment: str) -> str:
    outcome = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment}
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout


def build(folder: Path) -> Path:
    run(sys.executable, ROOT / "scripts/build.py", folder, SOURCE_DATE_EPOCH="1735689600")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("package", PACKAGES)
def test_wheel_contains_the_packages_and_py_typed(in_wheel: set[str], package: str) -> None:
    assert {f"{package}/__init__.py", f"{package}/py.typed"} <= in_wheel


def test_the_wheel_has_what_the_packages_read(in_wheel: set[str]) -> None:
    assert {"peak_images_local/images.yaml", "peak_images_api/operations.json"} <= in_wheel


def test_the_wheel_adds_to_the_namespace_and_takes_nothing_of_it(in_wheel: set[str]) -> None:
    assert in_wheel.isdisjoint({"peak/__init__.py", "peak/resources/__init__.py"})


def test_the_wheel_has_nothing_else(in_wheel: set[str]) -> None:
    roots = {name.partition("/")[0] for name in in_wheel}
    assert {root for root in roots if not root.endswith(".dist-info")} == {name.partition("/")[0] for name in PACKAGES}
    assert not [name for name in in_wheel if name.rsplit("/", 1)[-1].startswith(("test_", "conftest"))]


def test_the_wheel_has_its_licence_and_commands(in_wheel: set[str], wheel: Path) -> None:
    (licence,) = (name for name in in_wheel if name.endswith("/licenses/LICENSE"))
    with zipfile.ZipFile(wheel) as archive:
        assert b"Apache License" in archive.read(licence)
        commands = archive.read(licence.replace("licenses/LICENSE", "entry_points.txt")).decode()
    assert "peak-images-local = peak_images_local.__main__:main" in commands
    assert "peak-images = peak_images_cli.__main__:main" in commands


def test_sdist_can_build_test_and_document_itself(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = set(run("git", "ls-files").splitlines()) if (ROOT / ".git").exists() else {"tox.ini", "tests/conftest.py"}
    assert {name for name in tracked - names if not name.startswith(".github/")} == set()


def test_two_builds_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert {file.name: file.read_bytes() for file in again.iterdir()} == {
        file.name: file.read_bytes() for file in built.iterdir()
    }


@pytest.fixture(scope="module")
def bill(wheel: Path) -> dict[str, Any]:
    """The SBOM."""
    text = wheel.with_suffix(".cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    return dict(json.loads(text))


def test_the_sbom_is_of_this_very_wheel(bill: dict[str, Any], wheel: Path) -> None:
    component = bill["metadata"]["component"]
    assert component["purl"] == f"pkg:pypi/peak-images@{wheel.name.split('-')[1]}"
    assert component["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}]


def test_the_sbom_has_all_dependencies_with_their_versions_and_licences(bill: dict[str, Any]) -> None:
    found = {canonicalize_name(component["name"]): component for component in bill["components"]}
    needed = {Requirement(text) for text in requires("peak-images") or []}
    assert {canonicalize_name(requirement.name) for requirement in needed} <= found.keys()
    assert all(
        requirement.specifier.contains(found[canonicalize_name(requirement.name)]["version"]) for requirement in needed
    )
    assert [name for name, component in found.items() if not component.get("licenses")] == []


def test_no_dependency_has_a_known_vulnerability(bill: dict[str, Any], tmp_path: Path) -> None:
    pinned = "".join(f"{component['name']}=={component['version']}\n" for component in bill["components"])
    (tmp_path / "pinned.txt").write_text(pinned)
    command = [sys.executable, "-m", "pip_audit", "--requirement", tmp_path / "pinned.txt"]
    command += ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    audited = subprocess.run(command, check=False, capture_output=True, text=True)
    told = json.loads(audited.stdout)["dependencies"] if audited.stdout else []
    if all("skip_reason" in dependency for dependency in told):
        pytest.skip("the database of vulnerabilities can't be asked from here")
    assert [dependency for dependency in told if dependency.get("vulns")] == []


@pytest.fixture(params=PYTHONS)
def empty_environment(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    found = subprocess.run(["uv", "python", "find", "--no-project", request.param], check=False, capture_output=True)
    if found.returncode:
        pytest.skip(f"Python {request.param} is not here")
    run("uv", "venv", "--quiet", "--python", request.param, tmp_path / "venv")
    return tmp_path / "venv/bin/python"


@pytest.mark.parametrize("extra", USE)
def test_it_installs_into_an_empty_environment_and_works(empty_environment: Path, wheel: Path, extra: str) -> None:
    wanted = f"{wheel}[{extra}]" if extra else str(wheel)
    run("uv", "pip", "install", "--quiet", "--python", empty_environment, wanted)
    run(empty_environment, "-W", "error", "-c", "from peak.resources import images")
    run(empty_environment, "-W", "error", "-c", USE[extra])


def test_the_versions_agree(wheel: Path) -> None:
    code = "import peak_images; print(peak_images.__version__)"
    assert wheel.name.split("-")[1] == run(sys.executable, "-c", code).strip()


def test_a_users_code_is_typed_by_what_is_installed(wheel: Path, tmp_path: Path) -> None:
    run("uv", "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    run("uv", "pip", "install", "--quiet", "--python", tmp_path / "venv/bin/python", wheel, "mypy")
    (tmp_path / "user.py").write_bytes((ROOT / "tests/external_validators/typed_user.py").read_bytes())
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    run(tmp_path / "venv/bin/mypy", "--config-file", tmp_path / "mypy.ini", tmp_path / "user.py")
