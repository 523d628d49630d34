"""Names wherever ids go, and the command ``logs``."""

from __future__ import annotations

import json

import pytest

FAILING = "FROM nginx\nCOPY missing /"


@pytest.fixture
def two_images(seed, known_service):
    """``weather`` and ``weather-2``, with versions 0.0.1 and 0.0.10 each; gives the ids of the first."""
    for name in ("weather-2", "weather"):
        image = seed.image(name, version="0.0.1")
        seed.version(image["imageId"], version="0.0.10")
    return int(image["imageId"]), int(image["versionId"])


@pytest.mark.parametrize("ids", [("weather",), ("--image-id", "weather"), ("{image}",), ("--image-id", "{image}")])
def test_image_by_name_or_id(done, two_images, ids):
    image_id, _ = two_images

    assert done("describe", *[part.format(image=image_id) for part in ids])["id"] == image_id
    assert len(done("list-versions", *[part.format(image=image_id) for part in ids])["versions"]) == 2


@pytest.mark.parametrize(
    "ids",
    [
        ("weather:0.0.1",),
        ("{image}:0.0.1",),
        ("weather:{version}",),
        ("weather", "--version-id", "0.0.1"),
        ("--image-id", "weather", "--version-id", "{version}"),
    ],
)
def test_version_by_name_or_id(done, two_images, ids):
    image_id, version_id = two_images
    given = [part.format(image=image_id, version=version_id) for part in ids]

    assert done("describe-version", *given)["id"] == version_id


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["describe", "weath"], "no image is named 'weath'"),
        (["describe", "weather:0.0.1"], "takes an image, without a version"),
        (["describe-version", "weather:0.0.2"], "has no version '0.0.2'"),
        (["describe-version", "weather:0.0"], "has no version '0.0'"),
        (["logs", "storm"], "no image is named 'storm'"),
        (["wait", "weather:9"], "9"),
    ],
)
def test_name_that_does_not_exist_is_exit_code_5(run, two_images, argv, words):
    ended = run(*argv)

    assert ended.code == 5
    assert words in ended.err


def test_names_in_commands_that_change_something(done, two_images, client):
    image_id, version_id = two_images
    assert done("delete-version", "weather:0.0.10", "--yes", "--wait", "--poll-interval", 0.05) == {}
    assert [version["id"] for version in client.list_image_versions(image_id)] == [version_id]
    assert int(done("create-version", "weather", "--dockerfile", "FROM nginx")["imageId"]) == image_id
    assert done("delete-versions", "weather-2", "--version-ids", "0.0.1,0.0.10", "-y") == {}


def test_dry_run_with_names_sends_nothing(done, known_service):
    deletion = done("delete-version", "weather:0.0.1", "--dry-run")["requests"][0]["url"]
    assert deletion.endswith("/images/{imageId}/versions/{versionId}")
    assert done("delete-version", "7:0.0.1", "--dry-run")["requests"][0]["url"].endswith(
        "/images/7/versions/{versionId}"
    )
    several = done("delete-versions", "weather", "--version-ids", "0.0.1,3", "--dry-run")["requests"][0]["url"]
    assert several.endswith("/images/{imageId}/versions?versionIds=0.0.1&versionIds=3")
    assert known_service.requests == []


def test_update_takes_a_version_and_a_file(done, seed, here):
    seed.image("weather", dockerfile=FAILING, version="0.0.1")
    (here / "change.yaml").write_text("body: {description: changed, buildDetails: {dockerfile: FROM nginx}}\n")

    by_name = done("update-version", "weather:0.0.1", "change.yaml", "--dry-run")
    by_id = done("update-version", "--image-id", 1, "--version-id", 2, "change.yaml", "--dry-run")

    assert by_name["body"] == by_id["body"]
    assert by_name["body"]["description"] == "changed"
    assert done("update-version", "weather:0.0.1", "change.yaml")["versionId"]


def test_logs_show_the_whole_log_of_the_latest_build(run, seed):
    seed.image("weather", dockerfile="FROM nginx\n" + "RUN true\n" * 150)

    text = run("logs", "weather").out
    assert text.count("RUN true") == 150
    assert text.endswith("The build succeeded\n")
    as_json = run("logs", "weather", "-o", "json").json
    assert len(as_json["logs"]) == text.count("\n")
    assert (as_json["imageId"], as_json["buildStatus"]) == (101, "success")
    assert run("logs", "weather", "-o", "csv").out.splitlines()[0] == "timestamp,message"
    assert run("logs", "weather", "--tail", 2).out == "".join(text.splitlines(keepends=True)[-2:])
    assert run("logs", "weather", "--tail", 0).out == ""
    assert run("logs", "weather", "--follow", "--tail", 3).out == "".join(text.splitlines(keepends=True)[-3:])


def test_logs_of_a_version_a_build_or_the_last_failed_one(run, seed, client):
    image_id = seed.image("weather", dockerfile=FAILING, version="0.0.1")["imageId"]
    seed.version(image_id, version="0.0.2")
    failed = client.list_image_builds(image_id, build_status=["failed"], return_iterator=False)["builds"][0]["buildId"]

    assert "The build succeeded" in run("logs", "weather").out
    for argv in (["weather:0.0.1"], ["weather", "--failed"], ["weather", "--build", failed]):
        assert "COPY: 'missing' not found" in run("logs", *argv).out
    assert run("logs", "weather:0.0.2", "--failed").code == 5


def test_hint_after_a_failed_build_shows_the_error(run, known_service):
    ended = run("create", "--name", "a", "--type", "api", "--dockerfile", FAILING, "--wait", "--poll-interval", 0.05)

    assert ended.code == 9
    assert (ended.json["status"], ended.json["lastBuildStatus"]) == ("not-ready", "failed")
    assert isinstance(ended.json["buildId"], int)
    command = ended.err.rpartition("Hint: '")[2].partition("'")[0].split()
    assert "COPY: 'missing' not found" in run(*command[1:]).out


def test_logs_accept_the_build_id_of_a_create(run, done, known_service):
    created = done("create", "--name", "a", "--type", "api", "--dockerfile", "FROM nginx")
    known_service.control.finish_builds()

    assert isinstance(created["buildId"], str)
    shown = run("logs", "a", "--build", created["buildId"])
    assert "The build succeeded" in shown.out
    number = done("list-builds", "a")["builds"][0]["buildId"]
    assert "only the run that started it can find a build by an id of text" in shown.err
    assert f"this is the latest build, {number}; 'peak-images list-builds {created['imageId']}' shows all" in shown.err


def test_logs_are_saved(done, seed, here):
    seed.image("weather")

    saved = done("logs", "weather", "--save", "--file-name", "build.log")
    assert (here / "build.log").stat().st_size == saved["size"]


@pytest.mark.parametrize(
    "options", [["--build", "1", "--failed"], ["--follow", "--save"], ["--tail", "1", "--save"], ["--file-name", "a"]]
)
def test_options_of_logs_that_exclude_each_other(run, known_service, options):
    assert run("logs", "weather", *options).code == 2
    assert known_service.requests == []


def test_log_lines_are_not_wrapped_on_a_terminal(terminal, seed):
    seed.image("weather", dockerfile="FROM nginx\nRUN echo " + "word " * 40)

    shown = terminal("logs", "weather", COLUMNS="80")
    assert shown.end() == 0
    assert "word " * 39 + "word" in shown.shown


def test_json_lines_of_followed_logs(run, seed):
    seed.image("weather")

    lines = run("logs", "weather", "--follow", "-o", "json").out.splitlines()
    assert all({"timestamp", "message"} <= json.loads(line).keys() for line in lines)
