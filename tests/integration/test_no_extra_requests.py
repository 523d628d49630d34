"""What is not sent: nothing before a call, nothing beside it, nothing after bad input."""

import pytest

from peak_images import InvalidInputError, Session, get_async_client, get_client
from tests.integration.bodies import DOCKERFILE_BUILD, NEW_IMAGE

API = "/image-management/api/v2"


def test_making_a_session_and_a_client_sends_no_request(service, exchanges):
    with Session(base_url=service.url, auth_token=service.token) as session:
        get_client(session)
        get_async_client(session)

    assert exchanges == []
    assert service.requests == []


CALLS = {
    "list_images": ((), {"return_iterator": False}, ("GET", "/images/")),
    "create_image": (({**NEW_IMAGE, "name": "other"},), {}, ("POST", "/images/")),
    "describe_image": ((101,), {}, ("GET", "/images/101")),
    "delete_image": ((101,), {}, ("DELETE", "/images/101")),
    "list_image_versions": ((101,), {"return_iterator": False}, ("GET", "/images/101/versions")),
    "create_version": ((101, {"buildDetails": DOCKERFILE_BUILD}), {}, ("POST", "/images/101/versions")),
    "describe_version": ((101, 201), {}, ("GET", "/images/101/versions/201")),
    "delete_version": ((101, 201), {}, ("DELETE", "/images/101/versions/201")),
    "delete_versions": ((101, [201]), {}, ("DELETE", "/images/101/versions")),
    "list_image_builds": ((101,), {"return_iterator": False}, ("GET", "/images/101/builds")),
    "get_build_logs": ((101, 301), {}, ("GET", "/images/101/builds/301/logs")),
}


@pytest.mark.parametrize("operation", CALLS)
def test_call_sends_exactly_one_request(client, seed, received, exchanges, operation):
    assert seed.image() | {"buildId": 301} == {"imageId": 101, "versionId": 201, "buildId": 301}
    received()
    exchanges.clear()
    arguments, options, (method, path) = CALLS[operation]
    getattr(client, operation)(*arguments, **options)

    assert [(request.method, request.path) for request in received()] == [(method, API + path)]
    [only] = exchanges
    assert only.request_headers["user-agent"].startswith("peak-images/")
    assert only.request_headers.keys() <= {
        "host", "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type",
        "user-agent",
    }  # fmt: skip


def test_token_is_sent_unchanged(service, exchanges):
    with Session("Bearer  a.b-c", base_url=service.url) as session, pytest.raises(Exception, match="401"):
        next(get_client(session).list_images())

    assert [exchange.request_headers["authorization"] for exchange in exchanges] == ["Bearer  a.b-c"]


def test_custom_headers_are_sent(service, exchanges):
    with Session(base_url=service.url, auth_token=service.token, headers={"X-Team": "ours"}) as session:
        get_client(session).list_images(return_iterator=False)

    assert exchanges[0].request_headers["x-team"] == "ours"


BAD = {
    "list_images": [{"page_size": 0}, {"status": ["broken"]}, {"status": "ready"}, {"scope": ["mine"]}],
    "create_image": [
        {"body": {}},
        {"body": {**NEW_IMAGE, "type": "spaceship"}},
        {"body": NEW_IMAGE, "artifact": {"directory": "."}},
        {"body": NEW_IMAGE, "artifact": {"path": "no/such/directory"}},
    ],
    "describe_image": [{"image_id": 0}, {"image_id": "one"}],
    "delete_image": [{"image_id": None}],
    "list_image_versions": [{"image_id": -1}, {"image_id": 1, "tags": "red"}],
    "create_version": [{"image_id": 1, "body": {"buildDetails": {"source": "git"}}}],
    "describe_version": [{"image_id": 1, "version_id": 1.5}],
    "update_version": [{"image_id": 1, "version_id": True, "body": {}}, {"image_id": 1, "version_id": 1, "body": []}],
    "delete_version": [{"image_id": 1, "version_id": "../1"}],
    "delete_versions": [{"image_id": 1, "version_ids": []}, {"image_id": 1, "version_ids": 1}],
    "list_image_builds": [
        {"image_id": 1, "date_from": "yesterday"},
        {"image_id": 1, "date_from": "2024-01-01", "date_to": "2023-01-01"},
        {"image_id": 1, "count": -2},
        {"image_id": 1, "page_size": 25.0},
        {"image_id": 1, "date_to": "9999-12-31T23:59:59-10:00"},
    ],
    "get_build_logs": [
        {"image_id": 1, "build_id": ""},
        {"image_id": 1, "build_id": 1, "next_token": "f/1/s", "save": True},
        {"image_id": 1, "build_id": 1, "file_name": "build.log"},
        {"image_id": 1, "build_id": 1, "next_token": 7},
        {"image_id": 1, "build_id": ".."},
        {"image_id": 1, "build_id": 1, "save": True, "file_name": 7},
    ],
    "create_or_update_image_version": [{"body": {"name": ""}}, {"body": NEW_IMAGE, "artifact": "."}],
}


@pytest.mark.parametrize(
    ("operation", "arguments"), [(operation, arguments) for operation, each in BAD.items() for arguments in each]
)
def test_invalid_input_raises_and_sends_no_request(client, received, exchanges, operation, arguments):
    with pytest.raises(InvalidInputError):
        getattr(client, operation)(**arguments)

    assert exchanges == []
    assert received() == []
