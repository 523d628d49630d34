"""Names that aren't found, certificates that aren't known, proxies that drop: an error soon, and nothing twice."""

import random
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import ExitStack, suppress
from functools import partial
from urllib.parse import urlsplit

import pytest
import trustme
from anyio import create_task_group, from_thread, run, to_thread

from peak_images import (
    ConfigurationError,
    ConnectionFailedError,
    PayloadTooLargeError,
    ServerError,
    Session,
    get_async_client,
)
from peak_images._http.certificates import CERTIFICATE_VARIABLES
from tests.integration.bodies import NEW_IMAGE
from tests.integration.raw_server import RESET, RawServer, response

IMAGE = b'{"id": 1, "name": "an-image"}'
CREATED = b'{"imageId": 1, "versionId": 2, "buildId": 3}'

pytestmark = pytest.mark.usefixtures("no_delays")


@pytest.fixture
def lookups(monkeypatch):
    """The names that were looked up; none is found."""
    requested = []

    def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002 - its name
        if host not in ("service.example", b"service.example"):
            return original(host, port, family, type, proto, flags)
        if not flags & socket.AI_NUMERICHOST:  # trio first checks whether it is a number
            requested.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    original = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return requested


@pytest.mark.parametrize("operation", ["describe_image", "create_image"])
def test_unknown_host_name_raises(client_of, lookups, operation):
    client = client_of("https://service.example", retries=2)
    argument = 1 if operation == "describe_image" else NEW_IMAGE

    with pytest.raises(ConnectionFailedError, match="Name or service not known") as caught:
        getattr(client, operation)(argument)
    assert (caught.value.attempts, caught.value.outcome_unknown) == (3, False)
    assert len(lookups) == 3


class TlsServer(RawServer):
    """A raw server that speaks TLS."""

    def __init__(self, certificate, *responses, **options):
        super().__init__(*responses, **options)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        self.url = self.url.replace("http://127.0.0.1", "https://localhost")

    def _respond(self, connection):
        connection.settimeout(30)
        try:
            connection = self._context.wrap_socket(connection, server_side=True)
        except OSError:  # the client has seen the certificate and gone
            connection.close()
            return True
        return super()._respond(connection)


class Tunnel(RawServer):
    """A proxy that leads all tunnels to one server."""

    def __init__(self, target):
        super().__init__(b"")
        self._target = urlsplit(target).port
        self.passed = b""

    def _send(self, connection, chunks):
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self._target)) as target:
            back = threading.Thread(target=self._relay, args=(target, connection))
            back.start()
            self._relay(connection, target)
            back.join()
        connection.close()
        return True

    def _relay(self, source, sink):
        with suppress(OSError):
            while chunk := source.recv(65536):
                self.passed += chunk
                sink.sendall(chunk)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def ca_bundle(authority, tmp_path):
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def certifis_only(monkeypatch):
    """An environment that names no certificates."""
    for variable in CERTIFICATE_VARIABLES:
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.usefixtures("certifis_only")
@pytest.mark.parametrize("operation", ["describe_image", "create_image"])
def test_certificate_of_an_unknown_authority_raises_and_sends_nothing(client_of, authority, operation):
    argument = 1 if operation == "describe_image" else NEW_IMAGE
    with TlsServer(authority.issue_cert("localhost"), response(200, IMAGE)) as server:
        with pytest.raises(ConnectionFailedError, match="CERTIFICATE_VERIFY_FAILED") as caught:
            getattr(client_of(server.url, retries=1), operation)(argument)

        assert caught.value.outcome_unknown is False
        assert server.received == []


def test_certificate_of_another_host_raises_and_sends_nothing(client_of, authority, ca_bundle):
    with TlsServer(authority.issue_cert("elsewhere.example"), response(200, IMAGE)) as server:
        with pytest.raises(ConnectionFailedError, match="CERTIFICATE_VERIFY_FAILED"):
            client_of(server.url, retries=0, ca_bundle=ca_bundle).describe_image(1)

        assert server.received == []


@pytest.mark.parametrize("as_context", [False, True], ids=["file", "context"])
def test_ca_bundle_is_trusted(client_of, authority, ca_bundle, as_context):
    given = ssl.create_default_context(cafile=ca_bundle) if as_context else ca_bundle
    with TlsServer(authority.issue_cert("localhost"), response(200, IMAGE)) as server:
        client = client_of(server.url, ca_bundle=given)

        assert client.describe_image(1)["name"] == "an-image"


def test_faults_over_tls_are_survived(client_of, authority, ca_bundle):
    cut = response(200, IMAGE[:9], length=len(IMAGE))
    with TlsServer(authority.issue_cert("localhost"), b"", cut, response(200, IMAGE)) as server:
        assert client_of(server.url, ca_bundle=ca_bundle).describe_image(1)["name"] == "an-image"
        assert len(server.received) == 3


def test_invalid_ca_bundle_raises_before_any_request(client_of, tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")

    with pytest.raises(ConfigurationError, match=r"ca_bundle: .*ca\.pem"):
        client_of("https://localhost:1", ca_bundle=tmp_path / "ca.pem").describe_image(1)


@pytest.mark.usefixtures("certifis_only")
@pytest.mark.parametrize("hashed", [False, True], ids=["file", "directory"])
@pytest.mark.parametrize("variable", CERTIFICATE_VARIABLES)
def test_certificates_of_the_environment_are_trusted(client_of, authority, ca_bundle, monkeypatch, variable, hashed):
    if hashed:
        openssl = shutil.which("openssl") or pytest.skip("openssl names the files of a directory")
        subprocess.run([openssl, "rehash", ca_bundle.parent], check=True, capture_output=True)
    monkeypatch.setenv(variable, str(ca_bundle.parent if hashed else ca_bundle))
    with TlsServer(authority.issue_cert("localhost"), response(200, IMAGE), response(200, IMAGE)) as server:
        client = client_of(server.url, retries=0)

        assert [client.describe_image(1)["name"] for _ in range(2)] == ["an-image"] * 2


def test_invalid_certificates_of_the_environment_raise(client_of, tmp_path, monkeypatch):
    (tmp_path / "ca.pem").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with RawServer() as server:
        client = client_of(server.url.replace("http:", "https:"), retries=0)
        with pytest.raises(ConfigurationError, match="SSL_CERT_FILE: certificates can't be read"):
            client.describe_image(1)

        assert server.received == []


@pytest.mark.usefixtures("certifis_only")
def test_certifi_certificates_are_trusted(client_of, authority, ca_bundle, monkeypatch):
    monkeypatch.setattr("certifi.where", lambda: str(ca_bundle))
    with TlsServer(authority.issue_cert("localhost"), response(200, IMAGE), response(200, IMAGE)) as server:
        client = client_of(server.url, retries=0)

        assert [client.describe_image(1)["name"] for _ in range(2)] == ["an-image"] * 2


def log_at(url):
    return response(200, b'{"downloadUrl": "%s/log?signature=s"}' % url.encode())


@pytest.mark.usefixtures("certifis_only")
@pytest.mark.parametrize("redirected", [False, True])
def test_log_download_over_tls(client_of, authority, ca_bundle, monkeypatch, tmp_path, redirected):
    monkeypatch.setattr("certifi.where", lambda: str(ca_bundle))
    with TlsServer(authority.issue_cert("localhost"), response(200, b"a log")) as host:
        elsewhere = response(302, b"", f"Location: {host.url}/log")
        with RawServer(elsewhere) as before, RawServer(log_at(before.url if redirected else host.url)) as server:
            client = client_of(server.url, retries=0)
            client.get_build_logs(1, 1, save=True, file_name=tmp_path / "build.log")
    assert (tmp_path / "build.log").read_bytes() == b"a log"


@pytest.mark.usefixtures("certifis_only")
def test_log_download_from_an_untrusted_host_raises(client_of, authority, tmp_path):
    with (
        TlsServer(authority.issue_cert("localhost"), response(200, b"a log")) as host,
        RawServer(log_at(host.url)) as server,
        pytest.raises(ConnectionFailedError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client_of(server.url, retries=0).get_build_logs(1, 1, save=True, file_name=tmp_path / "build.log")
    assert host.received == []


@pytest.mark.usefixtures("certifis_only")
def test_missing_certifi_file_raises_before_any_connection(client_of, monkeypatch):
    monkeypatch.setattr("certifi.where", lambda: "/missing.pem")
    with RawServer() as server:
        with pytest.raises(ConfigurationError, match="certifi: certificates can't be read"):
            client_of(server.url.replace("http:", "https:")).describe_image(1)

        assert server.received == []


@pytest.mark.parametrize("given", [True, False], ids=["own", "certifi's"])
def test_https_proxy_is_verified_by_the_trusted_certificates(
    client_of, authority, ca_bundle, certifis_only, monkeypatch, given
):
    if not given:
        monkeypatch.setattr("certifi.where", lambda: str(ca_bundle))
    with TlsServer(authority.issue_cert("localhost"), response(200, IMAGE)) as proxy:
        client = client_of("http://service.example", proxy=proxy.url, ca_bundle=ca_bundle if given else None, retries=0)

        assert client.describe_image(1)["name"] == "an-image"
        assert proxy.received[0].startswith(b"GET http://service.example/")


@pytest.mark.usefixtures("certifis_only")
def test_many_tasks_connect_over_tls(authority, ca_bundle, monkeypatch):
    # Were a thread needed for a connection, those that wait for one would hold them all.
    monkeypatch.setattr("certifi.where", lambda: str(ca_bundle))
    with TlsServer(authority.issue_cert("localhost"), *[response(200, IMAGE)] * 3) as server:

        async def main():
            to_thread.current_default_thread_limiter().total_tokens = 2
            async with Session("a-token", base_url=server.url, timeout=30, retries=0) as session:
                client = get_async_client(session)

                def describe():
                    return from_thread.run(client.describe_image, 1)["name"]

                async with create_task_group() as group:
                    for _ in range(2):
                        group.start_soon(to_thread.run_sync, describe)

        run(main)
        assert len(server.received) == 2


DROPS = {"closed": b"", "reset": (RESET,), "502": response(502, b"<html>Bad Gateway</html>")}


@pytest.mark.parametrize("drop", DROPS.values(), ids=DROPS.keys())
def test_get_is_retried_when_the_proxy_drops_it(client_of, drop):
    with RawServer(drop, response(200, IMAGE)) as proxy:
        client = client_of("http://service.example", proxy=proxy.url)

        assert client.describe_image(1)["name"] == "an-image"
        assert [request.split(b" ", 2)[1].split(b"/")[2] for request in proxy.received] == [b"service.example"] * 2


@pytest.mark.parametrize("drop", DROPS.values(), ids=DROPS.keys())
def test_post_is_not_retried_when_the_proxy_drops_it(client_of, drop):
    with RawServer(drop, response(200, CREATED)) as proxy:
        with pytest.raises((ConnectionFailedError, ServerError), match="check before retrying"):
            client_of("http://service.example", proxy=proxy.url).create_image(NEW_IMAGE)

        assert len(proxy.received) == 1


def test_refused_proxy_tunnel_raises_with_known_outcome(client_of):
    with RawServer(response(407, b"")) as proxy:
        with pytest.raises(ConnectionFailedError) as caught:
            client_of("https://service.example", proxy=proxy.url, retries=1).create_image(NEW_IMAGE)

        assert caught.value.outcome_unknown is False
        assert all(request.startswith(b"CONNECT service.example:443 ") for request in proxy.received)


@pytest.mark.parametrize("drop", [b"", (RESET,)], ids=["closed", "reset"])
def test_dropped_proxy_tunnel_raises(client_of, drop):
    with RawServer(drop) as proxy:
        with pytest.raises(ConnectionFailedError):
            client_of("https://service.example", proxy=proxy.url, retries=1).describe_image(1)

        assert len(proxy.received) == 2


def test_proxy_tunnel_keeps_tls_end_to_end(client_of, authority, ca_bundle):
    certificate = authority.issue_cert("service.example")
    with TlsServer(certificate, response(200, CREATED)) as server, Tunnel(server.url) as proxy:
        client = client_of("https://service.example", proxy=proxy.url, ca_bundle=ca_bundle, retries=0)

        assert client.create_image(NEW_IMAGE)["imageId"] == 1
        assert b"a-token" in server.received[0]
        assert proxy.received[0].startswith(b"CONNECT service.example:443 ")
        assert b"a-token" not in proxy.received[0] + proxy.passed


@pytest.mark.parametrize("tunnelled", [False, True], ids=["direct", "through a tunnel"])
def test_upload_rejected_over_tls_before_it_is_sent_raises_the_error_of_the_status(
    client_of, authority, ca_bundle, build_context, tunnelled
):
    (build_context / "noise").write_bytes(random.Random(1).randbytes(6 * 2**20))
    rejection = response(413, b'{"detail": "too large"}')
    with ExitStack() as stack:
        server = stack.enter_context(TlsServer(authority.issue_cert("localhost"), rejection, deaf=True))
        route = {"proxy": stack.enter_context(Tunnel(server.url)).url} if tunnelled else {}
        client = client_of(server.url, ca_bundle=ca_bundle, retries=0, **route)
        with pytest.raises(PayloadTooLargeError, match="too large"):
            client.create_image({"name": "an-image", "type": "api"}, {"path": build_context})


@pytest.mark.usefixtures("certifis_only")
@pytest.mark.parametrize("name", ["service.example", "another.example"])
def test_proxy_tunnel_with_wrong_certificate_raises_and_sends_nothing(client_of, authority, ca_bundle, name):
    trusted = ca_bundle if name == "another.example" else None
    with TlsServer(authority.issue_cert(name), response(200, CREATED)) as server, Tunnel(server.url) as proxy:
        client = client_of("https://service.example", proxy=proxy.url, ca_bundle=trusted, retries=0)

        with pytest.raises(ConnectionFailedError, match="certificate verify failed") as caught:
            client.create_image(NEW_IMAGE)
        assert (caught.value.outcome_unknown, server.received) == (False, [])


def test_unreachable_proxy_raises_with_known_outcome(client_of):
    with RawServer(b"") as server:
        gone = server.url

    with pytest.raises(ConnectionFailedError) as caught:
        client_of("http://service.example", proxy=gone, retries=1).create_image(NEW_IMAGE)
    assert (caught.value.attempts, caught.value.outcome_unknown) == (2, False)


def test_token_is_redacted_in_every_error(client_of, lookups, authority):
    calls = [partial(client_of, "https://service.example")]
    with TlsServer(authority.issue_cert("localhost"), response(200, IMAGE)) as server, RawServer(b"") as proxy:
        calls += [partial(client_of, server.url), partial(client_of, "http://service.example", proxy=proxy.url)]
        for call in calls:
            with pytest.raises(ConnectionFailedError) as caught:
                call(retries=0).describe_image(1)
            assert "a-token" not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
