"""Test controls: faults, builds, time, what was received."""

import time

import httpx
import pytest


def test_fail_next_status_and_headers(api, service, refused):
    service.control.fail_next(2, status=503, headers={"Retry-After": "7"})

    first, second, third = (api.get("/images/") for _ in range(3))

    refused(first, 503, "503")
    assert first.headers["retry-after"] == "7"
    assert (second.status_code, third.status_code) == (503, 200)
    assert [request.status for request in service.requests] == [503, 503, 200]


def test_fail_next_html_body(api, service):
    service.control.fail_next(status=502, body="<h1>Bad gateway</h1>", content_type="text/html")

    response = api.get("/images/")

    assert (response.status_code, response.text, response.headers["content-type"]) == (
        502,
        "<h1>Bad gateway</h1>",
        "text/html",
    )


def test_fail_next_by_method_and_path(api, service):
    service.control.fail_next(status=500, method="POST")
    service.control.fail_next(status=504, path="/builds")

    assert api.get("/images/").status_code == 200
    assert api.create_image().status_code == 500
    assert api.create_image().status_code == 200
    assert api.get("/images/101/builds").status_code == 504


def test_fail_next_after_the_change_was_applied(api, service):
    service.control.fail_next(status=502)
    assert api.create_image("not-created").status_code == 502
    service.control.fail_next(status=502, acted=True)
    assert api.create_image("created").status_code == 502

    assert [image["name"] for image in api.get("/images/").json()["images"]] == ["created"]


@pytest.mark.parametrize(("how", "error"), [("close", httpx.RemoteProtocolError), ("reset", httpx.ReadError)])
def test_connection_close_and_reset(api, service, how, error):
    service.control.fail_next(drop=how)

    with pytest.raises(error):
        api.get("/images/")


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("acted", [False, True])
def test_dropped_connection_is_recorded(api, service, how, acted):
    service.control.fail_next(drop=how, acted=acted)

    with pytest.raises(httpx.TransportError):
        api.create_image()

    assert service.requests[0].status == 0
    assert api.get("/images/").json()["imageCount"] == int(acted)


def test_connection_reset_during_upload(api, service, make_zip):
    service.control.fail_next(drop="reset")

    with pytest.raises(httpx.TransportError):
        api.create_image(artifact=make_zip({"noise": bytes(3_000_000)}, compression=0))

    assert api.get("/images/").json()["imageCount"] == 0


def test_truncated_response(api, service):
    service.control.fail_next(truncate=5)

    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        api.get("/images/")

    assert api.get("/images/").status_code == 200


def test_delayed_response(api, service):
    service.control.fail_next(delay=0.2)
    with pytest.raises(httpx.ReadTimeout):
        api.http.get("/images/", timeout=0.05)

    service.control.fail_next(delay=0.01)
    assert api.get("/images/").status_code == 200


def test_delay_blocks_no_other_request(api, service):
    service.control.fail_next(delay=60)
    with pytest.raises(httpx.ReadTimeout):
        api.http.get("/images/", timeout=0.05)

    assert api.http.get("/images/", timeout=30).status_code == 200


def test_request_in_flight_during_reset_is_not_recorded(api, service):
    service.control.fail_next(delay=0.2)
    with pytest.raises(httpx.ReadTimeout):
        api.http.get("/images/", timeout=0.05)
    while service._running.faults.count:  # on a busy machine the client gives up before the request has arrived
        time.sleep(0.001)
    before = service._running.requests
    service.reset()
    while not before:
        time.sleep(0.001)

    assert service.requests == []


def test_unknown_fault_argument_is_a_type_error(service):
    with pytest.raises(TypeError, match="nonsense"):
        service.control.fail_next(nonsense=1)


def test_next_build_failure(api, service):
    service.control.next_build(failure="no space left on device")

    api.image("first")
    api.image("second")

    assert [api.last_build(101)["status"], api.last_build(102)["status"]] == ["failed", "success"]
    assert api.log(101)[-2:] == ["ERROR: no space left on device", "The build failed"]


def test_next_build_seconds(api, service):
    service.control.next_build(seconds=1000)
    api.create_image()

    service.control.clock.advance(999)
    assert api.last_build(101)["status"] == "building"
    service.control.clock.advance(1)
    assert api.last_build(101)["status"] == "success"


def test_finish_builds(api, service):
    api.create_image()
    service.control.next_build(failure="x")
    api.create_image("second")

    service.control.finish_builds()

    assert [api.last_build(101)["status"], api.last_build(102)["status"]] == ["success", "failed"]
    assert api.log(101)[-1] == "The build succeeded"


def test_finish_deletions(api, service):
    ids = api.image()
    api.delete(f"/images/{ids['imageId']}")

    service.control.finish_deletions()

    assert api.get(f"/images/{ids['imageId']}").status_code == 404


def test_unknown_ids_are_lookup_errors(api, service):
    api.create_image()

    with pytest.raises(LookupError, match="999"):
        service.control.put_in_use(999)
    with pytest.raises(LookupError, match="Version 201 isn't ready"):
        service.control.put_in_use(201)
    with pytest.raises(LookupError, match="Version 201 isn't in-use"):
        service.control.put_in_use(201, used=False)
    with pytest.raises(LookupError, match="201"):
        service.control.uploaded_files(201)
    with pytest.raises(LookupError, match="There is no image with id 999"):
        service.control.set_scope(999, "global")
    with pytest.raises(LookupError, match="There is no version with id 999"):
        service.control.set_tags(999, [])
    with pytest.raises(LookupError, match="There is no version with id 999"):
        service.control.fail_deletion(999)


def test_clock_freeze_advance_resume_reset(service):
    clock = service.control.clock
    frozen = clock.now()
    clock.advance(10)
    assert clock.now() == frozen + 10_000
    clock.resume()
    time.sleep(0.01)
    assert frozen + 10_000 < clock.now() < frozen + 20_000
    clock.reset()
    assert clock.now() < frozen + 5_000
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)


@pytest.mark.parametrize("fault", [{"drop": "gently"}, {"status": 99}, {"status": 600}])
def test_invalid_fault_is_a_value_error(service, fault):
    with pytest.raises(ValueError, match=next(iter(fault))):
        service.control.fail_next(**fault)
