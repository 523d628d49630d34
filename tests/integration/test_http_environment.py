"""Proxies, certificates, hosts and limits: what the environment and other hosts do to the HTTP layer."""

import gzip
import json
import stat

import certifi
import httpx
import pytest

from peak_images import ApiError, ConfigurationError, ConnectionFailedError, Session, TransportError, get_client
from peak_images._http import transport
from peak_images._http.certificates import CERTIFICATE_VARIABLES
from tests.integration.backends import BACKENDS, open_client
from tests.integration.raw_server import RawServer, response

IMAGE = b'{"id": 1, "name": "an-image"}'

pytestmark = [pytest.mark.invalid_responses, pytest.mark.usefixtures("no_delays")]


@pytest.fixture(params=BACKENDS)
def describe(request):
    """Describes an image of a service, in each backend."""

    def call(url, **options):
        with Session("a-token", base_url=url, **options) as session, open_client(request.param, session) as client:
            return client.describe_image(1)

    return call


NO_PROXY = [
    "fd07:b51a:cc66:f0::/64",
    "fe11::/16",
    "::1",
    "[::1]",
    "fe80::1%eth0",
    "10.0.0.0/8,::1/128",
    "[",
    "a b",
    "*.x",
]


@pytest.mark.parametrize("value", NO_PROXY)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_every_form_of_no_proxy_works(monkeypatch, describe, name, value):
    monkeypatch.setenv(name, value)
    with RawServer(response(200, IMAGE)) as server:
        assert describe(server.url)["id"] == 1


@pytest.mark.parametrize("value", ["127.0.0.1", "127.0.0.0/8", "127.0.0.1/32,fd07::/64", "*"])
def test_service_covered_by_no_proxy_is_called_directly(monkeypatch, describe, value):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", value)
    with RawServer(response(200, IMAGE)) as server:
        assert describe(server.url)["id"] == 1


@pytest.mark.parametrize(
    "proxy", ["socks://127.0.0.1:1080", "ftp://a", ":8080", "127.0.0.1:99999", ".", "a..b:80", "a" * 64]
)
def test_unusable_proxy_is_named_with_its_variable_and_matters_only_where_it_is_used(monkeypatch, describe, proxy):
    monkeypatch.setenv("ALL_PROXY", proxy)
    with RawServer(response(200, IMAGE)) as server:
        with pytest.raises(ConfigurationError, match=f"ALL_PROXY: '.*{proxy}' can't be used as a proxy"):
            describe(server.url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert describe(server.url)["id"] == 1


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "user:s3cret@127.0.0.1:9", "http://user:s3c@ret@127.0.0.1:9"])
def test_error_of_a_proxy_names_it_and_its_variable_without_its_password(monkeypatch, describe, variable, proxy):
    monkeypatch.setenv(variable, proxy)
    with pytest.raises(
        ConnectionFailedError, match=r"through (?i:(http|all)_proxy) '.*127\.0\.0\.1:9'.*Errno 111"
    ) as raised:
        describe("http://127.0.0.1:1", retries=0)
    assert variable in str(raised.value)
    assert "s3c" not in str(raised.value)
    assert "peak-images serve" not in str(raised.value)


def test_rejection_by_a_proxy_names_it(monkeypatch, describe):
    with RawServer(response(407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(ConnectionFailedError, match=f"through HTTPS_PROXY '{proxy.url}': 407"):
            describe("https://service.example", retries=0)


@pytest.mark.parametrize(
    ("scheme", "sent", "hint"),
    [
        ("https", response(400, b"{}"), r"no TLS is spoken there; should the address start with http://\?"),
        # An alert of TLS.
        ("http", b"\x15\x03\x03\x00\x02\x02\x46", r"TLS may be spoken there; should the address start with https://\?"),
    ],
)
def test_wrong_scheme_of_an_address_is_named_in_the_error(describe, scheme, sent, hint):
    with RawServer(sent, deaf=True) as server, pytest.raises(ConnectionFailedError, match=hint) as raised:
        describe(server.url.replace("http://", f"{scheme}://"), retries=0)
    assert "peak-images serve" not in str(raised.value)


@pytest.mark.parametrize("password", ["pa/ss", "pa#ss", "pa?ss", "pa[ss"])
def test_password_of_an_unusable_proxy_is_not_shown(monkeypatch, describe, password):
    monkeypatch.setenv("HTTP_PROXY", f"http://user:{password}@127.0.0.1:x")
    with pytest.raises(ConfigurationError, match=r"'http://\*\*\*@127.0.0.1:x' can't be .*percent-encoded") as raised:
        describe("http://127.0.0.1:1")
    assert "pa" not in str(raised.value).replace("password", "")


def test_refused_connection_has_the_reason_of_the_system(describe):
    with pytest.raises(ConnectionFailedError, match=r"http://localhost:1: .*Errno 111"):
        describe("http://localhost:1", retries=0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed_and_its_target_is_named(describe, status):
    with RawServer(response(status, b"", "Location: https://login.example/sso?state=s3cret")) as server:
        with pytest.raises(ApiError, match=f"{status}: redirected to https://login.example/sso; check the address"):
            describe(server.url)
        assert len(server.received) == 1


@pytest.mark.parametrize("target", ["javascript:1", "http://[::1", "http://a:99999/", "http://xn--/"])
def test_redirect_to_an_invalid_url_is_an_error_of_the_response_and_not_of_an_argument(describe, target):
    with RawServer(response(302, b"", f"Location: {target}")) as server, pytest.raises((ApiError, TransportError)):
        describe(server.url, retries=0)


def test_blank_proxy_is_none(monkeypatch, describe):
    monkeypatch.setenv("HTTP_PROXY", "  ")
    with RawServer(response(200, IMAGE)) as server:
        assert describe(server.url)["id"] == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_download_address_with_a_port_that_does_not_exist_is_a_connection_error(backend, tmp_path):
    with (
        RawServer(response(200, b'{"downloadUrl": "http://127.0.0.1:99999/downloads/log"}')) as server,
        Session("t", base_url=server.url, retries=0) as session,
        open_client(backend, session) as client,
        pytest.raises(ConnectionFailedError),
    ):
        client.get_build_logs(1, 1, save=True, file_name=tmp_path / "a.log")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_missing_certificates_are_named_with_their_variable(monkeypatch, variable):
    monkeypatch.undo()
    for other in CERTIFICATE_VARIABLES:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(variable, "/no/such/file")
    with pytest.raises(ConfigurationError, match=f"{variable}: certificates can't be read from '/no/such/file'"):
        get_client(Session("t", base_url="http://127.0.0.1:9", retries=0)).describe_image(1)


@pytest.mark.parametrize("ca_bundle", [None, certifi.where()])
def test_key_log_that_cannot_be_written_is_named_with_its_variable(monkeypatch, describe, ca_bundle):
    monkeypatch.undo()
    monkeypatch.setenv("SSLKEYLOGFILE", "/no/such/keys")
    with pytest.raises(ConfigurationError, match=r"SSLKEYLOGFILE: can't be written: .*'/no/such/keys'"):
        describe("https://127.0.0.1:9", ca_bundle=ca_bundle, retries=0)


@pytest.mark.parametrize("value", ["s3cret ", " s3cret", "s3\r\ncret", "s3cr\x00et", "s3crét", "s3cret\t"])
def test_invalid_header_value_raises_and_is_redacted(value):
    with pytest.raises(ConfigurationError, match="the value of X-Key") as caught:
        Session("t", headers={"X-Key": value})
    assert "s3" not in str(caught.value)


@pytest.mark.parametrize("host", ["service..peak.ai", "xn--", "." * 3, "a" * 64])
def test_host_name_that_dns_does_not_allow_is_a_configuration_error(host):
    with pytest.raises(ConfigurationError, match="is not the address of a service"):
        Session("t", base_url=f"http://{host}")


def test_refused_loopback_connection_hints_at_the_local_service(describe):
    with RawServer() as server:
        url = server.url
    with pytest.raises(ConnectionFailedError, match=r"can't connect to .*is `peak-images serve` running\?"):
        describe(url, retries=0)


# trio warns of httpx's own generator, which a cancelled response leaves behind.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_response_larger_than_the_limit_is_an_error_and_not_retried(monkeypatch, describe, encoding):
    monkeypatch.setattr(transport, "MAX_RESPONSE_SIZE", 1 << 20)
    body = json.dumps({"name": "x" * (1 << 21)}).encode()
    content = gzip.compress(body) if encoding == "gzip" else body
    with RawServer(response(200, content, f"Content-Encoding: {encoding}")) as server:
        with pytest.raises(ApiError, match="the response is larger than 1 MiB"):
            describe(server.url)
        assert len(server.received) == 1


def save(host, service, tmp_path, **options):
    address = json.dumps({"downloadUrl": f"{host.url}/downloads/log?s=1"})
    service.control.fail_next(status=200, body=address, path="/logs/download")
    with Session(service.token, base_url=service.url, **options) as session:
        return get_client(session).get_build_logs(1, 1, save=True, file_name=tmp_path / "build.log")


def test_download_redirects_get_no_cookies_of_a_custom_http_client(service, tmp_path):
    with RawServer(response(200, b"a log")) as target:
        with RawServer(response(302, b"", f"Location: {target.url}/downloads/log")) as host, httpx.Client() as ready:
            ready.cookies.set("session", "s3cret")
            assert save(host, service, tmp_path, http_client=ready).size == 5
        assert b"cookie" not in b"".join(target.received).lower()
        assert b"authorization" not in b"".join(target.received).lower()


@pytest.mark.parametrize("etag", ['W/"a"', 'W/"' + "b" * 9 + '"'])
def test_weak_etag_is_never_used_to_resume(service, tmp_path, etag):
    broken = response(200, b"0123", f"ETag: {etag}", length=10)
    with RawServer(broken, response(200, b"0123456789")) as host:
        assert save(host, service, tmp_path).size == 10
        assert not [request for request in host.received if b"if-range" in request.lower()]


@pytest.mark.parametrize("digits", [19, 5000])
def test_endless_content_range_is_an_error_of_this_package(service, tmp_path, digits):
    malformed = response(206, b"0123456789", f"Content-Range: bytes 0-9/{'9' * digits}")
    with RawServer(malformed) as host, pytest.raises(ConnectionFailedError):
        save(host, service, tmp_path, retries=0)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_permissions_of_a_replaced_log_are_kept(service, tmp_path, mode):
    target = tmp_path / "build.log"
    target.write_text("of before")
    target.chmod(mode)
    with RawServer(response(200, b"a log")) as host:
        save(host, service, tmp_path)

    assert stat.S_IMODE(target.stat().st_mode) == mode


class _RenewsToken(httpx.Auth):
    """An authentication that sends the request again with a new token when it was rejected."""

    def auth_flow(self, request):
        response = yield request
        if response.status_code == 401:
            request.headers["authorization"] = "renewed"
            yield request


@pytest.mark.parametrize("backend", BACKENDS)
def test_body_is_sent_again_where_the_authentication_of_a_custom_client_repeats_the_request(backend, build_context):
    created = response(201, b'{"imageId": 1, "versionId": 2, "buildId": 3}')
    kind = httpx.Client if backend == "sync" else httpx.AsyncClient
    with RawServer(response(401), created) as server:
        session = Session("a-token", base_url=server.url, http_client=kind(auth=_RenewsToken()), retries=0)
        with open_client(backend, session) as client:
            client.create_image({"name": "an-image", "type": "workflow"}, {"path": build_context})
        first, second = (body.partition(b"\r\n")[2] for body in server.bodies)

    assert b"artifact.zip" in first
    assert first == second
