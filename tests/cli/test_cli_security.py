"""Terminal safety, template sandboxing, closed streams: what comes from outside controls nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from peak_images_cli.terminal import strip_control_chars

HOSTILE = "a\x1b[2J\x1b]0;title\x07b\x9bc\u202ed\u2066e\x7f\x85f"
UNSAFE = "\x1b\x07\x9b\u202e\u2066\x7f\x85"


def is_safe(text: str) -> bool:
    return not any(char in text for char in UNSAFE)


@pytest.mark.parametrize(
    "expression",
    [
        "{% set _ = os_env.update({'PEAK_IMAGES_URL': 'http://127.0.0.2:9'}) %}",
        "{% set _ = os_env.setdefault('PEAK_IMAGES_NEW', 'x') %}",
        "{% set _ = os_env.pop('PEAK_IMAGES_URL') %}",
        "{% set _ = os_env.clear() %}",
        "{{ os_env.__class__.__init__.__globals__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    ],
)
def test_template_cannot_change_the_environment_or_leave_the_sandbox(run, known_service, here, expression):
    before = dict(os.environ)
    (here / "image.yaml").write_text(f"{expression}\nbody: {{name: a, type: api}}\n")

    ended = run("create", "image.yaml", "--source", "dockerfile", "--dockerfile", "FROM nginx")

    assert ended.code == 2
    assert dict(os.environ) == before
    assert known_service.requests == []


@pytest.mark.parametrize("written", ["1.10", "007", "1e3", "2024-01-02", "yes", "0x1F", "1_000", "12:30:45", "~"])
def test_scalars_of_a_params_file_stay_text(done, here, known_service, written):
    (here / "params.yaml").write_text(f"v: {written}\n")
    (here / "image.yaml").write_text('body: {name: a, type: api, description: "{{ v }}"}\n')

    described = done("create", "image.yaml", "-v", "params.yaml", "--dry-run")

    assert described["body"]["description"] == written


@pytest.mark.parametrize(
    ("written", "kept"), [("false", False), ("no", False), ("true", True), ("", False), ("'no'", True)]
)
def test_false_in_a_params_file_is_false_in_a_condition(done, here, known_service, written, kept):
    (here / "params.yaml").write_text(f"flag: {written}\nbase: &base {{x: '1'}}\nmerged: {{<<: *base}}\n")
    (here / "image.yaml").write_text(
        "body: {name: a, type: api, {% if flag %}description: d{{ merged.x }}{% endif %}}\n"
    )

    body = done("create", "image.yaml", "-v", "params.yaml", "--dry-run")["body"]

    assert (body.get("description") == "d1") is kept


@pytest.mark.parametrize("output", ["table", "json", "yaml"])
@pytest.mark.parametrize("command", ["list", "describe 101"])
def test_control_characters_of_a_response_do_not_reach_the_terminal(run, known_service, output, command):
    hostile = {"id": 101, "name": HOSTILE, HOSTILE: HOSTILE, "createdAt": "\x1b[31m4-01-01T00:00:00.000Z"}
    page = {"imageCount": 1, "pageSize": 25, "pageNumber": 1, "pageCount": 1, "images": [hostile]}
    known_service.control.fail_next(status=200, body=json.dumps(page if command == "list" else hostile))

    ended = run(*command.split(), "-o", output)

    assert ended.code == 0, ended.err
    assert is_safe(ended.out)
    if output != "table":
        read = json.loads(ended.out) if output == "json" else yaml.safe_load(ended.out)
        assert (read["images"][0] if command == "list" else read)["name"] == HOSTILE


@pytest.mark.parametrize("detail", [HOSTILE, {"field": HOSTILE}, [HOSTILE]])
def test_control_characters_of_an_error_do_not_reach_the_terminal(run, known_service, detail):
    known_service.control.fail_next(status=422, body=json.dumps({"detail": detail}))

    ended = run("list", "--debug")

    assert ended.code == 7
    assert is_safe(ended.err)


def test_multi_line_error_detail_is_shown(run, known_service):
    known_service.control.fail_next(status=422, body=json.dumps({"detail": "two problems:\nfirst\nsecond\n"}))

    ended = run("list")

    assert ended.err.splitlines() == ["peak-images: error: two problems:", "  first", "  second (422)"]


def test_control_characters_do_not_reach_the_prompt(terminal, known_service):
    known_service.control.fail_next(status=200, body=json.dumps({"id": 101, "name": HOSTILE}))
    asking = terminal("delete", 101, TERM="dumb")
    asking.read_until("[y/N]: ")

    asking.type("n\n")

    assert asking.end() == 1
    assert is_safe(asking.shown)


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[2Jcleared\x1b[H", "cleared"),
        ("\x1b\x1b[0m[31mnested", "�[31mnested"),
        ("\x1b]8;;http://x\x07link", "�]8;;http://x�link"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\rb", "a�b"),
        ("\u2028\u200f\udc80", "���"),
    ],
)
def test_strip_control_chars(text, stripped):
    assert strip_control_chars(text) == stripped


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_lead_to_no_traceback(known_service, closed, tmp_path):
    command = f"{sys.executable} -m peak_images_cli list {closed}"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, timeout=30, check=False, cwd=tmp_path)

    assert ended.returncode == 0
    assert b"Traceback" not in ended.stderr
    assert bool(ended.stdout) is (">&-" not in closed.split())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_full_disk_is_one_line_error(known_service):
    command = f"{sys.executable} -m peak_images_cli list > /dev/full"
    ended = subprocess.run(["sh", "-c", command], capture_output=True, timeout=30, check=False)

    assert ended.returncode == 1
    assert ended.stderr == b"peak-images: error: No space left on device\n"


@pytest.mark.parametrize(
    "argv",
    [
        ["delete", 1],
        ["delete-version", "--image-id", 1, "--version-id", 2],
        ["delete-versions", "--image-id", 1, "--version-ids", "2,3"],
    ],
)
def test_deleting_without_a_terminal_requires_yes(run, known_service, argv):
    ended = run(*argv)

    assert ended.code == 2
    assert "--yes is required" in ended.err
    assert known_service.requests == []
