"""Requests that change the same thing at the same time, and a reset in between: each is applied whole or refused."""

import threading

import pytest

from peak_images_local import LocalService

BLOCKED_SECONDS = 0.3
"""How long another request is waited for: where it has to wait itself, it finishes later."""


@pytest.fixture
def while_planning(service, monkeypatch):
    """Run something in a thread of its own while the next build is planned, between a request's reads and writes."""
    threads = []

    def arrange(run):
        plan = service._running.builds.plan

        def plan_and_run(*arguments):
            monkeypatch.setattr(service._running.builds, "plan", plan)
            threads.append(threading.Thread(target=run))
            threads[-1].start()
            threads[-1].join(BLOCKED_SECONDS)
            return plan(*arguments)

        monkeypatch.setattr(service._running.builds, "plan", plan_and_run)
        return lambda: [thread.join() for thread in threads]

    return arrange


@pytest.fixture
def other(service, make_api):
    return make_api(service)


def test_concurrent_updates_of_a_version_keep_artifact_and_build_details_together(
    api, other, service, make_zip, while_planning
):
    failing = {"Dockerfile": "FROM scratch\nCOPY missing /\n"}
    ids = api.image(artifact=make_zip(failing))
    path = ids["imageId"], ids["versionId"]
    both = make_zip({"Dockerfile": "FROM scratch\n", "other/Dockerfile": "FROM scratch AS other\n"})
    responses = []
    wait = while_planning(lambda: responses.append(api.update_version(*path, artifact=both)))

    details = {"source": "upload", "dockerfilePath": "other/Dockerfile"}
    responses.append(other.update_version(*path, buildDetails=details))
    wait()

    assert [response.status_code for response in responses] == [200, 200]
    service.control.finish_builds()
    version = api.get(f"/images/{path[0]}/versions/{path[1]}").json()
    assert version["buildDetails"]["dockerfilePath"] == "other/Dockerfile"
    assert "other/Dockerfile" in service.control.uploaded_files(path[1])
    assert version["lastBuildStatus"] == "success"
    assert "Reading the Dockerfile from other/Dockerfile" in api.log(path[0])
    assert service.control.stored_artifacts() == 1


def test_update_of_a_version_that_is_deleted_meanwhile_is_refused(
    api, other, service, make_zip, refused, while_planning
):
    ids = api.image(artifact=make_zip({"Dockerfile": "FROM scratch\nCOPY missing /\n"}))
    path = ids["imageId"], ids["versionId"]
    wait = while_planning(lambda: other.delete("/images/{}/versions/{}".format(*path)))

    refused(api.update_version(*path, artifact=make_zip()), 409, "deleting")

    wait()
    assert service.control.stored_artifacts() == 1  # that of the version, which is still being deleted
    assert "app.py" not in service.control.uploaded_files(path[1])


def test_concurrent_versions_without_a_name_are_built_by_the_names_they_get(api, other, service, while_planning):
    image_id = api.image()["imageId"]
    wait = while_planning(lambda: other.create_version(image_id))

    assert api.create_version(image_id).status_code == 200
    wait()

    service.control.finish_builds()
    versions = api.get(f"/images/{image_id}/versions").json()["versions"]
    assert sorted(version["version"] for version in versions) == ["0.0.1", "0.0.2", "0.0.3"]
    for build in api.get(f"/images/{image_id}/builds").json()["builds"]:
        assert f":{build['version']} (simulated)" in api.log(image_id, build["buildId"])[-2]


def artifacts_of(data):
    return [path.name for path in (data / "artifacts").iterdir()]


def test_upload_that_is_received_during_a_reset_is_refused_and_leaves_nothing(tmp_path, make_api, make_zip, refused):
    with LocalService(data=tmp_path / "data") as service:
        api = make_api(service)

        def body():
            yield b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nan-image\r\n'
            yield b'--b\r\nContent-Disposition: form-data; name="type"\r\n\r\nworkflow\r\n'
            yield b'--b\r\nContent-Disposition: form-data; name="artifact"; filename="a.zip"\r\n\r\n'
            for _ in range(3):
                make_api(service).get("/images/")  # so the request before it has arrived too
            service.reset()
            yield make_zip() + b"\r\n--b--\r\n"

        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        response = api.http.post("/images/", content=body(), headers=headers)

        refused(response, 409, "reset", "again")
        assert api.get("/images/").json()["imageCount"] == 0
        assert artifacts_of(tmp_path / "data") == []
        assert service.violations == []


def test_reset_waits_for_an_upload_that_is_being_applied(api, service, make_zip, while_planning):
    wait = while_planning(service.reset)

    assert api.create_image(artifact=make_zip()).status_code == 200

    wait()
    assert api.get("/images/").json()["imageCount"] == 0
    assert service.control.stored_artifacts() == 0
    assert api.create_image().json()["imageId"] == 101
