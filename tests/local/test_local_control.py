"""The levers: faults, builds, time, what was received."""

import time

import httpx
import pytest


def test_a_status(api, service, refused):
    service.control.fail_next(2, status=503, headers={"Retry-After": "7"})

    first, second, third = (api.get("/images/") for _ in range(3))

    refused(first, 503, "503")
    assert first.headers["retry-after"] == "7"
    assert (second.status_code, third.status_code) == (503, 200)
    assert [request.status for request in service.requests] == [503, 503, 200]


def test_a_gateway_with_a_page_of_its_own(api, service):
    service.control.fail_next(status=502, body="<h1>Bad gateway</h1>", content_type="text/html")

    answer = api.get("/images/")

    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
        502,
        "<h1>Bad gateway</h1>",
        "text/html",
    )


def test_only_certain_requests(api, service):
    service.control.fail_next(status=500, method="POST")
    service.control.fail_next(status=504, path="/builds")

    assert api.get("/images/").status_code == 200
    assert api.create_image().status_code == 500
    assert api.create_image().status_code == 200
    assert api.get("/images/101/builds").status_code == 504


def test_whether_the_service_had_acted(api, service):
    service.control.fail_next(status=502)
    assert api.create_image("not-created").status_code == 502
    service.control.fail_next(status=502, acted=True)
    assert api.create_image("created").status_code == 502

    assert [image["name"] for image in api.get("/images/").json()["images"]] == ["created"]


@pytest.mark.parametrize(("how", "error"), [("close", httpx.RemoteProtocolError), ("reset", httpx.ReadError)])
def test_how_a_connection_is_dropped(api, service, how, error):
    service.control.fail_next(drop=how)

    with pytest.raises(error):
        api.get("/images/")


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("acted", [False, True])
def test_a_dropped_connection(api, service, how, acted):
    service.control.fail_next(drop=how, acted=acted)

    with pytest.raises(httpx.TransportError):
        api.create_image()

    assert service.requests[0].status == 0
    assert api.get("/images/").json()["imageCount"] == int(acted)


def test_a_dropped_upload(api, service, make_zip):
    service.control.fail_next(drop="reset")

    with pytest.raises(httpx.TransportError):
        api.create_image(artifact=make_zip({"noise": bytes(3_000_000)}, compression=0))

    assert api.get("/images/").json()["imageCount"] == 0


def test_a_truncated_answer(api, service):
    service.control.fail_next(truncate=5)

    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        api.get("/images/")

    assert api.get("/images/").status_code == 200


def test_a_delay(api, service):
    service.control.fail_next(delay=0.2)

    started = time.perf_counter()
    assert api.get("/images/").status_code == 200
    assert time.perf_counter() - started >= 0.2


def test_a_delay_holds_up_nobody_else(api, service):
    service.control.fail_next(delay=60)
    with pytest.raises(httpx.ReadTimeout):
        api.http.get("/images/", timeout=0.05)

    assert api.http.get("/images/", timeout=30).status_code == 200


def test_what_is_on_its_way_when_the_service_is_reset_is_not_noted_afterwards(api, service):
    service.control.fail_next(delay=0.2)
    with pytest.raises(httpx.ReadTimeout):
        api.http.get("/images/", timeout=0.05)
    before = service._running.requests
    service.reset()
    while not before:
        time.sleep(0.001)

    assert service.requests == []


def test_faults_have_names(service):
    with pytest.raises(TypeError, match="nonsense"):
        service.control.fail_next(nonsense=1)


def test_the_next_build_fails(api, service):
    service.control.next_build(failure="no space left on device")

    api.image("first")
    api.image("second")

    assert [api.last_build(101)["status"], api.last_build(102)["status"]] == ["failed", "success"]
    assert api.log(101)[-2:] == ["ERROR: no space left on device", "The build failed"]


def test_the_next_build_takes_longer(api, service):
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


def test_what_there_is_not(api, service):
    api.create_image()

    with pytest.raises(LookupError, match="999"):
        service.control.put_in_use(999)
    with pytest.raises(LookupError, match="201"):
        service.control.put_in_use(201)  # isn't ready yet
    with pytest.raises(LookupError, match="201"):
        service.control.uploaded_files(201)
    with pytest.raises(LookupError, match="999"):
        service.control.set_scope(999, "global")


def test_the_clock(service):
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
def test_faults_that_there_are_not(service, fault):
    with pytest.raises(ValueError, match=next(iter(fault))):
        service.control.fail_next(**fault)
