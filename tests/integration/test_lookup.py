"""Images, versions and builds are found by name, status and time."""

from datetime import UTC, datetime, timedelta

import pytest

from peak_images import InvalidInputError, NotFoundError
from tests.integration.bodies import FAILING_BUILD

NAMES = ["test", "test-2", "a-test"]


def test_image_is_found_by_its_exact_name(client, seed):
    ids = {name: seed.image(name)["imageId"] for name in NAMES}
    assert {name: client.find_image(name)["id"] for name in NAMES} == ids
    assert client.find_image("tes") is None


def test_image_is_found_beyond_the_first_page(sync_client, seed):
    image_id = seed.image("test")["imageId"]
    for number in range(101):
        seed.image(f"test-{number}", finish=False)
    assert sync_client.find_image("test")["id"] == image_id


@pytest.mark.parametrize("reference", ["id", "text", "name", "response", "described"])
def test_version_is_found_by_its_exact_name(client, seed, reference):
    created = seed.image("test", version="0.0.1")
    version_id = seed.version(created["imageId"], version="0.0.10")["versionId"]
    image = {
        "id": created["imageId"],
        "text": str(created["imageId"]),
        "name": "test",
        "response": created,
        "described": client.describe_image(created["imageId"]),
    }[reference]
    assert client.find_version(image, "0.0.10")["id"] == version_id
    assert client.find_version(image, "0.0.1")["id"] == created["versionId"]
    assert client.find_version(image, "0.0") is None


def test_version_of_an_unknown_name_is_none_and_of_an_unknown_id_an_error(client):
    assert client.find_version("nothing", "0.0.1") is None
    with pytest.raises(NotFoundError):
        client.find_version(4711, "0.0.1")


@pytest.mark.parametrize("name", ["", None, 5])
def test_find_image_requires_a_name(client, name, received):
    with pytest.raises(InvalidInputError, match="name"):
        client.find_image(name)
    assert received() == []


@pytest.mark.parametrize("image", [{}, {"name": "test"}, "", None, -1, True, 1.5])
def test_image_that_is_no_reference_is_an_error(client, image, received):
    with pytest.raises(InvalidInputError):
        client.find_version(image, "0.0.1")
    assert received() == []


def test_builds_of_all_images_are_listed_newest_first(client, seed, service):
    first = seed.image("first")
    service.control.clock.advance(60)
    seed.image("second", buildDetails=FAILING_BUILD)
    service.control.clock.advance(60)
    seed.version(first["imageId"], version="0.0.2", buildDetails=FAILING_BUILD)

    builds = list(client.list_all_builds())
    assert [(build["imageName"], build["version"], build["status"]) for build in builds] == [
        ("first", "0.0.2", "failed"),
        ("second", "0.0.1", "failed"),
        ("first", "0.0.1", "success"),
    ]
    assert builds[-1]["imageId"] == first["imageId"]
    assert builds[-1].model.status == "success"
    assert all(build["duration"] >= 0 for build in builds)


@pytest.mark.parametrize("since", [timedelta(seconds=90), "90s", "1m30s"])
def test_builds_of_all_images_are_filtered_by_state_and_age(client, seed, service, since):
    seed.image("first", buildDetails=FAILING_BUILD)
    seed.image("second")
    assert [build["imageName"] for build in client.list_all_builds(["failed"])] == ["first"]
    assert [build["imageName"] for build in client.list_all_builds(["failed"], since)] == ["first"]
    assert list(client.list_all_builds(since="0s")) == []
    assert [build["imageName"] for build in client.list_all_builds(name="second")] == ["second"]


def test_builds_since_a_point_in_time(client, seed):
    seed.image("first")
    assert len(list(client.list_all_builds(since=datetime.now(UTC) - timedelta(hours=1)))) == 1
    assert list(client.list_all_builds(since=datetime.now(UTC) + timedelta(hours=1))) == []


@pytest.mark.parametrize(
    "since", ["yesterday", "-7d", "7", "7y", timedelta(days=-1), 5, "99999999999d", "999999999w", timedelta.max]
)
def test_since_that_cannot_be_read_is_an_error(sync_client, since, received):
    with pytest.raises(InvalidInputError, match="since"):
        sync_client.list_all_builds(since=since)
    assert received() == []
