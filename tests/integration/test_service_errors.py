"""Rejections of the service as errors, in every backend of the client."""

import random

import pytest

from peak_images import (
    ApiError,
    BadRequestError,
    ConflictError,
    ConnectionFailedError,
    ForbiddenError,
    NotFoundError,
    PayloadTooLargeError,
    RateLimitedError,
    ServerError,
    Session,
    UnauthorizedError,
    UnprocessableEntityError,
)
from tests.integration.backends import BACKENDS, open_client
from tests.integration.bodies import DOCKERFILE_BUILD, NEW_IMAGE
from tests.integration.raw_server import RESET, RawServer, response


@pytest.fixture(params=BACKENDS)
def patient_client(request, service):
    """A client that doesn't try again, and sends artifacts of any size."""
    options = {"retries": 0, "max_artifact_size": None}
    with (
        Session(service.token, base_url=service.url, **options) as session,
        open_client(request.param, session) as opened,
    ):
        yield opened


@pytest.mark.parametrize("backend", BACKENDS)
def test_wrong_token_is_401(service, backend):
    refused = pytest.raises(UnauthorizedError, match="list_images: 401")
    with (
        Session("not-the-one", base_url=service.url) as session,
        open_client(backend, session) as client,
        refused as caught,
    ):
        next(client.list_images())

    assert "not-the-one" not in str(caught.value) + repr(caught.value)
    assert (caught.value.status_code, caught.value.attempts) == (401, 1)


def test_forbidden_token_is_403(client, seed, service):
    created = seed.image()
    service.control.set_scope(created["imageId"], "global")

    with pytest.raises(ForbiddenError, match="comes with the platform"):
        client.delete_image(created["imageId"])


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("describe_image", (99,)),
        ("describe_version", (99, 1)),
        ("list_image_versions", (99,)),
        ("list_image_builds", (99,)),
        ("create_version", (99, {"buildDetails": DOCKERFILE_BUILD})),
        ("update_version", (99, 1, {"description": "better"})),
        ("delete_image", (99,)),
        ("delete_version", (99, 1)),
        ("delete_versions", (99, [1])),
        ("get_build_logs", (99, 1)),
        ("get_build_logs", (99, "image-build-mock:2198")),
    ],
)
def test_missing_resource_is_404(client, operation, arguments):
    with pytest.raises(NotFoundError, match=f"{operation}: 404: .*99") as caught:
        list(getattr(client, operation)(*arguments))

    assert caught.value.operation == operation
    assert caught.value.body == {"detail": caught.value.detail}


def test_taken_name_is_409(client, seed):
    seed.image("an-image")

    with pytest.raises(ConflictError, match="an-image") as caught:
        client.create_image(NEW_IMAGE)
    assert caught.value.outcome_unknown is False


def test_next_token_of_another_log_is_400(client, seed):
    image_id = seed.image()["imageId"]
    build_id = next(client.list_image_builds(image_id))["buildId"]

    with pytest.raises(BadRequestError, match="nextToken"):
        client.get_build_logs(image_id, build_id, next_token="f/1/s")


def test_invalid_version_is_422(client):
    with pytest.raises(UnprocessableEntityError, match="semantic version"):
        client.create_image({**NEW_IMAGE, "version": "one"})


def test_missing_artifact_is_422(client):
    with pytest.raises(UnprocessableEntityError, match="artifact"):
        client.create_image({"name": "an-image", "type": "workflow"})


def test_artifact_too_large_for_the_service_is_413(patient_client, tmp_path):
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "noise").write_bytes(random.Random(1).randbytes(10 * 2**20 + 1))

    with pytest.raises(PayloadTooLargeError, match="larger than 10485760 bytes") as caught:
        patient_client.create_image({"name": "an-image", "type": "workflow"}, {"path": tmp_path})
    assert caught.value.outcome_unknown is False


REJECTIONS = [(401, UnauthorizedError), (403, ForbiddenError), (413, PayloadTooLargeError), (503, ServerError)]


@pytest.mark.invalid_responses
@pytest.mark.parametrize("by_proxy", [False, True], ids=["direct", "by proxy"])
@pytest.mark.parametrize(("status", "kind"), REJECTIONS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_upload_rejected_before_it_is_sent_raises_the_error_of_the_status(backend, status, kind, by_proxy, tmp_path):
    (tmp_path / "noise").write_bytes(random.Random(1).randbytes(6 * 2**20))
    rejection = response(status, b'{"detail": "not you"}')
    with RawServer(rejection, deaf=True) as server:
        route = {"base_url": "http://service.example", "proxy": server.url} if by_proxy else {"base_url": server.url}
        with (
            Session("a-token", retries=0, artifact_check="off", **route) as session,
            open_client(backend, session) as client,
            pytest.raises(kind, match="not you") as caught,
        ):
            client.create_image({"name": "an-image", "type": "api"}, {"path": tmp_path})
    assert caught.value.outcome_unknown is False


@pytest.mark.parametrize("backend", BACKENDS)
def test_upload_cut_off_without_a_response_is_a_connection_error(backend, tmp_path):
    (tmp_path / "noise").write_bytes(random.Random(1).randbytes(6 * 2**20))
    with (
        RawServer((RESET,), deaf=True) as server,
        Session("a-token", base_url=server.url, artifact_check="off") as session,
        open_client(backend, session) as client,
        pytest.raises(ConnectionFailedError, match="no response, or an incomplete one") as caught,
    ):
        client.create_image({"name": "an-image", "type": "api"}, {"path": tmp_path})
    assert (caught.value.outcome_unknown, caught.value.attempts) == (True, 1)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequestError), (403, ForbiddenError), (429, RateLimitedError), (500, ServerError), (503, ServerError)],
)
def test_status_code_raises_its_error_class(patient_client, service, status, kind):
    service.control.fail_next(status=status)

    with pytest.raises(kind, match=str(status)):
        patient_client.describe_image(1)


@pytest.mark.invalid_responses
def test_unknown_status_code_is_api_error(patient_client, service):
    service.control.fail_next(status=418, body="short and stout", content_type="text/plain")

    with pytest.raises(ApiError, match="describe_image: 418: short and stout") as caught:
        patient_client.describe_image(1)
    assert type(caught.value) is ApiError


@pytest.mark.invalid_responses
@pytest.mark.parametrize(
    ("status", "body", "detail"),
    [
        (502, "<html><head><title>502 Bad Gateway</title></head></html>", "a page titled '502 Bad Gateway'"),
        (502, "", "no text"),
        (413, "<html><title>Too Large</title></html>", "a page titled 'Too Large'"),
        (200, "<html><title>Log in</title></html>", "the response is not a JSON object: a page titled 'Log in'"),
        (200, '{"id": 1', 'the response is not a JSON object: {"id": 1'),
        (200, "[]", "the response is not a JSON object: []"),
        (200, "", "the response is not a JSON object: no text"),
    ],
)
def test_response_that_is_not_json_raises_by_status_code(patient_client, service, status, body, detail):
    service.control.fail_next(status=status, body=body, content_type="text/html", headers={"X-Request-Id": "r-1"})

    with pytest.raises(ApiError) as caught:
        patient_client.describe_image(1)
    assert (caught.value.status_code, caught.value.detail, caught.value.request_id) == (status, detail, "r-1")
    assert caught.value.url.endswith("/images/1")


@pytest.mark.parametrize("status", [200, 204])
def test_empty_response_to_delete_is_success(client, service, status, exchanges):
    service.control.fail_next(status=status, body="", method="DELETE")

    assert client.delete_image(1) == {}
    exchanges.clear()  # a 200 without a body isn't in the contract, but the service may send one
