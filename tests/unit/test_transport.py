"""Mapping of httpx's exceptions, and progress of uploads."""

import io

import httpx
import pytest

from peak_images import ConnectionFailedError, RequestTimeoutError
from peak_images._http.exceptions import map_httpx_error
from peak_images._uploads import ProgressReader

REQUEST = httpx.Request("GET", "https://service.peak.ai/images/?searchTerm=secret")


def error_for(raised, method="GET"):
    return map_httpx_error(raised, "describe_image", method)


@pytest.mark.parametrize(
    ("raised", "kind", "text", "not_sent"),
    [
        (httpx.ConnectError("refused"), ConnectionFailedError, "can't connect to the service: refused", True),
        (httpx.ProxyError("no"), ConnectionFailedError, "no response, or an incomplete one: no", True),
        (httpx.ReadError(""), ConnectionFailedError, "no response, or an incomplete one: ReadError", False),
        (httpx.WriteError("broken"), ConnectionFailedError, "no response, or an incomplete one: broken", False),
        (httpx.RemoteProtocolError("gone"), ConnectionFailedError, "no response, or an incomplete one: gone", False),
        (httpx.InvalidURL("odd"), ConnectionFailedError, "the response refers to an invalid URL: odd", False),
        (httpx.UnsupportedProtocol("odd"), ConnectionFailedError, "no response, or an incomplete one: odd", False),
        (httpx.ConnectTimeout("slow"), RequestTimeoutError, "timed out (connect): slow", True),
        (httpx.PoolTimeout(""), RequestTimeoutError, "timed out (pool)", True),
        (httpx.ReadTimeout("slow"), RequestTimeoutError, "timed out (read): slow", False),
        (httpx.WriteTimeout("slow"), RequestTimeoutError, "timed out (write): slow", False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_httpx_errors_are_mapped(raised, kind, text, not_sent, method):
    error = error_for(raised, method)

    assert type(error) is kind
    assert str(error).startswith(f"describe_image: {text}")
    assert error.__cause__ is raised
    assert error.outcome_unknown is (method == "POST" and not not_sent)


def test_transport_error_shows_no_user_name_and_password():
    request = httpx.Request("GET", "https://user:s3cret@logs.example.com/1.log?signature=x")
    error = error_for(httpx.ConnectError("refused", request=request))
    assert error.url == "https://logs.example.com/1.log"
    assert "can't connect to https://logs.example.com: refused" in str(error)


def test_transport_error_url_has_no_query():
    error = error_for(httpx.ReadError("gone", request=REQUEST))
    assert error.url == "https://service.peak.ai/images/"
    assert str(error).startswith(
        "describe_image: no response, or an incomplete one, from https://service.peak.ai: gone"
    )
    slow = error_for(httpx.ReadTimeout("slow", request=REQUEST))
    assert str(slow).startswith("describe_image: timed out (read) at https://service.peak.ai: slow")
    assert error_for(httpx.ReadError("gone")).url == ""


def test_other_unicode_errors_are_not_mapped():
    raised = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "another")
    with pytest.raises(UnicodeDecodeError) as caught:
        error_for(raised)

    assert caught.value is raised


def test_progress_reader_reports_bytes_read():
    reported = []
    file = ProgressReader(io.BytesIO(b"0123456789"), 10, lambda *numbers: reported.append(numbers))

    assert (file.read(4), file.tell(), file.read(), file.read()) == (b"0123", 4, b"456789", b"")
    assert reported == [(4, 10), (10, 10)]


def test_progress_reader_starts_again_after_seek():
    reported = []
    file = ProgressReader(io.BytesIO(b"0123456789"), 10, lambda *numbers: reported.append(numbers))
    file.read()

    assert file.seek(0) == 0
    file.read(3)
    assert reported == [(10, 10), (3, 10)]


def test_host_name_that_dns_does_not_allow_is_a_connection_error():
    with pytest.raises(UnicodeError) as caught:
        "a..b".encode("idna")  # as a socket does with the name
    error = error_for(caught.value)

    assert type(error) is ConnectionFailedError
    assert "invalid host name" in str(error)
