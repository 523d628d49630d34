"""``serve`` and ``demo``."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys

import pytest


def test_serve(start, run, tmp_path, monkeypatch):
    process = start("serve", "--port", 0, "--data", tmp_path / "data", "--token", "mine", "--build-seconds", 0)
    url = re.search(rb"http://[\d.:]+", process.stdout.readline())[0].decode()
    # 0 is a value: a free port, not the usual one.
    assert not url.endswith(":8080")
    monkeypatch.setenv("PEAK_AUTH_TOKEN", "mine")

    created = run(
        "create", "--url", url, "--name", "a", "--type", "api", "--source", "dockerfile", "--dockerfile", "FROM a"
    )
    assert created.code == 0
    assert run("list", "--url", url).json["imageCount"] == 1

    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert (tmp_path / "data/images.sqlite").exists()


def test_serve_has_every_option_of_the_local_service(run, capsys):
    from peak_images_local.__main__ import main as serve_local

    with pytest.raises(SystemExit):
        serve_local(["--help"])
    theirs = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))

    assert theirs <= set(re.findall(r"--[a-z-]+", run("serve", "--help").out))


def test_serve_help_has_the_defaults_of_the_local_service(run, capsys, monkeypatch):
    from peak_images_local.__main__ import main as serve_local

    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        serve_local(["--help"])
    shown = capsys.readouterr().out
    theirs = dict(re.findall(r"^ +--(port|token|build-seconds) [^()]*\(default: ([^)]+)\)", shown, re.MULTILINE))
    ours = run("serve", "--help").out

    assert len(theirs) == 3
    for option, default in theirs.items():
        assert re.search(rf"--{option} .*\(default: {re.escape(default)}\)", ours)


@pytest.mark.parametrize("argv", [["--builder", "kaniko"], ["--build-seconds", "-1"], ["--token", ""]])
def test_serve_errors_show_its_own_usage(run, argv):
    ended = run("serve", "--port", 0, *argv)

    assert ended.code == 2
    assert ended.err.startswith("usage: peak-images serve [")
    assert f"peak-images serve: error: argument {argv[0]}: " in ended.err


def test_serve_rejects_invalid_port(run):
    ended = run("serve", "--port", 99999)

    assert ended.code == 2
    assert "Hint: see 'peak-images serve --help'." in ended.err


def test_serve_on_a_port_that_is_taken_has_a_hint(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run("serve", "--port", port)

    assert ended.code == 1
    assert ended.err == f"peak-images: error: port {port} is taken. Hint: --port 0 takes a free one.\n"


def test_serve_on_unavailable_address(run):
    ended = run("serve", "--host", "192.0.2.1", "--port", 0)

    assert ended.code == 1
    assert "192.0.2.1 port 0 can't be served" in ended.err


@pytest.mark.parametrize(
    ("argv", "seen", "code", "text"),
    [
        (["serve", "--port", 0], b"http://", 0, "peak-images: the local service has stopped\n"),
        (["demo"], b"Follow the log", 130, "peak-images: interrupted\n"),
    ],
)
def test_interrupt_exits_130(start, argv, seen, code, text):
    process = start(*argv)
    while seen not in process.stdout.readline():
        assert process.poll() is None

    process.send_signal(signal.SIGINT)

    _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert err.decode() == text


INTERRUPTED = """
import sys
from peak_images_cli import __main__, demo

def run(*_, **__):
    exec("raise KeyboardInterrupt")

demo.run = run
sys.exit(__main__.main(["demo"]))
"""


def test_interrupt_during_exec_exits_130(here):
    (here / "interrupted.py").write_text(INTERRUPTED)

    ended = subprocess.run([sys.executable, "-m", "interrupted"], capture_output=True, check=False)

    assert (ended.returncode, ended.stderr) == (130, b"peak-images: interrupted\n")


def test_missing_local_extra_is_named(run, monkeypatch):
    for name in ("peak_images_local", "peak_images_local.__main__"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "peak_images_cli.demo", raising=False)

    for command in ("serve", "demo"):
        ended = run(command)
        assert ended.code == 1
        assert "Hint: pip install 'peak-images[local]'." in ended.err


@pytest.mark.parametrize("own_directory", [False, True])
def test_demo(run, weather, own_directory):
    ended = run("demo", *(["weather"] if own_directory else []), "--build-seconds", 0.05)

    assert ended.code == 0, ended.err
    assert "✓ all steps succeeded" in ended.err
    for words in ("Create an image from", "BuildFailedError", "versions 203 and 204 are gone", "image 101 is gone"):
        assert words in ended.out
    assert ("app/main.py" in ended.out) == own_directory


def test_failing_demo_exits_1(run, weather):
    (weather / "Dockerfile").write_text("FROM nginx\nCOPY missing /\n")

    ended = run("demo", "weather", "--build-seconds", 0.05)

    assert ended.code == 3
    assert "source-missing: Dockerfile:2: COPY: 'missing' not found" in ended.err
