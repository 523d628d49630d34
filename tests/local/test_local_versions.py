"""Creating, describing, listing, updating and deleting versions."""

import pytest

from tests.contract_facts import PAGE_SIZE

GITHUB = {"source": "github", "repository": "https://github.com/user/repo", "branch": "main"}
BROKEN = {"source": "dockerfile", "dockerfile": "NONSENSE"}


def test_create_returns_ids(api):
    ids = api.image()

    body = api.create_version(ids["imageId"]).json()

    assert (body["imageId"], body["versionId"], body["autodeploymentId"]) == (101, 202, None)
    assert body["buildId"].startswith("image-build-mock:")


@pytest.mark.parametrize(
    ("first", "expected"),
    [("0.0.1", "0.0.2"), ("1.9.9", "1.9.10"), ("0.0.1-python3.12", "0.0.2"), ("2.0.0-rc.1+x", "2.0.1")],
)
def test_without_version_it_is_the_next_patch(api, first, expected):
    ids = api.image(version=first)

    version = api.version(ids["imageId"])

    described = api.get(f"/images/{ids['imageId']}/versions/{version['versionId']}").json()
    assert described["version"] == expected


def test_default_version_is_the_next_free_patch(api):
    ids = api.image(version="0.0.2")
    api.version(ids["imageId"], version="0.0.1")

    api.version(ids["imageId"])

    assert api.get(f"/images/{ids['imageId']}").json()["latestVersion"]["version"] == "0.0.3"


@pytest.mark.parametrize(
    ("name", "version", "reference"),
    [
        ("weather", "1.0.0", "weather:1.0.0"),
        ("team/weather_api", "1.0.0+x", "team/weather_api:1.0.0_x"),
        ("My Image", "1.0.0", "my-image:1.0.0"),
        ("-Wetter..für/", "1.0.0", "wetter-f-r:1.0.0"),
        ("天気", "1.0.0", "image:1.0.0"),
    ],
)
def test_pull_url_is_a_docker_reference_whatever_the_name(api, name, version, reference):
    ids = api.image(name, version=version)

    described = api.get(f"/images/{ids['imageId']}/versions/{ids['versionId']}").json()
    assert described["pullUrl"].partition("/")[2] == reference


def test_duplicate_version_is_409(api, refused):
    first = api.image("first")
    second = api.image("second")

    refused(api.create_version(first["imageId"], version="0.0.1"), 409, "version", "0.0.1", "already")
    assert api.create_version(second["imageId"], version="0.0.10").status_code == 200


def test_version_that_is_not_semantic_is_422(api, refused):
    ids = api.image()

    refused(api.create_version(ids["imageId"], version="latest"), 422, "version", "latest", "semantic")


def test_autodeployment(api):
    ids = api.image()
    resources = [{"entityId": "9999", "entityType": "workflow"}, {"entityId": 1, "entityType": "api"}]

    body = api.version(ids["imageId"], autodeployResources=resources)

    assert body["autodeploymentId"] == 401
    log = api.log(ids["imageId"])
    assert log[-2:] == ["Redeploying workflow 9999", "Redeploying api 1"]


def test_autodeploy_resources_are_checked(api, refused):
    ids = api.image()
    resources = [{"entityId": "1", "entityType": "webhook"}]

    response = api.create_version(ids["imageId"], autodeployResources=resources)

    refused(response, 422, "autodeployResources.0.entityType", "webhook", "workflow, workspace, api, webapp")


def test_describe_has_the_documented_shape(api):
    ids = api.image(description="An image", buildDetails=GITHUB)

    version = api.get(f"/images/{ids['imageId']}/versions/{ids['versionId']}").json()

    assert set(version) >= {
        "imageName", "imageType", "id", "version", "description", "status", "createdAt", "createdBy", "updatedAt",
        "updatedBy", "pullUrl", "lastBuildStatus", "lastBuildAt", "buildDetails", "tags",
    }  # fmt: skip
    assert (version["imageName"], version["imageType"], version["tags"]) == ("an-image", "workflow", [])
    assert version["buildDetails"].items() >= {**GITHUB, "useCache": True}.items()


def test_version_of_another_image_is_404(api, refused):
    first, second = api.image("first"), api.image("second")
    path = f"/images/{first['imageId']}/versions/{second['versionId']}"

    for response in (api.get(path), api.delete(path), api.send("PATCH", path, {"description": "x"})):
        refused(response, 404, f"version with id {second['versionId']}", f"image {first['imageId']}")


def test_list_entries_have_the_documented_shape(api):
    ids = api.image()
    api.version(ids["imageId"])

    page = api.get(f"/images/{ids['imageId']}/versions").json()

    assert {key: page[key] for key in ("versionCount", "pageSize", "pageNumber", "pageCount")} == {
        "versionCount": 2, "pageSize": PAGE_SIZE, "pageNumber": 1, "pageCount": 1,
    }  # fmt: skip
    assert [(entry["version"], entry["isLatest"]) for entry in page["versions"]] == [("0.0.2", True), ("0.0.1", False)]
    assert page["versions"][0]["buildDetails"] == {"source": "dockerfile"}
    assert "lastBuildAt" not in page["versions"][0]


@pytest.fixture
def varied(api, service):
    """An image with versions of every kind."""
    image_id = api.image("other")["imageId"]
    image_id = api.image(version="0.0.1")["imageId"]
    api.version(image_id, version="0.0.10")
    used = api.version(image_id, version="0.0.1-used")
    api.version(image_id, version="1.0.0", buildDetails=BROKEN)
    service.control.put_in_use(used["versionId"])
    service.control.set_tags(used["versionId"], ["blue"])
    service.control.clock.advance(1)
    api.create_version(image_id, version="2.0.0")
    return lambda **query: api.get(f"/images/{image_id}/versions", **query).json()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["2.0.0", "1.0.0", "0.0.1-used", "0.0.10", "0.0.1"]),
        ({"searchTerm": "0.0.1"}, ["0.0.1-used", "0.0.10", "0.0.1"]),
        ({"searchTerm": "used"}, ["0.0.1-used"]),
        ({"status": "in-use"}, ["0.0.1-used"]),
        ({"status": ["ready", "not-ready"]}, ["2.0.0", "1.0.0", "0.0.10", "0.0.1"]),
        ({"lastBuildStatus": "failed"}, ["1.0.0"]),
        ({"lastBuildStatus": ["building", "failed"]}, ["2.0.0", "1.0.0"]),
        ({"tags": ["blue", "red"]}, ["0.0.1-used"]),
        ({"searchTerm": "0.0.1", "status": "ready"}, ["0.0.10", "0.0.1"]),
        ({"searchTerm": "0.0.1", "status": "in-use", "tags": "blue", "lastBuildStatus": "success"}, ["0.0.1-used"]),
        ({"searchTerm": "nothing"}, []),
    ],
)
def test_filters(varied, query, names):
    page = varied(**query)

    assert [version["version"] for version in page["versions"]] == names
    assert page["versionCount"] == len(names)


def test_pages(varied):
    page = varied(searchTerm="0.0.1", pageSize=2, pageNumber=2)

    assert [version["version"] for version in page["versions"]] == ["0.0.1"]
    assert (page["versionCount"], page["pageCount"], page["pageNumber"]) == (3, 2, 2)


def test_update_changes_what_is_given(api, service):
    ids = api.image(description="Before", buildDetails=BROKEN)
    service.control.clock.advance(5)

    response = api.update_version(ids["imageId"], ids["versionId"], description="After")

    assert response.status_code == 200
    body = response.json()
    assert (body["imageId"], body["versionId"], body["autodeploymentId"]) == (101, 201, None)
    assert body["buildId"] != ids["buildId"]
    version = api.get(f"/images/101/versions/{ids['versionId']}").json()
    assert (version["description"], version["version"]) == ("After", "0.0.1")
    assert version["buildDetails"] == {**BROKEN, "useCache": True}
    assert version["updatedAt"] > version["createdAt"]
    assert version["lastBuildStatus"] == "building"
    assert api.get("/images/101/builds").json()["buildCount"] == 2


def test_update_keeps_build_details_that_are_not_given(api):
    ids = api.image(buildDetails={**BROKEN, "secrets": ["A"]})

    api.update_version(ids["imageId"], ids["versionId"], buildDetails={"useCache": False})

    version = api.get(f"/images/101/versions/{ids['versionId']}").json()
    assert version["buildDetails"] == {**BROKEN, "secrets": ["A"], "useCache": False}
    assert api.last_build(101)["useCache"] is False


def test_update_with_a_source_replaces_the_build_details(api):
    ids = api.image(buildDetails={**BROKEN, "secrets": ["A"], "useCache": False})

    api.update_version(ids["imageId"], ids["versionId"], buildDetails=GITHUB)

    version = api.get(f"/images/101/versions/{ids['versionId']}").json()
    assert version["buildDetails"] == {**GITHUB, "useCache": True}


def test_update_keeps_the_artifact(api, make_zip, service):
    ids = api.image(artifact=make_zip({"Dockerfile": "FROM scratch\nCOPY missing /"}))
    details = {"dockerfilePath": "./Dockerfile"}

    api.update_version(ids["imageId"], ids["versionId"], buildDetails=details)

    assert service.control.uploaded_files(ids["versionId"]) == {"Dockerfile": b"FROM scratch\nCOPY missing /"}
    service.control.finish_builds()
    assert any("missing" in line for line in api.log(101))


def test_update_with_an_artifact_replaces_it(api, make_zip, service):
    ids = api.image(artifact=make_zip({"nothing": ""}))

    response = api.update_version(ids["imageId"], ids["versionId"], make_zip())

    assert response.status_code == 200
    assert set(service.control.uploaded_files(ids["versionId"])) == {"Dockerfile", "app.py"}
    service.control.finish_builds()
    assert api.get(f"/images/101/versions/{ids['versionId']}").json()["status"] == "ready"


def test_update_to_upload_needs_an_artifact(api, refused):
    ids = api.image(buildDetails=BROKEN)

    response = api.update_version(ids["imageId"], ids["versionId"], buildDetails={"source": "upload"})

    refused(response, 422, "artifact", "missing", "upload")


def test_only_a_version_that_is_not_ready_can_be_updated(api, service, refused):
    ids = api.image()
    path = (ids["imageId"], ids["versionId"])

    refused(api.update_version(*path, description="x"), 409, "ready", "not-ready")
    service.control.put_in_use(ids["versionId"])
    refused(api.update_version(*path, description="x"), 409, "in-use")


def test_version_name_cannot_be_changed(api, refused):
    ids = api.image(buildDetails=BROKEN)
    path = (ids["imageId"], ids["versionId"])

    refused(api.update_version(*path, version="0.0.2"), 422, "version", "0.0.2", "can't be changed")
    assert api.update_version(*path, version="0.0.1").status_code == 200


def test_an_update_stops_the_build_that_is_running(api):
    ids = api.create_image(buildDetails=GITHUB).json()

    api.update_version(ids["imageId"], ids["versionId"], description="x")

    second, first = api.get("/images/101/builds").json()["builds"]
    assert (first["status"], second["status"]) == ("stopped", "building")
    assert api.log(101, first["buildId"])[-1] == "The build was stopped: the version was changed"
    assert "finishedAt" in first


def test_delete(api, service, refused):
    ids = api.image()
    second = api.version(ids["imageId"])
    path = f"/images/{ids['imageId']}/versions/{second['versionId']}"

    response = api.delete(path)

    assert (response.status_code, response.json()) == (200, {})
    assert api.get(path).json()["status"] == "deleting"
    refused(api.send("PATCH", path, {"description": "x"}), 409, "deleting")
    assert api.delete(path).status_code == 200

    service.control.clock.advance(60)

    refused(api.get(path), 404, str(second["versionId"]))
    image = api.get(f"/images/{ids['imageId']}").json()
    assert image["latestVersion"]["id"] == ids["versionId"]


def test_image_is_deleted_with_its_last_version(api, service):
    ids = api.image()
    api.delete(f"/images/{ids['imageId']}/versions/{ids['versionId']}")

    service.control.clock.advance(60)

    assert api.get(f"/images/{ids['imageId']}").status_code == 404


def test_failed_deletion_ends_as_delete_failed(api, service):
    ids = api.image()
    path = f"/images/{ids['imageId']}/versions/{ids['versionId']}"
    service.control.fail_deletion(ids["versionId"])

    api.delete(path)
    service.control.clock.advance(60)

    assert api.get(path).json()["status"] == "delete-failed"
    assert api.get("/images/", status="delete-failed").json()["imageCount"] == 1
    api.delete(path)
    service.control.clock.advance(60)
    assert api.get(path).status_code == 404


def test_deleting_a_version_in_use_is_409(api, service, refused):
    ids = api.image()
    path = f"/images/{ids['imageId']}/versions/{ids['versionId']}"
    service.control.put_in_use(ids["versionId"])

    refused(api.delete(path), 409, "In use", str(ids["versionId"]))
    service.control.put_in_use(ids["versionId"], used=False)
    assert api.delete(path).status_code == 200


def test_deleting_stops_the_build(api):
    ids = api.create_image().json()

    api.delete(f"/images/{ids['imageId']}")

    assert api.last_build(ids["imageId"])["status"] == "stopped"


def test_delete_several(api, service):
    ids = api.image()
    others = [api.version(ids["imageId"])["versionId"] for _ in range(3)]
    path = f"/images/{ids['imageId']}/versions"

    response = api.delete(path, versionIds=[*others[:2], others[0]])

    assert (response.status_code, response.json()) == (200, {})
    statuses = {version["id"]: version["status"] for version in api.get(path).json()["versions"]}
    assert statuses == {
        ids["versionId"]: "ready", others[0]: "deleting", others[1]: "deleting", others[2]: "ready",
    }  # fmt: skip
    service.control.clock.advance(60)
    assert api.get(path).json()["versionCount"] == 2


def test_delete_several_is_all_or_nothing(api, service, refused):
    ids = api.image()
    used = api.version(ids["imageId"])["versionId"]
    service.control.put_in_use(used)
    path = f"/images/{ids['imageId']}/versions"

    refused(api.delete(path, versionIds=[ids["versionId"], used]), 409, str(used))
    refused(api.delete(path, versionIds=[ids["versionId"], 999]), 404, "999")
    refused(api.delete(path), 422, "versionIds", "missing")
    refused(api.delete(path, versionIds="all"), 422, "versionIds", "all", "integer")
    assert api.get(path, status="deleting").json()["versionCount"] == 0


def test_artifact_is_deleted_with_its_version(api, make_zip, service, tmp_path):
    ids = api.image(artifact=make_zip())
    api.delete(f"/images/{ids['imageId']}")
    service.control.clock.advance(60)

    api.image()

    with pytest.raises(LookupError):
        service.control.uploaded_files(ids["versionId"])
    assert service.control.stored_artifacts() == 0
