"""The forms of the pages: controls, upload, rebuild, delete, reset."""

import re

import httpx
import pytest

from peak_images_local import LocalService
from tests.local.pages import form_token


def test_every_control_is_a_form(api, browser, service, submit):
    api.image("weather")
    controls = re.findall(r'action="/ui/control/([^"]+)"', browser.get("/ui/controls").text)

    fields = {"version_id": 201, "image_id": 101, "count": 1, "status": 503, "seconds": 60, "used": "yes"}
    for name in controls:
        response = submit(f"/ui/control/{name}", {**fields, "scope": "custom"})
        assert response.status_code == 303, (name, response.text)
        assert 'role="status"' in browser.get(response.headers["location"]).text
    assert len(controls) == 11


def test_controls_do_what_they_say(api, browser, service, submit):
    api.image("weather")
    submit("/ui/control/next_build", {"failure": "disk full", "seconds": ""})
    submit("/ui/control/fail_next", {"count": "2", "status": "503", "method": "GET", "path": "/images", "delay": "0"})

    assert "1 scripted" in browser.get("/ui/controls").text
    assert [api.get("/images/").status_code for _ in range(3)] == [503, 503, 200]
    assert [browser.get("/").status_code for _ in range(3)] == [200, 200, 200]
    api.create_version(101)
    submit("/ui/control/finish_builds")
    assert "ERROR: disk full" in api.log(101)
    submit("/ui/control/put_in_use", {"version_id": "201", "used": "yes"})
    assert api.get("/images/101/versions/201").json()["status"] == "in-use"
    submit("/ui/control/put_in_use", {"version_id": "201"})
    assert api.get("/images/101/versions/201").json()["status"] == "ready"
    submit("/ui/control/set_tags", {"version_id": "201", "tags": "a, b"})
    assert [tag["name"] for tag in api.get("/images/101/versions/201").json()["tags"]] == ["a", "b"]
    assert "frozen" in browser.get("/ui/controls").text
    submit("/ui/control/resume_clock")
    assert "frozen" not in browser.get("/ui/controls").text


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("advance_clock", {"seconds": "-1"}, 422),
        ("advance_clock", {"seconds": "soon"}, 422),
        ("advance_clock", {}, 422),
        ("advance_clock", {"seconds": "inf"}, 422),
        ("advance_clock", {"seconds": "nan"}, 422),
        ("put_in_use", {"version_id": "999"}, 404),
        ("put_in_use", {"version_id": "1e30"}, 422),
        ("fail_next", {"count": "1", "status": "99"}, 422),
        ("fail_next", {"count": "1e12", "status": "503"}, 422),
        ("clock.__class__", {}, 404),
        ("uploaded_files", {"version_id": "201"}, 404),
    ],
)
def test_bad_controls_are_refused(submit, service, name, fields, status):
    response = submit(f"/ui/control/{name}", fields)

    assert response.status_code == status, response.text
    assert "<h1>" in response.text


def test_image_is_created_from_a_zip_and_a_version_from_a_dockerfile(api, upload, service, make_zip):
    fields = {"name": "weather", "type": "api", "version": "", "description": "", "dockerfile": ""}

    created = upload("/ui/new", fields, make_zip())
    assert created.headers["location"] == "/ui/images/101/builds/301?done=building"
    service.control.finish_builds()
    assert api.get("/images/101").json()["latestVersion"]["status"] == "ready"
    second = upload("/ui/images/101/new", {"version": "", "dockerfile": "FROM a\r\nRUN b"})
    assert second.status_code == 303, second.text
    assert api.get("/images/101/versions/202").json()["buildDetails"]["dockerfile"] == "FROM a\nRUN b"
    assert {request.method for request in service.requests} == {"GET"}


@pytest.mark.parametrize(
    ("fields", "content", "words"),
    [
        ({"name": "weather"}, None, "artifact"),
        ({"name": "weather"}, b"not a zip", "not a zip file"),
        ({"name": "weather", "version": "one"}, b"", "semantic version"),
        ({"name": ""}, b"", "name"),
        ({"name": "weather", "type": "nothing"}, b"", "type"),
    ],
)
def test_refused_upload_shows_the_form_again(upload, service, fields, content, words):
    response = upload("/ui/new", {"type": "api", "description": "kept <i>", **fields}, content)

    assert response.status_code == 422, response.text
    assert words in re.search(r'role="alert">(.*?)</p>', response.text, re.DOTALL)[1]
    assert 'value="kept &lt;i&gt;"' in response.text
    assert service.control.stored_artifacts() == 0


def test_upload_larger_than_the_limit_is_refused():
    with LocalService(max_artifact_size=1000) as service, httpx.Client(base_url=service.url) as client:
        data = {"form_token": form_token(client.get("/ui/new")), "name": "a", "type": "api"}
        response = client.post("/ui/new", data=data, files={"artifact": ("a.zip", b"x" * 3_000_000)})

        assert response.status_code == 413


def test_version_is_rebuilt_and_deleted_after_a_confirmation(api, browser, submit, service):
    api.image("weather", buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE"})
    path = "/ui/images/101/versions/201"

    assert submit(f"{path}/rebuild", of=path).headers["location"].startswith("/ui/images/101/builds/302")
    question = browser.get(f"{path}/delete")
    assert "Delete version 0.0.1 (201) of image weather (101)?" in question.text
    assert submit(f"{path}/delete", of=f"{path}/delete").headers["location"] == "/ui/images/101?done=deleting"
    service.control.finish_deletions()
    assert browser.get(path).status_code == 404


def test_image_is_deleted_after_a_confirmation_unless_it_is_in_use(api, browser, submit, service):
    api.image("weather")
    service.control.put_in_use(201)

    refused = submit("/ui/images/101/delete", of="/ui/images/101/delete")
    assert refused.status_code == 409
    assert "In use by another resource" in refused.text
    service.control.put_in_use(201, used=False)
    assert submit("/ui/images/101/delete", of="/ui/images/101/delete").status_code == 303
    assert api.get("/images/101").json()["latestVersion"]["status"] == "deleting"


def test_service_is_reset_after_a_confirmation(api, browser, submit):
    api.image("weather")

    assert "Reset the service?" in browser.get("/ui/reset").text
    assert submit("/ui/reset", of="/ui/reset").status_code == 303
    assert "Nothing here yet" in browser.get("/").text
