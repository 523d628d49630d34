"""Creating, describing, listing and deleting images."""

import re

import pytest

from tests.contract_facts import PAGE_SIZE

DOCKERFILE_BUILD = {"source": "dockerfile", "dockerfile": "FROM scratch"}


def test_create_returns_ids(api):
    response = api.create_image(version="0.0.1-python3.12")

    assert response.status_code == 200
    body = response.json()
    assert (body["imageId"], body["versionId"]) == (101, 201)
    assert re.fullmatch(r"image-build-mock:[0-9a-f-]{36}", body["buildId"])
    assert set(body) == {"imageId", "versionId", "buildId"}


def test_create_without_build_details_builds_the_upload(api, make_zip):
    ids = api.create_image(artifact=make_zip()).json()

    version = api.get(f"/images/{ids['imageId']}").json()["latestVersion"]

    assert version["buildDetails"] == {"source": "upload", "useCache": True}


def test_create_without_version_starts_at_0_0_1(api):
    ids = api.image()

    assert api.get(f"/images/{ids['imageId']}").json()["latestVersion"]["version"] == "0.0.1"


def test_duplicate_image_name_is_409(api, refused):
    api.image("twice")

    refused(api.create_image("twice"), 409, "name", "twice", "already")
    assert api.get("/images/").json()["imageCount"] == 1


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "one", " 1.0.0"])
def test_version_that_is_not_semantic_is_422(api, refused, version):
    refused(api.create_image(version=version), 422, "version", version.strip(), "semantic")


@pytest.mark.parametrize("version", ["0.0.1", "1.2.3-rc.1", "0.0.1-python3.12", "1.0.0+build.5", "1.0.0-x-y.7.z+a"])
def test_semantic_versions_are_accepted(api, version):
    assert api.create_image(version=version).status_code == 200


def test_describe_has_the_documented_shape(api):
    details = {
        "source": "github",
        "repository": "https://github.com/user/repo",
        "branch": "main",
        "token": "token-name",
        "dockerfilePath": "images/v1/Dockerfile",
        "context": "/",
        "useCache": False,
        "buildArguments": [{"name": "HELLO", "value": "world"}],
        "secrets": ["EXAMPLE_CREDENTIAL"],
    }
    ids = api.image(description="What it is", buildDetails=details)

    image = api.get(f"/images/{ids['imageId']}").json()

    assert set(image) == {"id", "name", "type", "scope", "createdAt", "createdBy", "latestVersion"}
    assert (image["name"], image["type"], image["scope"]) == ("an-image", "workflow", "custom")
    version = image["latestVersion"]
    assert set(version) == {
        "id", "version", "description", "status", "lastBuildStatus", "createdAt", "createdBy", "updatedAt",
        "updatedBy", "pullUrl", "size", "tags", "lastBuildAt", "buildDetails",
    }  # fmt: skip
    assert (version["description"], version["status"], version["lastBuildStatus"]) == ("What it is", "ready", "success")
    commit = version["buildDetails"].pop("githubCommitUrl")
    assert re.fullmatch(r"https://github.com/user/repo/blob/[0-9a-f]{40}/images/v1/Dockerfile", commit)
    assert version["buildDetails"] == details


def test_times_have_the_documented_form(api):
    ids = api.image()

    image = api.get(f"/images/{ids['imageId']}").json()

    for time in (image["createdAt"], image["latestVersion"]["updatedAt"], image["latestVersion"]["lastBuildAt"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time)


@pytest.mark.parametrize("image_id", [1, 2**63, 10**30])
def test_an_image_that_is_not_there(api, refused, image_id):
    for response in (
        api.get(f"/images/{image_id}"),
        api.delete(f"/images/{image_id}"),
        api.get(f"/images/{image_id}/versions"),
        api.get(f"/images/{image_id}/builds"),
        api.create_version(image_id),
    ):
        refused(response, 404, "image", str(image_id))


def test_list_entries_have_the_documented_shape(api):
    api.image()

    [image] = api.get("/images/").json()["images"]

    assert set(image) == {"id", "name", "type", "scope", "latestVersion"}
    assert set(image["latestVersion"]) == {
        "id", "version", "description", "status", "lastBuildStatus", "createdAt", "createdBy", "updatedAt",
        "updatedBy", "pullUrl", "size", "tags", "buildDetails",
    }  # fmt: skip
    assert image["latestVersion"]["buildDetails"] == {"source": "dockerfile"}


def test_an_empty_list_is_one_page(api):
    assert api.get("/images/").json() == {
        "imageCount": 0,
        "pageSize": PAGE_SIZE,
        "pageNumber": 1,
        "pageCount": 1,
        "images": [],
    }


@pytest.mark.parametrize(
    ("size", "number", "names", "pages"),
    [
        (2, 1, ["image-4", "image-3"], 3),
        (2, 3, ["image-0"], 3),
        (2, 4, [], 3),
        (5, 1, ["image-4", "image-3", "image-2", "image-1", "image-0"], 1),
        (5, 2, [], 1),
        (10**30, 1, ["image-4", "image-3", "image-2", "image-1", "image-0"], 1),
        (2, 10**30, [], 3),
    ],
)
def test_pages_newest_first(api, size, number, names, pages):
    for index in range(5):
        api.image(f"image-{index}")

    page = api.get("/images/", pageSize=size, pageNumber=number).json()

    assert [image["name"] for image in page["images"]] == names
    assert (page["imageCount"], page["pageCount"]) == (5, pages)
    assert (page["pageSize"], page["pageNumber"]) == (size, number)


@pytest.fixture
def varied(api, service):
    """Images of every kind: by name, status, last build status, scope and tags."""
    ready = api.image("test-ready")
    used = api.image("test-used")
    failed = api.image("other-failed", buildDetails={"source": "dockerfile", "dockerfile": "NONSENSE"})
    api.image("other-100%")
    service.control.put_in_use(used["versionId"])
    service.control.set_tags(ready["versionId"], ["blue", "green"])
    service.control.set_tags(failed["versionId"], ["blue"])
    service.control.set_scope(used["imageId"], "global")
    service.control.clock.advance(1)
    api.create_image("test-building")
    return api


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"searchTerm": "test"}, ["test-building", "test-used", "test-ready"]),
        ({"searchTerm": "test-"}, ["test-building", "test-used", "test-ready"]),
        ({"searchTerm": "r-f"}, ["other-failed"]),
        ({"searchTerm": "%"}, ["other-100%"]),
        ({"searchTerm": "_"}, []),
        ({"status": "ready"}, ["other-100%", "test-ready"]),
        ({"status": ["ready", "in-use"]}, ["other-100%", "test-used", "test-ready"]),
        ({"status": "not-ready"}, ["test-building", "other-failed"]),
        ({"lastBuildStatus": "building"}, ["test-building"]),
        ({"lastBuildStatus": ["failed", "building"]}, ["test-building", "other-failed"]),
        ({"scope": "global"}, ["test-used"]),
        ({"scope": ["global", "custom"], "searchTerm": "used"}, ["test-used"]),
        ({"tags": "blue"}, ["other-failed", "test-ready"]),
        ({"tags": ["green", "none"]}, ["test-ready"]),
        ({"tags": "gree"}, []),
        ({"status": "ready", "tags": "blue", "searchTerm": "test", "scope": "custom"}, ["test-ready"]),
        ({"status": "ready", "lastBuildStatus": "failed"}, []),
        ({"undeclared": "tolerated", "searchTerm": "used"}, ["test-used"]),
    ],
)
def test_filters(varied, query, names):
    page = varied.get("/images/", **query).json()

    assert [image["name"] for image in page["images"]] == names
    assert page["imageCount"] == len(names)


def test_filters_come_before_pages(varied):
    page = varied.get("/images/", searchTerm="test", pageSize=1, pageNumber=2).json()

    assert [image["name"] for image in page["images"]] == ["test-used"]
    assert (page["imageCount"], page["pageCount"]) == (3, 3)


def test_an_image_has_the_state_of_its_latest_version(api):
    ids = api.image()
    api.create_version(ids["imageId"])

    [image] = api.get("/images/").json()["images"]

    assert (image["latestVersion"]["version"], image["latestVersion"]["status"]) == ("0.0.2", "not-ready")
    assert api.get("/images/", status="ready").json()["imageCount"] == 0


def test_an_image_of_the_platform_cannot_be_changed(api, service, refused):
    ids = api.image()
    service.control.set_scope(ids["imageId"], "global")

    refused(api.create_version(ids["imageId"]), 403, "platform")
    refused(api.delete(f"/images/{ids['imageId']}"), 403, "platform")


def test_deleting_an_image_deletes_its_versions(api, service, refused):
    ids = api.image()
    api.version(ids["imageId"])

    response = api.delete(f"/images/{ids['imageId']}")

    assert (response.status_code, response.json()) == (200, {})
    versions = api.get(f"/images/{ids['imageId']}/versions").json()["versions"]
    assert [version["status"] for version in versions] == ["deleting", "deleting"]
    assert api.get("/images/", status="deleting").json()["imageCount"] == 1
    refused(api.create_version(ids["imageId"]), 409, "being deleted")
    refused(api.create_image(), 409, "already")
    assert api.delete(f"/images/{ids['imageId']}").status_code == 200

    service.control.clock.advance(60)

    refused(api.get(f"/images/{ids['imageId']}"), 404)
    assert api.get("/images/").json()["imageCount"] == 0
    assert api.image()["imageId"] == ids["imageId"] + 1


def test_an_image_in_use_cannot_be_deleted(api, service, refused):
    ids = api.image()
    api.version(ids["imageId"])
    service.control.put_in_use(ids["versionId"])

    refused(api.delete(f"/images/{ids['imageId']}"), 409, str(ids["versionId"]), "In use")
    versions = api.get(f"/images/{ids['imageId']}/versions").json()["versions"]
    assert [version["status"] for version in versions] == ["ready", "in-use"]


def test_an_image_whose_deletion_fails_stays(api, service):
    ids = api.image()
    service.control.fail_deletion(ids["versionId"])
    api.delete(f"/images/{ids['imageId']}")

    service.control.clock.advance(60)

    image = api.get(f"/images/{ids['imageId']}").json()
    assert image["latestVersion"]["status"] == "delete-failed"
    assert api.create_version(ids["imageId"]).status_code == 200
    api.delete(f"/images/{ids['imageId']}")
    service.control.clock.advance(60)
    assert api.get(f"/images/{ids['imageId']}").status_code == 404
