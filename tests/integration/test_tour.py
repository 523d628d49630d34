"""The documented code, as it is documented, from end to end."""

import pytest

from tests.integration.backends import BACKENDS, open_client

ARGUMENTS = [{"name": "HELLO", "value": "world"}]

# What the code below shares with the documentation: the bodies for the three sources.
UPLOAD = {"source": "upload", "useCache": False, "buildArguments": ARGUMENTS, "context": "."}
DOCKERFILE = {"source": "dockerfile", "useCache": False, "buildArguments": ARGUMENTS, "dockerfile": "FROM nginx"}
GITHUB = {
    "source": "github",
    "useCache": True,
    "buildArguments": ARGUMENTS,
    "context": ".",
    "branch": "main",
    "repository": "https://github.com/username/repository",
    "token": "token-name",
}


def body(version=None, name=None, details=None):
    fields = {"version": version, "name": name, "description": "Hello from SDK", "buildDetails": details}
    if name:
        fields["type"] = "workflow"
    return {key: value for key, value in fields.items() if value is not None}


@pytest.fixture(params=BACKENDS)
def tour(request, service, build_context, monkeypatch):
    """A client made as documented: without arguments, from the environment, in the directory that has ``./image``."""
    monkeypatch.setenv("PEAK_IMAGES_URL", service.url)
    monkeypatch.setenv("API_KEY", service.token)
    monkeypatch.chdir(build_context.parent)
    from peak.resources import images

    with images.Session() as session, open_client(request.param, session) as client:
        yield client


@pytest.fixture
def three_images(tour, service):
    """One image of each source, with the build of its version still to be updated."""
    for _ in range(3):
        service.control.next_build(failure="no space left")
    created = [
        tour.create_image(body=body("0.0.1", "from-upload"), artifact={"path": "./image"}),
        tour.create_image(body=body("0.0.1", "from-dockerfile", DOCKERFILE)),
        tour.create_image(body=body("0.0.1", "from-github", GITHUB)),
    ]
    service.control.finish_builds()
    return created


def test_tour_create_images_of_all_sources(tour, three_images):
    for created, source in zip(three_images, ("upload", "dockerfile", "github"), strict=True):
        assert created.keys() >= {"imageId", "versionId", "buildId"}
        image = tour.describe_image(image_id=created["imageId"])
        assert image["latestVersion"]["buildDetails"]["source"] == source


def test_tour_list_images(tour, three_images):
    images_list_iterator = tour.list_images(name="from", status=["not-ready"])
    images_list_iterated = next(images_list_iterator)

    assert isinstance(images_list_iterated, dict)
    assert images_list_iterated["latestVersion"]["lastBuildStatus"] == "failed"


def test_tour_create_versions_of_all_sources(tour, three_images):
    upload, dockerfile, github = three_images
    upload_version = tour.create_version(
        image_id=upload["imageId"], body=body("0.0.2", details=UPLOAD), artifact={"path": "./image"}
    )
    tour.create_version(image_id=dockerfile["imageId"], body=body("0.0.2", details=DOCKERFILE))
    tour.create_version(image_id=github["imageId"], body=body("0.0.2", details=GITHUB))

    found = next(tour.list_image_versions(image_id=upload["imageId"], version="0.0.2", status=["not-ready"]))
    assert found["id"] == upload_version["versionId"]
    described = tour.describe_version(image_id=upload["imageId"], version_id=upload_version["versionId"])
    assert described["buildDetails"] == UPLOAD


def test_tour_update_versions_of_all_sources(tour, three_images, service):
    upload, dockerfile, github = three_images
    tour.update_version(
        image_id=upload["imageId"],
        version_id=upload["versionId"],
        body=body(details=UPLOAD),
        artifact={"path": "./image"},
    )
    tour.update_version(dockerfile["imageId"], dockerfile["versionId"], body=body(details=DOCKERFILE))
    tour.update_version(github["imageId"], github["versionId"], body=body(details=GITHUB))
    service.control.finish_builds()

    for created in three_images:
        assert tour.describe_version(created["imageId"], created["versionId"])["status"] == "ready"


def test_tour_create_or_update(tour, service):
    service.control.next_build(failure="no space left")
    without_source = {key: value for key, value in UPLOAD.items() if key != "source"}
    created = tour.create_or_update_image_version(
        body=body("0.0.1", "image-sdk-101", without_source), artifact={"path": "./image"}
    )
    service.control.finish_builds()
    updated = tour.create_or_update_image_version(body=body("0.0.1", "image-sdk-101", DOCKERFILE))

    assert (updated["imageId"], updated["versionId"]) == (created["imageId"], created["versionId"])


def test_tour_builds_and_logs(tour, three_images, tmp_path):
    upload_image = three_images[0]
    build = next(tour.list_image_builds(image_id=int(upload_image["imageId"])))
    logs = tour.get_build_logs(image_id=upload_image["imageId"], build_id=build["buildId"])
    more = tour.get_build_logs(
        image_id=upload_image["imageId"], build_id=build["buildId"], next_token=logs["nextToken"]
    )
    tour.get_build_logs(
        image_id=upload_image["imageId"], build_id=build["buildId"], save=True, file_name="image_build_logs.log"
    )

    saved = (tmp_path / "image_build_logs.log").read_text()
    assert [line["message"] in saved for line in logs["logs"]] == [True] * len(logs["logs"])
    assert (logs["buildStatus"], more["logs"]) == ("failed", [])


def test_tour_delete_everything(tour, three_images, service):
    upload, dockerfile, github = three_images
    second = tour.create_version(image_id=github["imageId"], body=body("0.0.2", details=GITHUB))
    tour.delete_version(image_id=int(upload["imageId"]), version_id=int(upload["versionId"]))
    tour.delete_versions(
        image_id=int(github["imageId"]), version_ids=[int(github["versionId"]), int(second["versionId"])]
    )
    tour.delete_image(image_id=int(dockerfile["imageId"]))
    service.control.clock.advance(1)

    assert list(tour.list_images()) == []
