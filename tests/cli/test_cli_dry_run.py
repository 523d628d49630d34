"""``--dry-run``: what would be sent, and nothing is."""

from __future__ import annotations

import random

import pytest

BASE = "/image-management/api/v2"
DOCKERFILE = ("--source", "dockerfile", "--dockerfile", "FROM nginx")


def test_dry_run_shows_request_and_artifact_with_secrets_masked(done, known_service, weather, monkeypatch):
    monkeypatch.delenv("PEAK_AUTH_TOKEN")

    shown = done(
        *("create", "--name", "tides", "--type", "api", "--artifact-path", "weather", "--dry-run"),
        *(
            "--build-arguments",
            "PASSWORD=hunter2",
            "--source",
            "github",
            "--token",
            "hunter2",
            "--secrets",
            "NAME_OF_SECRET",
        ),
        *("--repository", "https://user:hunter2@github.com/acme/weather"),
    )

    assert shown["requests"] == [{"method": "POST", "url": f"{known_service.url}{BASE}/images/"}]
    assert shown["headers"] == {"Authorization": "***"}
    details = shown["body"]["buildDetails"]
    assert details["source"] == "github"
    assert shown["artifact"]["zippedSize"] > 100
    assert details["token"] == "***"
    assert details["buildArguments"] == [{"name": "PASSWORD", "value": "***"}]
    assert details["secrets"] == ["NAME_OF_SECRET"]
    assert details["repository"] == "https://***@github.com/acme/weather"
    assert "hunter2" not in str(shown)
    assert [file["name"] for file in shown["artifact"]["files"]] == [".dockerignore", "Dockerfile", "app/main.py"]
    assert shown["artifact"]["leftOut"] == [
        {"name": "keys.env", "pattern": "*.env", "ignoreFile": ".dockerignore", "line": 1}
    ]
    assert known_service.requests == []


def test_dry_run_as_readable_tree(run, known_service, weather):
    (weather / "Dockerfile").write_text("FROM nginx\nCOPY keys.env /\n")
    ended = run(
        *("create-version", 7, "--artifact-path", "weather", "--dry-run", "-o", "table"),
        *("--build-arguments", "PASSWORD=hunter2"),
    )

    assert ended.code == 3
    assert f"POST {known_service.url}{BASE}/images/7/versions" in ended.out
    assert "Authorization: ***" in ended.out
    assert "├── app/\n│   └── main.py  15 B" in ended.out.replace("└── app/\n    └── main", "├── app/\n│   └── main")
    assert "keys.env  (by '*.env' in .dockerignore:1)" in ended.out
    assert "source-ignored: Dockerfile:2: COPY: 'keys.env' not found" in ended.out
    assert "hunter2" not in ended.out
    assert known_service.requests == []


def test_create_or_update_shows_what_may_be_sent(done, known_service):
    shown = done("create-or-update", "--name", "tides", "--type", "api", *DOCKERFILE, "--dry-run")

    assert [(request["method"], request["when"]) for request in shown["requests"]] == [
        ("POST", "if there is no image of this name"),
        ("POST", "if it has no such version"),
        ("PATCH", "otherwise"),
    ]
    images_url = f"{known_service.url}{BASE}/images/"
    assert [request["url"].removeprefix(images_url) for request in shown["requests"]] == [
        "",
        "{imageId}/versions",
        "{imageId}/versions/{versionId}",
    ]
    assert known_service.requests == []


@pytest.mark.parametrize("command", [["create"], ["create-version", 7], ["create-or-update"]])
def test_invalid_body_is_found_by_dry_run(run, known_service, command):
    name = () if command[0] == "create-version" else ("--name", "tides", "--type", "api")

    ended = run(*command, *name, "--source", "spaceship", "--dry-run")

    assert ended.code == 2
    assert "--source: 'spaceship' is not one of the allowed values" in ended.err
    assert known_service.requests == []


@pytest.mark.parametrize("command", ["create", "create-or-update"])
def test_too_large_artifact_is_found_by_dry_run(run, known_service, weather, command):
    options = (command, "--name", "a", "--type", "api", "--artifact-path", "weather", "--dry-run")
    assert run(*options).json["artifact"]["zippedSize"] > 100
    (weather / "large.bin").write_bytes(random.Random(1).randbytes(11 << 20))

    assert run(*options).code == 3
    assert known_service.requests == []


def test_dry_run_preflight_uses_dockerfile_path(run, known_service, weather):
    (weather / "Dockerfile").rename(weather / "app/Dockerfile")
    options = ("--name", "a", "--type", "api", "--artifact-path", "weather", "--dry-run")

    wrong = run("create", *options)
    assert [problem["kind"] for problem in wrong.json["artifact"]["problems"]] == ["dockerfile-missing"]
    right = run("create", *options, "--dockerfile-path", "app/Dockerfile")
    assert right.json["artifact"]["problems"] == []
    assert right.code == 0


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["create"], 3),
        (["create-version", 7], 3),
        (["create-or-update"], 3),
        (["deploy", "weather"], 3),
        (["create", "--artifact-check", "warn"], 0),
        (["create-or-update", "--artifact-check", "warn"], 0),
        # The version may have a Dockerfile elsewhere.
        (["update-version", "--image-id", 7, "--version-id", 9], 0),
    ],
)
def test_dry_run_of_what_the_preflight_refuses_shows_it_and_exits_with_an_error(
    run, known_service, weather, command, code
):
    (weather / "Dockerfile").write_text("FROM nginx\nCOPY missing.txt /\n")
    name = ("--name", "a", "--type", "api") if command[0] in ("create", "create-or-update", "deploy") else ()
    path = () if command[0] == "deploy" else ("--artifact-path", "weather")

    ended = run(*command, *name, *path, "--dry-run")

    assert ended.code == code
    assert [problem["kind"] for problem in ended.json["artifact"]["problems"]] == ["source-missing"]
    assert ("the build of" in ended.err) == (code == 3)
    assert known_service.requests == []


@pytest.mark.parametrize(
    ("command", "method", "path"),
    [
        (["update-version", "--image-id", 7, "--version-id", 9], "PATCH", "/images/7/versions/9"),
        (["delete", 7], "DELETE", "/images/7"),
        (["delete-version", "--image-id", 7, "--version-id", 9], "DELETE", "/images/7/versions/9"),
        (
            ["delete-versions", "--image-id", 7, "--version-ids", "9,10"],
            "DELETE",
            "/images/7/versions?versionIds=9&versionIds=10",
        ),
    ],
)
def test_dry_run_of_other_commands(done, known_service, command, method, path):
    shown = done(*command, "--dry-run")

    assert shown["requests"] == [{"method": method, "url": f"{known_service.url}{BASE}{path}"}]
    assert known_service.requests == []


def test_unusable_directory_is_found_by_dry_run(run, known_service):
    ended = run("create", "--name", "tides", "--type", "api", "--artifact-path", "nowhere", "--dry-run")

    assert ended.code == 3
    assert "nowhere" in ended.err
    assert known_service.requests == []


@pytest.mark.parametrize(
    ("artifact", "words"),
    [
        ("ignore_files: [a]", "artifact.path: is required"),
        ("path: ., paths: a", "artifact.paths: no such key"),
    ],
)
def test_invalid_artifact_of_an_input_file_is_an_error(run, known_service, here, artifact, words):
    (here / "image.yaml").write_text(f"body: {{name: tides, type: api}}\nartifact: {{{artifact}}}\n")

    ended = run("create", "image.yaml", "--dry-run")

    assert ended.code == 2
    assert words in ended.err


def test_many_files_are_not_all_shown(run, known_service, here):
    (here / "many").mkdir()
    for number in range(230):
        (here / f"many/{number:03}").write_text("")

    ended = run("pack", "many", "-o", "table")

    assert "230 files, 0 B, zipped" in ended.out
    assert "… and 30 more" in ended.out
