"""Parsing of HTTP responses into JSON or errors."""

import json

import httpx
import pytest

from peak_images import ApiError, NotFoundError, ServerError
from peak_images._http.responses import may_have_been_applied, parse_response
from peak_images_api.types import Response

URL = "https://service.peak.ai/images/1"


def read(content, status=200, method="GET", headers=None, mask=str, **options):
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    received = httpx.Response(
        status, headers=headers, stream=httpx.ByteStream(content), request=httpx.Request(method, URL)
    )
    received.read()
    response = Response(received, lambda _: None)
    return parse_response("describe_image", method, response, mask=mask, **options)


def error_of(*arguments, **options):
    with pytest.raises(ApiError) as caught:
        read(*arguments, **options)
    assert str(caught.value).startswith("describe_image: ")
    return caught.value


@pytest.mark.parametrize("status", [200, 201, 202, 299])
def test_successful_response_is_returned_unchanged(status):
    response = {"id": 1, "new": [None, 1.5, "é"], "createdAt": "2023-06-01T18:00:00.000Z"}

    assert read(response, status) == response


@pytest.mark.parametrize("content", [b"", b" \r\n"])
@pytest.mark.parametrize("status", [200, 204])
def test_empty_response_to_delete_is_success(content, status):
    assert read(content, status, "DELETE") == {}


def test_404_on_retried_delete_is_success():
    assert read({"detail": "gone"}, 404, "DELETE", may_be_deleted=True) == {}
    assert type(error_of({"detail": "gone"}, 404, "DELETE")) is NotFoundError
    assert error_of(b"", 409, "DELETE", may_be_deleted=True).status_code == 409


def test_404_on_retried_get_is_an_error():
    assert type(error_of({"detail": "gone"}, 404, may_be_deleted=True)) is NotFoundError


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_empty_response_to_other_methods_is_an_error(method):
    assert error_of(b"", method=method).detail == "the response is not a JSON object: no text"


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        (b"[]", "[]"),
        (b"null", "null"),
        (b'"text"', "text"),
        (b"7", "7"),
        (b'{"id": 1', '{"id": 1'),
        (b"<html><title>Log in</title></html>", "a page titled 'Log in'"),
        (b"\xff\xfe{}", "��{}"),
        (b"[" * 100_000, "[" * 299 + "…"),
        (b"OK\r\n\r\n  fine", "OK fine"),
        (b"x" * 1000, "x" * 299 + "…"),
    ],
    ids=["list", "null", "text", "number", "truncated", "page", "not UTF-8", "deep", "lines", "long"],
)
def test_successful_status_without_a_json_object_is_api_error(content, summary):
    error = error_of(content)

    assert (type(error), error.status_code) == (ApiError, 200)
    assert error.detail == f"the response is not a JSON object: {summary}"


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ({"detail": "no such image"}, "no such image"),
        ({"message": "no such image"}, "no such image"),
        ({"detail": "", "message": "second"}, "second"),
        ({"detail": [{"loc": ["body"], "msg": "wrong"}]}, '[{"loc": ["body"], "msg": "wrong"}]'),
        ({"error": "odd"}, '{"error": "odd"}'),
        ([], "[]"),
        (b"", "no text"),
        (b"no such image", "no such image"),
        (
            b'<html>\n<head><TITLE class="a">502 Bad\n Gateway &amp; more</TITLE>',
            "a page titled '502 Bad\\n Gateway & more'",
        ),
        (b"\xff\xff", "��"),
    ],
)
def test_error_detail_is_that_of_the_service_or_a_summary(content, detail):
    assert error_of(content, 404).detail == detail


@pytest.mark.parametrize("status", [100, 304, 400, 404, 418, 429, 500, 520, 599, 999])
@pytest.mark.parametrize("content", [b"", b"<html>", b"{", b"\xff", b"[1]", b'{"detail": "a"}'])
def test_any_error_response_has_a_printable_error(status, content):
    error = error_of(content, status)

    assert error.status_code == status
    assert str(status) in str(error)


def test_status_code_selects_the_error_class():
    assert type(error_of(b"", 404)) is NotFoundError
    assert type(error_of(b"", 520)) is ServerError


def test_error_body_is_parsed_json_or_text():
    assert error_of({"detail": "a", "more": [1]}, 400).body == {"detail": "a", "more": [1]}
    assert error_of(b"<html>", 502).body == "<html>"


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({"X-Request-Id": "a"}, "a"),
        ({"x-amzn-requestid": "b"}, "b"),
        ({"X-Correlation-ID": "c"}, "c"),
        ({"CF-Ray": "d", "X-Request-Id": "a"}, "a"),
        ({"X-Request-Id": "", "CF-Ray": "d"}, "d"),
        ({"Date": "now"}, None),
    ],
)
def test_error_has_the_request_id_of_any_known_header(headers, request_id):
    error = error_of(b"", 500, headers=headers)

    assert error.request_id == request_id
    assert error.headers == {name.lower(): value for name, value in headers.items()}
    assert ("request id" in str(error)) == (request_id is not None)


def test_token_is_redacted_in_error_messages():
    error = error_of({"detail": "the token t0ken is wrong"}, 401, mask=lambda text: text.replace("t0ken", "***"))

    assert str(error) == "describe_image: 401: the token *** is wrong"
    assert "t0ken" not in repr(error)


@pytest.mark.parametrize(
    ("method", "status", "unknown"),
    [
        ("POST", 500, True),
        ("POST", 502, True),
        ("POST", 504, True),
        ("POST", 503, False),
        ("POST", 429, False),
        ("POST", 400, False),
        ("POST", 409, False),
        ("POST", 413, False),
        ("PATCH", 500, True),
        ("DELETE", 504, True),
        ("POST", 200, True),
        ("GET", 500, False),
        ("GET", 200, False),
    ],
)
def test_may_have_been_applied_by_method_and_status(method, status, unknown):
    error = ApiError("", operation="x", method=method, url=URL, status_code=status)

    assert may_have_been_applied(method, error) is unknown


@pytest.mark.parametrize("status", [200, 202, 204])
def test_empty_success_is_an_empty_dictionary_if_the_contract_has_one(status):
    assert read(b"", status, "POST", may_be_empty=True) == {}
    assert "is not a JSON object" in str(error_of(b"", status, "POST"))
