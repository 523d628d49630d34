"""What an attacker, an accident or a full disk can do to a service, and to what is near it."""

import io
import json
import os
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile

import httpx
import pytest

from peak_images_local import LocalService, ServiceError
from peak_images_local.builds import engine
from peak_images_local.request_log import MAX_BYTES, ReceivedRequest, RequestLog

ROUTES = ["/", "/image-management/api/v2/images/", "/image-management/api-docs/index.htm", "/control/requests"]


# The data directory: nothing of anybody else's is touched.


@pytest.mark.parametrize(
    "name", ["model.pkl", "artifacts/model.pkl", "images.sqlite-notes", ".git/config", "artifacts/0123456789.zip"]
)
def test_directory_with_foreign_files_is_refused_and_left_alone(tmp_path, name):
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("precious")

    with pytest.raises(ServiceError, match="something else"):
        LocalService(data=tmp_path).start()

    assert file.read_text() == "precious"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [file.name]


def test_foreign_files_among_the_artifacts_survive_restart_and_reset(tmp_path, make_api, make_zip):
    with LocalService(data=tmp_path) as service:
        make_api(service).create_image(artifact=make_zip())
    foreign = [tmp_path / "artifacts" / name for name in ("model.pkl", f"{'0' * 32}.zip", f"{'1' * 32}.zip.part")]
    for file in foreign:
        file.write_text("precious")

    with LocalService(data=tmp_path) as service:
        assert service.control.stored_artifacts() == 1
        service.reset()
        assert service.control.stored_artifacts() == 0

    assert all(file.read_text() == "precious" for file in foreign)


def test_emptied_database_deletes_no_artifact(tmp_path, make_api, make_zip):
    with LocalService(data=tmp_path) as service:
        make_api(service).create_image(artifact=make_zip())
    stored = list((tmp_path / "artifacts").iterdir())
    (tmp_path / "images.sqlite").write_bytes(b"")

    with LocalService(data=tmp_path):
        pass

    assert list((tmp_path / "artifacts").iterdir()) == stored


def test_files_are_private_in_a_directory_that_is_not(tmp_path, make_api, make_zip):
    directory = tmp_path / "shared"
    directory.mkdir(mode=0o755)
    old = os.umask(0)
    try:
        with LocalService(data=directory) as service:
            make_api(service).create_image(artifact=make_zip())
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.rglob("*") if path.is_file()}
    finally:
        os.umask(old)

    assert len(modes) >= 3
    assert set(modes.values()) == {0o600}


@pytest.mark.parametrize(
    "content",
    [
        b"not a database at all" * 100,
        b"SQLite format 3\0" + b"\xff" * 4096,
        "foreign",
        "cut",
        "flipped",
    ],
    ids=["text", "damaged head", "of another program", "cut off", "bytes flipped"],
)
def test_corrupt_or_foreign_database_is_refused_with_what_to_do(tmp_path, make_api, make_zip, content):
    file = tmp_path / "images.sqlite"
    if content == "foreign":
        with sqlite3.connect(file) as database:
            database.execute("CREATE TABLE songs (title)")
        database.close()
    elif isinstance(content, bytes):
        file.write_bytes(content)
    else:
        with LocalService(data=tmp_path) as service:
            for number in range(20):
                make_api(service).create_image(f"image-{number}")
        whole = file.read_bytes()
        middle = len(whole) // 2
        file.write_bytes(whole[:middle] if content == "cut" else whole[:8192] + b"\xaa" * 8192 + whole[16384:])
    before = file.read_bytes()

    with pytest.raises(ServiceError, match=r"images\.sqlite is damaged or of another program .*move it away"):
        LocalService(data=tmp_path).start()

    assert file.read_bytes() == before


def test_database_of_the_first_release_is_opened(tmp_path, make_api):
    with LocalService(data=tmp_path) as service:
        make_api(service).create_image()
    with sqlite3.connect(tmp_path / "images.sqlite") as database:
        database.execute("PRAGMA application_id = 0")
        database.execute("DROP TABLE uploads")
    database.close()

    with LocalService(data=tmp_path) as service:
        assert make_api(service).get("/images/").json()["imageCount"] == 1


def test_unusable_directory_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(ServiceError, match="file"):
        LocalService(data=tmp_path / "file" / "data").start()


@pytest.mark.skipif(not os.path.ismount("/dev/shm"), reason="needs a file system of its own to fill")
def test_full_disk_is_reported_plainly_and_loses_nothing(monkeypatch, make_api, make_zip):
    with LocalService() as service:
        api = make_api(service)
        api.image("before")
        store = service._state.artifacts
        monkeypatch.setattr(store, "_directory", store._directory.with_name("gone"))

        response = api.create_image("during", artifact=make_zip())

        assert response.status_code == 500
        assert "can't store" in response.json()["detail"]
        monkeypatch.undo()
        assert api.create_image("after", artifact=make_zip()).status_code == 200
        assert api.get("/images/").json()["imageCount"] == 2
        assert service.violations == []


# Who may send requests.


@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:1", "8.8.8.8", ""])
def test_foreign_host_is_refused_on_every_route(service, path, host):
    response = httpx.get(service.url + path, headers={"Host": host, "Authorization": service.token})

    assert response.status_code == 403
    assert "Host" in response.json()["detail"]


def test_foreign_host_changes_nothing(service, api):
    api.create_image()
    headers = {"Host": "evil.example", "Authorization": service.token}

    assert httpx.post(f"{service.url}/control/reset", headers=headers).status_code == 403
    assert api.http.delete("/images/101", headers=headers).status_code == 403
    assert api.get("/images/").json()["imageCount"] == 1


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "127.8.9.10", "[::1]:8080", "build.test"])
def test_own_names_are_served(host):
    with LocalService(allowed_hosts=["Build.test"]) as service:
        url = f"{service.url}/image-management/api/v2/images/"
        assert httpx.get(url, headers={"Host": host, "Authorization": service.token}).status_code == 200


def test_random_token_and_warning_on_a_network(caplog):
    with LocalService(host="0.0.0.0") as service, LocalService(host="0.0.0.0") as other:
        assert service.token != other.token
        assert len(service.token) >= 32
        url = f"{service.url}/image-management/api/v2/images/"
        assert httpx.get(url, headers={"Authorization": "local-token"}).status_code == 401
        assert httpx.get(url, headers={"Authorization": service.token, "Host": "192.0.2.7:80"}).status_code == 200
        assert httpx.get(url, headers={"Authorization": service.token, "Host": "evil.example"}).status_code == 403
    assert "other machines can reach it" in caplog.text


def test_random_token_and_warning_with_an_engine(monkeypatch, tmp_path, caplog):
    _install_engine(monkeypatch, tmp_path, "true")
    with LocalService(builder="docker") as service:
        assert len(service.token) >= 32
    assert "docker runs what Dockerfiles say" in caplog.text


def test_loopback_has_its_well_known_token_and_no_warning(caplog):
    with LocalService() as service, LocalService(host="0.0.0.0", token="mine") as other:
        assert service.token == "local-token"
        assert service.warnings == []
        assert other.token == "mine"


def test_unknown_builder_names_the_allowed_ones():
    with pytest.raises(ValueError, match="'foo' is not one of simulate, docker, podman, buildah"):
        LocalService(builder="foo")


# Sizes from outside.


def test_request_log_is_bounded_in_bytes():
    log = RequestLog()
    for _ in range(1000):
        log.append(ReceivedRequest("POST", "/x", fields={"description": "x" * 60_000}))

    kept = list(log)

    assert 0 < len(kept) < 1000
    assert sum(len(repr(request)) for request in kept) < MAX_BYTES


def test_large_fields_are_recorded_shortened(api, service):
    api.create_image(description="x" * 900_000)

    [request] = service.requests
    assert len(request.fields["description"]) < 100_000
    assert "900000 characters" in request.fields["description"]


def test_form_of_many_large_fields_is_refused(api, refused):
    refused(api.create_image(**{f"field-{n}": "x" * 900_000 for n in range(8)}), 413, "fields of the form")


@pytest.mark.parametrize("path", ["/images/{}", "/images/101/versions/{}", "/images/101/builds/{}/logs"])
@pytest.mark.parametrize("digits", [19, 64, 65, 4301, 5000])
def test_ids_of_any_length_are_not_found(api, refused, path, digits):
    api.create_image()

    refused(api.get(path.format("9" * digits)), 404, "There is no")


def test_numbers_of_any_length_in_queries(api):
    api.create_image()

    assert api.get("/images/", pageNumber="9" * 5000).json()["images"] == []
    assert api.get("/images/101/builds", count="9" * 5000).json()["buildCount"] == 1
    assert api.get("/images/101/builds", versions="9" * 5000).json()["buildCount"] == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("d/" * 32_000 + "f", "too long"),
        ("d/" * 1100 + "f", "too long"),
        ("x" * 256, "255 bytes"),
        ("é" * 128, "255 bytes"),
        (("x" * 200 + "/") * 30 + "f", "too long"),
    ],
)
def test_deep_and_long_paths_in_an_artifact_are_refused(api, refused, make_zip, name, words):
    refused(api.create_image(artifact=make_zip({"Dockerfile": "FROM scratch", name: ""})), 422, words)


# Builds: each ends, with a line that says why.


def test_simulated_build_that_breaks_ends_as_failed(api, make_zip, monkeypatch):
    def break_down(*arguments):
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr("peak_images_local.builds.simulate.plan_steps", break_down)

    assert api.create_image().status_code == 200
    api.service.control.finish_builds()

    assert api.last_build(101)["status"] == "failed"
    assert any("RecursionError" in line for line in api.log(101))


def _install_engine(monkeypatch, directory, script):
    """Puts a docker of our own on the PATH, which does what a real one might."""
    command = directory / "docker"
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{directory}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def build(monkeypatch, tmp_path, make_api):
    """Builds by an engine that runs a script; gives the status and the log."""

    def run(script, artifact=None, **fields):
        _install_engine(monkeypatch, tmp_path, script)
        with LocalService(builder="docker") as service:
            api = make_api(service)
            response = api.create_image(artifact=artifact, **fields)
            assert response.status_code == 200, response.text
            deadline = time.monotonic() + 50
            while api.last_build(101)["status"] == "building":
                assert time.monotonic() < deadline
                time.sleep(0.05)
            text = httpx.get(api.get("/images/101/builds/301/logs/download").json()["downloadUrl"]).text
            lines = [line.split(" ", 1)[1] for line in text.splitlines()]
            assert service.violations == []
            return api.last_build(101)["status"], lines

    return run


def test_endless_line_of_a_real_build_is_bounded(build):
    status, lines = build("head -c 30000000 /dev/zero | tr '\\0' x; echo; echo done; exit 3")

    assert status == "failed"
    assert max(map(len, lines)) <= engine.MAX_LINE_LENGTH
    assert sum(map(len, lines)) < engine.MAX_LOG_BYTES + 2 * engine.MAX_LINE_LENGTH
    assert "the rest is not kept" in lines[-3]
    assert lines[-2:] == ["ERROR: the builder ended with status 3", "The build failed"]


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"buildArguments": [{"name": "A", "value": "x\0y"}]}, "null character"),
        ({"buildArguments": [{"name": "A", "value": "x" * 500_000}]}, "can't be started"),
        ({"dockerfilePath": "../../../etc/passwd"}, "../../../etc/passwd"),
        ({"dockerfilePath": "/etc/passwd"}, "/etc/passwd"),
        ({"dockerfilePath": "nowhere"}, "nowhere"),
        ({"context": "../.."}, "../.."),
        ({"context": "nowhere"}, "nowhere"),
    ],
)
def test_real_build_that_cannot_start_ends_with_a_line_that_says_why(build, make_zip, details, words):
    status, lines = build("echo built; exit 0", make_zip(), buildDetails={"source": "upload", **details})

    assert status == "failed"
    assert words in lines[-2]
    assert lines[-1] == "The build failed"
    assert "built" not in lines


def test_real_build_whose_artifact_is_gone_ends_as_failed(build, make_zip, monkeypatch):
    original = engine._Build._prepare

    def prepare(self, directory, artifact):
        artifact.unlink()
        return original(self, directory, artifact)

    monkeypatch.setattr(engine._Build, "_prepare", prepare)
    status, lines = build("exit 0", make_zip())

    assert status == "failed"
    assert "upload it again" in lines[-2]


@pytest.mark.parametrize("how", ["TERM", "HUP", "INT", "KILL"])
def test_nothing_outlives_the_service(tmp_path, monkeypatch, how, make_zip):
    marker = tmp_path / "pid"
    _install_engine(monkeypatch, tmp_path, f"echo $$ > {marker}; sleep 1000 & sleep 1000")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "peak_images_local", "--port", "0", "--builder", "docker", "--token", "t"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        url = process.stdout.readline().split()[-1]
        form = {"name": (None, "a"), "type": (None, "api"), "artifact": ("a.zip", make_zip(), "application/zip")}
        httpx.post(f"{url}/image-management/api/v2/images/", files=form, headers={"Authorization": "t"}, timeout=20)
        deadline = time.monotonic() + 30
        while not marker.exists() or not marker.read_text().strip():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        subprocess.run(["kill", f"-{how}", str(process.pid)], check=True)
        process.communicate(timeout=20)

    while _is_running(int(marker.read_text())):
        assert time.monotonic() < deadline + 20
        time.sleep(0.05)
    if how == "KILL":
        assert list(temporary.iterdir())
        monkeypatch.setattr("tempfile.tempdir", str(temporary))
        with LocalService():
            pass
    assert list(temporary.iterdir()) == []


def _is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended and that nobody has waited for isn't running.
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    return "Z" not in subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_workspace_of_a_running_service_is_not_removed():
    with LocalService() as service:
        with LocalService():
            pass
        assert service._state.workspace.path.is_dir()


# Test controls: checked like the API's own bodies.


@pytest.mark.parametrize(
    ("action", "arguments", "words"),
    [
        ("fail-next", {"path": 5}, ["path", "5", "string"]),
        ("fail-next", {"count": 10**12}, ["count"]),
        ("fail-next", {"count": 0}, ["count"]),
        ("fail-next", {"status": 99}, ["status"]),
        ("fail-next", {"drop": "slam"}, ["drop", "slam", "close, reset"]),
        ("fail-next", {"headers": {"Bad Name": "x"}}, ["headers", "Bad Name"]),
        ("fail-next", {"headers": {"X": "a\r\nSet-Cookie: b"}}, ["headers.X"]),
        ("fail-next", {"headers": ["x"]}, ["headers", "object"]),
        ("fail-next", {"delay": "long"}, ["delay", "number"]),
        ("fail-next", {"colour": "red"}, ["colour"]),
        ("set-tags", {"version_id": 201, "tags": [1]}, ["tags.0", "1", "string"]),
        ("set-tags", {"version_id": 201, "tags": "red"}, ["tags", "array"]),
        ("set-tags", {"version_id": 201}, ["tags", "missing"]),
        ("set-scope", {"image_id": 101, "scope": None}, ["scope", "custom, global"]),
        ("set-scope", {"image_id": 101, "scope": "world"}, ["scope", "custom, global"]),
        ("set-scope", {"image_id": "x", "scope": "global"}, ["image_id", "integer"]),
        ("put-in-use", {"version_id": 10**30}, ["version_id"]),
        ("put-in-use", {"version_id": 201, "used": "yes"}, ["used", "boolean"]),
        ("advance-clock", {"seconds": 1e300}, ["seconds"]),
        ("advance-clock", {}, ["seconds", "missing"]),
        ("next-build", {"seconds": -1}, ["seconds"]),
        ("next-build", {"failure": {}}, ["failure", "string"]),
        ("reset", {"everything": True}, ["everything"]),
    ],
)
def test_bad_control_values_are_refused_and_change_nothing(api, service, refused, action, arguments, words):
    api.image()
    before = api.get("/images/").json()
    headers = {"Authorization": service.token}

    refused(httpx.post(f"{service.url}/control/{action}", json=arguments, headers=headers), 422, *words)

    assert api.get("/images/").json() == before


@pytest.mark.parametrize(
    ("action", "arguments", "words"),
    [
        ("fail_next", {"path": 5}, "path: 5"),
        ("fail_next", {"count": 10**12}, "count"),
        ("set_tags", {"version_id": 201, "tags": [1]}, "tags"),
        ("set_scope", {"image_id": 101, "scope": None}, "scope"),
        ("put_in_use", {"version_id": "201"}, "version_id"),
        ("next_build", {"seconds": float("inf")}, "seconds"),
    ],
)
def test_bad_control_values_are_value_errors(service, action, arguments, words):
    with pytest.raises(ValueError, match=words):
        getattr(service.control, action)(**arguments)


# Clocks.


def test_advanced_clock_hides_nothing_after_a_restart(tmp_path, make_api):
    with LocalService(data=tmp_path) as service:
        service.control.clock.advance(864_000)
        make_api(service).image()

    with LocalService(data=tmp_path) as service:
        api = make_api(service)
        assert api.get("/images/101/builds").json()["buildCount"] == 1
        assert api.log(101)[-1] == "The build succeeded"


def test_clock_set_back_hides_nothing(tmp_path, make_api, monkeypatch):
    from peak_images_local.clock import Clock

    wall = Clock._wall
    with LocalService(data=tmp_path) as service:
        api = make_api(service)
        api.image()
        log = api.log(101)
        monkeypatch.setattr(Clock, "_wall", staticmethod(lambda: wall() - 7 * 86_400_000))
        assert api.get("/images/101/builds").json()["buildCount"] == 1
        assert api.log(101) == log

    with LocalService(data=tmp_path) as service:
        api = make_api(service)
        assert api.get("/images/101/builds").json()["buildCount"] == 1
        assert api.log(101) == log
        assert api.create_version(101).status_code == 200


# Connections.


def test_idle_connection_is_closed(monkeypatch):
    monkeypatch.setattr("peak_images_local.server.HEAD_SECONDS", 0.2)
    with LocalService() as service:
        for start in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "):
            with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), timeout=10) as connection:
                connection.sendall(start)
                assert connection.recv(1000) == b""


def test_body_that_stops_coming_ends_the_connection(monkeypatch):
    monkeypatch.setattr("peak_images_local.api.fault_middleware._BODY_IDLE_SECONDS", 0.2)
    with LocalService() as service:
        with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), timeout=10) as connection:
            connection.sendall(
                b"POST /image-management/api/v2/images/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: local-token\r\n"
                b"Content-Length: 9000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
            )
            assert connection.recv(1000) == b""
        assert service.violations == []


def test_many_idle_connections_do_not_keep_others_out(monkeypatch):
    monkeypatch.setattr("peak_images_local.server.max_connections", lambda: 20)
    with LocalService() as service:
        address = ("127.0.0.1", int(service.url.rpartition(":")[2]))
        idle = [socket.create_connection(address, timeout=10) for _ in range(60)]
        try:
            for _ in range(5):
                response = httpx.get(
                    f"{service.url}/image-management/api/v2/images/", headers={"Authorization": service.token}
                )
                assert response.status_code == 200
        finally:
            for connection in idle:
                connection.close()


def test_connection_beyond_the_limit_is_refused_when_all_are_at_work(monkeypatch):
    monkeypatch.setattr("peak_images_local.server.max_connections", lambda: 3)
    with LocalService() as service:
        service.control.fail_next(3, delay=5, path="/images/")
        address = ("127.0.0.1", int(service.url.rpartition(":")[2]))
        request = (
            b"GET /image-management/api/v2/images/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: local-token\r\n\r\n"
        )
        busy = [socket.create_connection(address, timeout=10) for _ in range(3)]
        try:
            for connection in busy:
                connection.sendall(request)
            time.sleep(0.2)
            with socket.create_connection(address, timeout=10) as connection:
                assert connection.recv(1000).startswith(b"HTTP/1.1 503")
        finally:
            for connection in busy:
                connection.close()


# An artifact that someone has deleted or damaged.


@pytest.mark.parametrize("damage", ["gone", "cut", "empty", "text"])
def test_missing_or_cut_artifact_on_update_is_an_error_of_the_api(tmp_path, make_api, make_zip, refused, damage):
    with LocalService(data=tmp_path) as service:
        api = make_api(service)
        service.control.next_build(failure="no space left")
        api.image(artifact=make_zip())
        [file] = (tmp_path / "artifacts").iterdir()
        content = {"cut": file.read_bytes()[:-30], "empty": b"", "text": b"hello"}
        file.unlink() if damage == "gone" else file.write_bytes(content[damage])

        refused(api.update_version(101, 201, description="again"), 422, "artifact", "upload it again")

        assert api.update_version(101, 201, artifact=make_zip()).status_code == 200
        assert service.violations == []


def test_zip_with_lies_about_its_sizes_is_refused(api, refused):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Dockerfile", "FROM scratch")
        archive.writestr("bomb", bytes(5_000_000))
    data = bytearray(buffer.getvalue())
    place = data.rindex(b"PK\x01\x02")
    data[place + 24 : place + 28] = (10).to_bytes(4, "little")

    refused(api.create_image(artifact=bytes(data)), 422, "artifact")


def test_requests_of_a_service_are_logged_one_line_each(api, caplog):
    caplog.set_level("INFO", logger="peak_images_local.requests")
    api.get("/images/", status="done")
    api.http.get("/images/%1b[31m")

    lines = [record.getMessage() for record in caplog.records if record.name == "peak_images_local.requests"]
    assert lines[0].startswith("GET /image-management/api/v2/images/?status=done 422 ")
    assert "not-ready, ready" in lines[0]
    assert all(line.isprintable() for line in lines)
    assert json.dumps(lines)
