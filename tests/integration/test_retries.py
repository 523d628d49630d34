"""Retries against servers that fail like real ones."""

import logging

import pytest

from peak_images import (
    ApiError,
    ConnectionFailedError,
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    RequestTimeoutError,
    ServerError,
    Session,
    Timeout,
    get_client,
)
from tests.integration.backends import BACKENDS, open_client
from tests.integration.bodies import NEW_IMAGE
from tests.integration.raw_server import RESET, SILENCE, RawServer, response

IMAGE = (
    b'{"id": 1, "name": "an-image", "type": "workflow", "latestVersion": {"id": 2, "version": "1", "status": "ready"}}'
)
CREATED = b'{"imageId": 1, "versionId": 2, "buildId": 3}'

pytestmark = [pytest.mark.invalid_responses, pytest.mark.usefixtures("no_delays")]


@pytest.fixture(params=BACKENDS)
def client_of(request):
    """Opens a client of a raw server, in each backend."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def of(server, **options):
            session = stack.enter_context(Session("a-token", base_url=server.url, **options))
            return stack.enter_context(open_client(request.param, session))

        yield of


PASSING = {
    "503": response(503),
    "429": response(429, b"", "Retry-After: 0"),
    "HTML 502": response(502, b"<html>Bad Gateway</html>"),
    "500": response(500),
    "closed before the response": b"",
    "reset before the response": (RESET,),
    "reset within the body": (response(200, IMAGE[:9], length=len(IMAGE)), RESET),
    "truncated": response(200, IMAGE[:-9], length=len(IMAGE)),
    "truncated with no length": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + IMAGE[:-9],
    "garbage": b"SSH-2.0-OpenSSH\r\n",
    "silence": (SILENCE,),
    "silence within the body": (response(200, IMAGE[:9], length=len(IMAGE)), SILENCE),
}


def patience(fault):
    """Return the timeout for a response: short if there is none, long enough for a busy machine otherwise."""
    return 0.5 if isinstance(fault, tuple) and SILENCE in fault else 30


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_get_is_retried_on_transient_error(client_of, fault):
    with RawServer(fault, response(200, IMAGE)) as server:
        image = client_of(server, timeout=patience(fault)).describe_image(1)

        assert image["name"] == "an-image"
        assert len(server.received) == 2


NEVER_TWICE = {
    "500": (response(500), ServerError),
    "HTML 502": (response(502, b"<html>Bad Gateway</html>"), ServerError),
    "504": (response(504), ServerError),
    "unreadable success": (response(200, b"<html>"), ApiError),
    "closed before the response": (b"", ConnectionFailedError),
    "reset before the response": ((RESET,), ConnectionFailedError),
    "truncated": (response(200, CREATED[:-9], length=len(CREATED)), ConnectionFailedError),
    "silence": ((SILENCE,), RequestTimeoutError),
}


@pytest.mark.parametrize(("fault", "kind"), NEVER_TWICE.values(), ids=NEVER_TWICE.keys())
def test_post_is_not_retried_when_outcome_unknown(client_of, fault, kind):
    with RawServer(fault, response(200, CREATED)) as server:
        with pytest.raises(kind, match="check before retrying") as caught:
            client_of(server, timeout=patience(fault)).create_image(NEW_IMAGE)

        assert (caught.value.outcome_unknown, caught.value.attempts) == (True, 1)
        assert len(server.received) == 1


@pytest.mark.parametrize("fault", [response(503), response(429)], ids=["503", "429"])
def test_post_is_retried_with_the_same_bytes_on_503_and_429(client_of, fault, build_context):
    with RawServer(fault, fault, response(200, CREATED)) as server:
        created = client_of(server).create_image({"name": "an-image", "type": "workflow"}, {"path": build_context})

        assert created["imageId"] == 1
        first, *others = (_without_boundary(request) for request in server.received)
        assert others == [first, first]
        assert b"PK\x03\x04" in first


def _without_boundary(request):
    head, _, _ = request.partition(b"\r\n\r\n")
    boundary = head.partition(b"boundary=")[2].split(b"\r\n")[0]
    return request.replace(boundary, b"")


def test_retried_post_creates_exactly_once(client, service):
    service.control.fail_next(status=503, method="POST")
    created = client.create_image(NEW_IMAGE)

    assert [image["id"] for image in client.list_images()] == [created["imageId"]]
    assert [request.status for request in service.requests if request.method == "POST"] == [503, 200]


def test_post_is_not_retried_on_500(client, service):
    service.control.fail_next(status=500, acted=True, method="POST")

    with pytest.raises(ServerError, match="check before retrying"):
        client.create_image(NEW_IMAGE)
    assert len(list(client.list_images())) == 1
    assert [request.status for request in service.requests if request.method == "POST"] == [500]


def test_post_is_not_retried_on_a_lost_response(client, service):
    service.control.fail_next(drop="reset", acted=True, method="POST")

    with pytest.raises(ConnectionFailedError, match="check before retrying"):
        client.create_image(NEW_IMAGE)
    assert len(list(client.list_images())) == 1


@pytest.mark.parametrize("fault", [{"drop": "close"}, {"status": 500}, {"status": 502}, {"status": 504}], ids=str)
def test_404_on_retried_delete_is_success(client, seed, service, fault):
    created = seed.image()
    service.control.fail_next(**fault, acted=True, method="DELETE")
    service.control.fail_next(status=404, method="DELETE")

    assert client.delete_image(created["imageId"]) == {}


def test_404_on_first_delete_is_an_error(client):
    with pytest.raises(NotFoundError):
        client.delete_image(99)


@pytest.mark.parametrize("status", [429, 503])
def test_404_on_delete_is_an_error_if_no_earlier_attempt_can_have_succeeded(client, service, status):
    service.control.fail_next(status=status, method="DELETE")

    with pytest.raises(NotFoundError) as caught:
        client.delete_image(99)
    assert caught.value.attempts == 2


def test_post_is_retried_on_connect_error(client_of):
    with RawServer(b"") as server:
        gone = server.url
    server.url = gone  # where no server listens any more

    with pytest.raises(ConnectionError) as caught:
        client_of(server, retries=2).create_image(NEW_IMAGE)
    assert (caught.value.attempts, caught.value.outcome_unknown) == (3, False)


@pytest.mark.parametrize(("retries", "requests"), [(0, 1), (1, 2), (3, 4)])
def test_number_of_retries_is_bounded(client_of, retries, requests):
    with RawServer(response(503)) as server:
        with pytest.raises(ServerError) as caught:
            client_of(server, retries=retries).describe_image(1)

        assert caught.value.attempts == len(server.received) == requests
        assert ("after" in str(caught.value)) == (retries > 0)


def test_default_is_three_retries(client_of):
    with RawServer(response(503)) as server:
        with pytest.raises(ServerError):
            client_of(server).describe_image(1)

        assert len(server.received) == 4


def test_retry_after_above_the_maximum_is_not_retried(client_of):
    with RawServer(response(429, b'{"detail": "slow down"}', "Retry-After: 3600")) as server:
        with pytest.raises(RateLimitedError, match="slow down") as caught:
            client_of(server).describe_image(1)

        assert caught.value.headers["retry-after"] == "3600"
        assert len(server.received) == 1


def test_retry_is_logged_with_its_reason(client_of, caplog):
    caplog.set_level(logging.INFO, "peak_images")
    with RawServer(response(503, b'{"detail": "back soon"}'), response(200, IMAGE)) as server:
        client_of(server).describe_image(1)

    [record] = [record for record in caplog.records if record.name == "peak_images"]
    assert record.levelno == logging.INFO
    assert "describe_image: retrying in 0.00 s, after: describe_image: 503: back soon" in record.getMessage()


def test_retry_emits_no_warning(client_of, caplog):
    with RawServer(response(503), response(200, IMAGE)) as server:
        client_of(server).describe_image(1)

    # Without a logging configuration, a warning would be printed.
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_token_is_redacted_in_the_retry_log(client_of, caplog):
    caplog.set_level(logging.DEBUG)
    with RawServer(response(503, b'{"detail": "a-token is not welcome"}'), response(200, IMAGE)) as server:
        client_of(server).describe_image(1)

    assert b"a-token" in server.received[0]
    assert "a-token" not in caplog.text


def test_timeout_error_names_the_phase(client_of):
    timed_out = pytest.raises(TimeoutError, match=r"describe_image: timed out \(read\)")
    with RawServer((SILENCE,)) as server, timed_out as caught:
        client_of(server, timeout=Timeout(read=0.1), retries=0).describe_image(1)

    assert (caught.value.method, caught.value.url) == (
        "GET",
        f"{server.url}/image-management/api/v2/images/1",
    )


def test_timeout_error_hides_the_cancellation_message(client_of):
    with RawServer((SILENCE,)) as server, pytest.raises(TimeoutError) as caught:
        client_of(server, timeout=Timeout(read=0.1), retries=0).describe_image(1)

    assert str(caught.value).removesuffix(": timed out") == f"describe_image: timed out (read) at {server.url}"


def test_timeout_error_of_a_callback_propagates(client_of, build_context):
    def on_progress(sent, total):
        raise TimeoutError("of the callback")

    with RawServer(response(200, CREATED)) as server, pytest.raises(TimeoutError, match="of the callback"):
        client_of(server).create_image(
            {"name": "an-image", "type": "workflow"}, {"path": build_context}, on_progress=on_progress
        )


@pytest.mark.parametrize("callback", ["on_progress", "on_status"])
def test_async_on_progress_callback_raises(client_of, build_context, callback):
    async def asynchronous(*_):
        pass

    with RawServer(response(200, CREATED)) as server:
        client = client_of(server)
        calls = {
            "on_progress": lambda: client.create_image(NEW_IMAGE, {"path": build_context}, on_progress=asynchronous),
            "on_status": lambda: client.wait_until_built(1, 2, on_status=asynchronous),
        }
        with pytest.raises(InvalidInputError, match=f"{callback}: .* is asynchronous; pass a plain function"):
            calls[callback]()

        assert server.received == []


def test_on_progress_starts_again_with_each_retry(client_of, build_context):
    reported = []
    with RawServer(response(503), response(200, CREATED)) as server:
        client_of(server).create_image(
            {"name": "an-image", "type": "workflow"},
            {"path": build_context},
            on_progress=lambda *numbers: reported.append(numbers),
        )

    sizes = {total for _, total in reported}
    assert len(sizes) == 1
    assert reported == [(sent, total) for sent, total in reported[: len(reported) // 2]] * 2
    assert reported[-1][0] == reported[-1][1]


def test_client_can_be_used_after_close():
    with RawServer(response(200, IMAGE)) as server, Session("a-token", base_url=server.url) as session:
        client = get_client(session)
        client.describe_image(1)
        session.close()

        assert client.describe_image(1)["id"] == 1


def test_slow_response_ends_with_the_total_timeout(client_of):
    drip = [chunk for byte in IMAGE for chunk in (bytes([byte]), 0.02)]
    timeout = Timeout(read=5, total=0.1)
    with RawServer((response(200, b"", length=len(IMAGE)), *drip)) as server:
        with pytest.raises(TimeoutError, match="took too long"):
            client_of(server, timeout=timeout, retries=0).describe_image(1)

        assert len(server.received) == 1
