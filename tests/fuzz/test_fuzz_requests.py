"""Bodies and arguments of any JSON and more: sent as they are, or an error of this package before anything is sent."""

from __future__ import annotations

import io
import json

import httpx
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from peak_images import InvalidInputError, PeakImagesError, Session, get_client

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=5)
FIELDS = st.sampled_from(
    [
        "name", "type", "version", "description", "buildDetails", "autodeployResources", "source", "buildArguments",
        "secrets", "useCache", "dockerfile", "branch", "repository", "token", "dockerfilePath", "context", "value",
        "entityId", "entityType", "artifact",
    ]
)  # fmt: skip
SOURCES = st.sampled_from(["upload", "dockerfile", "github", "workflow", "api", "0.0.1"])
ANY = st.recursive(
    SCALARS | SOURCES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.text(max_size=5), inner, max_size=5),
    max_leaves=15,
)
BODIES = (
    ANY
    | st.dictionaries(FIELDS, ANY, max_size=6)
    | st.builds(
        lambda details, rest: {**rest, "name": "a", "type": "api", "buildDetails": details},
        st.dictionaries(FIELDS, ANY, max_size=5),
        st.dictionaries(FIELDS, ANY, max_size=2),
    )
)
FUZZED = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
CREATED = {"imageId": 1, "versionId": 2, "buildId": 3}


def _sent(call):
    """Return the requests that a call sent, or none and this package's error of the input."""
    requests = []

    def handle(request):
        request.read()
        requests.append(request)
        listed = {"images": [], "versions": [], "pageCount": 1}
        return httpx.Response(200, json=listed if request.method == "GET" else CREATED)

    with Session("a-token", base_url="http://service", retries=0, transport=httpx.MockTransport(handle)) as session:
        error = None
        try:
            call(get_client(session))
        except PeakImagesError as caught:
            error = caught
    if error is not None:
        assert isinstance(error, InvalidInputError), error
        assert requests == []
        assert isinstance(str(error), str)
    return requests


@FUZZED
@given(operation=st.sampled_from(["create_image", "create_version", "update_version", "upsert"]), body=BODIES)
@example(operation="create_image", body={"name": "\ud800", "type": "api"})
@example(operation="create_image", body={"name": "a", "type": "api", "description": "--boundary\r\n\0"})
@example(operation="update_version", body={1: 2})
@example(operation="update_version", body={"a\r\nb": "c"})
@example(operation="update_version", body={'a"; filename="b': "c"})
def test_any_body_is_sent_unchanged_or_rejected(operation, body):
    calls = {
        "create_image": lambda client: client.create_image(body),
        "create_version": lambda client: client.create_version(1, body),
        "update_version": lambda client: client.update_version(1, 2, body),
        "upsert": lambda client: client.create_or_update_image_version(body),
    }
    requests = _sent(calls[operation])

    if requests and operation != "upsert":
        fields = _fields(requests[-1])
        for name, value in body.items():
            if name.isidentifier() and name != "buildDetails":
                assert fields[name] == (value if isinstance(value, str) else json.dumps(value))


def _fields(request):
    _, options = parse_options_header(request.headers["content-type"])
    content = request.content
    fields, _ = MultiPartParser().parse(io.BytesIO(content), options["boundary"].encode(), len(content))
    return fields


@FUZZED
@given(
    operation=st.sampled_from(
        [
            ("describe_image", 1), ("delete_image", 1), ("describe_version", 2), ("delete_version", 2),
            ("delete_versions", 2), ("get_build_logs", 3), ("list_image_versions", 7), ("list_image_builds", 8),
            ("list_images", 7),
        ]
    ),
    arguments=st.lists(ANY | st.integers(1, 9), min_size=1, max_size=8),
)  # fmt: skip
def test_any_arguments_are_sent_or_rejected(operation, arguments):
    name, count = operation
    least = {"describe_version": 2, "delete_version": 2, "delete_versions": 2, "get_build_logs": 2}.get(name, 1)
    arguments = [*arguments, *[1] * least][: max(count, least)]
    if name == "get_build_logs":
        arguments = arguments[:3]
    _sent(lambda client: getattr(client, name)(*arguments))
