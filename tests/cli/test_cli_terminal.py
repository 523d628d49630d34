"""Terminals, pipes, colours, completion: the command line as a separate process."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")


def test_default_output_is_a_table_on_a_terminal_and_json_elsewhere(terminal, start, seed):
    image_id = seed.image("weather")["imageId"]

    shown = terminal("list")
    assert shown.end() == 0
    assert re.search(rf"{image_id}\s+weather\s+api\s+custom", shown.shown)
    assert COLOUR.search(shown.shown)

    out, err = start("list").communicate(timeout=60)
    assert json.loads(out)["images"][0]["id"] == int(image_id)
    assert err == b""


def test_json_output_on_a_terminal(terminal, seed):
    seed.image()
    shown = terminal("list", "-o", "json")

    assert shown.end() == 0
    assert json.loads(shown.shown)["imageCount"] == 1


def test_no_color_is_respected(terminal, seed):
    seed.image()
    shown = terminal("list", NO_COLOR="1")

    assert shown.end() == 0
    assert not COLOUR.search(shown.shown)


def test_dumb_terminal_gets_no_escape_sequences(terminal, known_service):
    shown = terminal(
        *("create", "--name", "a", "--type", "api", "--source", "dockerfile", "--dockerfile", "FROM nginx"),
        *("--wait", "--poll-interval", 0.05),
        TERM="dumb",
    )

    assert shown.end() == 0
    assert "\x1b" not in shown.shown


@pytest.mark.parametrize("lines", [1, 3000])
def test_broken_pipe_exits_141(start, seed, lines, known_service):
    for number in range(3):
        seed.image(f"image-{number}", description="x" * 20_000 if lines > 1 else "")
    process = start("list")
    process.stdout.close()

    assert process.wait(60) == 141
    assert process.stderr.read() == b""


def test_broken_pipe_while_following(start, seed, client):
    image = seed.image(dockerfile="FROM nginx\n" + "RUN true\n" * 500)
    build_id = next(client.list_image_builds(image["imageId"]))["buildId"]
    process = start("get-build-logs", "--image-id", image["imageId"], "--build-id", build_id, "--follow")

    assert process.stdout.readline().split(b"  ", 1)[1].startswith(b"Simulated build: ")
    process.stdout.close()

    assert process.wait(60) == 141
    assert process.stderr.read() == b""


def test_ascii_output_encoding(start, seed):
    seed.image("wetter-für-alle")
    changes = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    out, _ = start("list", **changes).communicate(timeout=60)
    assert json.loads(out)["images"][0]["name"] == "wetter-für-alle"
    table, err = start("list", "-o", "table", **changes).communicate(timeout=60)
    assert rb"wetter-f\xfcr-alle" in table
    assert err == b""


def test_pager_is_used_on_a_terminal_only(terminal, run, seed):
    seed.image("weather")
    shown = terminal("list", "--paging", PAGER="sed s/weather/paged/", MANPAGER="")

    assert shown.end() == 0
    assert "paged" in shown.shown
    assert run("list", "--paging").json["images"][0]["name"] == "weather"
    as_json = terminal("list", "--paging", "-o", "json", PAGER="sed s/weather/paged/", MANPAGER="")
    assert as_json.end() == 0
    assert "paged" in as_json.shown


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("cr", ["create", "create-version", "create-or-update"]),
        ("list --status not-ready,d", ["not-ready,deleting", "not-ready,delete-failed"]),
        ("create --type work", ["workflow", "workspace-r", "workspace-python"]),
        ("list --stage p", ["prod", "parvati"]),
    ],
)
def test_completion(start, words, offered):
    process = start(
        _PEAK_IMAGES_COMPLETE="bash_complete",
        COMP_WORDS=f"peak-images {words}",
        COMP_CWORD=str(len(words.split())),
    )

    assert process.communicate(timeout=60)[0].decode().split() == [f"plain,{value}" for value in offered]


def test_completion_of_profiles(start, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text("[profiles.acme]\n[profiles.other]\n")
    changes = {
        "_PEAK_IMAGES_COMPLETE": "bash_complete",
        "COMP_WORDS": "peak-images list --profile ",
        "COMP_CWORD": "3",
    }

    assert start(**changes, PEAK_IMAGES_CONFIG=str(path)).communicate(timeout=60)[0].decode().split() == [
        "plain,acme",
        "plain,other",
    ]
    path.write_text("[")
    assert start(**changes, PEAK_IMAGES_CONFIG=str(path)).communicate(timeout=60)[0].strip() == b""


@pytest.mark.parametrize(("shell", "file"), [("bash", ".bashrc"), ("zsh", ".zshrc"), ("fish", "peak-images.fish")])
def test_install_completion_adds_the_script_once(run, home, monkeypatch, shell, file):
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")

    script = run("--show-completion").out
    assert "_PEAK_IMAGES_COMPLETE" in script
    for _ in range(2):
        assert file in run("--install-completion").out
    [path] = home.rglob(file)
    assert path.read_text().strip() == script.strip()


@pytest.mark.parametrize("shell", ["", "/usr/bin/nosh"])
def test_completion_for_an_unknown_shell_is_an_error(run, home, monkeypatch, shell):
    monkeypatch.setenv("SHELL", shell)

    ended = run("--install-completion")

    assert (ended.code, ended.out) == (2, "")
    assert "set SHELL to bash, zsh or fish" in ended.err


def test_version_option(run):
    import peak_images

    assert run("--version").out == f"peak-images {peak_images.__version__}\n"


def test_help_loads_nothing_that_it_does_not_need(start):
    import sys
    from pathlib import Path

    code = (
        "import sys; from peak_images_cli.__main__ import main\n"
        "try: main(['--help'])\n"
        "finally: sys.stderr.write(' '.join(sys.modules))"
    )
    cli = str(Path(sys.modules["peak_images_cli"].__file__).parent.parent)
    ended = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {cli!r})\n{code}"],
        capture_output=True,
        timeout=20,
        check=True,
    )

    loaded = set(ended.stderr.decode().split())
    assert "peak_images_cli.app" in loaded
    heavy = {"httpx", "yaml", "jinja2", "peak_images", "peak_images_local", "starlette", "tomllib"}
    assert loaded & heavy <= {"tomllib"}


def test_help_is_wrapped_at_the_terminal_width(terminal):
    shown = terminal("--help", COLUMNS="200")

    assert shown.end() == 0
    assert "Results go to stdout, everything else to stderr." in COLOUR.sub("", shown.shown)


def test_live_line_of_a_wait_shows_status_and_elapsed_time_and_is_erased(terminal, known_service):
    known_service.control.clock.freeze()
    shown = terminal("create", "--name", "a", "--type", "api", "--dockerfile", "FROM nginx", "--wait")

    shown.read_until("building")
    shown.read_until("0:00:0")
    assert re.search(r"⠋|⠙|⠹|⠸|⠼", shown.shown)
    known_service.control.clock.resume()
    known_service.control.finish_builds()
    assert shown.end() == 0
    after = shown.shown.rpartition("\x1b[2K")[2]
    assert "building" not in after
    assert re.search(r"status\S*\s+\S*ready", after)


def test_long_value_of_a_table_is_not_broken(terminal, seed):
    created = seed.image("a-name-that-is-long-enough-for-an-address-of-more-than-a-line")
    shown = terminal(
        *("describe-version", "--image-id", created["imageId"], "--version-id", created["versionId"]), COLUMNS="60"
    )
    assert shown.end() == 0
    assert "/a-name-that-is-long-enough-for-an-address-of-more-than-a-line:0.0.1\n" in shown.shown


def test_bars_are_ascii_in_an_ascii_encoding(start, terminal, weather):
    changes = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    out, err = start("pack", "weather", "-o", "table", **changes).communicate(timeout=60)
    assert b"  ########################" in out
    assert b"\\u" not in out
    assert err == b""
