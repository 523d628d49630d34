"""Idle and too many connections."""

import socket
import time

import httpx

from peak_images_local import LocalService


def test_idle_connection_is_closed(monkeypatch):
    monkeypatch.setattr("peak_images_local.server.HEAD_SECONDS", 0.2)
    with LocalService() as service:
        for start in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "):
            with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), timeout=30) as connection:
                connection.sendall(start)
                assert connection.recv(1000) == b""


def test_body_that_stops_coming_ends_the_connection(monkeypatch):
    monkeypatch.setattr("peak_images_local.api.fault_middleware._BODY_IDLE_SECONDS", 0.2)
    with LocalService() as service:
        with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), timeout=30) as connection:
            connection.sendall(
                b"POST /image-management/api/v2/images/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: local-token\r\n"
                b"Content-Length: 9000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
            )
            assert connection.recv(1000) == b""
        assert service.violations == []


def test_many_idle_connections_do_not_keep_others_out(monkeypatch):
    monkeypatch.setattr("peak_images_local.server.max_connections", lambda: 20)
    with LocalService() as service:
        address = ("127.0.0.1", int(service.url.rpartition(":")[2]))
        idle = [socket.create_connection(address, timeout=30) for _ in range(60)]
        try:
            for _ in range(5):
                response = httpx.get(
                    f"{service.url}/image-management/api/v2/images/", headers={"Authorization": service.token}
                )
                assert response.status_code == 200
        finally:
            for connection in idle:
                connection.close()


def test_connection_beyond_the_limit_is_refused_when_all_are_at_work(monkeypatch):
    monkeypatch.setattr("peak_images_local.server.max_connections", lambda: 3)
    with LocalService() as service:
        service.control.fail_next(3, delay=5, path="/images/")
        address = ("127.0.0.1", int(service.url.rpartition(":")[2]))
        request = (
            b"GET /image-management/api/v2/images/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: local-token\r\n\r\n"
        )
        busy = [socket.create_connection(address, timeout=30) for _ in range(3)]
        try:
            for connection in busy:
                connection.sendall(request)
            time.sleep(0.2)
            with socket.create_connection(address, timeout=30) as connection:
                assert connection.recv(1000).startswith(b"HTTP/1.1 503")
        finally:
            for connection in busy:
                connection.close()


def test_body_with_malformed_chunks_is_refused_once(caplog):
    with LocalService() as service:
        with socket.create_connection(("127.0.0.1", int(service.url.rpartition(":")[2])), timeout=10) as connection:
            connection.sendall(
                b"POST /image-management/api/v2/images/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: local-token\r\n"
                b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\nzz\r\n"
            )
            received = b"".join(iter(lambda: connection.recv(1000), b""))
        assert received.count(b"HTTP/1.1 ") == 1
        assert service.violations == []
    assert "Traceback" not in caplog.text


def test_form_in_a_charset_that_it_is_not_in_is_refused():
    form = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--x--\r\n'
    with LocalService() as service:
        response = httpx.post(
            f"{service.url}/image-management/api/v2/images/",
            content=form,
            headers={
                "Authorization": service.token,
                "Content-Type": "multipart/form-data; boundary=x; charset=undefined",
            },
        )
        assert response.status_code == 400
        assert service.violations == []


def test_connection_whose_response_is_not_read_is_closed(monkeypatch):
    monkeypatch.setattr("peak_images_local.server.UNREAD_SECONDS", 0.2)
    with LocalService() as service:
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(60)
            connection.connect(("127.0.0.1", int(service.url.rpartition(":")[2])))
            connection.sendall(
                b"GET /image-management/api-docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 30
            )
            deadline = time.monotonic() + 60
            while not service._server._state.connections:
                assert time.monotonic() < deadline
            while service._server._state.connections:
                assert time.monotonic() < deadline
                time.sleep(0.01)
        assert httpx.get(service.url).status_code == 200


def test_forwarded_addresses_of_other_machines_are_ignored_whatever_the_environment_says(monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    with LocalService() as service:
        transport = httpx.HTTPTransport(local_address="127.0.0.2")
        with httpx.Client(transport=transport, headers={"X-Forwarded-For": "127.0.0.1"}) as client:
            client.get(f"{service.url}/image-management/api/v2/images/")
        assert [request.client for request in service.requests] == ["127.0.0.2"]
