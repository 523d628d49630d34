"""Real builds, where this machine has an engine that can."""

import functools
import os
import shutil
import subprocess
import time

import httpx
import pytest

from peak_images_local import LocalService, ServiceError
from peak_images_local.__main__ import main


@functools.cache
def _why_not():
    """Why no real build can be tried here; empty where one can."""
    if shutil.which("buildah") is None:
        return "buildah is not installed"
    environment = {**os.environ, "BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs"}
    done = subprocess.run(["buildah", "images"], capture_output=True, text=True, env=environment, check=False)
    return f"buildah can't run here: {done.stderr.strip()}" if done.returncode else ""


@pytest.fixture
def real(monkeypatch, tmp_path):
    """Creates an image of a service that builds for real; gives a function that waits for the build's end."""
    if why := _why_not():
        pytest.skip(why)
    monkeypatch.setenv("BUILDAH_ISOLATION", "chroot")
    monkeypatch.setenv("STORAGE_DRIVER", "vfs")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with LocalService(builder="buildah", delete_seconds=0) as service:
        http = httpx.Client(base_url=f"{service.url}/image-management/api/v2", headers={"Authorization": service.token})

        def create(artifact=None, details=None):
            form = {"name": (None, "real"), "type": (None, "api")}
            form |= {"buildDetails": (None, details)} if details else {}
            form |= {"artifact": ("artifact.zip", artifact, "application/zip")} if artifact else {}
            http.post("/images/", files=form).raise_for_status()
            return http

        def end(status):
            deadline = time.monotonic() + 90
            while (logs := http.get("/images/101/builds/301/logs").json())["buildStatus"] == "building":
                assert time.monotonic() < deadline
                time.sleep(0.05)
            log = [line["message"] for line in logs["logs"]]
            assert logs["buildStatus"] == status, log
            return log

        yield create, end
        http.close()
        assert service.violations == []


def test_an_upload_is_built(real, make_zip):
    create, end = real
    details = '{"source": "upload", "dockerfilePath": "images/Dockerfile", "context": "src", "useCache": false, \
        "buildArguments": [{"name": "HELLO", "value": "hidden-world"}]}'
    files = {"images/Dockerfile": "FROM scratch\nARG HELLO\nCOPY a.txt /\nLABEL hello=hidden-world\n", "src/a.txt": "a"}

    http = create(make_zip(files), details)
    log = end("success")

    assert log[0] == "Building the Docker image..."
    assert any("COPY a.txt /" in line for line in log)
    assert any("hello=***" in line for line in log)
    assert not any("hidden-world" in line for line in log)
    assert log[-1] == "The build succeeded"
    assert http.get("/images/101").json()["latestVersion"]["status"] == "ready"


def test_engine_builds_a_dockerfile(real):
    create, end = real

    create(details='{"source": "dockerfile", "dockerfile": "FROM scratch\\nLABEL a=b\\n"}')

    assert any("LABEL a=b" in line for line in end("success"))


def test_engine_output_is_in_the_log(real, make_zip):
    create, end = real

    create(make_zip({"Dockerfile": "FROM scratch\nCOPY missing /\n"}))
    log = end("failed")

    assert any("missing" in line and "no such file" in line for line in log)
    assert log[-1] == "The build failed"


def test_nothing_to_build_from(real, make_zip):
    create, end = real

    create(make_zip({"nothing": ""}))

    assert end("failed")[-1] == "The build failed"


def test_stopped_build_kills_its_process(monkeypatch, tmp_path, make_zip):
    """With an engine that never ends, so that it can only be stopped."""
    engine = tmp_path / "buildah"
    engine.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\necho started\nsleep 1000\n")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    form = {"name": (None, "slow"), "type": (None, "api"), "artifact": ("artifact.zip", make_zip(), "application/zip")}

    def started():
        deadline = time.monotonic() + 90
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process = int((tmp_path / "pid").read_text())
        (tmp_path / "pid").unlink()
        return process

    def gone(process):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                os.kill(process, 0)
            except ProcessLookupError:
                return True
            time.sleep(0.02)
        return False

    with LocalService(builder="buildah", data=tmp_path / "data") as service:
        http = httpx.Client(base_url=f"{service.url}/image-management/api/v2", headers={"Authorization": service.token})
        http.post("/images/", files=form).raise_for_status()
        first = started()
        http.patch("/images/101/versions/201", files={"description": (None, "x")}).raise_for_status()
        second = started()
        assert gone(first)
        builds = http.get("/images/101/builds").json()["builds"]
        assert [build["status"] for build in builds] == ["building", "stopped"]
        http.close()
    assert gone(second)

    with LocalService(data=tmp_path / "data") as service:
        http = httpx.Client(base_url=f"{service.url}/image-management/api/v2", headers={"Authorization": service.token})
        assert http.get("/images/101").json()["latestVersion"]["lastBuildStatus"] == "failed"
        assert "interrupted" in http.get("/images/101/builds/302/logs").json()["logs"][-1]["message"]
        http.close()


def test_an_engine_that_is_not_there(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServiceError, match="podman is not installed"):
        LocalService(builder="podman").start()
    assert main(["--port", "0", "--builder", "docker"]) == 1
    assert "docker is not installed" in capsys.readouterr().err
