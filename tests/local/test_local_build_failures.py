"""Builds that break: each ends, with a line that says why, and none outlives the service."""

import os
import signal
import subprocess
import sys
import time

import httpx
import pytest

from peak_images_local import LocalService
from peak_images_local.builds import engine
from tests.local.engine import install_engine


def test_simulated_build_that_breaks_ends_as_failed(api, make_zip, monkeypatch):
    def break_down(*arguments):
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr("peak_images_local.builds.simulate.plan_steps", break_down)

    assert api.create_image().status_code == 200
    api.service.control.finish_builds()

    assert api.last_build(101)["status"] == "failed"
    assert any("RecursionError" in line for line in api.log(101))


@pytest.fixture
def build(monkeypatch, tmp_path, make_api):
    """Builds by an engine that runs a script; gives the status and the log."""

    def run(script, artifact=None, **fields):
        install_engine(monkeypatch, tmp_path, script)
        with LocalService(builder="docker") as service:
            api = make_api(service)
            response = api.create_image(artifact=artifact, **fields)
            assert response.status_code == 200, response.text
            deadline = time.monotonic() + 90
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
    assert lines[-3] == "WARNING: the log is too long; the rest is not kept"
    assert lines[-2:] == ["ERROR: the builder ended with status 3", "The build failed"]


def test_endless_lines_of_a_real_build_are_bounded(build):
    status, lines = build("yes '' | head -2000000; echo done")

    assert status == "success"
    assert 10_000 < len(lines) < 100_000
    assert lines[-2] == "WARNING: the log is too long; the rest is not kept"


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
def test_real_build_that_cannot_start_logs_the_reason(build, make_zip, details, words):
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
    install_engine(monkeypatch, tmp_path, f"echo $$ > {marker}; sleep 1000 & sleep 1000")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    command = [sys.executable, "-m", "peak_images_local", "--port", "0", "--builder", "docker", "--token", "t"]
    # Where the tests run under nohup or in the background, the service would ignore these signals too.
    inherited = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGHUP, signal.SIGINT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        for number, handler in inherited.items():
            signal.signal(number, handler)
        url = process.stdout.readline().split()[-1]
        form = {"name": (None, "a"), "type": (None, "api"), "artifact": ("a.zip", make_zip(), "application/zip")}
        httpx.post(f"{url}/image-management/api/v2/images/", files=form, headers={"Authorization": "t"}, timeout=20)
        deadline = time.monotonic() + 90
        while not marker.exists() or not marker.read_text().strip():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        subprocess.run(["kill", f"-{how}", str(process.pid)], check=True)
        process.communicate(timeout=60)

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


def test_background_process_of_a_build_is_killed_when_the_build_ends(build, tmp_path):
    status, lines = build(f"sleep 1000 & echo $! > {tmp_path}/pid; echo done")

    assert (status, lines[-2:]) == ("success", ["done", "The build succeeded"])
    deadline = time.monotonic() + 90
    while _is_running(int((tmp_path / "pid").read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_process_that_left_the_group_and_keeps_the_output_open_does_not_hold_up_the_build(build, tmp_path):
    status, lines = build(f"setsid sh -c 'echo $$ > {tmp_path}/pid; exec sleep 1000' & sleep 0.5; exit 3")
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)

    assert (status, lines[-2]) == ("failed", "ERROR: the builder ended with status 3")


def test_service_stops_while_a_command_that_closed_its_output_runs(monkeypatch, tmp_path, make_api):
    install_engine(monkeypatch, tmp_path, f"echo $$ > {tmp_path}/pid; exec >&- 2>&-; sleep 1000")
    with LocalService(builder="docker") as service:
        assert make_api(service).create_image().status_code == 200
        deadline = time.monotonic() + 90
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    while _is_running(int((tmp_path / "pid").read_text())):
        assert time.monotonic() < deadline + 20
        time.sleep(0.05)


def test_reset_stops_a_real_build_so_that_it_writes_into_no_later_one(monkeypatch, tmp_path, make_api):
    script = f"if mkdir {tmp_path}/first 2>&-; then while :; do echo old; sleep 0.01; done; fi; sleep 0.5; echo new"
    install_engine(monkeypatch, tmp_path, script)
    with LocalService(builder="docker", seed=1) as service:
        api = make_api(service)
        api.create_image()
        deadline = time.monotonic() + 30
        while "old" not in api.log(101):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        service.reset()
        api.create_image()
        while api.last_build(101)["status"] == "building":
            assert time.monotonic() < deadline
            time.sleep(0.02)

        assert api.log(101) == ["Building the Docker image...", "new", "The build succeeded"]


def test_build_arguments_of_several_lines_or_that_begin_alike_are_masked_whole(build):
    arguments = [("SHORT", "secret"), ("LONG", "secret-and-more"), ("KEY", "begin\nfirst-half\r\nother-half\nend")]
    details = {"source": "dockerfile", "dockerfile": "FROM scratch"}
    details["buildArguments"] = [{"name": name, "value": value} for name, value in arguments]
    status, lines = build("""printf '%s\\n' "$@" """, buildDetails=details)

    assert status == "success"
    assert {"SHORT=***", "LONG=***", "KEY=***", "***"} <= set(lines)
    assert not [line for line in lines if "more" in line or "half" in line]


def test_page_of_a_log_of_long_lines_of_digits_is_shown(monkeypatch, tmp_path, make_api):
    """Each would take more than a second if the steps of a log were sought by a slow pattern."""
    install_engine(monkeypatch, tmp_path, "for i in $(seq 100); do printf '[%09000d\\n' 1; done")
    with LocalService(builder="docker", token="local-token") as service:
        api = make_api(service)
        api.create_image()
        while api.last_build(101)["status"] == "building":
            time.sleep(0.02)
        page = httpx.get(f"{service.url}/ui/images/101/builds/301", timeout=30)

    assert "more characters in the raw log" in page.text


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (
            'Error: building at STEP "COPY x /": no such file',
            "so COPY has nothing to take from",
        ),
        ("nothing of use", "ERROR: the builder ended with status 3"),
    ],
)
def test_page_of_a_failed_real_build_shows_the_error_of_the_engine(monkeypatch, tmp_path, make_api, output, message):
    install_engine(monkeypatch, tmp_path, f"echo '{output}'; exit 3")
    with LocalService(builder="docker", token="local-token") as service:
        api = make_api(service)
        api.create_image()
        while api.last_build(101)["status"] == "building":
            time.sleep(0.02)
        failure = httpx.get(f"{service.url}/ui/images/101/builds/301").text.partition('class="failure"')[2]

    assert message in failure.partition("</section>")[0]
