"""The operations on builds and their logs, each as documented, by every backend of the client."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from peak_images import NotFoundError, SaveError, Session
from peak_images._settings import PATH_PREFIX
from tests.integration.backends import BACKENDS, open_client
from tests.integration.bodies import NEW_IMAGE

DAY = 24 * 60 * 60


def only_build(client, created):
    return next(client.list_image_builds(created["imageId"]))


def test_builds_are_listed_newest_first(client, seed):
    first = seed.image()
    second = seed.version(first["imageId"])

    builds = list(client.list_image_builds(first["imageId"]))
    assert [build["versionId"] for build in builds] == [second["versionId"], first["versionId"]]
    assert builds[0].keys() == {
        "buildId", "finishedAt", "startedAt", "status", "useCache", "version", "versionId",
    }  # fmt: skip
    assert builds[0].model.status.value == "success"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["0.0.3", "0.0.2"]),
        ({"count": 1}, ["0.0.3"]),
        ({"count": -1}, ["0.0.3", "0.0.2"]),
        ({"build_status": ["failed"]}, ["0.0.2"]),
        ({"build_status": ["failed", "building"]}, ["0.0.3", "0.0.2"]),
        ({"date_from": "1970-01-01"}, ["0.0.3", "0.0.2", "0.0.1"]),
        ({"date_from": "1970-01-01", "date_to": "1971-01-01T00:00:00.000Z"}, []),
        ({"date_from": date(1970, 1, 1)}, ["0.0.3", "0.0.2", "0.0.1"]),
        ({"date_from": datetime(2999, 1, 1, tzinfo=UTC)}, []),
    ],
)
def test_filter_returns_matching_items(client, seed, service, filters, found):
    image_id = seed.image()["imageId"]
    # The first build is older than the 90 days of the default of the list.
    service.control.clock.advance(91 * DAY)
    service.control.next_build(failure="no space left")
    seed.version(image_id)
    service.control.next_build(seconds=1000)
    seed.version(image_id, finish=False)

    assert [build["version"] for build in client.list_image_builds(image_id, **filters)] == found


def test_builds_are_filtered_by_version(client, seed, service):
    first = seed.image()
    second = seed.version(first["imageId"])
    seed.version(first["imageId"])
    wanted = [first["versionId"], str(second["versionId"])]

    builds = client.list_image_builds(first["imageId"], version_ids=wanted)
    assert [build["version"] for build in builds] == ["0.0.2", "0.0.1"]
    assert [value for name, value in service.requests[-1].query if name == "versions"] == list(map(str, wanted))


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2023-06-01", "2023-06-01T00:00:00.000Z"),
        ("2023-06-01T18:00:00.000Z", "2023-06-01T18:00:00.000Z"),
        ("2023-06-01T18:00:00+02:00", "2023-06-01T16:00:00.000Z"),
        ("2023-06-01T18:00", "2023-06-01T18:00:00.000Z"),
        (date(2023, 6, 1), "2023-06-01T00:00:00.000Z"),
        (datetime(2023, 6, 1, 18, 0, 0, 500000, tzinfo=UTC), "2023-06-01T18:00:00.500Z"),
    ],
)
def test_date_filter_is_sent_in_the_documented_form(sync_client, seed, service, given, sent):
    list(sync_client.list_image_builds(seed.image()["imageId"], date_from=given))

    assert dict(service.requests[-1].query)["dateFrom"] == sent


def test_date_range_is_inclusive(sync_client, seed):
    created = seed.image()
    started = only_build(sync_client, created)["startedAt"]

    found = list(sync_client.list_image_builds(created["imageId"], date_from=started, date_to=started))
    later = datetime.fromisoformat(started) + timedelta(milliseconds=1)
    assert len(found) == 1
    assert list(sync_client.list_image_builds(created["imageId"], date_from=later)) == []


def test_log_is_read_in_chunks_by_next_token(client, seed, service):
    service.control.next_build(seconds=1000)
    created = seed.image(finish=False)
    build_id = only_build(client, created)["buildId"]

    first_chunk = client.get_build_logs(created["imageId"], build_id)
    assert (first_chunk["buildStatus"], "finishTime" in first_chunk) == ("building", False)
    assert [line["message"].partition(":")[0] for line in first_chunk["logs"]] == ["Simulated build"]

    service.control.finish_builds()
    rest = client.get_build_logs(created["imageId"], build_id, next_token=first_chunk["nextToken"])
    assert rest["buildStatus"] == "success"
    assert rest["logs"][-1]["message"] == "The build succeeded"
    assert first_chunk["logs"][0] not in rest["logs"]

    end = client.get_build_logs(image_id=created["imageId"], build_id=build_id, next_token=rest["nextToken"])
    assert (end["logs"], end["nextToken"]) == ([], rest["nextToken"])


def test_log_chunk_has_a_typed_model(client, seed):
    created = seed.image()
    logs = client.get_build_logs(created["imageId"], only_build(client, created)["buildId"])

    assert logs.model.logs[0].message == logs["logs"][0]["message"]
    assert logs.model.finish_time >= logs.model.start_time


def test_log_is_saved_to_file_name(client, seed, tmp_path):
    created = seed.image()
    target = tmp_path / "build.log"
    saved = client.get_build_logs(
        created["imageId"], only_build(client, created)["buildId"], save=True, file_name=target
    )

    assert target.read_text().endswith("The build succeeded\n")
    assert saved.keys() == {"downloadUrl"}
    assert (saved.path, saved.size) == (target, target.stat().st_size)


def test_log_is_saved_in_the_working_directory_by_default(client, seed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    created = seed.image()
    build_id = only_build(client, created)["buildId"]
    client.get_build_logs(created["imageId"], build_id, save=True)

    assert [path.name for path in tmp_path.iterdir()] == [f"image_build_logs_{created['imageId']}_{build_id}.log"]


def test_saved_log_replaces_an_existing_file(client, seed, tmp_path):
    target = tmp_path / "build.log"
    target.write_text("of yesterday\n" * 1000)
    created = seed.image()
    client.get_build_logs(created["imageId"], only_build(client, created)["buildId"], save=True, file_name=str(target))

    assert "of yesterday" not in target.read_text()


def test_download_host_does_not_get_the_token(client, seed, session, tmp_path, exchanges):
    created = seed.image()
    client.get_build_logs(
        created["imageId"], only_build(client, created)["buildId"], save=True, file_name=tmp_path / "build.log"
    )

    address, download = exchanges[-2:]
    assert download.url.host != address.url.host
    assert "authorization" not in download.request_headers


@pytest.mark.invalid_responses
def test_refused_download_leaves_no_file_and_shows_the_message_of_the_storage(client, seed, service, tmp_path):
    created = seed.image()
    build_id = only_build(client, created)["buildId"]
    refusal = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    service.control.fail_next(2, status=403, body=refusal, path="/downloads/")

    with pytest.raises(Exception, match="the log can't be downloaded: Forbidden: Request has expired") as caught:
        client.get_build_logs(created["imageId"], build_id, save=True, file_name=tmp_path / "build.log")
    assert (caught.value.status_code, "signature" in caught.value.url) == (403, False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.invalid_responses
@pytest.mark.parametrize("status", [400, 401, 403, 410])
def test_expired_download_url_is_renewed(client, seed, service, tmp_path, status):
    created = seed.image()
    build_id = only_build(client, created)["buildId"]
    service.control.fail_next(status=status, body="expired", path="/downloads/")
    before = len(service.requests)

    saved = client.get_build_logs(created["imageId"], build_id, save=True, file_name=tmp_path / "build.log")
    assert saved.path.stat().st_size == saved.size > 0
    paths = [request.path for request in service.requests[before:]]
    assert sum(path.endswith("/logs/download") for path in paths) == 2


@pytest.mark.invalid_responses
def test_failed_download_keeps_the_existing_file(client, seed, service, tmp_path, no_delays):
    target = tmp_path / "build.log"
    target.write_text("of yesterday")
    created = seed.image()
    build_id = only_build(client, created)["buildId"]
    service.control.fail_next(truncate=0, count=99, path="/downloads/")

    with pytest.raises(ConnectionError, match="get_build_logs"):
        client.get_build_logs(created["imageId"], build_id, save=True, file_name=target)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("build.log", "of yesterday")]


def test_unwritable_file_raises_before_any_request(client, seed, tmp_path, received):
    created = seed.image()
    build_id = only_build(client, created)["buildId"]
    received()

    with pytest.raises(SaveError, match="doesn't exist"):
        client.get_build_logs(created["imageId"], build_id, save=True, file_name=tmp_path / "missing/build.log")
    assert received() == []


def test_unknown_build_is_404(client, seed):
    image_id = seed.image()["imageId"]

    with pytest.raises(NotFoundError, match="build"):
        client.get_build_logs(image_id, 999)


def test_build_logs_by_the_text_id_of_a_create(client, seed):
    created = seed.image()
    build = only_build(client, created)

    assert isinstance(created["buildId"], str)
    assert client.get_build_logs(created["imageId"], created["buildId"]) == client.get_build_logs(
        created["imageId"], build["buildId"]
    )


def test_text_build_id_of_another_session_is_not_found_with_a_hint(client, seed):
    created = seed.image()

    with pytest.raises(NotFoundError, match="list_image_builds has its number") as caught:
        client.get_build_logs(created["imageId"], created["buildId"] + "0")
    assert "list_image_builds" not in caught.value.detail


@pytest.mark.invalid_responses
@pytest.mark.parametrize("listed", [301, "301"], ids=["number", "text"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_text_id_of_a_build_is_resolved_where_the_service_sends_other_ids_as_text(backend, listed):
    responses = {
        "/images/": {"imageId": "101", "versionId": "201", "buildId": "a-build:1"},
        "/images/101/builds": {"builds": [{"buildId": listed, "status": "success"}]},
        "/images/101/builds/301/logs": {"logs": [], "buildStatus": "success"},
    }
    transport = httpx.MockTransport(
        lambda request: httpx.Response(200, json=responses[request.url.path.removeprefix(PATH_PREFIX)])
    )
    with Session("a-token", transport=transport) as session, open_client(backend, session) as client:
        created = client.create_image(NEW_IMAGE)

        assert client.get_build_logs(created["imageId"], created["buildId"])["buildStatus"] == "success"
