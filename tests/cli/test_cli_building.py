"""Logs, waiting for builds, and packing."""

from __future__ import annotations

import json
import os
import random
import re
import signal

import pytest
import yaml

BROKEN = "FROM nginx\nCOPY missing /"


@pytest.fixture
def build(seed, client):
    """The options that name a build that has ended."""
    image = seed.image(dockerfile="FROM nginx\nRUN true")
    build_id = next(client.list_image_builds(image["imageId"]))["buildId"]
    return ("--image-id", image["imageId"], "--build-id", build_id)


def test_get_build_logs_returns_one_slice(done, run, build):
    part = done("get-build-logs", *build)

    assert part["logs"][0]["message"].startswith("Simulated build: ")
    assert part["buildStatus"] == "success"
    rest = done("get-build-logs", *build, "--next-token", part["nextToken"])
    assert rest["logs"] == []
    people = run("get-build-logs", *build, "-o", "table")
    assert "  Simulated build: " in people.out.splitlines()[0]
    assert people.err == "build: success\n"
    assert "No further" in run("get-build-logs", *build, "--next-token", part["nextToken"], "-o", "table").out


def test_get_build_logs_names_the_next_token_only_if_more_may_follow(run, done, seed, known_service, client):
    image_id = seed.image(dockerfile="FROM nginx\n" + "RUN true\n" * 150)["imageId"]
    build = ("--image-id", image_id, "--build-id", next(client.list_image_builds(image_id))["buildId"])
    part = done("get-build-logs", *build)
    known_service.control.next_build(seconds=60)
    running = done("create-version", image_id, "--source", "dockerfile", "--dockerfile", "FROM nginx")
    started = next(client.list_image_builds(image_id, version_ids=[running["versionId"]]))["buildId"]

    assert run("get-build-logs", *build, "-o", "table").err.endswith(f"; --next-token {part['nextToken']} continues\n")
    last = run("get-build-logs", *build, "--next-token", part["nextToken"], "-o", "table")
    assert last.err == "build: success\n"
    assert " continues" in run("get-build-logs", "--image-id", image_id, "--build-id", started, "-o", "table").err


def test_follow_shows_log_until_finished(run, build):
    text = run("get-build-logs", *build, "--follow").out.splitlines()
    assert "  Simulated build: " in text[0]
    assert text[-1].endswith("  The build succeeded")

    lines = run("get-build-logs", *build, "--follow", "-o", "json").out.splitlines()
    assert [json.loads(line)["message"] for line in lines] == [line.split("  ", 1)[1] for line in text]
    entries = yaml.safe_load(run("get-build-logs", *build, "--follow", "-o", "yaml").out)
    assert [entry["message"] for entry in entries] == [line.split("  ", 1)[1] for line in text]


def test_follow_continues_after_next_token(run, done, build):
    token = done("get-build-logs", *build)["nextToken"]

    rest = run("get-build-logs", *build, "--follow", "--next-token", token)
    assert (rest.code, rest.out) == (0, "")
    wrong = run("get-build-logs", *build, "--follow", "--next-token", "of-another-log")
    assert wrong.code == 7
    assert "of-another-log" in wrong.err


def test_follow_growing_log_after_next_token(run, seed, client, known_service):
    image_id = seed.image()["imageId"]
    known_service.control.next_build(seconds=1)
    client.create_version(image_id, {"buildDetails": {"source": "dockerfile", "dockerfile": "FROM nginx"}})
    build_id = next(client.list_image_builds(image_id))["buildId"]
    first = client.get_build_logs(image_id, build_id)
    build = ("--image-id", image_id, "--build-id", build_id)

    rest = run("get-build-logs", *build, "--follow", "--next-token", first["nextToken"]).out.splitlines()

    begun, followed = [entry["message"] for entry in first["logs"]], [line.split("  ", 1)[1] for line in rest]
    assert begun
    assert begun + followed == [entry["message"] for entry in client.follow_build_logs(image_id, build_id)]


def test_saving_a_log(done, run, build, here):
    saved = done("get-build-logs", *build, "--save")
    assert saved == {"path": f"image_build_logs_{build[1]}_{build[3]}.log", "size": saved["size"]}
    assert (here / saved["path"]).stat().st_size == saved["size"]

    named = run("get-build-logs", *build, "--save", "--file-name", "build.log", "-o", "table")
    assert named.out == f"Saved {saved['size']:,} bytes to build.log.\n"
    assert "The build succeeded" in (here / "build.log").read_text()


def test_save_error_of_a_log(run, build, here):
    ended = run("get-build-logs", *build, "--save", "--file-name", "nowhere/build.log")

    assert ended.code == 1
    assert "nowhere" in ended.err


@pytest.mark.parametrize(
    "options",
    [
        ["--follow", "--save"],
        ["--save", "--next-token", "t"],
        ["--file-name", "a.log"],
    ],
)
def test_mutually_exclusive_log_options(run, known_service, options):
    ended = run("get-build-logs", "--image-id", 1, "--build-id", 1, *options)

    assert ended.code == 2
    assert known_service.requests == []


CREATE = ("create", "--name", "tides", "--type", "api", "--source", "dockerfile", "--poll-interval", 0.05, "--wait")


def test_wait_for_successful_build(run, known_service):
    ended = run(*CREATE, "--dockerfile", "FROM nginx")

    assert ended.code == 0
    assert ended.json["lastBuildStatus"] == "success"
    assert ended.json["status"] == "ready"
    assert "  Building the Docker image...\n" in ended.err
    assert f"version {ended.json['versionId']} of image {ended.json['imageId']}: success\n" in ended.err


def test_wait_for_failed_build_exits_9(run, known_service):
    ended = run(*CREATE, "--dockerfile", BROKEN)

    assert ended.code == 9
    # A script needs the ids, all the more when something has gone wrong.
    assert ended.json["imageId"]
    assert ended.json["lastBuildStatus"] == "failed"
    assert "ERROR: Dockerfile:2: COPY: 'missing' not found in the build context\n" in ended.err
    text = ended.err.splitlines()[-1]
    assert re.match(r"peak-images: error: the build of \S+:\S+ failed \(version \d+ of image \d+\)\. Hint: ", text)
    assert re.search(rf"peak-images logs {ended.json['imageId']} --build \d+' shows the log", text)


def test_wait_without_log(run, known_service):
    ended = run(*CREATE, "--dockerfile", "FROM nginx", "--no-log")

    assert ended.code == 0
    assert "Building the Docker image" not in ended.err


def test_wait_timeout_exits_10(run, known_service):
    known_service.control.next_build(seconds=60)

    ended = run(*CREATE, "--dockerfile", "FROM nginx", "--wait-timeout", 0.3)

    assert ended.code == 10
    assert ended.json["versionId"]
    [named] = re.findall(r"'peak-images wait (\S+)' continues to wait", ended.err)
    assert f"the build of {named}, version {ended.json['versionId']} of image {ended.json['imageId']}: " in ended.err


def test_waiting_for_an_update(run, seed):
    image = seed.image(dockerfile=BROKEN)
    ids = ("--image-id", image["imageId"], "--version-id", image["versionId"])

    ended = run(
        *("update-version", *ids, "--source", "dockerfile", "--dockerfile", "FROM nginx\nRUN mended"),
        *("--wait", "--poll-interval", 0.05),
    )

    assert ended.code == 0
    assert "RUN mended" in ended.err
    assert "COPY missing" not in ended.err


def test_wait_command(run, seed):
    image = seed.image()
    broken = seed.version(image["imageId"], BROKEN)
    ids = ("--image-id", image["imageId"])

    good = run("wait", *ids, "--version-id", image["versionId"], "--no-log")
    assert good.code == 0
    assert good.json["id"] == int(image["versionId"])
    assert run("wait", *ids, "--version-id", broken["versionId"], "--no-log").code == 9
    # The latest is the second.
    assert run("wait", *ids, "--no-log").code == 9


def test_wait_for_an_unavailable_service_exits_8(run, seed, known_service):
    image = seed.image()
    known_service.control.fail_next(status=503, count=99, path="/versions/", headers={"Retry-After": "0"})

    ended = run("wait", "--image-id", image["imageId"], "--version-id", image["versionId"], "--wait-timeout", 3)
    assert ended.code == 8
    assert "(503)" in ended.err


def test_wait_timeout_during_an_outage_exits_10_with_the_last_error(run, seed, known_service):
    known_service.control.next_build(seconds=1000)
    image = run(*CREATE[:-3], "--dockerfile", "FROM nginx").json
    known_service.control.fail_next(path="/versions/")  # the real response
    known_service.control.fail_next(status=503, count=99, path="/versions/", headers={"Retry-After": "0"})

    ids = ("--image-id", image["imageId"], "--version-id", image["versionId"])
    ended = run("wait", *ids, "--wait-timeout", 1, "--no-log")
    assert ended.code == 10
    assert "timed out after 1 s; last: describe_version: 503: " in ended.err


def test_wait_for_build_without_log(run, seed, known_service):
    image = seed.image()
    known_service.control.fail_next(status=404, path="/logs")

    assert run("wait", "--image-id", image["imageId"]).code == 0


def test_interrupt_while_waiting_hints_how_to_continue(start, known_service):
    known_service.control.next_build(seconds=60)
    process = start(*CREATE, "--dockerfile", "FROM nginx")
    lines = iter(process.stderr.readline, b"")
    assert next(lines).startswith(b"image ")
    next(lines)

    process.send_signal(signal.SIGINT)

    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    created = json.loads(out)
    again = f"peak-images wait --image-id {created['imageId']} --version-id {created['versionId']}"
    assert again in err.decode()


def test_live_status_on_a_terminal(terminal, known_service):
    running = terminal(*CREATE, "--dockerfile", "FROM nginx\nRUN true")

    assert running.end() == 0
    assert "building" in running.shown
    assert "  Building the Docker image...\n" in running.shown
    assert "lastBuildStatus" in running.shown


def test_pack_lists_included_and_excluded_files(done, run, weather):
    shown = done("pack", "weather")

    assert shown["path"] == "weather"
    assert [file["name"] for file in shown["files"]] == [".dockerignore", "Dockerfile", "app/main.py"]
    assert shown["problems"] == []
    (weather / "none").write_text("")
    everything = done("pack", "weather", "--artifact-ignore-files", "none")
    assert "keys.env" in [file["name"] for file in everything["files"]]
    assert run("pack", "weather", "--strict").code == 0


def test_pack_is_strict_about_the_size(run, weather):
    (weather / "noise").write_bytes(random.Random(1).randbytes(11 * 2**20))

    assert run("pack", weather).code == 0
    ended = run("pack", weather, "--strict")
    assert ended.code == 3
    assert "is larger than 10.0 MiB when zipped" in ended.err


def test_pack_is_strict_about_problems(run, weather):
    options = ("pack", "weather", "--dockerfile-path", "docker/Dockerfile")

    assert run(*options).json["problems"][0]["kind"] == "dockerfile-missing"
    ended = run(*options, "--strict")
    assert ended.code == 3
    assert ended.err == (
        "peak-images: error: there is no 'docker/Dockerfile' in what is uploaded; "
        "set dockerfilePath to the Dockerfile that is there: 'Dockerfile'\n"
    )


def test_file_name_that_is_not_unicode_is_escaped(run, here):
    directory = here / "odd"
    directory.mkdir()
    (directory / "Dockerfile").write_text("FROM nginx\n")
    try:
        (directory / "caf\udce9").write_text("")
    except OSError:
        pytest.skip("the file system has no such names")

    assert run("pack", "odd").json["files"][1]["name"] == "caf\udce9"
    assert "caf" in run("pack", "odd", "-o", "table").out


def test_build_problems_are_one_line_warnings(run, weather, known_service):
    os.mkfifo(weather / "pipe")

    ended = run("create", "--name", "tides", "--type", "api", "--artifact-path", "weather")

    assert ended.code == 0
    warned = [line for line in ended.err.splitlines() if line.startswith("peak-images: warning: ")]
    assert any("pipe" in line for line in warned)
