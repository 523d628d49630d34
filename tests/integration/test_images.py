"""The operations on images, each as documented, by every backend of the client."""

import pytest

from peak_images import ConflictError, NotFoundError
from tests.integration.bodies import DOCKERFILE_BUILD

API = "/image-management/api/v2"


def names(images):
    return [image["name"] for image in images]


def test_create_image_from_a_dockerfile(client, service):
    created = client.create_image(
        {"name": "web", "type": "webapp", "version": "1.2.3", "buildDetails": DOCKERFILE_BUILD}
    )

    image = client.describe_image(created["imageId"])
    assert (image["name"], image["type"], image["scope"]) == ("web", "webapp", "custom")
    assert image["latestVersion"]["id"] == created["versionId"]
    assert image["latestVersion"]["version"] == "1.2.3"
    assert image["latestVersion"]["lastBuildStatus"] == "building"


def test_create_image_from_a_directory(client, service, build_context):
    created = client.create_image({"name": "web", "type": "webapp"}, {"path": str(build_context)})

    files = service.control.uploaded_files(created["versionId"])
    assert files["app/main.py"] == b"print('hello')\n"
    assert service.requests[-1].files["artifact"][:2] == ("artifact.zip", "application/zip")


def test_create_image_from_a_directory_with_another_source(client, service, build_context):
    created = client.create_image(
        {"name": "web", "type": "api", "buildDetails": DOCKERFILE_BUILD}, {"path": build_context}
    )

    assert "app/main.py" in service.control.uploaded_files(created["versionId"])


def test_create_image_from_a_github_repository(client, service):
    details = {
        "source": "github",
        "useCache": True,
        "buildArguments": [{"name": "HELLO", "value": "world"}],
        "context": ".",
        "branch": "main",
        "repository": "https://github.com/username/repository",
        "token": "token-name",
    }
    created = client.create_image({"name": "web", "type": "api", "buildDetails": details})

    assert client.describe_image(created["imageId"])["latestVersion"]["buildDetails"] == details


def test_model_is_accepted_as_body(client, service):
    from peak_images_api import models

    details = models.DockerfileBuild(source="dockerfile", dockerfile="FROM nginx", use_cache=False)
    form = models.ImageCreateForm(name="web", type_=models.ImageType.API, build_details=details)
    client.create_image(form)

    assert service.requests[-1].fields == {
        "name": "web",
        "type": "api",
        "buildDetails": {"source": "dockerfile", "dockerfile": "FROM nginx", "useCache": False},
    }


def test_unknown_field_is_sent(client, service):
    client.create_image({"name": "web", "type": "api", "buildDetails": DOCKERFILE_BUILD, "owner": {"team": 7}})

    # The service doesn't know it either, so it has left the JSON as it came.
    assert service.requests[-1].fields["owner"] == '{"team": 7}'


def test_non_ascii_text_is_sent_unchanged(client, service):
    created = client.create_image(
        {"name": "bücher", "type": "api", "description": 'a "b"\r\n日本', "buildDetails": DOCKERFILE_BUILD}
    )

    image = client.describe_image(created["imageId"])
    assert (image["name"], image["latestVersion"]["description"]) == ("bücher", 'a "b"\r\n日本')


def test_describe_image_has_the_documented_fields(client, seed):
    image = client.describe_image(seed.image()["imageId"])

    assert image.keys() == {"id", "name", "type", "scope", "createdAt", "createdBy", "latestVersion"}
    assert image.model.latest_version.build_details.dockerfile == "FROM nginx"
    assert image.model.created_at.tzinfo is not None


def test_id_may_be_text(client, seed):
    created = seed.image()

    assert client.describe_image(str(created["imageId"]))["id"] == created["imageId"]


def test_images_are_listed_newest_first(client, seed):
    seed.image("one")
    seed.image("two")

    assert names(client.list_images()) == ["two", "one"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"name": "ready"}, ["ready-in-use", "ready"]),
        ({"status": ["in-use"]}, ["ready-in-use"]),
        ({"status": ["in-use", "not-ready"]}, ["building", "ready-in-use"]),
        ({"status": ("ready",)}, ["ready", "global"]),
        ({"scope": ["global"]}, ["global"]),
        ({"scope": ["custom", "global"], "name": "l"}, ["building", "global"]),
        ({"last_build_status": ["building"]}, ["building"]),
        ({"last_build_status": ["failed", "stopped"]}, []),
        ({"tags": ["red"]}, ["ready"]),
        ({"tags": ["red", "blue"], "status": ["ready"]}, ["ready", "global"]),
        ({"name": "no such"}, []),
        ({"status": []}, ["building", "ready-in-use", "ready", "global"]),
    ],
)
def test_filter_returns_matching_items(client, seed, service, filters, found):
    control = service.control
    platform, tagged, used = seed.image("global"), seed.image("ready"), seed.image("ready-in-use")
    control.set_scope(platform["imageId"], "global")
    control.set_tags(platform["versionId"], ["blue"])
    control.set_tags(tagged["versionId"], ["red"])
    control.put_in_use(used["versionId"])
    seed.image("building", finish=False)

    assert names(client.list_images(**filters)) == found


def test_filter_with_several_values_repeats_the_key(client, service):
    list(client.list_images(status=["in-use", "ready"], tags=["a b", "c&d"]))

    assert service.requests[-1].query == (
        ("pageNumber", "1"),
        ("status", "in-use"),
        ("status", "ready"),
        ("tags", "a b"),
        ("tags", "c&d"),
    )


def test_delete_image_deletes_its_versions(client, seed, service):
    created = seed.image()

    assert client.delete_image(created["imageId"]) == {}
    version = client.describe_version(created["imageId"], created["versionId"])
    assert version["status"] == "deleting"
    service.control.clock.advance(1)
    with pytest.raises(NotFoundError):
        client.describe_image(created["imageId"])


def test_image_with_a_version_in_use_is_not_deleted(client, seed, service):
    created = seed.image()
    service.control.put_in_use(created["versionId"])

    with pytest.raises(ConflictError, match="In use") as caught:
        client.delete_image(created["imageId"])
    assert caught.value.outcome_unknown is False
    assert client.describe_image(created["imageId"])["latestVersion"]["status"] == "in-use"
