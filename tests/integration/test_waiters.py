"""Waiting for builds and deletions, and following logs, by every backend of the client."""

import json

import pytest

from peak_images import (
    BuildFailedError,
    DeletionFailedError,
    InvalidInputError,
    NotFoundError,
    PeakImagesError,
    RateLimitedError,
    ServerError,
    Session,
    TransportError,
    WaitTimeoutError,
)
from tests.integration.backends import BACKENDS, open_client
from tests.integration.bodies import FAILING_BUILD

SOON = {"poll_interval": 0.01}


@pytest.fixture(params=BACKENDS)
def hasty_client(request, service):
    """A client without retries."""
    with (
        Session(service.token, base_url=service.url, retries=0) as session,
        open_client(request.param, session) as opened,
    ):
        yield opened


def following(client, image_id, **options):
    build_id = next(client.list_image_builds(image_id))["buildId"]
    return client.follow_build_logs(image_id, build_id, **{**SOON, **options})


def test_wait_until_built_returns_the_version(client, seed, service):
    created = seed.image(finish=False)
    seen = []

    def on_status(status):
        seen.append(status)
        service.control.finish_builds()

    version = client.wait_until_built(created["imageId"], created["versionId"], on_status=on_status, **SOON)

    assert seen == ["building", "success"]
    assert (version["id"], version["status"]) == (created["versionId"], "ready")


def test_wait_until_built_raises_on_failed_build_with_log_lines(client, seed):
    created = seed.image(buildDetails=FAILING_BUILD)

    with pytest.raises(BuildFailedError, match=r"the build of \S+:\S+ failed \(version 201 of image 101\)") as caught:
        client.wait_until_built(created["imageId"], created["versionId"], **SOON)
    assert (caught.value.status, caught.value.build_id) == ("failed", 301)
    assert caught.value.log[-1] == "The build failed"
    assert "COPY nothing" in str(caught.value)


def test_wait_until_built_raises_on_stopped_build(client, seed):
    created = seed.image(finish=False)
    seed.version(created["imageId"], finish=False)
    client.delete_version(created["imageId"], created["versionId"])

    with pytest.raises(BuildFailedError, match="was stopped") as caught:
        client.wait_until_built(created["imageId"], created["versionId"], **SOON)
    assert caught.value.status == "stopped"


def test_wait_until_built_timeout(client, seed):
    created = seed.image(finish=False)

    with pytest.raises(
        WaitTimeoutError,
        match=r"an-image:\S+, version 201 of image 101: timed out after .* s; it is 'building', and continues",
    ) as caught:
        client.wait_until_built(created["imageId"], created["versionId"], timeout=0.05, **SOON)
    assert isinstance(caught.value, TimeoutError)
    assert (caught.value.version_id, caught.value.name) == (201, "an-image:0.0.1")


def test_invalid_callback_of_wait_until_built_raises_before_any_request(client, received):
    received()
    with pytest.raises(InvalidInputError, match="on_status: True can't be called"):
        client.wait_until_built(1, 2, on_status=True)
    assert received() == []


def test_follow_build_logs_yields_each_line_once(client, seed, service):
    service.control.next_build(seconds=1000)
    created = seed.image(finish=False)
    log = following(client, created["imageId"])
    lines = [next(log)["message"]]
    service.control.finish_builds()
    lines += [entry.model.message for entry in log]

    build_id = next(client.list_image_builds(created["imageId"]))["buildId"]
    whole = client.get_build_logs(created["imageId"], build_id)["logs"]
    assert lines == [entry["message"] for entry in whole]


def test_follow_build_logs_reconnects(hasty_client, seed, service):
    created = seed.image()
    log = following(hasty_client, created["imageId"])
    service.control.fail_next(drop="reset", count=2, path="/logs")

    assert [entry["message"] for entry in log][-1] == "The build succeeded"


def test_follow_build_logs_raises_after_repeated_failures(hasty_client, seed, service):
    created = seed.image()
    log = following(hasty_client, created["imageId"])
    service.control.fail_next(status=500, count=99, path="/logs")

    with pytest.raises(ServerError):
        next(log)


def test_follow_build_logs_timeout(client, seed, service):
    service.control.next_build(seconds=1000)
    created = seed.image(finish=False)

    with pytest.raises(WaitTimeoutError, match="build 301 of image 101: timed out after"):
        list(following(client, created["imageId"], timeout=0.05))


@pytest.mark.invalid_responses
def test_follow_build_logs_without_next_token(client, seed, service):
    created = seed.image()
    log = following(client, created["imageId"])
    first, second = '{"message": "one"}', '{"message": "two"}'
    both = f"{first}, {second}"
    for status, lines in (("building", first), *[("success", both)] * 3):
        body = f'{{"buildStatus": "{status}", "logs": [{lines}]}}'
        service.control.fail_next(status=200, body=body, path="/logs")

    assert [entry["message"] for entry in log] == ["one", "two"]


@pytest.mark.invalid_responses
@pytest.mark.parametrize("body", ["{}", '{"logs": "none"}', '{"logs": ["one"]}'])
def test_follow_build_logs_with_malformed_response_raises(client, seed, service, body):
    log = following(client, seed.image()["imageId"])
    service.control.fail_next(status=200, body=body, path="/logs")

    with pytest.raises(PeakImagesError, match="has no list of logs"):
        next(log)


TRANSIENT = [{"drop": "reset"}, *({"status": status} for status in (429, 500, 502, 503, 504))]


@pytest.mark.parametrize("fault", TRANSIENT, ids=str)
def test_wait_until_built_survives_outage_longer_than_the_retries_of_a_call(hasty_client, seed, service, fault):
    created = seed.image(finish=False)
    seen = []

    def on_status(status):
        if not seen:
            service.control.fail_next(**fault, count=4, path=f"/versions/{created['versionId']}")
            service.control.finish_builds()
        seen.append(status)

    version = hasty_client.wait_until_built(created["imageId"], created["versionId"], on_status=on_status, **SOON)
    assert seen == ["building", version["lastBuildStatus"]] == ["building", "success"]


@pytest.mark.parametrize("of_image", [True, False])
def test_wait_until_deleted_survives_outage_longer_than_the_retries_of_a_call(hasty_client, seed, service, of_image):
    created = seed.image()
    seed.version(created["imageId"])
    ids = (created["imageId"],) if of_image else (created["imageId"], created["versionId"])
    (hasty_client.delete_image if of_image else hasty_client.delete_version)(*ids)
    service.control.fail_next(count=2 if of_image else 1, method="GET")  # the real responses of the first poll
    service.control.fail_next(drop="reset", count=4, method="GET")
    service.control.clock.resume()

    hasty_client.wait_until_deleted(*ids, **SOON)
    with pytest.raises(NotFoundError):
        hasty_client.describe_version(created["imageId"], created["versionId"])


@pytest.mark.parametrize("wait", ["wait_until_built", "wait_until_deleted"])
def test_wait_raises_after_repeated_failures_of_the_service(hasty_client, seed, service, received, wait):
    created = seed.image(finish=False)
    service.control.fail_next(path="/versions/")  # the real response
    service.control.fail_next(status=503, count=99, path="/versions/")
    received()

    with pytest.raises(ServerError):
        getattr(hasty_client, wait)(created["imageId"], created["versionId"], **SOON)
    assert len(received()) == 1 + 5


@pytest.mark.parametrize("fault", TRANSIENT, ids=str)
@pytest.mark.parametrize("wait", ["wait_until_built", "wait_until_deleted"])
def test_wait_raises_at_once_if_its_first_poll_fails(hasty_client, seed, service, received, wait, fault):
    created = seed.image(finish=False)
    service.control.fail_next(**fault, count=99, path="/versions/")
    received()

    with pytest.raises((ServerError, RateLimitedError, TransportError)):
        getattr(hasty_client, wait)(created["imageId"], created["versionId"], **SOON)
    assert len(received()) == 1


def test_wait_for_several_deletions_survives_outage_after_the_first_is_deleted(hasty_client, seed, service):
    image_id = seed.image()["imageId"]
    versions = [seed.version(image_id)["versionId"] for _ in range(2)]
    hasty_client.delete_versions(image_id, versions)
    service.control.finish_deletions()
    service.control.fail_next(drop="reset", count=4, path=f"/versions/{versions[1]}")

    hasty_client.wait_until_deleted(image_id, versions, **SOON)
    assert len(list(hasty_client.list_image_versions(image_id))) == 1


@pytest.mark.parametrize("fault", [{"drop": "reset"}, {"status": 503}], ids=str)
@pytest.mark.parametrize("wait", ["wait_until_built", "wait_until_deleted", "follow_build_logs"])
def test_timeout_during_an_outage_has_the_last_error(hasty_client, seed, service, wait, fault):
    created = seed.image(finish=False)
    ids, limits = (created["imageId"], created["versionId"]), {"timeout": 0.5, "poll_interval": 60}
    path = "/logs" if wait == "follow_build_logs" else "/versions/"
    log = following(hasty_client, created["imageId"], **limits)
    service.control.fail_next(path=path)  # the real response
    service.control.fail_next(**fault, count=99, path=path)

    # The interval is cut to the rest of the time, so the second poll is the last.
    with pytest.raises(WaitTimeoutError, match=r"timed out after 0\.5 s; last: ") as caught:
        _ = list(log) if wait == "follow_build_logs" else getattr(hasty_client, wait)(*ids, **limits)
    assert isinstance(caught.value.__cause__, ServerError | RateLimitedError | TransportError)
    assert str(caught.value).endswith(f"; last: {caught.value.__cause__}")


def test_wait_until_deleted_version(client, seed, service):
    first = seed.image()
    seed.version(first["imageId"])
    client.delete_version(first["imageId"], first["versionId"])
    service.control.clock.resume()
    client.wait_until_deleted(first["imageId"], first["versionId"], **SOON)

    with pytest.raises(NotFoundError):
        client.describe_version(first["imageId"], first["versionId"])


def test_wait_until_deleted_image(client, seed, service):
    image_id = seed.image()["imageId"]
    client.delete_image(image_id)
    service.control.clock.resume()
    client.wait_until_deleted(image_id, **SOON)

    assert list(client.list_images()) == []


@pytest.mark.parametrize("of_image", [True, False])
def test_wait_until_deleted_raises_on_failed_deletion(client, seed, service, of_image):
    created = seed.image()
    service.control.fail_deletion(created["versionId"])
    client.delete_image(created["imageId"])
    service.control.clock.advance(1)

    with pytest.raises(DeletionFailedError, match=str(created["versionId"])) as caught:
        client.wait_until_deleted(created["imageId"], None if of_image else created["versionId"], **SOON)
    assert caught.value.version_ids == (created["versionId"],)


@pytest.mark.invalid_responses
def test_wait_until_deleted_raises_on_delete_failed_with_an_underscore(client, seed, service):
    created = seed.image()
    body = json.dumps({"id": created["versionId"], "status": "delete_failed"})
    service.control.fail_next(status=200, body=body, path=f"/versions/{created['versionId']}")
    with pytest.raises(DeletionFailedError, match=str(created["versionId"])):
        client.wait_until_deleted(created["imageId"], created["versionId"], **SOON)


def test_wait_until_deleted_timeout(client, seed):
    image_id = seed.image()["imageId"]
    client.delete_image(image_id)

    with pytest.raises(WaitTimeoutError, match="deletion of image"):
        client.wait_until_deleted(image_id, timeout=0.05, **SOON)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"poll_interval": 0}, "poll_interval"),
        ({"poll_interval": "soon"}, "poll_interval"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
    ],
)
def test_invalid_input_raises_and_sends_no_request(client, received, options, field):
    with pytest.raises(InvalidInputError) as caught:
        client.wait_until_deleted(1, **options)
    assert caught.value.field == field
    assert received() == []


def test_wait_until_built_returns_the_numeric_build_id(client, seed, service):
    created = seed.image()

    version = client.wait_until_built(created["imageId"], created["versionId"])
    [build] = client.list_image_builds(created["imageId"])
    assert version["buildId"] == build["buildId"]


def test_wait_until_built_passes_each_log_entry_once(client, seed, service):
    created = seed.image(finish=False)
    entries, states = [], []

    def on_status(status):
        states.append(status)
        service.control.finish_builds()

    client.wait_until_built(
        created["imageId"], created["versionId"], poll_interval=0.01, on_log=entries.append, on_status=on_status
    )
    [build] = client.list_image_builds(created["imageId"])
    whole = client.get_build_logs(created["imageId"], build["buildId"])["logs"]
    assert [entry["message"] for entry in entries] == [entry["message"] for entry in whole]
    assert states == ["building", "success"]


@pytest.mark.invalid_responses
def test_wait_until_built_ends_with_the_build_where_its_log_has_no_status(client, seed, service):
    created, entries = seed.image(), []
    for token in (None, "a", "a"):
        body = json.dumps({"logs": [] if token else [{"message": "one"}], "nextToken": "a"})
        service.control.fail_next(status=200, body=body, path="/logs")

    client.wait_until_built(created["imageId"], created["versionId"], **SOON, on_log=entries.append)
    assert [entry["message"] for entry in entries] == ["one"]


def test_wait_until_deleted_takes_several_versions(client, seed, service):
    first = seed.image()
    image_id = first["imageId"]
    others = [seed.version(image_id)["versionId"] for _ in range(2)]
    client.delete_versions(image_id, others)
    service.control.finish_deletions()

    client.wait_until_deleted(image_id, others, poll_interval=0.01)
    assert [version["id"] for version in client.list_image_versions(image_id)] == [first["versionId"]]


def test_text_build_id_of_a_create_or_update_is_accepted_wherever_a_build_is_named(client, seed, service, tmp_path):
    created = client.create_image({"name": "a", "type": "api", "buildDetails": FAILING_BUILD})
    service.control.finish_builds()
    updated = client.update_version(created["imageId"], created["versionId"], {"buildDetails": FAILING_BUILD})
    service.control.finish_builds()
    assert isinstance(created["buildId"], str)
    image_id = created["imageId"]
    newest, oldest = [build["buildId"] for build in client.list_image_builds(image_id)]

    for text, number in ((created["buildId"], oldest), (updated["buildId"], newest)):
        assert client.get_build_logs(image_id, text) == client.get_build_logs(image_id, number)
        follow = client.follow_build_logs(image_id, text, poll_interval=0.01)
        assert list(follow) == client.get_build_logs(image_id, number)["logs"]
        saved = client.get_build_logs(image_id, text, save=True, file_name=tmp_path / "a.log")
        assert saved.path.read_bytes()


def test_text_build_id_keeps_its_number_when_another_session_starts_a_build(client, seed, service, received):
    created = client.create_image({"name": "a", "type": "api", "buildDetails": FAILING_BUILD})
    service.control.finish_builds()
    ids = created["imageId"], created["buildId"]
    before = client.get_build_logs(*ids)
    with Session(service.token, base_url=service.url) as session, open_client("sync", session) as other:
        other.update_version(created["imageId"], created["versionId"], {"buildDetails": FAILING_BUILD})
    received()

    assert client.get_build_logs(*ids) == before
    [request] = received()
    assert request.path.endswith("/logs")


def test_save_build_logs_saves_all_builds_and_resumes(client, seed, service, tmp_path, received):
    image_id = seed.image()["imageId"]
    seed.version(image_id)
    ids = [build["buildId"] for build in client.list_image_builds(image_id)]
    directory = tmp_path / "new" / "logs"

    paths = client.save_build_logs(directory, image_id)
    assert [path.name for path in paths] == [f"image_build_logs_{image_id}_{build_id}.log" for build_id in ids]
    contents = [path.read_bytes() for path in paths]
    assert all(contents)
    paths[0].unlink()
    received()
    assert client.save_build_logs(directory, image_id) == paths
    assert sum(request.path.endswith("/logs/download") for request in received()) == 1
    assert [path.read_bytes() for path in paths] == contents
    assert client.save_build_logs(directory, image_id, ids[:1]) == paths[:1]


@pytest.mark.parametrize("operation", ["page", "iterator"])
def test_elements_have_a_typed_view_in_pages_and_iterators(client, seed, operation):
    seed.image("an-image")
    if operation == "page":
        [image] = client.list_images(return_iterator=False)["images"]
    else:
        [image] = client.list_images()

    assert image.model.name == image["name"] == "an-image"
