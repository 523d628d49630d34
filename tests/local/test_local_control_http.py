"""The test controls over HTTP."""

import sqlite3

import httpx
import pytest


@pytest.fixture
def control(service):
    """Perform an action over HTTP."""

    def act(action, _token=service.token, **arguments):
        return httpx.post(f"{service.url}/control/{action}", json=arguments, headers={"Authorization": _token})

    return act


@pytest.fixture
def look(service):
    return lambda what: httpx.get(f"{service.url}/control/{what}", headers={"Authorization": service.token}).json()


def test_every_action_over_http(api, control, service):
    assert control("fail-next", status=503, count=1).json() == {}
    assert api.get("/images/").status_code == 503
    control("next-build", failure="broken")
    ids = api.create_image().json()
    control("finish-builds")
    assert api.last_build(ids["imageId"])["status"] == "failed"
    control("set-tags", version_id=ids["versionId"], tags=["blue"])
    control("set-scope", image_id=ids["imageId"], scope="global")
    assert api.get("/images/", tags="blue", scope="global").json()["imageCount"] == 1
    control("set-scope", image_id=ids["imageId"], scope="custom")
    control("fail-deletion", version_id=ids["versionId"])
    api.delete(f"/images/{ids['imageId']}")
    control("finish-deletions")
    assert api.get("/images/", status="delete-failed").json()["imageCount"] == 1
    second = api.create_image("second").json()
    control("advance-clock", seconds=60)
    control("put-in-use", version_id=second["versionId"])
    assert api.get("/images/", status="in-use").json()["imageCount"] == 1
    control("resume-clock")
    control("freeze-clock")
    control("reset")
    assert api.get("/images/").json()["imageCount"] == 0


def test_received_requests_over_http(api, look):
    api.get("/images/", status="ready")

    [request] = look("requests")

    assert (request["method"], request["status"], request["query"]) == ("GET", 200, [["status", "ready"]])
    assert request["headers"]["authorization"] == "***"
    assert look("violations") == []


def test_invalid_actions_over_http_are_refused(control, refused, service):
    refused(control("reset", _token="wrong"), 401, "token")
    refused(control("fail-next", nonsense=1), 422, "nonsense")
    refused(control("advance-clock", seconds=-1), 422, "less than 0")
    refused(control("put-in-use", version_id=999), 404, "999")
    refused(control("explode"), 404, "/control/explode")
    headers = {"Authorization": service.token}
    for body in (b"{", b"[]"):
        refused(httpx.post(f"{service.url}/control/reset", content=body, headers=headers), 400, "JSON")
    refused(httpx.post(f"{service.url}/control/reset", content=bytes(2 << 20), headers=headers), 413, "larger")
    assert httpx.get(f"{service.url}/control/requests").status_code == 401


def test_action_on_a_full_disk_is_a_500_with_the_reason(control, service, monkeypatch):
    def fail():
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(service._running.database, "clear", fail)
    response = control("reset")

    assert (response.status_code, "the disk is full" in response.json()["detail"]) == (500, True)
