"""Old versions are deleted, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest

from peak_images import InvalidInputError
from tests.integration.bodies import FAILING_BUILD

DAY = 86_400


@pytest.fixture
def image(seed):
    """An image with the versions 0.0.1 to 0.0.6, of which the second and the fifth failed."""
    image_id = seed.image("test", version="0.0.1")["imageId"]
    for number in range(2, 7):
        details = {"buildDetails": FAILING_BUILD} if number in (2, 5) else {}
        seed.version(image_id, version=f"0.0.{number}", **details)
    return image_id


def names(entries):
    return [entry["version"] for entry in entries]


def remaining(client, service, image):
    service.control.finish_deletions()
    return [version["version"] for version in client.list_image_versions(image)]


def test_newest_versions_are_kept(client, service, image):
    report = client.prune_versions("test", keep=3)
    assert names(report["deleted"]) == ["0.0.3", "0.0.2", "0.0.1"]
    assert names(report["kept"]) == remaining(client, service, image) == ["0.0.6", "0.0.5", "0.0.4"]
    assert {entry["reason"] for entry in report["kept"]} == {"one of the newest 3"}


def test_newest_built_version_is_kept_when_newer_ones_failed(client, service, image, seed):
    seed.version(image, version="0.0.7", buildDetails=FAILING_BUILD)
    seed.version(image, version="0.0.8", buildDetails=FAILING_BUILD)
    report = client.prune_versions(image, keep=1)
    assert [(entry["version"], entry["reason"]) for entry in report["kept"]] == [
        ("0.0.8", "one of the newest 1"),
        ("0.0.6", "the newest that was built"),
    ]


def test_dry_run_deletes_nothing(client, service, image, received):
    received()
    report = client.prune_versions(image, keep=1, dry_run=True)
    assert {request.method for request in received()} == {"GET"}
    assert names(report["deleted"]) == ["0.0.5", "0.0.4", "0.0.3", "0.0.2", "0.0.1"]
    assert len(remaining(client, service, image)) == 6


def test_only_failed_versions_are_deleted(client, service, image):
    report = client.prune_versions(image, keep=1, failed=True)
    assert names(report["deleted"]) == ["0.0.5", "0.0.2"]
    assert remaining(client, service, image) == ["0.0.6", "0.0.4", "0.0.3", "0.0.1"]


def test_only_old_versions_are_deleted(client, service, image, seed):
    service.control.clock.advance(DAY)
    for version in ("0.0.7", "0.0.8"):
        seed.version(image, version=version)
    report = client.prune_versions(image, keep=1, older_than="0s")
    assert names(report["deleted"]) == ["0.0.6", "0.0.5", "0.0.4", "0.0.3", "0.0.2", "0.0.1"]
    assert [(entry["version"], entry["reason"]) for entry in report["kept"]] == [
        ("0.0.8", "one of the newest 1"),
        ("0.0.7", "not old enough"),
    ]
    assert client.prune_versions(image, keep=1, older_than="30d")["deleted"] == []


def test_only_versions_before_a_point_in_time_are_deleted(client, service, image):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert client.prune_versions(image, keep=1, older_than="2000-01-01")["deleted"] == []
    report = client.prune_versions(image, keep=1, older_than=tomorrow, dry_run=True)
    assert "0.0.2" in names(report["deleted"])


def test_versions_in_use_and_being_built_are_kept_and_named(client, service, image, seed):
    version = client.find_version(image, "0.0.1")
    service.control.put_in_use(version["id"])
    report = client.prune_versions(image, keep=1)
    assert [(entry["version"], entry["reason"]) for entry in report["kept"]] == [
        ("0.0.6", "one of the newest 1"),
        ("0.0.1", "in use"),
    ]


def test_version_that_cannot_be_deleted_is_reported_and_the_others_are_deleted(client, service, image):
    service.control.fail_next(status=409, method="DELETE", count=1)
    report = client.prune_versions(image, keep=4)
    assert names(report["failed"]) == ["0.0.2"]
    assert report["failed"][0]["error"]
    assert report["failed"][0]["statusCode"] == 409
    assert names(report["deleted"]) == ["0.0.1"]


@pytest.mark.usefixtures("no_delays")
def test_lost_connection_ends_pruning_with_a_report_of_what_was_deleted(client, service, image, received):
    deleting = [f"/versions/{client.find_version(image, version)['id']}" for version in ("0.0.2", "0.0.1")]
    for path in deleting:
        service.control.fail_next(drop="reset", method="DELETE", path=path, count=99)
    received()
    report = client.prune_versions(image, keep=3)
    assert names(report["deleted"]) == ["0.0.3"]
    assert names(report["failed"]) == ["0.0.2", "0.0.1"]
    first, second = [entry["error"] for entry in report["failed"]]
    assert "no response" in first
    assert second == f"not attempted, after: {first}"
    assert [entry["statusCode"] for entry in report["failed"]] == [None, None]
    assert not any(request.path.endswith(deleting[1]) for request in received())


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"keep": 0}, "keep"),
        ({"keep": "some"}, "keep"),
        ({"older_than": "a month"}, "older_than"),
        ({"older_than": 30}, "older_than"),
        ({"older_than": timedelta.max}, "older_than"),
        ({"older_than": "999999999w"}, "older_than"),
    ],
)
def test_prune_with_an_invalid_argument_sends_nothing(client, image, received, arguments, field):
    received()
    with pytest.raises(InvalidInputError) as caught:
        client.prune_versions(image, **arguments)
    assert caught.value.field == field
    assert received() == []


def test_prune_of_an_unknown_name_is_an_error(client):
    with pytest.raises(InvalidInputError, match="no image is named 'nothing'"):
        client.prune_versions("nothing")
