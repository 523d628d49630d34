"""The official SDK's command line, on this package's client: its sub-commands, their options, tables and errors."""

import json
import os
import subprocess

import pytest

from tests.interop.interpreter import PEAK
from tests.interop.tour import DOCKERFILE, FAILING

IMAGES = "/image-management/api/v2/images/"


@pytest.fixture
def surroundings(service, build_context):
    """What the SDK's command needs to know where it is run. It makes its client with no session."""
    environment = {"API_KEY": service.token, "PEAK_IMAGES_URL": service.url, "COLUMNS": "200", "NO_COLOR": "1"}
    yield {"env": {**os.environ, **environment}, "cwd": build_context}
    assert {request.headers["user-agent"].partition("/")[0] for request in service.requests} <= {"peak-images"}


@pytest.fixture
def run_peak(beside, surroundings):
    """Runs the SDK's command ``peak images …`` where the wheel is beside it, and gives what it did."""
    script = beside.python.with_name("peak" + beside.python.suffix)

    def run(*arguments):
        return subprocess.run(
            [script, "images", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            **surroundings,
        )

    return run


@pytest.fixture
def peak(run_peak):
    """Runs it, which must succeed, and gives what it shows."""

    def run(*arguments):
        done = run_peak(*arguments)
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    return run


@pytest.fixture
def peak_each(interpreter, surroundings):
    """Runs several commands in one process, as each takes more than a second to load, and gives their responses."""

    def run(*commands):
        shown = []
        for arguments in commands:
            done = interpreter.run(PEAK, "images", *arguments, **surroundings)
            assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            shown.append(json.loads(done.stdout))
        return shown

    return run


@pytest.fixture
def image(session, service):
    """The ids of an image, of its versions and of their builds."""
    from peak_images import get_client

    client = get_client(session)
    created = client.create_image({"name": "an-image", "type": "workflow", "buildDetails": DOCKERFILE})
    version = client.create_version(created["imageId"], {"buildDetails": FAILING})
    service.control.finish_builds()
    builds = [build["buildId"] for build in client.list_image_builds(created["imageId"])]
    return created["imageId"], (created["versionId"], version["versionId"]), builds[-1]


def test_their_command_line_lists(peak, peak_each, image):
    image_id, _, _ = image
    found, versions, builds = peak_each(
        ("list", "--page-size", 1, "--name", "an", "--scope", "custom"),
        ("list-versions", image_id),
        ("list-builds", image_id),
    )

    assert json.loads(peak("list"))["images"][0]["id"] == image_id
    assert found["imageCount"] == 1
    assert versions["versionCount"] == 2
    assert builds["buildCount"] == 2
    assert "an-image" in peak("list", "-o", "table")


def test_their_command_line_hands_on_the_filters_of_lists(peak_each, image, service):
    image_id, (version_id, failed_id), _ = image
    service.control.set_tags(version_id, ["blue", "green"])
    # A filter's values are separated by commas, or it is given again.
    expected = {
        (
            "list", "--tags", "blue,green", "--status", "ready", "--status", "not-ready",
            "--last-build-status", "failed",
        ): (
            ("status", "ready"), ("status", "not-ready"), ("lastBuildStatus", "failed"),
            ("tags", "blue"), ("tags", "green"),
        ),
        (
            "list-versions", image_id, "--tags", "blue", "--tags", "green", "--status", "ready,in-use",
            "--version", "0.0", "--last-build-status", "success,building", "--page-size", 5,
        ): (
            ("pageSize", "5"), ("searchTerm", "0.0"), ("status", "ready"), ("status", "in-use"),
            ("lastBuildStatus", "success"), ("lastBuildStatus", "building"), ("tags", "blue"), ("tags", "green"),
        ),
        (
            "list-builds", image_id, "--version-ids", f"{version_id},{failed_id}", "--date-from", "2023-01-01",
            "--date-to", "2100-01-01T00:00:00Z", "--build-status", "failed,success", "--count", 5,
        ): (
            ("dateFrom", "2023-01-01T00:00:00.000Z"), ("dateTo", "2100-01-01T00:00:00.000Z"), ("count", "5"),
            ("versions", str(version_id)), ("versions", str(failed_id)),
            ("buildStatus", "failed"), ("buildStatus", "success"),
        ),
    }  # fmt: skip
    before = len(service.requests)
    images, versions, builds = peak_each(*expected)

    assert [request.query for request in service.requests[before:]] == [*expected.values()]
    assert images["images"] == []  # its latest version has no tags
    assert [version["id"] for version in versions["versions"]] == [version_id]
    assert [build["versionId"] for build in builds["builds"]] == [failed_id, version_id]


@pytest.mark.parametrize(
    ("listing", "title", "cells"),
    [
        (
            "list-versions",
            "Image Versions (Total = 2)",
            [{"0.0.2", "not-ready", "failed"}, {"0.0.1", "ready", "success"}],
        ),
        ("list-builds", "Image Builds (Total = 2)", [{"0.0.2", "failed"}, {"0.0.1", "success"}]),
    ],
)
def test_their_command_line_shows_a_list_as_a_table(peak, image, listing, title, cells):
    shown = peak(listing, image[0], "-o", "table")

    assert title in shown
    assert "Page 1 of 1" in shown
    rows = [row for row in map(set, map(str.split, shown.splitlines())) if {"0.0.1", "0.0.2"} & row]
    assert all(expected <= row for expected, row in zip(cells, rows, strict=True))


def test_their_command_line_ends_with_our_error(run_peak, service):
    done = run_peak("describe", 99)

    assert (done.returncode, done.stdout.strip()) == (1, "")
    assert done.stderr.strip().splitlines()[-1] == "NotFoundError: describe_image: 404: There is no image with id 99"
    # What is before that are the calls that led there, with their variables.
    assert service.token not in done.stderr


def test_their_command_line_describes(peak_each, image):
    image_id, (version_id, _), _ = image
    described, version = peak_each(
        ("describe", image_id), ("describe-version", "--image-id", image_id, "--version-id", version_id)
    )

    assert described["name"] == "an-image"
    assert version["imageName"] == "an-image"


def test_sdk_command_line_shows_a_response_as_yaml(peak, image):
    shown = peak("describe", image[0], "-o", "yaml")

    assert "name: an-image" in shown
    assert "python/object" not in shown


def test_their_command_line_shows_and_saves_logs(peak, image, build_context):
    image_id, _, build_id = image

    assert json.loads(peak("get-build-logs", "--image-id", image_id, "--build-id", build_id))["logs"]
    peak("get-build-logs", "--image-id", image_id, "--build-id", build_id, "--save", "--file-name", "saved.log")
    assert (build_context / "saved.log").read_bytes()


def test_sdk_command_line_creates_from_a_directory(peak, service):
    arguments = ("--name", "new", "--type", "workflow", "--version", "0.0.1", "--artifact-path", ".")
    created = json.loads(peak("create", *arguments, "--source", "upload"))

    files = service.control.uploaded_files(created["versionId"])
    assert "app/main.py" in files
    assert "notes.md" not in files


def test_their_command_line_creates_from_a_file_of_theirs(peak, service, build_context):
    (build_context / "image.yaml").write_text(
        "body:\n  name: {{ name }}\n  type: api\n  buildDetails:\n    source: upload\n    useCache: false\n"
        "artifact:\n  path: .\n  ignore_files:\n    - .dockerignore\n"
    )
    created = json.loads(peak("create", "image.yaml", "--params", "name=templated"))

    assert service.requests[-1].fields["name"] == "templated"
    assert "app/main.py" in service.control.uploaded_files(created["versionId"])


def test_their_command_line_makes_build_details_of_its_options(peak_each, service, build_context):
    (build_context / "other.ignore").write_text("app/assets\n")
    dockerfile = {"source": "dockerfile", "dockerfile": "FROM nginx"}
    nginx = ("--source", "dockerfile", "--dockerfile", "FROM nginx")
    expected = [
        (("--build-details", json.dumps({**dockerfile, "useCache": False})), {**dockerfile, "useCache": False}),
        # An option wins over what is in the details.
        (("--build-details", json.dumps({**dockerfile, "source": "github"}), *nginx), dockerfile),
        ((*nginx, "--secrets", "one,two", "--secrets", "three"), {**dockerfile, "secrets": ["one", "two", "three"]}),
        ((*nginx, "--use-cache"), {**dockerfile, "useCache": True}),
        # The command takes what is false for what isn't given; in the details as a whole it does not.
        ((*nginx, "--no-use-cache"), dockerfile),
        (
            (
                "--source", "github", "--repository", "https://github.com/user/repo", "--branch", "main",
                "--token", "a-token", "--dockerfile-path", "images/v1/Dockerfile", "--context", "/",
            ),
            {
                "source": "github", "repository": "https://github.com/user/repo", "branch": "main",
                "token": "***", "dockerfilePath": "images/v1/Dockerfile", "context": "/",
            },
        ),
        (
            (
                "--artifact-path", ".", "--artifact-ignore-files", ".dockerignore",
                "--artifact-ignore-files", "other.ignore",
            ),
            {"source": "upload"},
        ),
    ]  # fmt: skip
    created = peak_each(
        *(
            ("create", "--name", f"image-{index}", "--type", "api", *options)
            for index, (options, _) in enumerate(expected)
        )
    )

    assert [request.fields for request in service.requests] == [
        {"name": f"image-{index}", "type": "api", "buildDetails": details}
        for index, (_, details) in enumerate(expected)
    ]
    files = service.control.uploaded_files(created[-1]["versionId"])
    assert {"app/main.py", "other.ignore"} <= {*files}
    assert not {"notes.md", "app/assets/logo.png"} & {*files}


def test_sdk_command_line_creates_and_updates_versions_from_a_directory(peak_each, image, service):
    image_id, (_, failed_id), _ = image
    folder = ("--artifact-path", ".", "--source", "upload")
    upsert = ("create-or-update", "--name", "an-image", "--type", "workflow", *folder)
    before = len(service.requests)
    made, new, same, updated = peak_each(
        ("create-version", image_id, "--version", "1.0.0", "--description", "from a folder", *folder),
        (*upsert, "--version", "2.0.0"),
        (*upsert, "--version", "0.0.2"),
        ("update-version", "--image-id", image_id, "--version-id", failed_id, *folder),
    )

    sent = [request for request in service.requests[before:] if request.method != "GET"]
    assert [(request.method, request.path.removeprefix(IMAGES), request.fields) for request in sent] == [
        (
            "POST",
            f"{image_id}/versions",
            {"version": "1.0.0", "description": "from a folder", "buildDetails": {"source": "upload"}},
        ),
        ("POST", f"{image_id}/versions", {"version": "2.0.0", "buildDetails": {"source": "upload"}}),
        ("PATCH", f"{image_id}/versions/{failed_id}", {"buildDetails": {"source": "upload"}}),
        ("PATCH", f"{image_id}/versions/{failed_id}", {"buildDetails": {"source": "upload"}}),
    ]
    assert same["versionId"] == updated["versionId"] == failed_id
    for version in (made, new, updated):
        files = service.control.uploaded_files(version["versionId"])
        assert "app/main.py" in files
        assert "notes.md" not in files


CREATING = {
    "create": ("--name", "new", "--type", "workflow"),
    "create-or-update": ("--name", "an-image", "--type", "workflow", "--version", "7.0.0"),
    "create-version": ("--version", "7.0.1"),
    "update-version": (),
}


def test_sdk_command_line_creates_and_updates_without_a_directory(peak_each, image, service):
    image_id, (_, version_id), _ = image
    named = {"create-version": (image_id,), "update-version": ("--image-id", image_id, "--version-id", version_id)}
    details = ("--source", "dockerfile", "--dockerfile", "FROM nginx", "--build-arguments", "A=b")
    before = len(service.requests)
    responses = peak_each(
        *((command, *named.get(command, ()), *options, *details) for command, options in CREATING.items())
    )

    sent = [request for request in service.requests[before:] if request.method != "GET"]
    assert [request.fields["buildDetails"]["source"] for request in sent] == ["dockerfile"] * len(CREATING)
    assert all(response["buildId"] for response in responses)


def test_their_command_line_deletes(peak_each, image, service):
    image_id, (one, other), _ = image
    before = len(service.requests)
    peak_each(
        ("delete-version", "--image-id", image_id, "--version-id", other),
        ("delete-versions", "--image-id", image_id, "--version-ids", f"{one},{other}"),
        ("delete", image_id),
    )

    assert [
        (request.method, request.path.removeprefix(IMAGES), request.query, request.status)
        for request in service.requests[before:]
    ] == [
        ("DELETE", f"{image_id}/versions/{other}", (), 200),
        ("DELETE", f"{image_id}/versions", (("versionIds", str(one)), ("versionIds", str(other))), 200),
        ("DELETE", f"{image_id}", (), 200),
    ]


@pytest.mark.parametrize("command", ["create", "create-version", "update-version", "delete"])
def test_their_dry_run_changes_nothing(peak, image, service, command):
    image_id, (_, version_id), _ = image
    named = {
        "create-version": (image_id,),
        "update-version": ("--image-id", image_id, "--version-id", version_id),
        "delete": (image_id,),
    }
    details = ("--source", "dockerfile", "--dockerfile", "FROM nginx") if command in CREATING else ()
    before = len(service.requests)
    shown = peak(command, *named.get(command, ()), *CREATING.get(command, ()), *details, "--dry-run")

    assert {request.method for request in service.requests[before:]} <= {"GET"}
    assert IMAGES.rstrip("/") in shown  # what would have been sent
