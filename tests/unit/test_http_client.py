"""Custom transports, clients, proxies, certificates and options."""

import re
import ssl

import anyio
import httpx
import pytest

from peak_images import ConfigurationError, ConnectionFailedError, Session, get_async_client, get_client

TOKEN = "t0ken-of-this-test"
PAGE = {"imageCount": 0, "pageSize": 25, "pageNumber": 1, "pageCount": 1, "images": []}


@pytest.fixture
def transport():
    """A transport of the user's own, for both backends."""
    seen = []

    def response(request):
        seen.append(request)
        return httpx.Response(200, json=PAGE)

    own = httpx.MockTransport(response)
    own.seen = seen
    return own


def call(session, backend=None):
    if backend is None:
        return get_client(session).list_images(return_iterator=False)

    async def work():
        async with session:
            return await get_async_client(session).list_images(return_iterator=False)

    return anyio.run(work, backend=backend)


@pytest.mark.parametrize("backend", [None, "asyncio", "trio"])
def test_custom_transport_is_used(transport, backend):
    assert call(Session(TOKEN, transport=transport), backend) == PAGE
    assert transport.seen[0].headers["authorization"] == TOKEN


class _BreaksOff(httpx.SyncByteStream, httpx.AsyncByteStream):
    closed = False

    def __iter__(self):
        yield b"{"
        raise httpx.ReadError("broken off")

    async def __aiter__(self):
        yield b"{"
        raise httpx.ReadError("broken off")

    def close(self):
        self.closed = True

    async def aclose(self):
        self.closed = True


@pytest.mark.parametrize("backend", [None, "asyncio", "trio"])
def test_connection_is_released_after_incomplete_response(backend):
    stream = _BreaksOff()
    own = httpx.MockTransport(lambda _: httpx.Response(200, stream=stream))
    with pytest.raises(ConnectionFailedError, match="broken off"):
        call(Session(TOKEN, transport=own, retries=0), backend)

    assert stream.closed


def test_custom_http_client_is_used_and_left_open(transport):
    with httpx.Client(transport=transport, headers={"X-Mine": "1"}, params={"mine": "1"}) as ready:
        with Session(TOKEN, http_client=ready) as session:
            call(session)
        assert not ready.is_closed

    assert transport.seen[0].headers["x-mine"] == "1"
    assert dict(transport.seen[0].url.params) == {"mine": "1"}
    assert transport.seen[0].headers["authorization"] == TOKEN


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_custom_async_http_client_is_used_and_left_open(transport, backend):
    async def work():
        async with httpx.AsyncClient(transport=transport) as ready:
            async with Session(TOKEN, http_client=ready) as session:
                page = await get_async_client(session).list_images(return_iterator=False)
            return page, ready.is_closed

    assert anyio.run(work, backend=backend) == (PAGE, False)


def save(session, path, backend):
    if backend is None:
        get_client(session).get_build_logs(1, 1, save=True, file_name=path)
        return

    async def work():
        async with session:
            await get_async_client(session).get_build_logs(1, 1, save=True, file_name=path)

    anyio.run(work, backend=backend)


@pytest.fixture
def logs():
    """A transport that responds with a whole log, as mocks and caches do, and records the requests."""
    seen = []

    def response(request):
        seen.append(request)
        if request.url.host == "elsewhere.example":
            return httpx.Response(200, content=b"a log")
        return httpx.Response(200, json={"downloadUrl": "http://elsewhere.example/log?signature=s"})

    own = httpx.MockTransport(response)
    own.seen = seen
    return own


@pytest.mark.parametrize("backend", [None, "asyncio", "trio"])
def test_log_download_of_an_unstreamed_response_is_saved(logs, tmp_path, backend):
    save(Session(TOKEN, transport=logs), tmp_path / "build.log", backend)
    assert (tmp_path / "build.log").read_bytes() == b"a log"


@pytest.mark.parametrize("backend", [None, "asyncio", "trio"])
def test_log_download_already_read_by_an_event_hook_is_saved(logs, tmp_path, backend):
    async def read(response):
        await response.aread()

    if backend is None:
        ready = httpx.Client(transport=logs, event_hooks={"response": [lambda response: response.read()]})
    else:
        ready = httpx.AsyncClient(transport=logs, event_hooks={"response": [read]})
    save(Session(TOKEN, http_client=ready), tmp_path / "build.log", backend)
    assert (tmp_path / "build.log").read_bytes() == b"a log"


@pytest.mark.parametrize("backend", [None, "asyncio", "trio"])
def test_log_download_sends_no_credentials_of_a_custom_http_client(logs, tmp_path, backend):
    kind = httpx.Client if backend is None else httpx.AsyncClient
    ready = kind(transport=logs, auth=("user", "password"), headers={"Authorization": TOKEN, "X-Mine": "1"})
    save(Session(TOKEN, http_client=ready), tmp_path / "build.log", backend)

    (request,) = (request for request in logs.seen if request.url.host == "elsewhere.example")
    assert request.headers.keys().isdisjoint({"authorization", "x-mine", "cookie"})


@pytest.mark.parametrize("option", ["proxy", "ca_bundle", "transport"])
def test_http_client_cannot_be_combined_with_proxy_certificates_or_transport(transport, option):
    with (
        httpx.Client(transport=transport) as ready,
        pytest.raises(ConfigurationError, match="http_client: can't be combined"),
    ):
        Session(TOKEN, http_client=ready, **{option: transport})


def opened_with(monkeypatch):
    """Return the arguments of the transports that httpx opens."""
    arguments, original = [], httpx.HTTPTransport.__init__

    def opening(self, **options):
        arguments.append(options)
        original(self, **options)

    monkeypatch.setattr(httpx.HTTPTransport, "__init__", opening)
    return arguments


def test_proxy_is_used(monkeypatch, wire):
    opened = opened_with(monkeypatch)
    call(Session(TOKEN, proxy="http://proxy.example:3128"))

    assert "http://proxy.example:3128" in [str(one["proxy"].url) for one in opened if one.get("proxy")]


def test_ssl_context_is_used(monkeypatch, wire):
    opened = opened_with(monkeypatch)
    context = ssl.create_default_context()
    call(Session(TOKEN, ca_bundle=context))

    assert [one["verify"] for one in opened] == [context]


def test_ca_bundle_file_is_used(monkeypatch, wire):
    import certifi

    opened = opened_with(monkeypatch)
    call(Session(TOKEN, ca_bundle=certifi.where()))

    assert opened[0]["verify"].cert_store_stats()["x509_ca"] > 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"proxy": "proxy.example"}, "proxy: 'proxy.example' is not an address"),
        ({"proxy": "ftp://proxy.example"}, "proxy: 'ftp://proxy.example' can't be used"),
        ({"proxy": "http://"}, "proxy: 'http://' can't be used"),
        ({"proxy": "http://proxy.example:65536"}, "proxy: 'http://proxy.example:65536' can't be used"),
        ({"ca_bundle": 5}, "ca_bundle: 5 is not a path or an ssl.SSLContext"),
        ({"ca_bundle": False}, "ca_bundle: False is not a path"),
        ({"ca_bundle": ["a.pem"]}, r"ca_bundle: \['a.pem'\] is not a path"),
        ({"ca_bundle": b"missing.pem"}, "ca_bundle: b'missing.pem' doesn't exist"),
        ({"ca_bundle": "missing.pem"}, "ca_bundle: 'missing.pem' doesn't exist"),
        ({"ca_bundle": __file__}, "ca_bundle: certificates can't be read from"),
    ],
)
def test_unusable_proxy_or_ca_bundle_raises_and_is_named(options, named):
    with pytest.raises(ConfigurationError, match=named):
        call(Session(TOKEN, **options))


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"proxy": "user:hunter@proxy.example:3128"}, "'***@proxy.example:3128'"),
        ({"proxy": "http://user:hun/ter@proxy.example:3128"}, "'http://***@proxy.example:3128'"),
        ({"proxy": "ftp://user:hun@ter@proxy.example"}, "'ftp://***@proxy.example'"),
        ({"base_url": "http://user:hun/ter@a.example"}, "'http://***@a.example'"),
        ({"base_url": "http://user:hun@ter@a.example"}, "'http://***@a.example'"),
        ({"base_url": "user:hunter@a.example"}, "'***@a.example'"),
    ],
)
def test_password_in_an_invalid_address_is_masked_in_the_error_and_its_cause(options, shown):
    with pytest.raises(ConfigurationError, match=re.escape(shown)) as caught:
        call(Session(TOKEN, **options))
    assert not re.search("hun|ter@", f"{caught.value} {caught.value.__cause__}")


def test_with_options_applies_to_calls_of_that_client_only(wire):
    client = get_client(Session(TOKEN, headers={"X-Team": "ours"}))
    other = client.with_options(timeout=7, headers={"X-Trace": "1"})
    for each in (other, client):
        each.list_images(return_iterator=False)

    first, second = wire.requests
    assert (first.headers["x-team"], first.headers["x-trace"], first.extensions["timeout"]["read"]) == ("ours", "1", 7)
    assert ("x-trace" in second.headers, second.extensions["timeout"]["read"]) == (False, 30)
    assert other.session is client.session


def test_with_options_is_cumulative(wire):
    client = get_client(Session(TOKEN)).with_options(timeout=7).with_options(headers={"X-Trace": "1"})
    client.list_images(return_iterator=False)

    assert (wire.requests[0].headers["x-trace"], wire.requests[0].extensions["timeout"]["read"]) == ("1", 7)


def test_with_options_sets_the_number_of_retries(wire):
    wire.status = 503
    client = get_client(Session(TOKEN, retries=3)).with_options(retries=0)

    with pytest.raises(Exception, match="503"):
        client.describe_image(1)
    assert len(wire.requests) == 1


def test_last_header_of_a_name_overrides_in_any_case(wire):
    client = get_client(Session(TOKEN, headers={"X-Team": "ours", "user-agent": "mine"}))
    client.with_options(headers={"x-team": "theirs"}).list_images(return_iterator=False)

    names = [name.lower() for name, _ in wire.requests[0].headers.raw]
    assert names.count(b"x-team") == names.count(b"user-agent") == 1
    assert (wire.requests[0].headers["x-team"], wire.requests[0].headers["user-agent"]) == ("theirs", "mine")


@pytest.mark.parametrize("options", [{"timeout": 0}, {"retries": -1}, {"headers": {"X": 7}}])
@pytest.mark.parametrize("make", [get_client, get_async_client])
def test_invalid_option_of_with_options_raises(options, make):
    with pytest.raises(ConfigurationError):
        make(Session(TOKEN)).with_options(**options)


def test_client_with_options_does_not_close_the_session(monkeypatch, wire):
    monkeypatch.setenv("API_KEY", TOKEN)
    closed = []

    def close(transport):
        closed.append(transport)

    monkeypatch.setattr(httpx.HTTPTransport, "close", close)
    client = get_client()
    with client.with_options(retries=0) as other:
        other.list_images(return_iterator=False)

    # Sessions of other tests may be collected, and so closed, at any time.
    assert client.session._connections.sync_client()._transport not in closed
