"""What is kept in a directory: over a stop, over a kill, for one process at a time."""

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import httpx
import pytest

from peak_images_local import LocalService, ServiceError
from peak_images_local.__main__ import main

DOCKERFILE = '{"source": "dockerfile", "dockerfile": "FROM x"}'


def _client(url, token="local-token"):
    return httpx.Client(base_url=f"{url}/image-management/api/v2", headers={"Authorization": token}, timeout=10)


def _create(http, name="kept", artifact=None):
    form = {"name": (None, name), "type": (None, "api")}
    if artifact is None:
        form["buildDetails"] = (None, DOCKERFILE)
    else:
        form["artifact"] = ("artifact.zip", artifact, "application/zip")
    return http.post("/images/", files=form)


def test_data_survives_a_restart(tmp_path, make_zip):
    with LocalService(data=tmp_path, build_seconds=0) as service, _client(service.url) as http:
        _create(http, artifact=make_zip()).raise_for_status()
        before = http.get("/images/101").json()
        log = http.get("/images/101/builds/301/logs").json()

    with LocalService(data=tmp_path) as service, _client(service.url) as http:
        assert http.get("/images/101").json() == before
        assert http.get("/images/101/builds/301/logs").json() == log
        assert set(service.control.uploaded_files(201)) == {"Dockerfile", "app.py"}
        assert _create(http, "next").json()["imageId"] == 102


def test_an_address_of_a_log_outlives_the_process(tmp_path):
    with LocalService(data=tmp_path, build_seconds=0) as service, _client(service.url) as http:
        _create(http)
        address = http.get("/images/101/builds/301/logs/download").json()["downloadUrl"]
        port = int(service.url.rpartition(":")[2])

    with LocalService(data=tmp_path, port=port):
        assert httpx.get(address).status_code == 200


def test_one_process_at_a_time(tmp_path, capsys):
    with LocalService(data=tmp_path) as service:
        with pytest.raises(ServiceError, match="in use by another"):
            LocalService(data=tmp_path).start()
        other = subprocess.run(
            [sys.executable, "-m", "peak_images_local", "--port", "0", "--data", str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        with _client(service.url) as http:
            assert _create(http).status_code == 200

    assert other.returncode == 1
    assert f"{tmp_path}/images.sqlite can't be opened: it is in use by another" in other.stderr
    assert "Traceback" not in other.stderr


def test_database_file_of_another_program_is_refused(tmp_path, capsys):
    (tmp_path / "images.sqlite").write_text("This is no database. " * 100)

    assert main(["--port", "0", "--data", str(tmp_path)]) == 1
    assert "not a database" in capsys.readouterr().err


def _start(directory):
    process = subprocess.Popen(
        [sys.executable, "-m", "peak_images_local", "--port", "0", "--data", str(directory), "--build-seconds", "100"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in process.stdout:
        if line.startswith("export PEAK_IMAGES_URL="):
            return process, line.strip().partition("=")[2]
    raise AssertionError("it hasn't started")


def _kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


def test_killed_in_the_middle_of_an_upload_and_a_build(tmp_path, make_zip):
    process, url = _start(tmp_path)
    with _client(url) as http:
        for number in range(5):
            _create(http, f"acknowledged-{number}", make_zip()).raise_for_status()
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(
            b"POST /image-management/api/v2/images/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: local-token\r\n"
            b"Content-Length: 9000000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
            b'--x\r\nContent-Disposition: form-data; name="artifact"; filename="a"\r\n\r\n' + bytes(3_000_000)
        )
        time.sleep(0.1)
        _kill(process)
    with sqlite3.connect(tmp_path / "images.sqlite") as database:
        database.execute("INSERT INTO uploads VALUES ('0123456789abcdef0123456789abcdef.zip')")
    database.close()
    (tmp_path / "artifacts" / "0123456789abcdef0123456789abcdef.zip.part").write_bytes(b"what a kill might leave")

    process, url = _start(tmp_path)
    with _client(url) as http:
        images = http.get("/images/").json()
        builds = http.get("/images/101/builds").json()["builds"]
        log = http.get("/images/101/builds/301/logs").json()
        assert http.get("/images/101/versions/201").json()["status"] == "not-ready"
        updated = http.patch("/images/101/versions/201", files={"description": (None, "again")})
    _kill(process)

    assert images["imageCount"] == 5
    assert builds[0]["status"] == log["buildStatus"] == "failed"
    assert log["logs"][-1]["message"] == "ERROR: The build was interrupted: the service had stopped"
    assert log["finishTime"] == builds[0]["finishedAt"]
    assert updated.status_code == 200, json.dumps(updated.json())
    assert len(list((tmp_path / "artifacts").iterdir())) == 5


def test_reset_clears_the_data_directory(tmp_path, make_zip):
    with LocalService(data=tmp_path) as service, _client(service.url) as http:
        _create(http, artifact=make_zip())
        service.reset()
        assert list((tmp_path / "artifacts").iterdir()) == []
        assert _create(http).json()["imageId"] == 101

    with LocalService(data=tmp_path) as service, _client(service.url) as http:
        assert http.get("/images/").json()["imageCount"] == 1


def test_interrupted_reset_leaves_no_artifact_after_the_next_start(tmp_path, make_zip, monkeypatch):
    with LocalService(data=tmp_path) as service, _client(service.url) as http:
        _create(http, artifact=make_zip())
        with monkeypatch.context() as patched:
            patched.setattr(service._running.artifacts, "discard_unused", lambda: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                service.reset()

    with LocalService(data=tmp_path):
        assert list((tmp_path / "artifacts").iterdir()) == []


def test_directory_in_place_of_the_database_is_refused(tmp_path, capsys):
    (tmp_path / "images.sqlite").mkdir()

    assert main(["--port", "0", "--data", str(tmp_path)]) == 1
    assert "images.sqlite is a directory" in capsys.readouterr().err
