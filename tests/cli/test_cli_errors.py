"""Exit codes, and one-line errors."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest

import peak_images
from peak_images_cli.exit_codes import MEANINGS, CommandError, ExitCode, explain


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 7), (401, 4), (403, 4), (404, 5), (409, 6), (413, 3), (418, 7), (422, 7)],
)
def test_exit_code_for_each_http_status(run, known_service, status, code):
    known_service.control.fail_next(status=status)

    ended = run("list")

    assert ended.code == code
    assert ended.out == ""
    assert ended.err.startswith("peak-images: error: The test controls injected the status")
    assert f"({status})" in ended.err
    assert ended.err.count("\n") == 1


def test_connection_refused_exits_8(run, known_service, monkeypatch):
    monkeypatch.setenv("PEAK_IMAGES_URL", "http://127.0.0.1:9")

    ended = run("create", "--name", "a", "--type", "api", "--source", "dockerfile", "--dockerfile", "FROM nginx")

    assert ended.code == 8
    assert "Hint: check the network and the address" in ended.err


def test_500_on_post_warns_that_it_may_have_succeeded(run, known_service):
    known_service.control.fail_next(status=500)

    ended = run("create", "--name", "a", "--type", "api", "--source", "dockerfile", "--dockerfile", "FROM nginx")

    assert ended.code == 8
    assert "may have succeeded" in ended.err


def test_missing_token_exits_4(run, known_service, monkeypatch):
    monkeypatch.delenv("PEAK_AUTH_TOKEN")

    ended = run("list")

    assert ended.code == 4
    assert ended.err == (
        "peak-images: error: no token. Hint: set PEAK_AUTH_TOKEN or API_KEY, or keep it in a profile, as 'peak-images "
        "profiles --example' shows.\n"
    )


def test_too_large_artifact_exits_3(run, known_service, weather):
    (weather / "large.bin").write_bytes(random.Random(1).randbytes(11 << 20))

    ended = run("create", "--name", "a", "--type", "api", "--artifact-path", "weather")

    assert ended.code == 3
    assert "11.0 MiB  large.bin" in ended.err
    suggestion = "by lines in .dockerignore, such as: large.bin. Hint: 'peak-images pack' shows what is included."
    assert ended.err.splitlines()[-1].endswith(suggestion)
    assert known_service.requests == []


def test_name_conflict_409_has_a_hint(run, seed):
    seed.image("tides")

    ended = run("create", "--name", "tides", "--type", "api", "--source", "dockerfile", "--dockerfile", "FROM nginx")

    assert ended.code == 6
    assert "'create-or-update' adds a version" in ended.err


def test_conflict_on_update_is_reported_once(run, seed):
    image = seed.image()
    ids = ("--image-id", image["imageId"], "--version-id", image["versionId"])

    ended = run("update-version", *ids, "--description", "too late")

    assert ended.code == 6
    assert ended.err.count("not-ready") == 1
    assert ended.err.endswith("Hint: 'create-version' makes a new one.\n")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["list", "--nope"], "No such option: --nope"),
        (["describe"], "Missing argument 'IMAGE'"),
        (["describe", "0"], "--image-id: '0' must be a positive integer, or a name"),
        (["describe-version", "--image-id", "1"], "Missing argument 'IMAGE:VERSION'"),
        (["describe-version", "weather"], "Missing argument 'IMAGE:VERSION'"),
        (["describe", "1", "2"], "unexpected"),
        (["delete-versions", "1"], "Missing option '--version-ids'"),
        (["list", "-o", "xml"], "xml"),
    ],
)
def test_usage_error_is_one_line(run, known_service, argv, words):
    ended = run(*argv)

    assert ended.code == 2
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert known_service.requests == []


@pytest.mark.parametrize(
    ("argv", "value"),
    [
        (["list", "--page-size", "many"], "'many' is not a "),
        (["wait", "--image-id", "1", "--wait-timeout", "long"], "'long' is not a "),
        (["list", "--page-size", "0"], "0"),
        (["list", "-o", "xml"], "'xml' is not one of 'table', 'json', 'yaml', 'csv'"),
    ],
)
def test_invalid_value_is_quoted_in_error(run, known_service, argv, value):
    ended = run(*argv)

    assert ended.code == 2
    assert re.search(rf"^peak-images: error: Invalid value for '[^:]*: '?{re.escape(value)}", ended.err)
    assert "Input should" not in ended.err


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_output_form_as_an_option_hints_at_output_type(run, known_service, form):
    ended = run("list", f"--{form}")

    assert ended.code == 2
    assert ended.err == f"peak-images: error: No such option: --{form}. Hint: -o {form} gives that format.\n"
    assert "gives that format" not in run("serve", f"--{form}").err


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (["list", "--status", "ready,odd"], "--status: 'odd' is not one of the allowed values; "),
        (["list-builds", "1", "--date-from", "yesterday"], "--date-from: 'yesterday' is not a time"),
        (
            ["wait", "--image-id", "1", "--version-id", "1", "--no-log", "--poll-interval", "-1"],
            "--poll-interval: must be",
        ),
        (["deploy", ".", "--name", "a", "--type", "app"], "--type: 'app' is not one of the allowed values; "),
        (["deploy", ".", "--name", "a", "--type", "api", "--version", ""], "--version: must not be empty"),
        (["create-version", "1", "--version", ""], "--version: must not be empty"),
    ],
)
def test_invalid_value_error_names_the_option(run, known_service, argv, text):
    ended = run(*argv)

    assert ended.code == 2
    assert ended.err.startswith(f"peak-images: error: {text}")


def test_error_without_text_shows_the_response(run, known_service):
    known_service.control.fail_next(status=422, body='{"detail": " \\n"}')

    assert r'error: {"detail": " \n"} (422)' in run("describe", 1).err


@pytest.mark.parametrize("command", [["create", "--name", "a"], ["create-or-update", "--name", "a"]])
def test_missing_artifact_hints_at_its_option(run, known_service, command):
    ended = run(*command, "--type", "api")

    assert ended.code == 7
    assert "Hint: --artifact-path gives the directory to build from" in ended.err


def test_missing_field_of_a_body_has_a_hint(run, known_service):
    ended = run("create")

    assert ended.code == 2
    assert "--name: is required. Hint: the option gives it, or a FILE" in ended.err
    assert "Hint" not in run("create", "--name", "a", "--type", "odd").err


def test_directory_in_place_of_input_file_has_hint(run, weather, known_service):
    ended = run("create", "weather")

    assert ended.code == 2
    assert "Hint: --artifact-path gives the directory to build from." in ended.err


def test_did_you_mean_suggestion(run):
    assert run("crate").err.endswith("Did you mean 'create'? Hint: see 'peak-images --help'.\n")


def test_suggested_option_is_the_closest_one(run):
    assert "Did you mean '--status'?" in run("list", "--staus", "ready").err
    assert run("deploy", "--wait").err.endswith("No such option: --wait. Hint: deploy waits by itself.\n")


@pytest.mark.parametrize(
    ("typed", "meant"), [("ls", "list"), ("build", "deploy"), ("rm", "delete"), ("show", "describe")]
)
def test_command_names_of_other_tools_are_suggestions(run, typed, meant):
    assert f"No such command {typed!r}. Did you mean {meant!r}?" in run(typed).err


@pytest.mark.parametrize("command", ["list", "builds"])
def test_name_after_a_list_points_to_its_option(run, command):
    assert run(command, "weather").err.endswith("Hint: --name weather selects by name.\n")


def test_image_in_place_of_a_version_points_to_the_versions(run):
    assert "'peak-images list-versions weather' shows the versions" in run("describe-version", "weather").err


def test_debug_shows_traceback_and_response(run, known_service):
    known_service.control.fail_next(status=503, headers={"Retry-After": "0"})
    known_service.control.fail_next(status=418, body='{"detail": "teapot"}')

    ended = run("list", "--debug")

    assert ended.code == 7
    assert "peak_images: list_images" in ended.err
    assert "Traceback (most recent call last)" in ended.err
    assert "status_code: 418" in ended.err
    assert "body: {'detail': 'teapot'}" in ended.err
    assert known_service.token not in ended.err


def test_debug_before_the_command(run, known_service):
    known_service.control.fail_next(status=418)

    assert "Traceback" in run("--debug", "list").err


def test_help_lists_every_exit_code(run):
    out = run("--help").out

    assert set(MEANINGS) == set(ExitCode)
    for code, meaning in MEANINGS.items():
        assert f"{code.value:>3}  {meaning}" in out


def test_no_arguments_show_help_and_exit_2(run):
    ended = run()

    assert ended.code == 2
    assert "create-or-update" in ended.out
    assert ended.err == ""


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (CommandError("two\nlines", code=ExitCode.NOT_FOUND), 5, "two lines"),
        (PermissionError(13, "Permission denied", "a.yaml"), 1, "Permission denied: 'a.yaml'"),
        (ModuleNotFoundError("No module named 'yaml'", name="yaml"), 1, "yaml isn't installed"),
        (ZeroDivisionError("division\nby zero"), 1, "unexpected ZeroDivisionError: division by zero"),
    ],
)
def test_unexpected_exceptions_are_one_line(error, code, words):
    failure = explain(error)

    assert failure.code == code
    assert words in failure.message


def test_every_error_of_the_client_has_a_code():
    from peak.resources import images
    from peak_images_cli.exit_codes import _BY_ERROR

    errors = [
        name
        for name in images.__all__
        if name.endswith("Error") and issubclass(getattr(images, name), images.PeakImagesError)
    ]
    for name in errors:
        known = [kind.__name__ for kind in getattr(images, name).__mro__ if kind.__name__ in _BY_ERROR]
        # Only what is refused for a reason of its own may fall back to the general case.
        assert known[0] != "PeakImagesError" or name == "PeakImagesError", name


def test_missing_cli_extra_is_named(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "click", None)

    ended = run("list")

    assert ended.code == 1
    assert ended.err == "peak-images: error: click isn't installed. Hint: pip install 'peak-images[cli]'.\n"


def test_version_is_shown_without_the_extra(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "click", None)

    ended = run("--version")

    assert (ended.code, ended.out, ended.err) == (0, f"peak-images {peak_images.__version__}\n", "")


@pytest.mark.parametrize(("argv", "module"), [("list", "jobs"), ("logs", "operations"), ("whoami", "logs")])
def test_a_command_imports_no_other_command(argv, module):
    program = f"from peak_images_cli.__main__ import main; main([{argv!r}, '--help'])"
    code = f"{program}; import sys; print([name for name in sys.modules if name.endswith('commands.{module}')])"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[0].startswith(f"Usage: peak-images {argv}")
    assert shown.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("known", "hint"),
    [
        (
            {"image_id": 1, "version_id": 2, "name": "weather:0.0.1"},
            "'peak-images wait weather:0.0.1' continues to wait",
        ),
        ({"image_id": 1, "version_id": 2, "name": "my a:0.0.1"}, "'peak-images wait 'my a:0.0.1'' continues to wait"),
        ({"image_id": 1, "version_id": 2, "name": "{a};b:1"}, "'peak-images wait '{a};b:1'' continues to wait"),
        ({"image_id": 1, "version_id": 2}, "'peak-images wait --image-id 1 --version-id 2' continues to wait"),
        ({}, ""),  # of a deletion, or of a log
    ],
)
def test_hint_of_a_timeout_is_the_command_that_continues_to_wait(known, hint):
    from peak.resources import images

    assert explain(images.WaitTimeoutError("timed out", **known)) == ("timed out", hint, 10)


def test_note_with_braces_is_a_hint_as_it_is():
    from peak.resources import images

    error = images.WaitTimeoutError("timed out")
    error.add_note("wait for '{a}'")
    assert explain(error).hint == "wait for '{a}'"


@pytest.mark.parametrize(("build_id", "hint"), [(7, "logs 1 --build 7"), (None, "")])
def test_failed_build_hint_names_the_build(build_id, hint):
    from peak.resources import images

    text = explain(images.BuildFailedError("failed", image_id=1, version_id=2, build_id=build_id, log=["a"]))

    assert hint in text.hint
    assert bool(text.hint) == (build_id is not None)
    assert text.message == "the build of version 2 of image 1 failed"
