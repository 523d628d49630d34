"""No foreign exception leaves a call, whatever the arguments, the environment, the headers, the responses, the host."""

from __future__ import annotations

import inspect
import os
import warnings
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from peak_images import AsyncImage, Image, PeakImagesError, Session, get_async_client, get_client

BACKENDS = ("sync", "asyncio", "trio")
FUZZED = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))

OPERATIONS = [
    name
    for name, member in inspect.getmembers(Image, inspect.isfunction)
    if not name.startswith("_") and name not in ("close", "with_options")
]


class Hostile:
    """An object that can't be shown, compared, hashed or read."""

    __hash__ = None

    def _fail(self, *_):
        raise RuntimeError("hostile")

    __repr__ = __str__ = __eq__ = __bool__ = __iter__ = __len__ = __index__ = __fspath__ = _fail


class Unreadable(dict):
    def items(self):
        raise RuntimeError("hostile")


class Text(str):
    __slots__ = ()


def failing():
    yield 1
    raise RuntimeError("hostile")


MALFORMED = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.binary(max_size=3),
    st.sampled_from(
        [
            10**5000,
            -1,
            1,
            "1",
            "9" * 5000,
            "\ud800",
            "\0",
            "..",
            "a/b",
            " ",
            "²",
            "٣",
            Text("1"),
            Text("upload"),
            float("nan"),
            float("inf"),
            datetime.min.replace(tzinfo=UTC),
            datetime.max.replace(tzinfo=UTC),
            date.max,
            timedelta.max,
            Path(),
            Path("\0"),
            b"",
            object(),
            print,
            Ellipsis,
            {},
            [],
            (),
            set(),
            {1: 2},
            {"\ud800": 1},
            [[]],
            range(3),
            {"path": 1},
            {"path": "\0"},
            {"path": "."},
            {"path": "/", "ignore_files": 7},
            "0001-01-01T00:00:00+14:00",
            {"name": "a", "type": "api", "buildDetails": {"source": "dockerfile", "dockerfile": "FROM a"}},
            {"name": "a", "buildDetails": {"buildArguments": [{"name": "a", "value": object()}]}},
        ]
    ),
    st.builds(Hostile),
    st.builds(Unreadable, a=st.just(1)),
    st.builds(failing),
    st.recursive(st.integers() | st.text(max_size=3), lambda inner: st.lists(inner, max_size=2), max_leaves=4),
)


def exercise(backend, session, operation, arguments):
    """Make a call, and consume what it gives; only this package's errors are suppressed."""

    async def asynchronously():
        with suppress(PeakImagesError):
            client = get_async_client(session)
            result = getattr(client, operation)(**arguments)
            if inspect.isawaitable(result):
                await result
            elif hasattr(result, "__anext__"):
                for _ in range(3):
                    await anext(result, None)
        await session.aclose()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if backend != "sync":
            anyio.run(asynchronously, backend=backend)
            return
        with session, suppress(PeakImagesError):
            result = getattr(get_client(session), operation)(**arguments)
            if hasattr(result, "__next__"):
                for _ in range(3):
                    next(result, None)


def quick(operation, arguments, tmp_path=None):
    """Return arguments with which a call doesn't wait, nor write in the working directory."""
    parameters = inspect.signature(getattr(Image, operation)).parameters
    if "timeout" in parameters:
        arguments = {**arguments, "timeout": 0.02, "poll_interval": 0.01}
    return arguments


def session_of(handle, **options):
    class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request):
            request.read()
            return handle(request)

        async def handle_async_request(self, request):
            await request.aread()
            return handle(request)

    return Session("a-token", base_url="http://service", retries=0, transport=Transport(), **options)


def plausible(operation):
    values = {
        "image_id": 1,
        "version_id": 2,
        "build_id": 3,
        "version_ids": [2],
        "image": 1,
        "version": "0.0.1",
        "name": "a",
        "body": {"name": "a", "type": "api", "buildDetails": {"source": "dockerfile", "dockerfile": "FROM a"}},
    }
    required = inspect.signature(getattr(Image, operation)).parameters.values()
    needed = {one.name for one in required if one.default is one.empty and one.name != "self"}
    return {name: values.get(name, "x") for name in needed | ({"body"} if operation == "deploy" else set())}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("operation", OPERATIONS)
@FUZZED
@given(data=st.data())
def test_malformed_arguments_raise_only_peak_images_errors(tmp_path, monkeypatch, backend, operation, data):
    monkeypatch.chdir(tmp_path)
    # Logs are written wherever an argument says.
    excluded = {"self", "directory"} if operation == "save_build_logs" else {"self"}
    names = [name for name in inspect.signature(getattr(Image, operation)).parameters if name not in excluded]
    malformed = data.draw(st.dictionaries(st.sampled_from(names), MALFORMED, min_size=1, max_size=2)) if names else {}
    arguments = {**quick(operation, plausible(operation)), **malformed}
    if operation == "save_build_logs":
        arguments["directory"] = tmp_path / "logs"
    # Such a value means to wait for ever.
    for name in ("timeout", "poll_interval"):
        if (isinstance(arguments.get(name), (int, float)) and arguments[name] > 0.02) or arguments.get(name, 0) is None:
            arguments[name] = 0.02
    response = {
        "images": [],
        "versions": [],
        "builds": [],
        "logs": [],
        "buildStatus": "success",
        "lastBuildStatus": "success",
    }
    exercise(backend, session_of(lambda request: httpx.Response(200, json=response)), operation, arguments)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "images",
                    "versions",
                    "builds",
                    "logs",
                    "id",
                    "buildId",
                    "pageCount",
                    "imageCount",
                    "pageSize",
                    "nextToken",
                    "status",
                    "lastBuildStatus",
                    "buildStatus",
                    "message",
                    "downloadUrl",
                    "detail",
                    "imageId",
                    "versionId",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
HEADERS = st.dictionaries(
    st.sampled_from(
        ["content-type", "content-encoding", "retry-after", "location", "content-range", "etag", "x-request-id"]
    ),
    st.sampled_from(
        ["", "gzip", "br", "deflate", "utf-8", "text/html; charset=klingon", "Sun Nov 6 08:49:37 1994", "1e999"]
    )
    | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    max_size=3,
)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("operation", OPERATIONS)
@FUZZED
@given(bodies=st.lists(JSON, min_size=1, max_size=4), raw=st.binary(max_size=20), headers=HEADERS, data=st.data())
def test_malformed_responses_raise_only_peak_images_errors(
    tmp_path, monkeypatch, backend, operation, bodies, raw, headers, data
):
    monkeypatch.chdir(tmp_path)
    status = data.draw(st.sampled_from([200, 200, 200, 201, 204, 206, 301, 304, 400, 404, 416, 418, 500, 503, 599]))
    use_raw = data.draw(st.booleans())
    calls = iter(range(10**9))

    def handle(request):
        number = next(calls)
        if number > 30:
            return httpx.Response(404, json={"detail": "enough"})
        if use_raw:
            return httpx.Response(status, headers=headers, stream=httpx.ByteStream(raw))
        return httpx.Response(status, json=bodies[number % len(bodies)])

    arguments = quick(operation, plausible(operation))
    if operation == "save_build_logs":
        arguments["directory"] = tmp_path / "logs"
    exercise(backend, session_of(handle), operation, arguments)


TEXT = st.text(max_size=15) | st.sampled_from(
    [
        "",
        "*",
        "::1",
        "[::1]",
        "fd07::/64",
        "10.0.0.0/8",
        "http://",
        "socks://a",
        "http://a:99999",
        "http://u:p@h:1",
        "//",
    ]
)
VARIABLES = st.dictionaries(
    st.sampled_from(
        [
            "HTTP_PROXY",
            "http_proxy",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "NO_PROXY",
            "no_proxy",
            "SSL_CERT_FILE",
            "SSL_CERT_DIR",
            "REQUESTS_CA_BUNDLE",
            "PEAK_IMAGES_URL",
            "PEAK_AUTH_TOKEN",
            "API_KEY",
            "PEAK__STAGE",
            "STAGE",
        ]
    ),
    TEXT.filter(lambda text: "\0" not in text and text.isprintable()),
    max_size=4,
)


@pytest.mark.parametrize("backend", BACKENDS)
@FUZZED
@given(environment=VARIABLES)
def test_malformed_environment_raises_only_peak_images_errors(backend, environment):
    with mock.patch.dict(os.environ, environment), suppress(PeakImagesError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = Session(
            timeout=0.2, retries=0, base_url=None if "PEAK_IMAGES_URL" in environment else "http://127.0.0.1:9"
        )
        exercise(backend, session, "describe_image", {"image_id": 1})


HOSTS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["http://", "https://", "http://u@", ""]),
    st.text(max_size=12)
    | st.sampled_from(["a..b", "xn--", "xn--a", "-", "[::", "[::1]", "1.2.3", "a" * 64, "0x7f.1", "%41", "_"]),
    st.sampled_from(["", ":0", ":9", ":99999", ":x", "/a", "?q"]),
)


@pytest.mark.parametrize("backend", BACKENDS)
@FUZZED
@given(host=HOSTS)
def test_malformed_hosts_raise_only_peak_images_errors(backend, host):
    with suppress(PeakImagesError):
        session = Session("a-token", base_url=host or "-", timeout=0.2, retries=0)
        exercise(backend, session, "describe_image", {"image_id": 1})


@pytest.mark.parametrize("backend", BACKENDS)
@FUZZED
@given(
    headers=st.dictionaries(
        st.text(max_size=12) | st.sampled_from(["Host", "Content-Length", "Cookie", "Accept"]), TEXT
    )
)
def test_malformed_headers_raise_only_peak_images_errors(backend, headers):
    with suppress(PeakImagesError):
        session = session_of(lambda request: httpx.Response(200, json={}), headers=headers)
        exercise(backend, session, "create_image", plausible("create_image"))


@FUZZED
@given(options=st.dictionaries(st.sampled_from(list(inspect.signature(Session).parameters)), MALFORMED, max_size=3))
def test_malformed_session_options_raise_only_peak_images_errors(options):
    with suppress(PeakImagesError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Session(**options)


@FUZZED
@given(options=st.dictionaries(st.sampled_from(["timeout", "retries", "headers"]), MALFORMED, min_size=1))
def test_malformed_call_options_raise_only_peak_images_errors(options):
    for client in (get_client(Session("t")), get_async_client(Session("t"))):
        with suppress(PeakImagesError):
            client.with_options(**options)


def test_sync_and_async_clients_are_exercised():
    assert {name for name in OPERATIONS if not hasattr(AsyncImage, name)} == set()
