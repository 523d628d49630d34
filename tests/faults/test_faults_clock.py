"""Clocks that jump, of the client and of the server."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from peak_images import RateLimitedError
from tests.integration.backends import open_client
from tests.integration.bodies import NEW_IMAGE
from tests.integration.raw_server import RawServer, response

DAY = 86_400
IMAGE = b'{"id": 1, "name": "an-image"}'


@pytest.fixture(params=[-DAY, DAY], ids=["back", "ahead"])
def jumping(request, monkeypatch):
    """A wall clock that is a day off, and jumps by another one with each reading."""
    wall, readings = time.time, 0

    def jumped():
        nonlocal readings
        readings += 1
        return wall() + request.param * readings

    monkeypatch.setattr(time, "time", jumped)
    return request.param


def test_retries_ignore_clock_changes(client_of, jumping, no_delays):
    with RawServer(response(503), b"", response(200, IMAGE)) as server:
        # A wait by this clock would take days.
        assert client_of(server.url).describe_image(1)["name"] == "an-image"


@pytest.mark.parametrize("backend", ["sync", "asyncio"])
def test_waits_ignore_clock_changes(session, service, jumping, backend):
    with open_client(backend, session) as client:
        created = client.create_image(NEW_IMAGE)
        seen = []

        def look(status):
            seen.append(status)
            service.control.finish_builds()

        built = client.wait_until_built(
            created["imageId"], created["versionId"], timeout=20, poll_interval=0.01, on_status=look
        )

    assert built["lastBuildStatus"] == "success"
    assert seen[0] == "building"


def test_retry_after_date_is_bounded_by_the_maximum(client_of):
    # Where this clock is an hour behind the server's, "in a second" is an hour ahead.
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1, seconds=1), usegmt=True)
    with RawServer(response(429, b"", f"Retry-After: {later}")) as server:
        with pytest.raises(RateLimitedError):
            client_of(server.url).describe_image(1)

        assert len(server.received) == 1


def test_retry_after_date_in_the_past_retries_at_once(client_of):
    passed = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    with RawServer(response(429, b"", f"Retry-After: {passed}"), response(200, IMAGE)) as server:
        assert client_of(server.url).describe_image(1)["name"] == "an-image"


def test_follow_build_logs_survives_clock_jumps_of_the_service(session, service, tmp_path):
    with open_client("sync", session) as client:
        created = client.create_image(NEW_IMAGE)
        [build] = client.list_image_builds(created["imageId"])
        service.control.clock.advance(DAY)
        ids = created["imageId"], build["buildId"]
        lines = [entry["message"] for entry in client.follow_build_logs(*ids)]
        client.get_build_logs(*ids, save=True, file_name=tmp_path / "build.log")

    assert lines
    assert all(line in (tmp_path / "build.log").read_text() for line in lines)
    assert len(lines) == len((tmp_path / "build.log").read_text().splitlines())
