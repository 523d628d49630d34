"""Arguments of the test controls are validated like the API's own."""

import httpx
import pytest


@pytest.mark.parametrize(
    ("action", "arguments", "words"),
    [
        ("fail-next", {"path": 5}, ["path", "5", "string"]),
        ("fail-next", {"count": 10**12}, ["count"]),
        ("fail-next", {"count": 0}, ["count"]),
        ("fail-next", {"status": 99}, ["status"]),
        ("fail-next", {"truncate": 1e300}, ["truncate"]),
        ("fail-next", {"drop": "slam"}, ["drop", "slam", "close, reset"]),
        ("fail-next", {"headers": {"Bad Name": "x"}}, ["headers", "Bad Name"]),
        ("fail-next", {"headers": {"X": "a\r\nSet-Cookie: b"}}, ["headers.X"]),
        ("fail-next", {"headers": {"Content-Length": "5"}}, ["headers", "Content-Length"]),
        ("fail-next", {"headers": {"transfer-encoding": "chunked"}}, ["headers", "transfer-encoding"]),
        ("fail-next", {"headers": ["x"]}, ["headers", "object"]),
        ("fail-next", {"delay": "long"}, ["delay", "number"]),
        ("fail-next", {"colour": "red"}, ["colour"]),
        ("set-tags", {"version_id": 201, "tags": [1]}, ["tags.0", "1", "string"]),
        ("set-tags", {"version_id": 201, "tags": "red"}, ["tags", "array"]),
        ("set-tags", {"version_id": 201}, ["tags", "missing"]),
        ("set-scope", {"image_id": 101, "scope": None}, ["scope", "custom, global"]),
        ("set-scope", {"image_id": 101, "scope": "world"}, ["scope", "custom, global"]),
        ("set-scope", {"image_id": "x", "scope": "global"}, ["image_id", "integer"]),
        ("put-in-use", {"version_id": 10**30}, ["version_id"]),
        ("put-in-use", {"version_id": 201, "used": "yes"}, ["used", "boolean"]),
        ("advance-clock", {"seconds": 1e300}, ["seconds"]),
        ("advance-clock", {}, ["seconds", "missing"]),
        ("next-build", {"seconds": -1}, ["seconds"]),
        ("next-build", {"failure": {}}, ["failure", "string"]),
        ("reset", {"everything": True}, ["everything"]),
    ],
)
def test_bad_control_values_are_refused_and_change_nothing(api, service, refused, action, arguments, words):
    api.image()
    before = api.get("/images/").json()
    headers = {"Authorization": service.token}

    refused(httpx.post(f"{service.url}/control/{action}", json=arguments, headers=headers), 422, *words)

    assert api.get("/images/").json() == before


@pytest.mark.parametrize(
    ("action", "arguments", "words"),
    [
        ("fail_next", {"path": 5}, "path: 5"),
        ("fail_next", {"count": 10**12}, "count"),
        ("set_tags", {"version_id": 201, "tags": [1]}, "tags"),
        ("set_scope", {"image_id": 101, "scope": None}, "scope"),
        ("put_in_use", {"version_id": "201"}, "version_id"),
        ("next_build", {"seconds": float("inf")}, "seconds"),
    ],
)
def test_bad_control_values_are_value_errors(service, action, arguments, words):
    with pytest.raises(ValueError, match=words):
        getattr(service.control, action)(**arguments)


def test_whole_numbers_with_a_fraction_or_an_exponent_are_integers(api, service):
    content = b'{"count": 1e0, "status": 503.0, "truncate": 2.0}'
    headers = {"Authorization": service.token}

    assert httpx.post(f"{service.url}/control/fail-next", content=content, headers=headers).status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        api.get("/images/")
    assert service.requests[0].status == 503
    assert api.get("/images/").status_code == 200


@pytest.mark.parametrize("status", [204, 304])
def test_status_without_a_body_has_none(api, service, status):
    service.control.fail_next(status=status, body="ignored")

    response = api.get("/images/")

    assert (response.status_code, response.content) == (status, b"")
