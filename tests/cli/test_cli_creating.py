"""``create``, ``create-version``, ``create-or-update`` and ``update-version``: files, templates, options."""

from __future__ import annotations

import json
import re

import pytest

FILE = """\
body:
  name: {{ name | default("weather") }}
  type: api
  version: 0.0.1
  description: {{ description }}
  buildDetails:
    source: upload
    useCache: true
    buildArguments:
      - name: GREETING
        value: {{ os_env.GREETING_OF_TEST }}
artifact:
  path: weather
"""


@pytest.fixture
def file(here, weather, monkeypatch):
    monkeypatch.setenv("GREETING_OF_TEST", "Good morning")
    path = here / "image.yaml.j2"
    path.write_text(FILE)
    return path


@pytest.fixture
def sent(known_service):
    """The fields of the last request that had a form."""

    def fields():
        return next(dict(request.fields) for request in reversed(known_service.requests) if request.fields)

    return fields


def test_create_from_an_input_file(done, file, known_service, sent):
    created = done("create", file, "--params", "description=Sunny = warm")

    assert created.keys() == {"imageId", "versionId", "buildId"}
    assert sent()["description"] == "Sunny = warm"
    assert sent()["name"] == "weather"
    files = known_service.control.uploaded_files(int(created["versionId"]))
    assert sorted(files) == [".dockerignore", "Dockerfile", "app/main.py"]


def test_params_override_params_file(done, file, here, sent):
    (here / "params.yaml").write_text("name: from-file\ndescription: from file\n")

    done("create", file, "-v", "params.yaml", "-p", "name=from-option")

    assert (sent()["name"], sent()["description"]) == ("from-option", "from file")


def test_options_override_the_input_file(done, file, client, here, sent):
    (here / "other").mkdir()
    (here / "other/Dockerfile").write_text("FROM nginx\nCOPY keys.env /\n")
    (here / "other/keys.env").write_text("")
    (here / "none").write_text("")
    options = ("--name", "tides", "--description", "High", "--version", "1.0.0", "--type", "webapp", "--no-use-cache")

    created = done(
        "create", file, "-p", "description=", *options, "--artifact-path", "other", "--artifact-ignore-files", "none"
    )

    fields = sent()
    assert fields["buildDetails"]["buildArguments"] == [{"name": "GREETING", "value": "***"}]
    assert fields["buildDetails"]["useCache"] is False
    assert (fields["name"], fields["type"], fields["version"]) == ("tides", "webapp", "1.0.0")
    version = client.describe_version(created["imageId"], created["versionId"])
    assert version["buildDetails"]["buildArguments"] == [{"name": "GREETING", "value": "Good morning"}]


def test_create_from_options(done, client, known_service):
    created = done(
        *("create", "--name", "from-options", "--type", "workflow", "--source", "github"),
        *("--repository", "https://github.com/acme/weather", "--branch", "main", "--token", "a-token"),
        *("--dockerfile-path", "docker/Dockerfile", "--context", "docker", "--use-cache"),
        *("--build-arguments", "A=1", "--build-arguments", "B=x=y", "--secrets", "ONE,TWO", "--secrets", "THREE"),
    )

    details = client.describe_image(created["imageId"])["latestVersion"]["buildDetails"]
    assert details["repository"] == "https://github.com/acme/weather"
    assert (details["branch"], details["dockerfilePath"], details["context"]) == ("main", "docker/Dockerfile", "docker")
    assert details["useCache"] is True
    assert details["buildArguments"] == [{"name": "A", "value": "1"}, {"name": "B", "value": "x=y"}]
    assert details["secrets"] == ["ONE", "TWO", "THREE"]


def test_lists_and_details_as_json(done, client, here):
    (here / "details.json").write_text(json.dumps({"source": "dockerfile", "useCache": True}))
    (here / "Dockerfile").write_text("FROM nginx\n")

    created = done(
        *("create", "--name", "json", "--type", "api", "--build-details", "@details.json", "--no-use-cache"),
        *("--dockerfile", "@Dockerfile", "--secrets", '["A,B"]'),
        *("--build-arguments", '[{"name": "N", "value": "[1]"}]'),
    )

    details = client.describe_image(created["imageId"])["latestVersion"]["buildDetails"]
    assert details["dockerfile"] == "FROM nginx\n"
    assert details["useCache"] is False
    assert details["secrets"] == ["A,B"]
    assert details["buildArguments"] == [{"name": "N", "value": "[1]"}]


def test_autodeploy_resources_are_sent(done, seed, sent):
    image_id = seed.image()["imageId"]
    resources = [{"entityId": "0a12", "entityType": "webapp"}]

    created = done(
        *("create-version", image_id, "--version", "0.0.2", "--source", "dockerfile", "--dockerfile", "FROM nginx"),
        *("--autodeploy-resources", json.dumps(resources)),
    )

    assert created["autodeploymentId"]
    assert sent()["autodeployResources"] == resources


def test_create_or_update_does_what_is_needed(done, known_service):
    options = ("create-or-update", "--name", "tides", "--type", "api", "--source", "dockerfile")
    first = done(*options, "--version", "0.0.1", "--dockerfile", "FROM nginx\nCOPY missing /")
    known_service.control.finish_builds()
    second = done(*options, "--version", "0.0.1", "--dockerfile", "FROM nginx")
    known_service.control.finish_builds()
    third = done(*options, "--version", "0.0.2", "--dockerfile", "FROM nginx")

    assert first["imageId"] == second["imageId"] == third["imageId"]
    assert first["versionId"] == second["versionId"] != third["versionId"]


def test_update_sends_only_given_fields(done, seed, client):
    image = seed.image(dockerfile="FROM nginx\nCOPY missing /", description="Before")
    ids = ("--image-id", image["imageId"], "--version-id", image["versionId"])

    done("update-version", *ids, "--description", "After", "--build-details", '{"dockerfile": "FROM nginx"}')

    version = client.describe_version(image["imageId"], image["versionId"])
    assert version["description"] == "After"
    assert version["buildDetails"]["dockerfile"] == "FROM nginx"


@pytest.mark.parametrize("command", ["create", "create-version", "create-or-update", "update-version"])
def test_generated_example_is_a_valid_request(command, run, done, seed, weather, monkeypatch):
    image = seed.image("an-image", dockerfile="FROM nginx\nCOPY missing /")
    ended = run(command, "--generate")
    assert ended.code == 0
    monkeypatch.chdir(weather)
    (weather / "image.yaml").write_text(ended.out)
    ids = {
        "create-version": (image["imageId"],),
        "update-version": ("--image-id", image["imageId"], "--version-id", image["versionId"]),
    }.get(command, ())
    changes = ("--version", "7.0.0") if command == "create-version" else ()

    assert done(command, *ids, "image.yaml", *changes)["versionId"]


@pytest.mark.parametrize("command", ["create", "create-version", "create-or-update", "update-version"])
def test_commented_fields_of_the_example_are_valid(command, run, done, weather, known_service):
    _, _, text = run(command, "--generate").out.partition("body:\n")
    # Prose begins with a capital letter, fields don't.
    fields = re.sub(r"^( +)# (?=[ a-z-])", r"\1", text, flags=re.MULTILINE).replace("source: upload", "source: github")
    (weather / "image.yaml").write_text("body:\n" + fields)
    ids = {"create-version": (1,), "update-version": ("--image-id", 1, "--version-id", 2)}.get(command, ())

    body = done(command, *ids, "weather/image.yaml", "--dry-run", "--artifact-ignore-files", "weather/.dockerignore")[
        "body"
    ]

    details = body["buildDetails"]
    assert details["dockerfile"].startswith("FROM ")
    assert {"repository", "branch", "token", "context", "dockerfilePath"} <= details.keys()
    assert [resource.keys() for resource in body.get("autodeployResources", ())] == (
        [] if command == "create" else [{"entityId", "entityType"}]
    )


def test_included_file_keeps_indentation(done, here, sent):
    (here / "parts").mkdir()
    (here / "parts/details.yaml").write_text("source: dockerfile\ndockerfile: |\n  FROM nginx\n  RUN true\n")
    (here / "parts/image.yaml").write_text(
        "body:\n  name: tides\n  type: api\n  buildDetails:\n    {% include 'details.yaml' %}\n"
    )

    done("create", "parts/image.yaml")

    assert sent()["buildDetails"] == {"source": "dockerfile", "dockerfile": "FROM nginx\nRUN true\n"}


def test_undefined_template_parameter_is_false_in_a_condition_and_an_error_as_a_value(run, done, here, sent):
    (here / "image.yaml").write_text(
        "body:\n  name: tides\n  type: api\n  buildDetails: {source: dockerfile, dockerfile: FROM nginx}\n"
        "  {% if note %}description: {{ note }}{% endif %}\n"
    )
    done("create", "image.yaml")
    assert "description" not in sent()

    (here / "image.yaml").write_text("body:\n  name: {{ image_name }}\n")
    ended = run("create", "image.yaml")
    assert ended.code == 2
    assert "'image_name' is undefined" in ended.err
    assert "--params NAME=VALUE" in ended.err

    (here / "image.yaml").write_text("body:\n  name: {{ os_env.NOT_EXPORTED }}\n")
    ended = run("create", "image.yaml")
    assert (ended.code, "NOT_EXPORTED" in ended.err, "environment variable" in ended.err) == (2, True, True)


def test_empty_field_of_a_template_is_not_sent(done, here, sent):
    (here / "image.yaml").write_text(
        "body:\n  name: tides\n  type: api\n  description: {{ '' }}\n"
        "  buildDetails: {source: dockerfile, dockerfile: FROM nginx}\nartifact:\n"
    )

    done("create", "image.yaml")

    assert "description" not in sent()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "not a map with body: and artifact:"),
        ("body: text\n", "body: not a map"),
        ("body: {\n", "not YAML"),
        ("body: {% if %}\n", "not a Jinja template"),
        ("{% include 'nothing.yaml' %}\n", "includes nothing.yaml"),
        ("body:\n  name: tides\n  type: spaceship\n", "body.type: 'spaceship'"),
        ("body:\n  name: tides\n  type: api\n  version: 0.1\n", "body.version: float given; must be a str, not 0.1"),
        ("body: {{ ().__class__.__base__.__subclasses__() }}\n", "unsafe"),
    ],
)
def test_invalid_input_file_is_one_line_error(run, here, known_service, text, words):
    (here / "image.yaml").write_text(text)

    ended = run("create", "image.yaml")

    assert ended.code == 2
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert known_service.requests == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["nothing.yaml"], "nothing.yaml: can't be read: No such file or directory"),
        (["image.yaml", "-p", "name"], "'name' is not NAME=VALUE"),
        (["image.yaml", "-v", "list.yaml"], "list.yaml: not a map of parameters"),
        (["-p", "a=b"], "require a FILE"),
        (["--build-details", "{"], "--build-details: not JSON"),
        (["--build-details", "[]"], "--build-details: not a JSON object"),
        (["--build-details", "@nothing"], "nothing can't be read"),
        (["--build-arguments", "A"], "'A' is not NAME=VALUE"),
        (["--build-arguments", "[1"], "--build-arguments: not JSON"),
        (["--name", "tides"], "--type: is required"),
    ],
)
def test_invalid_option_is_one_line_error(run, here, known_service, options, words):
    (here / "image.yaml").write_text("body: {}\n")
    (here / "list.yaml").write_text("- a\n")

    ended = run("create", *options)

    assert ended.code == 2
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert known_service.requests == []


def test_unknown_key_of_input_file_warns(run, here, known_service):
    (here / "image.yaml").write_text("body:\n  name: tides\n  type: api\nartefact:\n  path: .\n")

    assert "warning: image.yaml: artefact: no such key, ignored" in run("create", "image.yaml", "--dry-run").err


@pytest.mark.parametrize("name", ["My Image", "Weather", "weather-", "we..ather", "ünï"])
@pytest.mark.parametrize("command", [["create"], ["create-or-update"], ["deploy", "weather"]])
def test_image_name_that_docker_does_not_allow_warns(run, client, weather, known_service, command, name):
    known_service.control.next_build(seconds=0)
    source = ["--artifact-path", "weather"] if command[0] != "deploy" else ["--poll-interval", "0.05", "--no-log"]
    ended = run(*command, "--name", name, "--type", "api", *source)

    assert ended.code == 0
    assert f"warning: --name: {name!r} can't be in a Docker reference" in ended.err


@pytest.mark.parametrize("name", ["weather", "weather-2", "team/weather_api", "a.b"])
def test_image_name_that_docker_allows_does_not_warn(run, weather, known_service, name):
    ended = run("create", "--name", name, "--type", "api", "--artifact-path", "weather")

    assert ended.code == 0
    assert "warning" not in ended.err
