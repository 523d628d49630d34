"""The documented code in cells, for type checkers only; each is checked by itself, below the names that it uses."""

# %% import
from peak.resources import images

image_client: images.Image = images.get_client()

# %% list images
from collections.abc import Iterator
from typing import Any

images_iterator: Iterator[dict[str, Any]] = image_client.list_images(name="awesome", status=["in-use"])
image_iterated: dict[str, Any] = next(images_iterator)

# %% list versions
from collections.abc import Iterator
from typing import Any

versions_iterator: Iterator[dict[str, Any]] = image_client.list_image_versions(
    image_id=101, version="0.0.1", status=["in-use"], tags=["blue"]
)
version_iterated: dict[str, Any] = next(versions_iterator)

# %% create an image
upload_body = {"version": "0.0.1", "name": "an-image", "description": "Hello", "type": "workflow"}
artifact = {"path": "./image"}
upload_image = image_client.create_image(body=upload_body, artifact=artifact)
dockerfile_body = {
    "name": "an-image",
    "type": "workflow",
    "buildDetails": {
        "source": "dockerfile",
        "useCache": False,
        "buildArguments": [{"name": "HELLO", "value": "world"}],
        "dockerfile": "FROM nginx",
    },
}
dockerfile_image = image_client.create_image(body=dockerfile_body)

# %% create a version
upload_body = {"version": "0.0.2", "buildDetails": {"source": "upload", "useCache": False, "context": "."}}
artifact = {"path": "./image"}
upload_version = image_client.create_version(image_id=upload_image["imageId"], body=upload_body, artifact=artifact)
github_body = {"buildDetails": {"source": "github", "repository": "https://github.com/user/repo", "useCache": True}}
github_version = image_client.create_version(image_id=upload_image["imageId"], body=github_body)

# %% create or update
upload_body = {"name": "an-image", "type": "workflow", "version": "0.0.1", "buildDetails": {"useCache": False}}
artifact = {"path": "./image"}
upload_image = image_client.create_or_update_image_version(body=upload_body, artifact=artifact)
dockerfile_body = {"name": "an-image", "type": "workflow", "buildDetails": {"source": "dockerfile", "dockerfile": "-"}}
dockerfile_image = image_client.create_or_update_image_version(body=dockerfile_body)

# %% describe an image
image = image_client.describe_image(image_id=101)

# %% describe a version
image_version = image_client.describe_version(image_id=101, version_id=201)

# %% update a version
updated_body = {"description": "Hello", "buildDetails": {"source": "upload", "useCache": False, "context": "."}}
artifact = {"path": "./image"}
updated_version = image_client.update_version(
    image_id=upload_image["imageId"], version_id=upload_version["versionId"], body=updated_body, artifact=artifact
)

# %% list builds
from collections.abc import Iterator
from typing import Any

builds_iterator: Iterator[dict[str, Any]] = image_client.list_image_builds(image_id=int(upload_image["imageId"]))
build_iterated: dict[str, Any] = next(builds_iterator)

# %% read and save a log
build_logs = image_client.get_build_logs(image_id=1, build_id=1)
next_logs = image_client.get_build_logs(image_id=1, build_id=1, next_token=build_logs["nextToken"])
next_logs = image_client.get_build_logs(image_id=1, build_id=1, save=True, file_name="build.log")

# %% delete a version
image_client.delete_version(image_id=int(upload_image["imageId"]), version_id=int(upload_image["versionId"]))

# %% delete versions
image_client.delete_versions(
    image_id=int(upload_image["imageId"]),
    version_ids=[int(upload_image["versionId"]), int(upload_version["versionId"])],
)

# %% delete an image
image_client.delete_image(image_id=int(upload_image["imageId"]))
