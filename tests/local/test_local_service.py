"""The service as an object."""

import contextlib
import gc
import socket
import sys
import threading
import time

import httpx
import pytest

from peak_images_local import LocalService, ServiceError


def _list(service):
    return httpx.get(f"{service.url}/image-management/api/v2/images/", headers={"Authorization": service.token})


def test_context_manager_serves():
    with LocalService(token="mine") as service:
        assert service.url.startswith("http://127.0.0.1:")
        assert service.token == "mine"
        assert _list(service).status_code == 200
        url = service.url
        assert repr(service) == f"LocalService({url})"
    assert repr(service) == "LocalService(not running)"

    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_restart_after_stop():
    service = LocalService()
    for _ in range(3):
        service.start()
        assert _list(service).json()["imageCount"] == 0
        service.stop()
    service.stop()


def test_several_at_once():
    with LocalService(token="one") as one, LocalService(token="two") as two:
        assert one.url != two.url
        assert _list(one).status_code == _list(two).status_code == 200


def test_stop_leaves_no_thread():
    before = set(threading.enumerate())
    with LocalService() as service:
        _list(service)

    for thread in set(threading.enumerate()) - before:
        thread.join(30)  # one that has been told to end
    assert set(threading.enumerate()) <= before


def test_stop_with_open_connections():
    with LocalService() as service, httpx.Client(headers={"Authorization": service.token}) as http:
        http.get(f"{service.url}/image-management/api/v2/images/")
        # One that waited for the connection would wait longer than the tests' own timeout.
        service.stop()


def test_stopping_closes_connections_that_are_being_accepted(monkeypatch):
    unclosed = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: unclosed.append(str(unraisable.exc_value)))
    with LocalService() as service, contextlib.ExitStack() as clients:
        # The loop finds them and the end in the same turn.
        service._server._loop.call_soon_threadsafe(time.sleep, 0.3)
        address = service.url.removeprefix("http://").split(":")
        for _ in range(10):
            clients.enter_context(socket.create_connection(tuple(address), timeout=30))
        service.stop()
        gc.collect()

    assert unclosed == []


def test_properties_before_start_raise():
    service = LocalService()

    for name in ("url", "violations", "requests", "control"):
        with pytest.raises(RuntimeError, match="isn't running"):
            getattr(service, name)
    with service, pytest.raises(RuntimeError, match="already"):
        service.start()


def test_port_in_use_is_a_service_error():
    with LocalService() as service:
        port = int(service.url.rpartition(":")[2])
        with pytest.raises(ServiceError, match=f"port {port}"):
            LocalService(port=port).start()


def test_reset(api, service, make_zip):
    first = api.create_image(artifact=make_zip()).json()
    service.control.clock.advance(100)
    service.control.fail_next(5, status=500, method="PUT")
    service.control.next_build(failure="x")

    service.reset()

    assert service.requests == []
    assert service.control.stored_artifacts() == 0
    assert api.get("/images/").json()["imageCount"] == 0
    second = api.create_image(artifact=make_zip()).json()
    assert second == first


def test_ids_can_be_seeded():
    def reference(seed):
        with LocalService(seed=seed) as service:
            response = httpx.post(
                f"{service.url}/image-management/api/v2/images/",
                files={
                    "name": (None, "a"),
                    "type": (None, "api"),
                    "buildDetails": (None, '{"source": "dockerfile", "dockerfile": "FROM x"}'),
                },
                headers={"Authorization": service.token},
            )
            return response.json()["buildId"]

    assert reference(1) == reference(1) != reference(2)
    assert reference(None) != reference(None)


def test_settings_have_names():
    with pytest.raises(TypeError, match="nonsense"):
        LocalService(nonsense=1)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"port": 65536}, "port: 65536 is not a number from 0 to 65535"),
        ({"port": "80"}, "port: '80' is not"),
        ({"build_seconds": float("nan")}, "build_seconds: nan is not"),
        ({"delete_seconds": -1}, "delete_seconds: -1 is not"),
        ({"max_artifact_size": 0}, "max_artifact_size: 0 is not"),
        ({"builder": "make"}, "builder: 'make' is not one of simulate"),
        ({"token": ""}, "token: it must be"),
        ({"token": "a\nb"}, "token: it must be"),
        ({"token": " a"}, "token: it must be"),
    ],
)
def test_setting_that_cannot_work_is_an_error_that_names_it(settings, words):
    with pytest.raises(ValueError, match=words):
        LocalService(**settings)


def test_builds_end_in_real_time():
    with LocalService(build_seconds=0.05) as service:
        http = httpx.Client(base_url=f"{service.url}/image-management/api/v2", headers={"Authorization": service.token})
        details = '{"source": "dockerfile", "dockerfile": "FROM x"}'
        form = {"name": (None, "a"), "type": (None, "api"), "buildDetails": (None, details)}
        http.post("/images/", files=form)
        deadline = time.monotonic() + 90
        while http.get("/images/101").json()["latestVersion"]["status"] != "ready":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        http.close()


@pytest.mark.parametrize("host", ["0.0.0.0", ""])
def test_service_on_all_addresses_has_one_that_can_be_reached(host):
    with LocalService(host=host) as service:
        assert service.url.startswith("http://127.0.0.1:")
        assert _list(service).status_code == 200


def test_an_upload_leaves_no_thread_behind(make_zip):
    before = set(threading.enumerate())
    artifact = make_zip({"Dockerfile": "FROM scratch", "noise": bytes(3_000_000)}, compression=0)
    with LocalService() as service:
        response = httpx.post(
            f"{service.url}/image-management/api/v2/images/",
            files={"name": (None, "a"), "type": (None, "api"), "artifact": ("a.zip", artifact)},
            headers={"Authorization": service.token},
        )
        assert response.status_code == 200

    assert set(threading.enumerate()) <= before
