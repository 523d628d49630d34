"""Every documented default: the request without an argument, and its effect."""

import pytest

from tests.integration.bodies import DOCKERFILE_BUILD, FAILING_BUILD


def sent(service):
    return service.requests[-1].fields


@pytest.mark.parametrize(
    ("given", "details"),
    [
        ({}, {"source": "upload"}),
        ({"buildDetails": {}}, {"source": "upload"}),
        ({"buildDetails": {"useCache": False}}, {"source": "upload", "useCache": False}),
        ({"buildDetails": DOCKERFILE_BUILD}, DOCKERFILE_BUILD),
    ],
)
def test_create_image_defaults_to_source_upload(client, service, build_context, given, details):
    artifact = {"path": build_context} if details["source"] == "upload" else None
    client.create_image({"name": "an-image", "type": "workflow", **given}, artifact)

    assert sent(service)["buildDetails"] == details


@pytest.mark.parametrize("given", [{}, {"buildDetails": {}}])
def test_create_version_defaults_to_source_upload(client, seed, service, build_context, given):
    client.create_version(seed.image()["imageId"], given, {"path": build_context})

    assert sent(service)["buildDetails"] == {"source": "upload"}


def test_update_without_build_details_sends_none(client, seed, service):
    created = seed.image(buildDetails=FAILING_BUILD)
    client.update_version(created["imageId"], created["versionId"], {"description": "better"})

    assert sent(service) == {"description": "better"}
    details = client.describe_version(created["imageId"], created["versionId"])["buildDetails"]
    assert details == FAILING_BUILD


def test_update_without_source_sends_none(client, seed, service):
    created = seed.image(buildDetails=FAILING_BUILD)
    client.update_version(created["imageId"], created["versionId"], {"buildDetails": {"useCache": True}})

    assert sent(service) == {"buildDetails": {"useCache": True}}
    details = client.describe_version(created["imageId"], created["versionId"])["buildDetails"]
    assert details == {**FAILING_BUILD, "useCache": True}


def test_default_first_version_is_0_0_1(client, service):
    created = client.create_image({"name": "an-image", "type": "workflow", "buildDetails": DOCKERFILE_BUILD})

    assert "version" not in sent(service)
    assert client.describe_version(created["imageId"], created["versionId"])["version"] == "0.0.1"


def test_default_version_is_the_next_patch(client, seed, service):
    image_id = seed.image(version="1.4.9")["imageId"]
    created = client.create_version(image_id, {"buildDetails": DOCKERFILE_BUILD})

    assert "version" not in sent(service)
    assert client.describe_version(image_id, created["versionId"])["version"] == "1.4.10"


def test_default_usecache_is_true(client, seed, service):
    image_id = client.create_image({"name": "an-image", "type": "api", "buildDetails": DOCKERFILE_BUILD})["imageId"]

    assert "useCache" not in sent(service)["buildDetails"]
    assert next(client.list_image_builds(image_id))["useCache"] is True


def test_default_ignore_file_is_dockerignore(client, service, build_context):
    created = client.create_image({"name": "an-image", "type": "api"}, {"path": build_context})

    files = service.control.uploaded_files(created["versionId"])
    assert "Dockerfile" in files
    assert "notes.md" not in files


def test_ignore_files_override_dockerignore(client, service, build_context):
    (build_context / "other.ignore").write_text("other.ignore\n")
    artifact = {"path": build_context, "ignore_files": [build_context / "other.ignore"]}
    created = client.create_image({"name": "an-image", "type": "api"}, artifact)

    assert "notes.md" in service.control.uploaded_files(created["versionId"])


@pytest.mark.parametrize("operation", ["list_images", "list_image_versions", "list_image_builds"])
def test_default_page_size_is_25_and_page_number_1(client, seed, service, operation):
    ids = [] if operation == "list_images" else [seed.image()["imageId"]]
    page = getattr(client, operation)(*ids, return_iterator=False)

    assert (page["pageSize"], page["pageNumber"]) == (25, 1)
    # The service applies the defaults.
    assert service.requests[-1].query == ()


@pytest.mark.parametrize("operation", ["list_images", "list_image_versions", "list_image_builds"])
def test_none_means_the_default_of_a_parameter(client, seed, service, operation):
    needed = [] if operation == "list_images" else [seed.image()["imageId"]]
    listing = getattr(client, operation)
    listing(*needed, return_iterator=False)
    listing(*needed, page_size=None, page_number=None, return_iterator=False)

    assert service.requests[-1].query == service.requests[-2].query


def test_empty_update_builds_again(client, seed, service):
    created = seed.image(buildDetails=FAILING_BUILD)
    client.update_version(created["imageId"], created["versionId"], {})

    assert service.requests[-1].fields == {}
    assert len(list(client.list_image_builds(created["imageId"]))) == 2


def test_default_next_token_is_the_start_of_the_log(client, seed, service):
    image_id = seed.image()["imageId"]
    logs = client.get_build_logs(image_id, next(client.list_image_builds(image_id))["buildId"])

    assert service.requests[-1].query == ()
    assert logs["logs"][1]["message"] == "Building the Docker image..."


def test_arguments_are_not_modified(client, seed, build_context):
    body = {"name": "an-image", "type": "workflow", "version": "0.0.1", "buildDetails": {"useCache": False}}
    artifact = {"path": build_context}
    client.create_image(body, artifact)
    client.create_or_update_image_version(body, artifact)

    assert body == {"name": "an-image", "type": "workflow", "version": "0.0.1", "buildDetails": {"useCache": False}}
    assert artifact == {"path": build_context}
