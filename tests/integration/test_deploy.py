"""A directory is deployed, and again, and nothing is done twice."""

import pytest

from peak_images import BuildFailedError, ConnectionFailedError, InvalidInputError
from tests.integration.bodies import DOCKERFILE_BUILD, FAILING_BUILD

NEW = {"name": "weather", "type": "workflow", "version": "0.0.1"}


@pytest.fixture(autouse=True)
def builds_finish_at_once(service):
    service.control.clock.resume()


def deploy(client, *arguments, **named):
    return client.deploy(*arguments, poll_interval=0.05, **named)


def test_directory_becomes_an_image(client, build_context):
    lines, states = [], []
    done = deploy(
        client, build_context, NEW, on_log=lambda entry: lines.append(entry["message"]), on_status=states.append
    )
    assert (done["action"], done["image"], done["version"], done["status"]) == (
        "created-image",
        "weather",
        "0.0.1",
        "ready",
    )
    assert states[-1] == done["lastBuildStatus"] == "success"
    assert any("COPY app /app" in line for line in lines)
    log = client.get_build_logs(done["imageId"], done["buildId"])
    assert [entry["message"] for entry in log["logs"]] == lines[: len(log["logs"])]


def test_body_without_a_directory_is_deployed(client):
    done = deploy(client, body={**NEW, "buildDetails": DOCKERFILE_BUILD})
    assert done["status"] == "ready"


def test_failed_version_is_updated(client, build_context):
    with pytest.raises(BuildFailedError):
        deploy(client, body={**NEW, "buildDetails": FAILING_BUILD})
    done = deploy(client, body={"name": "weather", "version": "0.0.1", "buildDetails": DOCKERFILE_BUILD})
    assert (done["action"], done["status"]) == ("updated-version", "ready")


def test_built_version_is_an_error_by_default(client, build_context, received):
    deploy(client, build_context, NEW)
    received()
    with pytest.raises(InvalidInputError, match=r"version: '0\.0\.1' of 'weather' has been built already"):
        deploy(client, build_context, NEW)
    assert {request.method for request in received()} == {"GET"}


def test_built_version_is_skipped(client, build_context, received):
    first = deploy(client, build_context, NEW)
    received()
    again = deploy(client, build_context, NEW, if_exists="skip")
    assert again == {**first, "action": "skipped"}
    assert {request.method for request in received()} == {"GET"}


@pytest.mark.parametrize("version", ["auto", None, "0.0.1"])
def test_next_patch_is_created(client, build_context, version):
    deploy(client, build_context, NEW)
    body = {key: value for key, value in {**NEW, "version": version}.items() if value is not None}
    done = deploy(client, build_context, body, if_exists="new-version")
    assert (done["action"], done["version"]) == ("created-version", "0.0.2")


def test_pyproject_table_gives_the_fields_and_the_body_overrides_them(client, build_context):
    (build_context / "pyproject.toml").write_text(
        '[tool.peak-images]\nname = "weather"\ntype = "workflow"\nversion = "1.2.3"\ndescription = "of the table"\n'
        "[tool.peak-images.buildDetails]\nuseCache = false\n[tool.peak-images.artifact]\nignore_files = []\n"
    )
    done = deploy(client, build_context, {"description": "of the body"})
    version = client.describe_version(done["imageId"], done["versionId"])
    assert (version["version"], version["description"]) == ("1.2.3", "of the body")
    assert version["buildDetails"]["useCache"] is False


@pytest.mark.parametrize("key", ["nmae", "image_name", "buildDetails.useCash"])
def test_unknown_key_of_the_pyproject_table_is_an_error_that_names_it(client, build_context, key, received):
    (build_context / "pyproject.toml").write_text(f'[tool.peak-images]\nname = "weather"\n{key} = "a"\n')
    with pytest.raises(InvalidInputError, match=rf"pyproject\.toml: tool\.peak-images\.{key}: no such key; allowed: "):
        deploy(client, build_context, NEW)
    assert received() == []


@pytest.mark.parametrize("text", ["[tool", "[tool]\npeak-images = 5", "[tool.peak-images]\nartifact = 5"])
def test_pyproject_that_cannot_be_read_is_an_error_that_names_it(client, build_context, text, received):
    (build_context / "pyproject.toml").write_text(text)
    with pytest.raises(InvalidInputError, match=r"pyproject\.toml"):
        deploy(client, build_context, NEW)
    assert received() == []


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"body": {"type": "workflow"}}, "body.name"),
        ({"body": {**NEW, "type": "spaceship"}}, "body.type"),
        ({"body": "workflow"}, "body"),
        ({"body": True}, "body"),
        ({"body": NEW, "artifact": True}, "artifact"),
        ({"body": NEW, "artifact": ["path"]}, "artifact"),
        ({"body": NEW, "if_exists": "overwrite"}, "if_exists"),
        ({"body": NEW, "if_exists": ["skip"]}, "if_exists"),
        ({"body": NEW, "prune": 0}, "prune"),
    ],
)
def test_deploy_with_an_invalid_argument_sends_nothing(client, build_context, received, arguments, field):
    with pytest.raises(InvalidInputError) as caught:
        deploy(client, build_context, **arguments)
    assert caught.value.field == field
    assert received() == []


def test_type_is_required_for_a_new_image_only(client, build_context):
    with pytest.raises(InvalidInputError, match=r"body\.type"):
        deploy(client, build_context, {"name": "weather"})
    deploy(client, build_context, NEW)
    assert deploy(client, build_context, {"name": "weather"})["version"] == "0.0.2"


def test_other_type_of_an_existing_image_is_warned_of(client, build_context):
    deploy(client, build_context, NEW)
    with pytest.warns(UserWarning, match="'weather' is of type 'workflow', which can't be changed to 'api'"):
        deploy(client, build_context, {"name": "weather", "type": "api"})


def test_older_versions_are_pruned_after_the_build(client, build_context):
    for _ in range(3):
        deploy(client, build_context, {**NEW, "version": "auto"})
    done = deploy(client, build_context, {**NEW, "version": "auto"}, prune=2)
    assert [entry["version"] for entry in done["pruned"]["deleted"]] == ["0.0.2", "0.0.1"]


@pytest.mark.usefixtures("no_delays")
def test_error_of_pruning_notes_that_the_version_has_been_built(client, service, build_context):
    def lose_versions(status):
        if status == "success":
            service.control.fail_next(drop="reset", path="/versions", count=99)

    with pytest.raises(ConnectionFailedError) as caught:
        deploy(client, build_context, NEW, prune=2, on_status=lose_versions)
    assert caught.value.__notes__ == ["weather:0.0.1 has been built; old versions couldn't be listed"]
