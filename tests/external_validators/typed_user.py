"""A user's code, for type checkers only: what the documentation shows, and what types promise."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_type

from peak.resources import images
from peak_images_api import models


def documented(image_client: images.Image) -> None:
    images_list_iterator: Iterator[dict[str, Any]] = image_client.list_images(name="test", status=["in-use"])
    images_list_iterated: dict[str, Any] = next(images_list_iterator)
    versions: Iterator[dict[str, Any]] = image_client.list_image_versions(image_id=9999, version="test", tags=["dnd"])
    page: dict[str, Any] = image_client.list_images(page_size=10, page_number=2, return_iterator=False)
    upload_body = {"version": "0.0.1", "name": "image-sdk-101", "description": "Hello", "type": "workflow"}
    upload_image = image_client.create_image(body=upload_body, artifact={"path": "./image"})
    builds: Iterator[dict[str, Any]] = image_client.list_image_builds(image_id=int(upload_image["imageId"]))
    logs = image_client.get_build_logs(image_id=1, build_id=1)
    image_client.get_build_logs(image_id=1, build_id=1, next_token=logs["nextToken"])
    image_client.delete_versions(image_id=1, version_ids=[1, 2])
    print(images_list_iterated, versions, page, builds)


def typed(image_client: images.Image) -> None:
    image = image_client.describe_image(image_id=101)
    assert_type(image, images.types.Image)
    payload: images.Payload[models.Image] = image
    assert_type(payload.model.id, int)
    assert_type(image["latestVersion"]["version"], str)
    assert_type(image["latestVersion"]["buildDetails"]["buildArguments"][0]["name"], str)
    assert_type(image.get("scope"), str | None)
    assert_type(image["unknown"], Any)
    assert_type(image.model.latest_version.status, models.ImageStatus | str)
    assert_type(next(image_client.list_image_builds(1)), images.types.Build)
    assert_type(image_client.list_images(return_iterator=False).model.images, list[models.Image])
    saved = image_client.get_build_logs(1, 2, save=True, file_name="build.log")
    assert_type(saved, images.SavedLog[models.BuildLogsDownload])
    form = models.ImageCreateForm(
        name="an-image",
        type_=models.ImageType.WORKFLOW,
        build_details=models.DockerfileBuild(source="dockerfile", dockerfile="FROM nginx"),
    )
    assert_type(image_client.create_image(form).model.version_id, int | str)


def flags(image_client: images.Image, flag: bool) -> None:
    found = image_client.list_images(return_iterator=flag)
    assert_type(found, Iterator[images.types.Image] | images.types.ImagePage)
    if isinstance(found, dict):
        print(found["imageCount"])
    assert_type(image_client.get_build_logs(1, 2, save=flag), images.types.BuildLogs)


async def asynchronous(image_client: images.AsyncImage) -> None:
    found: AsyncIterator[dict[str, Any]] = image_client.list_images(name="test")
    async for image in found:
        print(image)
    page = await image_client.list_images(return_iterator=False)
    assert_type(page, images.types.ImagePage)


client: images.Image = images.get_client()
caught: type[images.PeakImagesError] = images.ConflictError
