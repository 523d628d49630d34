"""The commands that delete: what is asked, on a terminal, and what is sent."""

from __future__ import annotations

import pytest

from peak.resources import images

QUICKLY = ("--poll-interval", 0.05)


def test_yes_deletes_without_asking(done, seed, client):
    image = seed.image()
    second, third, fourth = (seed.version(image["imageId"])["versionId"] for _ in range(3))

    assert done("delete-version", "--image-id", image["imageId"], "--version-id", second, "--yes") == {}
    assert done("delete-versions", "--image-id", image["imageId"], "--version-ids", f"{third},{fourth}", "-y") == {}
    assert done("delete", image["imageId"], "--yes", "--wait", *QUICKLY) == {}
    with pytest.raises(images.NotFoundError):
        client.describe_image(image["imageId"])


@pytest.mark.parametrize("command", ["delete", "delete-version", "delete-versions"])
def test_help_states_that_yes_is_required_without_a_terminal(run, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    assert "Without one, in a script or a pipe, --yes is required." in run(command, "--help").out


def test_delete_versions_with_repeated_option(done, seed, known_service):
    image = seed.image()
    ids = [seed.version(image["imageId"])["versionId"] for _ in range(2)]

    options = [part for version_id in ids for part in ("--version-ids", version_id)]
    done("delete-versions", "--image-id", image["imageId"], *options, "--yes", "--wait", *QUICKLY)

    deletion = next(request for request in known_service.requests if request.method == "DELETE")
    assert list(deletion.query) == [("versionIds", str(version_id)) for version_id in ids]
    assert len(done("list-versions", image["imageId"])["versions"]) == 1


@pytest.mark.parametrize("ids", ["0", "1,0", "00"])
def test_invalid_ids_are_rejected_before_the_prompt(terminal, known_service, ids):
    asking = terminal("delete-versions", "--image-id", 1, "--version-ids", ids)

    assert asking.end() == 2
    assert "must be a positive integer" in asking.shown
    assert "[y/N]" not in asking.shown
    assert known_service.requests == []


def test_failed_deletion_exits_9(run, seed, known_service):
    image = seed.image()
    known_service.control.fail_deletion(int(image["versionId"]))

    ended = run(
        *("delete-version", "--image-id", image["imageId"], "--version-id", image["versionId"]),
        *("--yes", "--wait", *QUICKLY),
    )

    assert ended.code == 9
    assert "deletion of these versions failed" in ended.err


def test_deleting_version_in_use_is_conflict_409(run, seed, known_service):
    image = seed.image()
    known_service.control.put_in_use(int(image["versionId"]))

    assert run("delete-version", "--image-id", image["imageId"], "--version-id", image["versionId"], "--yes").code == 6


def test_delete_asks_on_a_terminal(terminal, seed, client, known_service):
    image = seed.image("weather")
    asking = terminal("delete", image["imageId"])
    asking.read_until("[y/N]: ")
    question = f"Delete image 'weather' ({image['imageId']}) and all its versions at {known_service.url}? [y/N]"
    assert question in asking.shown.replace("\n", "")

    asking.type("n\n")

    assert asking.end() == 1
    assert "nothing was deleted" in asking.shown
    assert client.describe_image(image["imageId"])["name"] == "weather"


def test_delete_after_confirmation(terminal, seed, client):
    image = seed.image()
    version_id = seed.version(image["imageId"])["versionId"]
    asking = terminal("delete-version", "--image-id", image["imageId"], "--version-id", version_id, "--wait", *QUICKLY)
    asking.read_until("[y/N]: ")
    target = f"version 0.0.2 ({version_id}) of image 'weather' ({image['imageId']})"
    assert f"Delete {target} at " in asking.shown

    asking.type("y\n")

    assert asking.end() == 0
    assert f"Deleted: {target}." in asking.shown
    assert len(list(client.list_image_versions(image["imageId"]))) == 1


def test_yes_skips_the_prompt_on_a_terminal(terminal, seed):
    image = seed.image()
    running = terminal("delete", image["imageId"], "--yes")

    assert running.end() == 0
    assert "[y/N]" not in running.shown


def test_ctrl_c_at_the_prompt_deletes_nothing(terminal, seed, client):
    image = seed.image()
    asking = terminal("delete", image["imageId"])
    asking.read_until("[y/N]: ")

    asking.type("\x04")

    assert asking.end() == 130
    assert client.describe_image(image["imageId"])
