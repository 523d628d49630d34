"""Create or update: the exact name and the exact version decide, on any page of the lists."""

import json

import pytest

from peak_images import ConflictError, ForbiddenError, InvalidInputError
from tests.integration.bodies import DOCKERFILE_BUILD, FAILING_BUILD

API = "/image-management/api/v2"
NEW = {"name": "test", "type": "workflow", "version": "0.0.1", "buildDetails": DOCKERFILE_BUILD}


def calls(received):
    return [(request.method, request.path.removeprefix(API)) for request in received()]


def test_upsert_creates_a_missing_image(client, seed, received):
    seed.image("test-2")
    received()
    created = client.create_or_update_image_version(NEW)

    assert calls(received) == [("GET", "/images/"), ("POST", "/images/")]
    assert client.describe_image(created["imageId"])["name"] == "test"


def test_upsert_creates_a_missing_version(client, seed, received):
    image_id = seed.image("test", version="0.0.10")["imageId"]
    received()
    created = client.create_or_update_image_version(NEW)

    assert calls(received) == [
        ("GET", "/images/"),
        ("GET", f"/images/{image_id}/versions"),
        ("POST", f"/images/{image_id}/versions"),
    ]
    assert client.describe_version(image_id, created["versionId"])["version"] == "0.0.1"


def test_upsert_updates_an_existing_version(client, seed, received):
    first = seed.image("test", buildDetails=FAILING_BUILD)
    seed.version(first["imageId"], version="0.0.10", buildDetails=FAILING_BUILD)
    received()
    updated = client.create_or_update_image_version({**NEW, "description": "better"})

    assert calls(received)[-1] == ("PATCH", f"/images/{first['imageId']}/versions/{first['versionId']}")
    assert updated["versionId"] == first["versionId"]
    assert client.describe_version(first["imageId"], first["versionId"])["description"] == "better"


def test_upsert_matches_versions_exactly(client, seed):
    first = seed.image("test", version="0.0.1-python3.12", buildDetails=FAILING_BUILD)
    created = client.create_or_update_image_version(NEW)

    assert (created["imageId"], created["versionId"] != first["versionId"]) == (first["imageId"], True)


def test_upsert_finds_the_name_beyond_the_first_page(sync_client, seed):
    first = seed.image("test", buildDetails=FAILING_BUILD)
    for number in range(130):
        seed.image(f"test-{number}", finish=False)
    updated = sync_client.create_or_update_image_version(NEW)

    assert (updated["imageId"], updated["versionId"]) == (first["imageId"], first["versionId"])


def test_upsert_finds_the_version_beyond_the_first_page(sync_client, seed):
    first = seed.image("test", buildDetails=FAILING_BUILD)
    for number in range(105):
        seed.version(first["imageId"], version=f"0.0.1-{number}", finish=False)
    updated = sync_client.create_or_update_image_version(NEW)

    assert updated["versionId"] == first["versionId"]


def test_upsert_fetches_no_page_after_the_match(client, seed, received):
    for number in range(3):
        seed.image(f"test-{number}")
    seed.image("test")
    received()
    client.create_or_update_image_version({**NEW, "version": "0.0.2"})

    assert len(calls(received)) == 3


def test_upsert_prefers_the_tenants_image_to_a_global_one(client, seed, service):
    image_id = seed.image("test")["imageId"]
    own = client.describe_image(image_id)
    listed = [{**own, "id": 9, "scope": "global"}, own]
    page = {"imageCount": 2, "pageSize": 100, "pageNumber": 1, "pageCount": 1, "images": listed}
    service.control.fail_next(status=200, body=json.dumps(page))
    created = client.create_or_update_image_version({**NEW, "version": "0.0.2"})

    assert created["imageId"] == image_id


def test_upsert_of_a_global_image_is_rejected(client, seed, service):
    service.control.set_scope(seed.image("test")["imageId"], "global")

    with pytest.raises(ForbiddenError):
        client.create_or_update_image_version({**NEW, "version": "0.0.2"})


def test_upsert_without_version_creates_0_0_1(client):
    created = client.create_or_update_image_version({key: NEW[key] for key in ("name", "type", "buildDetails")})

    assert client.describe_version(created["imageId"], created["versionId"])["version"] == "0.0.1"


def test_upsert_without_version_creates_the_next_patch(client, seed, received):
    image_id = seed.image("test", version="0.3.4")["imageId"]
    received()
    created = client.create_or_update_image_version({key: NEW[key] for key in ("name", "type", "buildDetails")})

    assert calls(received) == [("GET", "/images/"), ("POST", f"/images/{image_id}/versions")]
    assert client.describe_version(image_id, created["versionId"])["version"] == "0.3.5"


@pytest.mark.parametrize("details", [{}, {"buildDetails": {}}, {"buildDetails": {"useCache": False}}])
def test_create_defaults_to_source_upload(client, service, build_context, details):
    body = {"name": "test", "type": "workflow", "version": "0.0.1", **details}
    client.create_or_update_image_version(body, {"path": build_context})
    assert service.requests[-1].fields["buildDetails"] == {"source": "upload", **details.get("buildDetails", {})}

    client.create_or_update_image_version({**body, "version": "0.0.2"}, {"path": build_context})
    assert service.requests[-1].fields["buildDetails"] == {"source": "upload", **details.get("buildDetails", {})}


@pytest.mark.parametrize("details", [{}, {"buildDetails": {}}, {"buildDetails": {"useCache": True}}])
def test_update_has_no_default_source(client, seed, service, details):
    seed.image("test", buildDetails=FAILING_BUILD)
    client.create_or_update_image_version({"name": "test", "type": "workflow", "version": "0.0.1", **details})

    # Neither name, type nor version can be changed, so none of them is sent.
    assert service.requests[-1].fields == details


def test_upsert_redeploys_resources_of_an_existing_image(client, seed, service):
    resources = [{"entityId": "9999", "entityType": "workflow"}]
    seed.image("test", buildDetails=FAILING_BUILD)
    client.create_or_update_image_version({**NEW, "autodeployResources": resources})
    assert service.requests[-1].fields["autodeployResources"] == resources

    created = client.create_or_update_image_version({**NEW, "version": "0.0.2", "autodeployResources": resources})
    assert created["autodeploymentId"] is not None


def test_upsert_uploads_a_directory(client, service, build_context):
    body = {"name": "test", "type": "workflow", "version": "0.0.1"}
    service.control.next_build(failure="no space left")
    created = client.create_or_update_image_version(body, {"path": build_context})
    service.control.finish_builds()
    (build_context / "app/more.py").touch()
    updated = client.create_or_update_image_version(body, {"path": build_context})

    assert updated["versionId"] == created["versionId"]
    assert "app/more.py" in service.control.uploaded_files(updated["versionId"])


def test_update_of_a_ready_version_is_a_conflict(client, seed):
    seed.image("test")

    with pytest.raises(ConflictError):
        client.create_or_update_image_version(NEW)


def test_type_is_required_for_a_new_image(client, received):
    with pytest.raises(InvalidInputError) as caught:
        client.create_or_update_image_version({"name": "test", "buildDetails": DOCKERFILE_BUILD})

    assert caught.value.field == "body.type"
    assert calls(received) == [("GET", "/images/")]


def test_type_is_optional_for_an_existing_image(client, seed):
    image_id = seed.image("test")["imageId"]
    created = client.create_or_update_image_version({"name": "test", "buildDetails": DOCKERFILE_BUILD})

    assert (created["imageId"], client.describe_image(image_id)["type"]) == (image_id, "workflow")


def test_other_type_of_an_existing_image_is_warned_of(client, seed):
    seed.image("test")
    with pytest.warns(UserWarning, match="'test' is of type 'workflow', which can't be changed to 'api'"):
        client.create_or_update_image_version({"name": "test", "type": "api", "buildDetails": DOCKERFILE_BUILD})


def test_model_is_accepted_as_body(client):
    from peak_images_api import models

    form = models.ImageCreateForm(
        name="test", type_=models.ImageType.API, build_details=models.DockerfileBuild("dockerfile", "FROM nginx")
    )
    created = client.create_or_update_image_version(form)

    assert client.describe_image(created["imageId"])["type"] == "api"
