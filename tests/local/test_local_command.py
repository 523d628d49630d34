"""The command, as a process."""

import os
import re
import signal
import subprocess
import sys
from types import SimpleNamespace

import httpx
import pytest

from peak_images_local import LocalService
from peak_images_local import __main__ as command
from peak_images_local.__main__ import main


def _start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "peak_images_local", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _greeting(process):
    lines = []
    while not lines or not lines[-1].startswith("export PEAK_AUTH_TOKEN="):
        line = process.stdout.readline()
        assert line, process.stderr.read()
        lines.append(line.rstrip("\n"))
    return lines


def _end(process, how=signal.SIGINT):
    process.send_signal(how)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_log_has_the_reason_why_data_cannot_be_stored(tmp_path, make_zip):
    process = _start("--data", str(tmp_path))
    url = _greeting(process)[-2].partition("=")[2]
    (tmp_path / "artifacts").rmdir()
    (tmp_path / "artifacts").touch()

    parts = {"name": (None, "x"), "type": (None, "api"), "artifact": ("a.zip", make_zip(), "application/zip")}
    headers = {"Authorization": "local-token"}
    response = httpx.post(f"{url}/image-management/api/v2/images/", files=parts, headers=headers)
    _, _, err = _end(process)

    assert response.status_code == 500
    assert "Not a directory" in response.json()["detail"]
    assert re.search(r"POST /image-management/api/v2/images/ failed: .*Not a directory", err)
    assert "Traceback" not in err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_banner_exports_and_quiet_exit_on_signals(how):
    process = _start("--token", "it's mine")
    greeting = _greeting(process)
    url = re.fullmatch(r"export PEAK_IMAGES_URL=(http://127\.0\.0\.1:\d+)", greeting[-2])[1]

    response = httpx.get(f"{url}/image-management/api/v2/images/", headers={"Authorization": "it's mine"})
    status, _, err = _end(process, how)

    assert response.status_code == 200
    assert status == 0
    assert re.fullmatch(r"\d\d:\d\d:\d\d GET /image-management/api/v2/images/ 200 \d+ ms\n", err)
    assert url in greeting[0]
    assert "it's mine" in greeting[1]
    shell = subprocess.run(
        ["sh", "-c", f'{greeting[-2]}\n{greeting[-1]}\nprintf "%s %s" "$PEAK_IMAGES_URL" "$PEAK_AUTH_TOKEN"'],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    assert shell.stdout == f"{url} it's mine"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_further_signals_do_not_interrupt_the_stop(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    process = _start()
    _greeting(process)

    for how in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGINT):
        process.send_signal(how)
    _, err = process.communicate(timeout=60)

    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_signal_while_the_process_is_stopped_ends_it_when_it_continues():
    process = _start()
    _greeting(process)

    process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGTERM)

    assert _end(process, signal.SIGCONT)[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_hangup_that_is_ignored_stays_so():
    previous = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    process = _start()
    signal.signal(signal.SIGHUP, previous)
    url = _greeting(process)[-2].partition("=")[2]

    process.send_signal(signal.SIGHUP)

    assert httpx.get(url).status_code == 200
    assert _end(process)[0] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("event", "argument"),
    [("import", "peak_images_local.service"), ("import", "uvicorn"), ("sqlite3.connect", None), ("socket.bind", None)],
)
def test_interrupt_while_it_starts_is_quiet(monkeypatch, tmp_path, event, argument):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    # It interrupts itself when it gets there, once it has its handler of signals: those are events after that.
    code = f"""
import os, signal, sys
from peak_images_local.__main__ import main

def interrupt(event, arguments):
    if event == {event!r} and {argument!r} in (None, arguments[0]):
        sys.stdout.write("interrupted")
        os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(interrupt)
raise SystemExit(main(["--port", "0"]))
"""
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("interrupted")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_data_directory_whose_name_is_not_utf_8(tmp_path):
    process = _start("--data", os.fsencode(tmp_path) + b"/\xff")
    greeting = _greeting(process)
    _end(process)

    assert f"Data: kept in {tmp_path}/\\udcff" in greeting


def test_any_token():
    process = _start("--any-token")
    url = _greeting(process)[-2].partition("=")[2]

    response = httpx.get(f"{url}/image-management/api/v2/images/", headers={"Authorization": "x"})
    _end(process)

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "70000"], "port: 70000 is not a number from 0 to 65535"),
        (["--port", "http"], "--port"),
        (["--token", ""], "token: it must be printable ASCII"),
        (["--build-seconds", "-1"], "argument --build-seconds: -1.0 is not a number"),
        (["--build-seconds", "nan"], "nan"),
        (["--max-artifact-size", "0"], "argument --max-artifact-size: 0 is not a number from 1"),
        (["nonsense"], "nonsense"),
    ],
)
def test_invalid_arguments_exit_2(arguments, words, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_unusable_data_directory_exits_1(tmp_path, capsys):
    (tmp_path / "file").write_text("")

    assert main(["--port", "0", "--data", str(tmp_path / "file")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("peak-images-local: ")
    assert str(tmp_path / "file") in error


def test_banner_shows_that_builds_are_simulated_and_how_to_stop():
    process = _start()
    greeting = _greeting(process)
    _end(process)

    assert any("simulated" in line for line in greeting)
    assert any("Ctrl-C" in line for line in greeting)


def test_sample_fills_an_empty_service_once(tmp_path):
    listings = []
    for _ in range(2):
        process = _start("--sample", "--data", str(tmp_path / "data"))
        url = _greeting(process)[-2].partition("=")[2]
        response = httpx.get(f"{url}/image-management/api/v2/images/", headers={"Authorization": "local-token"})
        listings.append(response.json())
        _, _, err = _end(process)

    assert [listing["imageCount"] for listing in listings] == [7, 7]
    assert "there are images already" in err
    states = {image["latestVersion"]["status"] for image in listings[0]["images"]}
    builds = {image["latestVersion"]["lastBuildStatus"] for image in listings[0]["images"]}
    assert states >= {"ready", "not-ready", "delete-failed"}
    assert builds >= {"success", "failed", "building"}


def test_sample_breaks_no_contract():
    with LocalService() as service:
        assert service.load_sample()
        api = f"{service.url}/image-management/api/v2/images"
        headers = {"Authorization": service.token}
        for image in httpx.get(f"{api}/", headers=headers).json()["images"]:
            assert httpx.get(f"{api}/{image['id']}", headers=headers).status_code == 200
            builds = httpx.get(f"{api}/{image['id']}/builds", headers=headers).json()["builds"]
            for build in builds:
                logs = httpx.get(f"{api}/{image['id']}/builds/{build['buildId']}/logs", headers=headers)
                assert logs.json()["logs"]
        assert service.violations == []


def test_missing_extra_is_named_with_how_to_install_it():
    code = (
        "import sys; sys.modules['starlette'] = None; sys.modules['uvicorn'] = None\n"
        "from peak_images_local.__main__ import main; sys.exit(main(['--port', '0']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=50)

    assert done.returncode == 1
    assert "pip install 'peak-images[local]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_builder_names_the_allowed_ones(capsys):
    with pytest.raises(SystemExit):
        main(["--builder", "foo"])

    err = capsys.readouterr().err
    assert all(name in err for name in ("foo", "simulate", "docker", "podman", "buildah"))


@pytest.mark.parametrize(
    ("system", "line"),
    [("posix", "export TOKEN='it'\"'\"'s'"), ("nt", "$env:TOKEN = 'it''s'")],
    ids=["shell", "PowerShell"],
)
def test_banner_sets_variables_as_the_systems_shell_does(monkeypatch, system, line):
    monkeypatch.setattr(command, "os", SimpleNamespace(name=system))

    assert command._set_variable("TOKEN", "it's") == line
