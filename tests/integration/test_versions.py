"""The operations on versions, each as documented, by every backend of the client."""

import pytest

from peak_images import ConflictError, NotFoundError
from tests.integration.bodies import DOCKERFILE_BUILD


def versions(listed):
    return [version["version"] for version in listed]


def test_create_version(client, seed):
    image_id = seed.image()["imageId"]
    created = client.create_version(image_id, {"version": "0.1.0", "buildDetails": DOCKERFILE_BUILD})

    version = client.describe_version(image_id, created["versionId"])
    assert (version["version"], version["imageName"], version["imageType"]) == ("0.1.0", "an-image", "workflow")
    assert version.model.build_details.dockerfile == "FROM nginx"


def test_create_version_from_a_directory(client, seed, service, build_context):
    created = client.create_version(seed.image()["imageId"], {}, {"path": build_context})

    assert "Dockerfile" in service.control.uploaded_files(created["versionId"])


def test_autodeploy_resources_are_redeployed(client, seed, service):
    resources = [{"entityId": "9999", "entityType": "workflow"}, {"entityId": 7, "entityType": "webapp"}]
    created = client.create_version(
        seed.image()["imageId"], {"buildDetails": DOCKERFILE_BUILD, "autodeployResources": resources}
    )

    assert created["autodeploymentId"] is not None
    assert service.requests[-1].fields["autodeployResources"] == resources


def test_no_autodeployment_id_without_autodeploy(client, seed):
    created = client.create_version(seed.image()["imageId"], {"buildDetails": DOCKERFILE_BUILD})

    assert created["autodeploymentId"] is None
    assert created.model.autodeployment_id is None


def test_versions_are_listed_newest_first(client, seed):
    image_id = seed.image()["imageId"]
    seed.version(image_id)

    listed = list(client.list_image_versions(image_id))
    assert versions(listed) == ["0.0.2", "0.0.1"]
    assert [version["isLatest"] for version in listed] == [True, False]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"version": "0.0.1"}, ["0.0.10", "0.0.1"]),
        ({"status": ["in-use"]}, ["0.0.10"]),
        ({"status": ["ready", "not-ready"]}, ["0.0.3", "0.0.1"]),
        ({"last_build_status": ["building"]}, ["0.0.3"]),
        ({"tags": ["red"]}, ["0.0.1"]),
        ({"tags": ["red"], "status": ["in-use"]}, []),
    ],
)
def test_filter_returns_matching_items(client, seed, service, filters, found):
    first = seed.image()
    service.control.set_tags(first["versionId"], ["red"])
    service.control.put_in_use(seed.version(first["imageId"], version="0.0.10")["versionId"])
    service.control.next_build(seconds=1000)
    seed.version(first["imageId"], version="0.0.3", finish=False)

    assert versions(client.list_image_versions(first["imageId"], **filters)) == found


def test_update_version(client, seed, service):
    created = seed.image(buildDetails={**DOCKERFILE_BUILD, "dockerfile": "COPY nothing"})
    client.update_version(
        created["imageId"], created["versionId"], {"description": "better", "buildDetails": DOCKERFILE_BUILD}
    )

    version = client.describe_version(created["imageId"], created["versionId"])
    assert (version["description"], version["version"]) == ("better", "0.0.1")
    assert version["buildDetails"]["dockerfile"] == "FROM nginx"


def test_update_version_from_a_directory(client, seed, service, build_context):
    created = seed.image(buildDetails={**DOCKERFILE_BUILD, "dockerfile": "COPY nothing"})
    client.update_version(
        created["imageId"], created["versionId"], {"buildDetails": {"source": "upload"}}, {"path": build_context}
    )

    assert "app/main.py" in service.control.uploaded_files(created["versionId"])


def test_update_of_a_ready_version_is_a_conflict(client, seed):
    created = seed.image()

    with pytest.raises(ConflictError, match="only one that is not-ready"):
        client.update_version(created["imageId"], created["versionId"], {"description": "better"})


def test_deleted_version_has_status_deleting(client, seed, service):
    first = seed.image()
    second = seed.version(first["imageId"])

    assert client.delete_version(first["imageId"], first["versionId"]) == {}
    assert client.describe_version(first["imageId"], first["versionId"])["status"] == "deleting"
    service.control.clock.advance(1)
    with pytest.raises(NotFoundError):
        client.describe_version(first["imageId"], first["versionId"])
    assert client.describe_image(first["imageId"])["latestVersion"]["id"] == second["versionId"]


def test_failed_deletion_has_status_delete_failed(client, seed, service):
    created = seed.image()
    service.control.fail_deletion(created["versionId"])
    client.delete_version(created["imageId"], created["versionId"])
    service.control.clock.advance(1)

    version = client.describe_version(created["imageId"], created["versionId"])
    assert version.model.status.value == version["status"] == "delete-failed"


def test_delete_several_versions(client, seed, service):
    image_id = seed.image()["imageId"]
    doomed = [seed.version(image_id)["versionId"], seed.version(image_id)["versionId"]]

    assert client.delete_versions(image_id, version_ids=[str(doomed[0]), doomed[1]]) == {}
    assert service.requests[-1].query == tuple(("versionIds", str(number)) for number in doomed)
    service.control.clock.advance(1)
    assert versions(client.list_image_versions(image_id)) == ["0.0.1"]


def test_version_in_use_is_not_deleted(client, seed, service):
    created = seed.image()
    service.control.put_in_use(created["versionId"])

    with pytest.raises(ConflictError):
        client.delete_versions(created["imageId"], [created["versionId"]])
