"""The fixtures for people's own tests, as pytest finds them."""

import importlib.metadata
import os
import pathlib
import subprocess
import sys

import pytest

PLUGIN = "peak_images_local.pytest_plugin"


def _run(directory, text, *options, passes=True, autoload=False):
    (directory / "test_own.py").write_text(text)
    # Installed, the package announces its plugin; in a source tree it has to be named. The plugins of others take
    # longer to load than these tests to run, so one test does it.
    known = {entry.value for entry in importlib.metadata.entry_points(group="pytest11")}
    named = [] if autoload and PLUGIN in known else ["-p", PLUGIN]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        *named,
        *options,
        "test_own.py",
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(str(pathlib.Path(path).resolve()) for path in sys.path)}
    if not autoload:
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=150, check=False
    )
    assert (done.returncode == 0) is passes, done.stdout + done.stderr
    return done.stdout


def test_fixture_starts_a_service_for_each_test(tmp_path):
    _run(
        tmp_path,
        """
import os
import urllib.request

import pytest


@pytest.mark.parametrize("run", [1, 2, 3])
def test_own(peak_images_service, run):
    assert os.environ["PEAK_IMAGES_URL"] == peak_images_service.url
    assert os.environ["PEAK_AUTH_TOKEN"] == peak_images_service.token
    assert "STAGE" not in os.environ
    assert peak_images_service.requests == []
    request = urllib.request.Request(
        peak_images_service.url + "/image-management/api/v2/images/",
        headers={"Authorization": peak_images_service.token},
    )
    with urllib.request.urlopen(request) as response:
        assert b'"imageCount":0' in response.read()


def test_after():
    assert "PEAK_IMAGES_URL" not in os.environ
""",
        autoload=True,
    )


def test_client_fixture(tmp_path):
    pytest.importorskip("peak.resources.images")
    _run(
        tmp_path,
        """
from peak.resources import images


def test_own(peak_images_client, peak_images_service):
    body = {"name": "own", "type": "api", "buildDetails": {"source": "dockerfile", "dockerfile": "FROM scratch"}}
    ids = peak_images_client.create_image(body)
    with images.get_client() as client:
        assert client.describe_image(ids["imageId"])["name"] == "own"
    assert [request.problems for request in peak_images_service.requests] == [(), ()]
""",
    )


CALLS = """
import urllib.error
import urllib.request

from peak.resources import images

BODY = {"name": "own", "type": "api", "buildDetails": {"source": "dockerfile", "dockerfile": "FROM scratch"}}


def get(service, path):
    request = urllib.request.Request(service.url + path, headers={"Authorization": service.token})
    try:
        urllib.request.urlopen(request).close()
    except urllib.error.HTTPError as error:
        error.close()


def test_right(STRICT):
    with images.get_client() as client:
        client.create_image(BODY)


def test_nested_field(STRICT):
    with images.get_client() as client:
        client.create_image({**BODY, "buildDetails": {**BODY["buildDetails"], "usecache": False}})


def test_path(STRICT):
    get(STRICT, "/image-management/api/v2/images")


def test_other_root(STRICT):
    get(STRICT, "/api/images/")


def test_parameter(STRICT):
    get(STRICT, "/image-management/api/v2/images/?pagesize=5")


def test_value(STRICT):
    get(STRICT, "/image-management/api/v2/images/?pageSize=0")
"""
PROBLEMS = [
    "POST /image-management/api/v2/images/: buildDetails.usecache: the contract doesn't declare it; did you mean",
    "GET /image-management/api/v2/images: the contract has no such operation",
    "GET /api/images/: the contract has no such operation",
    "GET /image-management/api/v2/images/: pagesize: the contract doesn't declare it; did you mean pageSize?",
    "GET /image-management/api/v2/images/: pageSize: 0 is less than 1",
]


@pytest.mark.parametrize(
    ("fixture", "options"),
    [("peak_images_strict", []), ("peak_images_service", ["-o", "peak_images_strict=true"])],
)
def test_strict_service_fails_a_test_that_sends_what_the_contract_does_not_allow(tmp_path, fixture, options):
    output = _run(tmp_path, CALLS.replace("STRICT", fixture), *options, "-W", "ignore::UserWarning", passes=False)

    assert "6 passed, 5 errors" in output
    assert "test_right" not in output
    for problem in PROBLEMS:
        assert problem in output


def test_service_is_not_strict_by_default(tmp_path):
    output = _run(tmp_path, CALLS.replace("STRICT", "peak_images_service"), "-W", "ignore::UserWarning")

    assert "6 passed" in output


def test_loading_it_imports_nothing():
    code = f"import sys, {PLUGIN}; print([name for name in ('starlette', 'openapi_core') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_names_are_lazy_and_known():
    import peak_images_local

    assert set(peak_images_local.__all__) <= set(dir(peak_images_local))
    for name in peak_images_local.__all__:
        assert getattr(peak_images_local, name).__name__ == name
    with pytest.raises(AttributeError, match="nonsense"):
        _ = peak_images_local.nonsense


def test_missing_dependency_is_named(monkeypatch):
    import peak_images_local

    monkeypatch.delitem(vars(peak_images_local), "LocalService", raising=False)
    monkeypatch.delitem(sys.modules, "peak_images_local.service", raising=False)
    monkeypatch.setitem(sys.modules, "peak_images_local.server", None)

    with pytest.raises(ImportError, match=r"peak-images\[local\]"):
        _ = peak_images_local.LocalService
