"""The commands that list and describe."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from tests.integration.raw_server import RawServer, response


@pytest.fixture
def asked(known_service):
    """The query of the last request."""
    return lambda: list(known_service.requests[-1].query)


def test_every_filter_of_list_separated_by_commas_or_repeated(done, asked):
    done(
        *("list", "--page-size", 5, "--page-number", 2, "--name", "wea", "--status", "ready,in-use"),
        *("--status", "not-ready", "--scope", "custom, global", "--last-build-status", "success,failed"),
        *("--tags", "a,b", "--tags", "c"),
    )

    assert sorted(asked()) == [
        ("lastBuildStatus", "failed"),
        ("lastBuildStatus", "success"),
        ("pageNumber", "2"),
        ("pageSize", "5"),
        ("scope", "custom"),
        ("scope", "global"),
        ("searchTerm", "wea"),
        ("status", "in-use"),
        ("status", "not-ready"),
        ("status", "ready"),
        ("tags", "a"),
        ("tags", "b"),
        ("tags", "c"),
    ]


def test_every_filter_of_list_versions(done, seed, asked):
    image_id = seed.image()["imageId"]

    done(
        *("list-versions", image_id, "--page-size", 5, "--page-number", 2, "--version", "0.0", "--tags", "a"),
        *("--status", "ready", "--last-build-status", "success,building"),
    )

    assert sorted(asked()) == [
        ("lastBuildStatus", "building"),
        ("lastBuildStatus", "success"),
        ("pageNumber", "2"),
        ("pageSize", "5"),
        ("searchTerm", "0.0"),
        ("status", "ready"),
        ("tags", "a"),
    ]


def test_every_filter_of_list_builds(done, seed, asked):
    image_id = seed.image()["imageId"]

    done(
        *("list-builds", image_id, "--count", 3, "--version-ids", "201,202", "--build-status", "success,failed"),
        *("--date-from", "2023-06-01", "--date-to", "2023-07-01T00:00:00Z", "--page-size", 5, "--page-number", 2),
    )

    query = dict(asked())
    assert [value for name, value in asked() if name == "versions"] == ["201", "202"]
    assert [value for name, value in asked() if name == "buildStatus"] == ["success", "failed"]
    assert (query["count"], query["pageSize"], query["pageNumber"]) == ("3", "5", "2")
    assert query["dateFrom"].startswith("2023-06-01")
    assert query["dateTo"].startswith("2023-07-01")


def test_page_is_shown_as_the_service_returns_it(done, seed):
    for number in range(3):
        seed.image(f"image-{number}")

    page = done("list", "--page-size", 2)

    assert (page["imageCount"], page["pageCount"], page["pageNumber"]) == (3, 2, 1)
    assert [image["name"] for image in page["images"]] == ["image-2", "image-1"]


def test_all_lists_every_page(done, seed):
    ids = [seed.image(f"image-{number}")["imageId"] for number in range(3)]
    seed.version(ids[0])

    assert done("list", "--all", "--page-size", 2)["imageCount"] == 3
    assert done("list-versions", ids[0], "--all", "--page-size", 1)["versionCount"] == 2
    assert len(done("list-builds", ids[0], "--all")["builds"]) == 2


def test_all_and_page_number_are_mutually_exclusive(run, known_service):
    ended = run("list", "--all", "--page-number", 2)

    assert ended.code == 2
    assert known_service.requests == []


def test_describe(done, seed, client):
    image = seed.image()

    assert done("describe", image["imageId"]) == client.describe_image(image["imageId"])
    ids = ("--image-id", image["imageId"], "--version-id", image["versionId"])
    assert done("describe-version", *ids) == client.describe_version(image["imageId"], image["versionId"])


@pytest.mark.parametrize("option", ["--output-type", "--output", "-o"])
def test_yaml_by_each_name_of_the_option(run, seed, client, option):
    image_id = seed.image()["imageId"]

    assert yaml.safe_load(run("describe", image_id, option, "yaml").out) == client.describe_image(image_id)


def test_lists_and_details_as_tables(run, seed):
    image = seed.image("wetter-für-alle", dockerfile="FROM nginx\nCOPY missing /")
    seed.version(image["imageId"], buildDetails={"source": "github", "repository": "https://github.com/a/b"})

    listed = run("list", "-o", "table").out.splitlines()
    assert listed[0].split() == [
        "ID",
        "NAME",
        "TYPE",
        "SCOPE",
        "LATEST",
        "STATUS",
        "LAST",
        "BUILD",
        "CREATED",
        "LATEST",
        "ID",
        "TAGS",
    ]
    first = [str(image["imageId"]), "wetter-für-alle", "api", "custom", "0.0.2", "ready", "success"]
    assert listed[1].split()[:7] == first
    versions = run("list-versions", image["imageId"], "-o", "table").out
    assert "not-ready" in versions
    assert "github" in versions
    builds = run("list-builds", image["imageId"], "-o", "table").out.splitlines()
    assert builds[0].startswith("BUILD ID  VERSION  STATUS   STARTED")
    described = run("describe", image["imageId"], "-o", "table").out
    assert re.search(r"^latestVersion\.buildDetails\.source +github$", described, re.MULTILINE)
    assert not any(line.endswith(" ") for line in (*listed, *builds, *described.splitlines()))


def test_pagination_note_on_stderr(run, seed):
    for number in range(2):
        seed.image(f"image-{number}")

    for output in ("table", "json", "csv"):
        first = run("list", "--page-size", 1, "-o", output).err
        assert first == "page 1 of 2: 1 of 2 images; --page-number 2 shows the next, --all shows all\n"
        assert run("list", "--page-size", 1, "--page-number", 2, "-o", output).err.startswith("page 2 of 2: ")
        assert run("list", "--all", "-o", output).err == ""
    assert run("list", "--page-number", 3, "-o", "table").out == "No images on page 3 of 1.\n"
    assert run("list", "--name", "nothing", "-o", "table").out == "No images.\n"


def test_control_characters_in_table_are_replaced(run, seed):
    image = seed.image(description="red \x1b[31malert\x1b]0;title\x07 \u202eevil\nnext")

    described = run("describe", image["imageId"], "-o", "table").out

    assert "red alert�]0;title� �evil" in described
    assert "\x1b" not in described


def test_non_ascii_text_is_not_escaped(run, seed):
    image = seed.image("wetter-für-alle")

    out = run("describe", image["imageId"]).out
    assert "wetter-für-alle" in out
    assert json.loads(out)["name"] == "wetter-für-alle"


@pytest.mark.parametrize("elements", [True, "x", [None], ["x"], [[1]]], ids=repr)
@pytest.mark.parametrize(
    ("argv", "key"),
    [
        *((["list", "-o", form], "images") for form in ("table", "csv", "json")),
        (["logs", 1], "builds"),
        (["logs", 1, "--build", 5], "logs"),
        (["get-build-logs", 1, "--build-id", 5, "-o", "table"], "logs"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else "",
)
def test_response_without_a_readable_list_is_an_error_of_the_service(run, monkeypatch, elements, argv, key):
    body = {"pageCount": 1, "buildStatus": "success", key: elements}
    with RawServer(response(200, json.dumps(body).encode())) as server:
        monkeypatch.setenv("PEAK_IMAGES_URL", server.url)
        monkeypatch.setenv("PEAK_AUTH_TOKEN", "a-token")
        ended = run(*argv)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"peak-images: error: the service's response has no list of {key}\n"


@pytest.mark.parametrize("identifier", [None, "x", [1], {}], ids=repr)
@pytest.mark.parametrize("argv", [["describe", "weather"], ["logs", "weather:0.0.1"], ["wait", 1]], ids=str)
def test_response_without_a_readable_id_is_an_error_of_the_service(run, monkeypatch, identifier, argv):
    version = {"id": identifier, "version": "0.0.1"}
    images = [{"id": identifier if argv[0] == "describe" else 7, "name": "weather"}]
    body = {"images": images, "versions": [version], "latestVersion": version, "pageCount": 1}
    with RawServer(response(200, json.dumps(body).encode())) as server:
        monkeypatch.setenv("PEAK_IMAGES_URL", server.url)
        monkeypatch.setenv("PEAK_AUTH_TOKEN", "a-token")
        ended = run(*argv)
    assert (ended.code, ended.err) == (1, "peak-images: error: the service's response has no id\n")
