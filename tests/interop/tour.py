"""All methods of the documented client, called as its users call them."""

from __future__ import annotations

DOCKERFILE = {"source": "dockerfile", "dockerfile": "FROM nginx", "buildArguments": [{"name": "A", "value": "b"}]}
FAILING = {"source": "dockerfile", "dockerfile": "FROM scratch\nCOPY nothing /", "useCache": False}
GITHUB = {
    "source": "github",
    "repository": "https://github.com/user/repo",
    "branch": "main",
    "token": "a-github-token",
    "dockerfilePath": "images/v1/Dockerfile",
    "context": "/",
    "useCache": True,
    "secrets": ["a-secret", "another-secret"],
}


def tour(client, service, context, log):
    """Yield the name of each call and its result.

    Args:
        client: The client.
        service: The local service, empty.
        context: A directory to build from.
        log: Where to save a log.
    """
    artifact = {"path": str(context), "ignore_files": [str(context / ".dockerignore")]}

    def called(operation, /, **arguments):
        return operation, getattr(client, operation)(**arguments)

    uploaded = client.create_image(
        body={"name": "uploaded", "type": "workflow", "version": "0.0.1", "description": "from a folder"},
        artifact=artifact,
    )
    yield "create_image, upload", uploaded
    yield (
        "create_image, upload with build details",
        client.create_image(
            body={"name": "detailed", "type": "api", "buildDetails": {"source": "upload", "context": "."}},
            artifact={"path": str(context)},
        ),
    )
    yield (
        "create_image, dockerfile",
        client.create_image(body={"name": "from-dockerfile", "type": "webapp", "buildDetails": DOCKERFILE}),
    )
    yield (
        "create_image, github",
        client.create_image(body={"name": "from-github", "type": "workspace-r", "buildDetails": GITHUB}),
    )
    image_id = uploaded["imageId"]
    service.control.set_tags(uploaded["versionId"], ["blue", "green"])
    yield called("list_images")
    yield called(
        "list_images",
        page_size=2,
        name="from",
        status=["not-ready", "ready"],
        scope=["custom"],
        last_build_status=["building", "success"],
    )
    yield called("list_images", tags=["blue", "green"])
    yield called("list_images", page_size=1, page_number=2, return_iterator=False)
    yield called("describe_image", image_id=image_id)
    yield (
        "create_version, upload",
        client.create_version(
            image_id=image_id,
            body={
                "version": "0.0.2",
                "autodeployResources": [{"entityId": "0a12abcd-11ab-22d2-123a-a1234b333abc", "entityType": "workflow"}],
            },
            artifact={"path": str(context)},
        ),
    )
    failing = client.create_version(image_id=image_id, body={"version": "0.0.3", "buildDetails": FAILING})
    yield "create_version, dockerfile", failing
    yield (
        "create_version, without a version",
        client.create_version(image_id=image_id, body={"description": "the next one", "buildDetails": DOCKERFILE}),
    )
    also_failing = client.create_version(image_id=image_id, body={"version": "0.0.9", "buildDetails": FAILING})
    yield "create_version, dockerfile", also_failing
    service.control.finish_builds()
    yield (
        "update_version",
        client.update_version(
            image_id=image_id,
            version_id=failing["versionId"],
            body={"description": "mended", "buildDetails": DOCKERFILE},
        ),
    )
    yield (
        "update_version, upload",
        client.update_version(
            image_id=image_id,
            version_id=also_failing["versionId"],
            body={"description": "from a folder", "buildDetails": {"source": "upload", "secrets": ["a-secret"]}},
            artifact=artifact,
        ),
    )
    yield called("list_image_versions", image_id=image_id)
    yield called("list_image_versions", image_id=image_id, page_size=1, version="0.0", last_build_status=["success"])
    yield called("list_image_versions", image_id=image_id, status=["ready", "not-ready"], tags=["green", "blue"])
    yield called("list_image_versions", image_id=image_id, page_number=1, return_iterator=False)
    yield called("describe_version", image_id=image_id, version_id=uploaded["versionId"])
    name, builds = called("list_image_builds", image_id=image_id)
    yield name, builds
    yield called(
        "list_image_builds",
        image_id=image_id,
        date_from="2023-01-01T00:00:00.000Z",
        date_to="2100-01-01T00:00:00.000Z",
        page_size=1,
        count=2,
        version_ids=[uploaded["versionId"], failing["versionId"]],
        build_status=["success"],
    )
    # The same times, written otherwise.
    yield (
        "list_image_builds, dates in other forms",
        client.list_image_builds(
            image_id=image_id, date_from="2023-01-01T00:00:00Z", date_to="2100-01-01T02:00:00+02:00"
        ),
    )
    yield called("list_image_builds", image_id=image_id, page_size=5, page_number=1, return_iterator=False)
    build_id = _ids(builds, "buildId")[-1]
    name, logs = called("get_build_logs", image_id=image_id, build_id=build_id)
    yield name, logs
    yield called("get_build_logs", image_id=image_id, build_id=build_id, next_token=logs["nextToken"])
    yield called("get_build_logs", image_id=image_id, build_id=build_id, save=True, file_name=str(log))
    yield from _upserts(client, service, "from a Dockerfile", {"name": "upserted", "buildDetails": DOCKERFILE}, None)
    yield from _upserts(client, service, "from a folder", {"name": "upserted-from-a-folder"}, artifact)
    versions = _ids(client.list_image_versions(image_id=image_id), "id")
    yield "list_image_versions", versions
    yield called("delete_version", image_id=image_id, version_id=versions[0])
    yield called("delete_versions", image_id=image_id, version_ids=versions[1:3])
    yield called("delete_image", image_id=image_id)


def _upserts(client, service, how, body, artifact):
    """Yield all that create_or_update_image_version may do. What it updates is a version whose build has failed."""
    service.control.next_build(failure="no space left on device")
    for what, version in (
        ("a new image", {"version": "0.0.1"}),
        ("a new version", {"version": "0.0.2"}),
        ("no version", {}),
        ("the same version", {"version": "0.0.1"}),
    ):
        result = client.create_or_update_image_version(body={"type": "workflow", **body, **version}, artifact=artifact)
        service.control.finish_builds()
        yield f"create_or_update_image_version, {what} {how}", result


def _ids(elements, key):
    return [element[key] for element in elements]
