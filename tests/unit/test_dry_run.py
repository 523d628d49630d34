"""``with_options(dry_run=...)``: requests are reported in place of being sent."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from peak_images import InvalidInputError, PeakImagesError, PreparedRequest, Session, get_async_client, get_client

URL = "http://images.example"
BODY = {"name": "weather", "type": "api", "version": "1", "x-unknown": [1], "buildDetails": {"dockerfile": "FROM a"}}
SOURCE = {"source": "dockerfile", "dockerfile": "FROM a"}


def refuse(request: httpx.Request) -> httpx.Response:
    raise AssertionError(request)


@pytest.fixture
def session():
    with Session("token", base_url=URL, transport=httpx.MockTransport(refuse)) as made:
        yield made


def test_request_of_a_form_is_reported_with_defaults(session):
    requests: list[PreparedRequest] = []

    body = {**BODY, "buildDetails": {**BODY["buildDetails"], "source": "dockerfile"}}
    assert get_client(session).with_options(dry_run=requests.append).create_image(body) == {}

    (request,) = requests
    assert (request.operation, request.method) == ("create_image", "POST")
    assert request.url == f"{URL}/image-management/api/v2/images/"
    assert request.body == body
    assert request.artifact_size is None


def test_source_and_size_of_an_artifact_are_reported(session, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    requests: list[PreparedRequest] = []

    get_client(session).with_options(dry_run=requests.append).create_image(
        {"name": "a", "type": "api"}, {"path": tmp_path}
    )

    assert requests[0].body == {"name": "a", "type": "api", "buildDetails": {"source": "upload"}}
    assert requests[0].artifact_size > 100


def test_query_and_path_are_reported_and_nothing_is_sent_twice(session):
    requests: list[PreparedRequest] = []
    client = get_client(session).with_options(dry_run=requests.append)

    client.delete_versions(7, [1, 2])
    client.with_options(retries=0).describe_image(7)

    assert [(request.method, request.url.rpartition("/v2")[2]) for request in requests] == [
        ("DELETE", "/images/7/versions?versionIds=1&versionIds=2"),
        ("GET", "/images/7"),
    ]
    assert [request.body for request in requests] == [None, None]


def test_arguments_are_checked_in_a_dry_run(session):
    requests: list[PreparedRequest] = []

    with pytest.raises(InvalidInputError):
        get_client(session).with_options(dry_run=requests.append).create_image({"name": "a", "type": "spaceship"})
    assert requests == []


def test_exception_of_the_dry_run_function_propagates(session):
    def stop(request: PreparedRequest) -> None:
        raise ZeroDivisionError(request.operation)

    with pytest.raises(ZeroDivisionError, match="describe_image"):
        get_client(session).with_options(dry_run=stop).describe_image(1)


@pytest.mark.parametrize(
    ("call", "operations"),
    [
        (lambda client, _: list(client.list_images()), ["list_images"]),
        (lambda client, _: client.find_image("a"), ["list_images"]),
        (lambda client, _: list(client.list_all_builds()), ["list_images"]),
        (lambda client, _: client.prune_versions(1), ["list_image_versions"]),
        (lambda client, _: client.wait_until_built(1, 2), ["describe_version"]),
        (lambda client, _: client.wait_until_deleted(1), ["describe_image"]),
        (lambda client, _: client.wait_until_deleted(1, 2), ["describe_version"]),
        (lambda client, _: list(client.follow_build_logs(1, 2)), ["get_build_logs"]),
        (lambda client, path: client.get_build_logs(1, 2, save=True, file_name=path), ["get_build_logs"]),
        (lambda client, _: client.create_or_update_image_version(BODY), ["list_images"]),
        (lambda client, _: client.deploy(None, {**BODY, "buildDetails": SOURCE}), ["list_images"]),
    ],
)
def test_what_depends_on_a_response_ends_a_dry_run_with_an_error_after_its_request(session, tmp_path, call, operations):
    requests: list[PreparedRequest] = []

    with pytest.raises(PeakImagesError, match="is empty, as every response of a dry run is"):
        call(get_client(session).with_options(dry_run=requests.append), tmp_path / "build.log")
    assert [request.operation for request in requests] == operations


def test_dry_run_of_the_asynchronous_client():
    async def run() -> list[PreparedRequest]:
        requests: list[PreparedRequest] = []
        async with Session("token", base_url=URL, transport=httpx.MockTransport(refuse)) as made:
            await get_async_client(made).with_options(dry_run=requests.append).delete_image(3)
        return requests

    (request,) = asyncio.run(run())
    assert (request.method, request.url) == ("DELETE", f"{URL}/image-management/api/v2/images/3")


def test_repr_of_a_prepared_request_masks_secrets(session):
    requests: list[PreparedRequest] = []

    arguments = [{"name": "TOKEN", "value": "a-secret"}]
    build = {"source": "dockerfile", "dockerfile": "FROM a", "buildArguments": arguments}
    get_client(session).with_options(dry_run=requests.append).create_image({**BODY, "buildDetails": build})

    assert requests[0].body["buildDetails"]["buildArguments"] == arguments
    assert "'value': '***'" in repr(requests[0])
    assert "a-secret" not in repr(requests)
