"""Saving a log over a bad connection: the download is resumed, and the file is complete or absent."""

import json

import pytest

from peak_images import ApiError, ConnectionFailedError, PeakImagesError, RequestTimeoutError, Session
from tests.integration.backends import BACKENDS, open_client
from tests.integration.raw_server import RESET, SILENCE, RawServer, response

LOG = b"0123456789"
WHOLE = response(200, LOG)
BROKEN = response(200, LOG[:4], 'ETag: "a"', length=10)
REST = response(206, LOG[4:], "Content-Range: bytes 4-9/10", 'ETag: "a"')

pytestmark = [pytest.mark.invalid_responses, pytest.mark.usefixtures("no_delays")]


@pytest.fixture
def save(client, service, tmp_path):
    """Saves a log from this host."""
    target = tmp_path / "build.log"

    def from_host(host):
        address = json.dumps({"downloadUrl": f"{host.url}/downloads/1.log?signature=abc"})
        service.control.fail_next(status=200, body=address, path="/logs/download")
        saved = client.get_build_logs(1, 1, save=True, file_name=target)
        return saved, target.read_bytes()

    from_host.directory = tmp_path
    return from_host


def ranges(host):
    heads = [request.lower().split(b"\r\n") for request in host.received]
    return [[line for line in head if line.startswith((b"range", b"if-range"))] for head in heads]


def test_interrupted_download_is_resumed(save):
    with RawServer(BROKEN, REST) as host:
        saved, content = save(host)

        assert (content, saved.size) == (LOG, 10)
        assert ranges(host) == [[], [b"range: bytes=4-", b'if-range: "a"']]


def test_download_restarts_when_the_etag_has_changed(save):
    with RawServer(BROKEN, WHOLE) as host:
        assert save(host)[1] == LOG


OTHER = {
    "range of a shorter file": response(206, LOG[4:8], "Content-Range: bytes 4-7/8", 'ETag: "a"'),
    "nothing after what was received": response(416, b"", "Content-Range: bytes */4"),
}


@pytest.mark.parametrize("other", ['ETag: "b"', 'ETag: W/"a"\r\nLast-Modified: Wed, 25 Nov 2026 19:40:58 GMT'])
def test_download_restarts_when_the_rest_is_of_another_file(save, other):
    rest = response(206, b"efghij", "Content-Range: bytes 4-9/10", other)
    with RawServer(BROKEN, rest, WHOLE) as host:
        assert save(host)[1] == LOG


def test_scheme_of_a_download_url_may_be_in_capitals(save):
    with RawServer(WHOLE) as host:
        host.url = host.url.replace("http", "HTTP")
        assert save(host)[1] == LOG


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER.keys())
def test_download_restarts_when_the_length_has_changed(save, other):
    with RawServer(BROKEN, other, WHOLE) as host:
        assert save(host)[1] == LOG
        assert [bool(each) for each in ranges(host)] == [False, True, False]


@pytest.mark.parametrize("end", [(), (RESET,)], ids=["closed", "reset"])
def test_download_restarts_without_etag_or_last_modified(save, end):
    with RawServer((response(200, LOG[:4], length=10), *end), WHOLE) as host:
        assert save(host)[1] == LOG
        assert ranges(host) == [[], []]


@pytest.mark.parametrize("backend", BACKENDS)
def test_download_read_timeout_raises(backend, service, tmp_path):
    session = Session(service.token, base_url=service.url, timeout=1, retries=0)
    with (
        RawServer((response(200, LOG[:4], length=10), SILENCE)) as host,
        session,
        open_client(backend, session) as impatient,
    ):
        address = json.dumps({"downloadUrl": f"{host.url}/downloads/1.log?signature=abc"})
        service.control.fail_next(status=200, body=address, path="/logs/download")
        with pytest.raises(RequestTimeoutError, match="read"):
            impatient.get_build_logs(1, 1, save=True, file_name=tmp_path / "build.log")
    assert list(tmp_path.iterdir()) == []


def test_download_with_wrong_content_range_restarts(save):
    with RawServer(BROKEN, response(206, LOG[5:], "Content-Range: bytes 5-9/10"), WHOLE) as host:
        assert save(host)[1] == LOG


def test_download_that_is_always_interrupted_raises_and_leaves_no_file(save):
    gave_up = pytest.raises(ConnectionFailedError, match=r"get_build_logs: .*after 4 attempts")
    with RawServer(response(200, LOG[:4], length=10)) as host, gave_up as caught:
        save(host)

    assert "signature" not in str(caught.value) + caught.value.url
    assert list(save.directory.iterdir()) == []


def test_download_is_retried_on_503(save):
    with RawServer(response(503), WHOLE) as host:
        assert save(host)[1] == LOG


def test_download_refused_by_the_host_raises(save):
    with RawServer(response(404, b"<Error/>")) as host, pytest.raises(ApiError, match="can't be downloaded") as caught:
        save(host)

    assert (caught.value.status_code, caught.value.body) == (404, "<Error/>")
    assert list(save.directory.iterdir()) == []


def test_download_of_many_chunks_is_complete(save):
    log = bytes(range(256)) * 4096
    with RawServer(response(200, log)) as host:
        assert save(host)[1] == log


def test_response_without_download_url_raises(client, service, tmp_path):
    service.control.fail_next(status=200, body="{}", path="/logs/download")

    with pytest.raises(PeakImagesError, match="has no downloadUrl"):
        client.get_build_logs(1, 1, save=True, file_name=tmp_path / "build.log")
    assert list(tmp_path.iterdir()) == []
