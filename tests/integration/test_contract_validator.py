"""The contract validator itself: it accepts valid exchanges, and reports violations."""

import json

import httpx
import pytest

from tests.integration.contract_validator import PREFIX, contract_validator, validated
from tests.integration.recording import Exchange

CREATED = {"imageId": 101, "versionId": 201, "buildId": "image-build-mock:2198"}
PAGE = {"imageCount": 0, "pageSize": 25, "pageNumber": 1, "pageCount": 1, "images": []}


def exchange(method="GET", path="/images/", *, status=200, response=PAGE, form=None, headers=None, files=None):
    parts = [(name, (None, text)) for name, text in (form or {}).items()] + list((files or {}).items())
    request = httpx.Request(
        method, f"http://service{PREFIX}{path}", headers=headers or {"Authorization": "t"}, files=parts or None
    )
    body = response if isinstance(response, bytes) else json.dumps(response).encode()
    return Exchange(
        method,
        request.url,
        request.headers,
        bytearray(request.read()),
        status,
        httpx.Headers({"Content-Type": "application/json"}),
        bytearray(body),
        complete=True,
    )


def creating(form=None, **options):
    fields = {"name": "an-image", "type": "workflow"} if form is None else form
    return exchange("POST", form=fields, **{"response": CREATED, **options})


@pytest.mark.parametrize(
    "right",
    [
        exchange(),
        exchange(path="/images/?pageSize=5&status=ready&status=in-use"),
        exchange(path="/images/7", status=404, response={"detail": "none"}),
        exchange("DELETE", "/images/7", response={}),
        exchange("DELETE", "/images/7", status=204, response=b""),
        exchange("DELETE", "/images/7/versions?versionIds=1&versionIds=2", response={}),
        exchange(path="/images/7/builds/image-build-mock%3A21/logs", response={"logs": []}),
        exchange(path="/images/7/builds?dateFrom=2023-06-01T00%3A00%3A00.000Z", status=502, response=b"<html>"),
        creating(),
        creating({"name": "x", "type": "api", "buildDetails": '{"source": "dockerfile", "dockerfile": "FROM a"}'}),
        creating(files={"artifact": ("artifact.zip", b"\r\n--x\r\n", "application/zip")}),
        creating({"name": "x", "type": "api", "aNewField": "kept"}),
    ],
)
def test_valid_exchange_passes(right):
    assert contract_validator().problems(right) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (exchange(path="/images"), "no such operation"),
        (exchange(path="/telemetry"), "no such operation"),
        (exchange("PUT", "/images/7"), "no such operation"),
        (exchange(path="/images/?colour=red"), "query parameter colour: not declared"),
        (exchange(path="/images/?pageSize=many"), "pageSize"),
        (exchange(path="/images/?pageSize=0"), "pageSize"),
        (exchange(path="/images/?status=broken"), "status"),
        (exchange(path="/images/7/builds?dateFrom=yesterday"), "dateFrom"),
        (exchange(path="/images/seven", response={}), "imageId"),
        (exchange("DELETE", "/images/7/versions", response={}), "versionIds"),
        (exchange(headers={"Accept": "*/*"}), "Security"),
        (exchange("DELETE", "/images/7", response={}, form={"a": "b"}), "a body of"),
        (creating({"name": "x", "type": "spaceship"}), "type: 'spaceship'"),
        (creating({"type": "workflow"}), "'name' is a required property"),
        (creating({"name": "x", "type": "api", "buildDetails": "upload"}), "buildDetails: not JSON"),
        (creating({"name": "x", "type": "api", "buildDetails": '{"source": "git"}'}), "buildDetails"),
        (creating({"name": "x", "type": "api", "buildDetails": '{"source": "upload", "useCache": "no"}'}), "useCache"),
        (creating({"name": "x", "type": "api", "artifact": "text"}), "text where a file belongs"),
        (creating(files={"artifact": ("a.zip", b"PK", "application/zip")}), "form file artifact: a.zip"),
        (creating(files={"picture": ("artifact.zip", b"PK", "application/zip")}), "form file picture"),
        (exchange("POST", response=CREATED), "not multipart/form-data"),
        (exchange(response={**PAGE, "imageCount": "none"}), "imageCount: 'none' is not of type 'integer'"),
        (exchange(response={"images": []}), "'imageCount' is a required property"),
        (exchange(path="/images/7/builds/3/logs", response={"logs": [], "startTime": "noon"}), "startTime"),
        (exchange(response=b"<html>"), "not JSON"),
        (exchange(status=418), "status 418 is not documented"),
        (exchange("DELETE", "/images/7", status=204, response={}), "a body with status 204"),
    ],
)
def test_invalid_exchange_is_reported(wrong, named):
    problems = contract_validator().problems(wrong)

    assert any(named in problem for problem in problems), problems


def test_response_content_type_other_than_json_is_a_violation():
    page = exchange()
    page.headers = httpx.Headers({"Content-Type": "text/html"})

    assert contract_validator().problems(page) == ["list_images: response: text/html, not application/json"]


def test_token_sent_to_the_download_host_is_a_violation():
    leak = Exchange("GET", httpx.URL("http://logs/downloads/3.log"), httpx.Headers({"Authorization": "t"}))

    assert contract_validator().problems(leak) == ["the token was sent to the download's host"]


def test_violation_fails_the_running_test():
    with pytest.raises(AssertionError, match="query parameter colour: not declared"), validated([]) as exchanges:
        exchanges.append(exchange(path="/images/?colour=red"))


def test_recorded_bytes_equal_the_request(sync_client, exchanges):
    created = sync_client.create_image(
        {"name": "an-image", "type": "workflow", "buildDetails": {"source": "dockerfile", "dockerfile": "FROM nginx"}}
    )

    [only] = exchanges
    assert (only.method, only.url.path, only.status, only.complete) == ("POST", f"{PREFIX}/images/", 200, True)
    assert b'"dockerfile": "FROM nginx"' in only.sent
    assert json.loads(bytes(only.received)) == created
