"""Responses of any status, bytes and JSON: a result, or a printable error of this package."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import httpx
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from peak_images import PeakImagesError, Session, get_client

TIMES = st.sampled_from(["2023-06-01T18:00:00.000Z", "2023-06-01", "yesterday", "", "9999-12-31T23:59:59-14:00"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | TIMES
NAMES = st.sampled_from(
    [
        "id", "imageId", "versionId", "buildId", "name", "type", "scope", "status", "version", "latestVersion", "tags",
        "color", "buildDetails", "buildArguments", "source", "secrets", "createdAt", "lastBuildStatus", "lastBuildAt",
        "images", "versions", "builds", "logs", "message", "timestamp", "nextToken", "buildStatus", "startTime",
        "pageCount", "pageSize", "pageNumber", "imageCount", "detail", "downloadUrl", "useCache", "finishedAt",
    ]
)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=6),
    max_leaves=20,
)
OBJECTS = st.dictionaries(NAMES | st.text(max_size=8), JSON, max_size=8)
BODIES = st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()) | st.text().map(str.encode)
STATUSES = st.integers(200, 599)

CALLS = {
    "list_images": lambda client: client.list_images(return_iterator=False),
    "describe_image": lambda client: client.describe_image(1),
    "create_image": lambda client: client.create_image({"name": "a", "type": "api"}),
    "delete_image": lambda client: client.delete_image(1),
    "list_image_versions": lambda client: client.list_image_versions(1, return_iterator=False),
    "describe_version": lambda client: client.describe_version(1, 2),
    "create_version": lambda client: client.create_version(1, {}),
    "update_version": lambda client: client.update_version(1, 2, {}),
    "delete_versions": lambda client: client.delete_versions(1, [2]),
    "list_image_builds": lambda client: client.list_image_builds(1, return_iterator=False),
    "get_build_logs": lambda client: client.get_build_logs(1, 2),
    "all images": lambda client: client.list_images(),
    "all builds": lambda client: client.list_image_builds(1, prefetch=True),
    "create_or_update": lambda client: client.create_or_update_image_version(
        {"name": "a", "type": "api", "version": "1.0.0"}
    ),
    "follow_build_logs": lambda client: client.follow_build_logs(1, 2, timeout=0.01, poll_interval=0.001),
    "wait_until_built": lambda client: client.wait_until_built(1, 2, timeout=0.01, poll_interval=0.001),
    "wait_until_deleted": lambda client: client.wait_until_deleted(1, 2, timeout=0.01, poll_interval=0.001),
}

FUZZED = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])


def _made(call, status, content, headers=()):
    """Return what a call makes of a response: its result, used up if it is an iterator, or this package's error."""

    def handle(request):
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))

    with Session("a-token", base_url="http://service", retries=0, transport=httpx.MockTransport(handle)) as session:
        try:
            result = CALLS[call](get_client(session))
            return list(zip(range(50), result, strict=False)) if isinstance(result, Iterator) else result
        except PeakImagesError as error:
            _check_error(error)
            return error


def _check_error(error):
    assert isinstance(repr(error), str)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


@FUZZED
@given(call=st.sampled_from([*CALLS]), status=STATUSES, content=BODIES)
@example(call="describe_image", status=200, content=b"[" * 100_000)
@example(call="describe_image", status=500, content=b'{"detail": ' * 100_000)
@example(call="describe_image", status=200, content=b'{"id": 1e999, "a": "\\ud800"}')
@example(call="describe_image", status=200, content=b'{"id": ' + b"9" * 5_000 + b"}")
@example(call="describe_image", status=422, content=b'{"detail": "\\ud800"}')
@example(call="get_build_logs", status=200, content=b"\xff\xfe{}")
def test_any_response_bytes_and_status_are_parsed_or_raise(call, status, content):
    _made(call, status, content)


@FUZZED
@given(call=st.sampled_from([*CALLS]), content=OBJECTS)
@example(call="wait_until_built", content={"lastBuildStatus": []})
@example(call="wait_until_deleted", content={"status": []})
@example(call="follow_build_logs", content={"buildStatus": {}, "logs": []})
def test_any_json_object_is_returned_unchanged_and_its_model_parses(call, content):
    text = json.dumps(content).encode()
    result = _made(call, 200, text)

    if isinstance(result, dict):
        if call == "describe_image":
            assert json.dumps(result) == json.dumps(json.loads(text))
        _check_model(result)
    elif isinstance(result, list):
        for _, element in result:
            _check_model(element)


def _check_model(payload):
    if not hasattr(payload, "model"):
        return
    model = payload.model
    assert isinstance(repr(model), str)
    assert isinstance(model.to_dict(), dict)


PAGES = st.builds(
    lambda elements, count: {"images": elements, "builds": elements, "versions": elements, "pageCount": count},
    JSON | st.lists(OBJECTS, max_size=3),
    JSON | st.integers(-1, 3),
)


@FUZZED
@given(call=st.sampled_from(["all images", "all builds", "create_or_update"]), page=PAGES)
def test_pagination_of_any_page_ends_or_raises(call, page):
    _made(call, 200, json.dumps(page).encode())


HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "Content-Type", "X-Request-Id", "Content-Encoding", "Location", "Set-Cookie"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    max_size=3,
)


@FUZZED
@given(status=STATUSES, content=st.binary(max_size=50), headers=HEADERS)
@example(status=200, content=b"no gzip", headers={"Content-Encoding": "gzip"})
@example(status=200, content=b"{}", headers={"Content-Type": "application/json; charset=no-such-thing"})
@example(status=429, content=b"", headers={"Retry-After": "1e400"})
@example(status=302, content=b"", headers={"Location": "http://["})
def test_any_response_headers_are_accepted(status, content, headers):
    _made("describe_image", status, content, headers)
