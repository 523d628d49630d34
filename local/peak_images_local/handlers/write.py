"""The operations that create and change."""

from __future__ import annotations

import contextlib
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

from peak_images_local.builds.lifecycle import stop_running
from peak_images_local.errors import ApiError
from peak_images_local.handlers.lookup import find_image, find_version
from peak_images_local.handlers.serializers import pull_url
from peak_images_local.storage import archive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.builds.plan import BuildPlan
    from peak_images_local.storage.database import Row, Transaction

_NUMBER = r"(?:0|[1-9][0-9]*)"
_PRE_RELEASE = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_BUILD = r"[0-9A-Za-z-]+"
_SEMVER = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-{_PRE_RELEASE}(?:\.{_PRE_RELEASE})*)?(?:\+{_BUILD}(?:\.{_BUILD})*)?"
)

_USER = "someone@example.com"
_FIRST_VERSION = "0.0.1"
"""The version of an image that is created without one."""

# Artifacts may be large, so builds are planned outside of transactions, and conditions are checked again inside:
# time passes meanwhile, and versions are deleted or become ready.


def create_image(context: RequestContext) -> dict[str, Any]:
    """Create an image with its first version, and start a build of that."""
    name = context.form_value("name")
    version = _given_version(context) or _FIRST_VERSION
    details = _new_details(context)
    with context.state.database.transaction() as transaction:
        _check_name_is_new(transaction, name)
    with (
        _planned_build(context, details, pull_url(name, version)) as plan,
        context.state.database.transaction() as transaction,
    ):
        _check_name_is_new(transaction, name)
        image_id = transaction.insert(
            "images",
            name=name,
            type=context.form_value("type"),
            scope="custom",
            created_at=transaction.now,
            created_by=_USER,
        )
        return _add_version(transaction, context, image_id, version, plan)


def create_version(context: RequestContext) -> dict[str, Any]:
    """Create a version of an image, and start a build of it."""
    given = _given_version(context)
    details = _new_details(context)
    with context.state.database.transaction() as transaction:
        image, version = _new_version(transaction, context, given)
    with (
        _planned_build(context, details, pull_url(image["name"], version)) as plan,
        context.state.database.transaction() as transaction,
    ):
        image, version = _new_version(transaction, context, given)
        return _add_version(transaction, context, image["id"], version, plan)


def update_version(context: RequestContext) -> dict[str, Any]:
    """Change a version that isn't ready, and start a new build of it."""
    with context.state.database.transaction() as transaction:
        version = _changeable_version(transaction, context)
    given = context.form_value("buildDetails")
    if given is None or "source" not in given:
        details = {**version["build_details"], **(given or {})}
    else:
        details = _new_details(context, has_artifact=version["artifact_id"] is not None)
    image = pull_url(version["image_name"], version["version"])
    stored = version["artifact_file"] if details["source"] == "upload" else None
    with (
        _planned_build(context, details, image, stored=stored) as plan,
        context.state.database.transaction() as transaction,
    ):
        version = _changeable_version(transaction, context)
        stop_running(transaction, version["id"], "the version was changed")
        description = context.form_value("description")
        if description is not None:
            transaction.update("versions", version["id"], description=description)
        if plan.artifact is not None:
            transaction.update(
                "versions", version["id"], artifact_id=_store_artifact(transaction, context, plan.artifact)
            )
        return _start_build(transaction, context, version["image_id"], version["id"], plan)


def _new_details(context: RequestContext, *, has_artifact: bool = False) -> dict[str, Any]:
    """Return the build details that are given, with the contract's defaults."""
    schema = context.contract.field_schema(context.operation, "buildDetails")
    given = context.form_value("buildDetails")
    if given is None:
        given = context.contract.schemas.keyword(schema, "x-default-when-absent") or {"source": "upload"}
    details: dict[str, Any] = context.contract.schemas.fill_defaults(schema, given)
    if details["source"] == "upload" and context.artifact is None and not has_artifact:
        raise ApiError(422, "artifact: missing; the source upload builds from an uploaded zip file")
    return details


def _given_version(context: RequestContext) -> str:
    version: str = context.form_value("version") or ""
    if version and not _SEMVER.fullmatch(version):
        detail = f"version: {json.dumps(version)} is not a semantic version, such as 0.0.1 or 0.0.1-python3.12"
        raise ApiError(422, detail)
    return version


def _check_name_is_new(transaction: Transaction, name: str) -> None:
    if transaction.fetch_one("SELECT 1 FROM images WHERE name = ?", name):
        raise ApiError(409, f"name: there is an image named {json.dumps(name)} already")


def _new_version(transaction: Transaction, context: RequestContext, given: str) -> tuple[Row, str]:
    """Return the image, and the name of its new version."""
    image = find_image(transaction, context.path_id("imageId"))
    _check_own(image["id"], image["scope"])
    if image["deleting"]:
        raise ApiError(409, f"Image {image['id']} is being deleted")
    versions = transaction.fetch_all("SELECT version FROM versions WHERE image_id = ?", image["id"])
    names = {version["version"] for version in versions}
    if given in names:
        raise ApiError(409, f"version: image {image['id']} has a version {json.dumps(given)} already")
    version = given or _next_patch(image["version"])
    while version in names:
        version = _next_patch(version)
    return image, version


def _next_patch(text: str) -> str:
    """Return the release after a version: its patch plus one, without what follows (`0.0.1-x` gives `0.0.2`)."""
    match = _SEMVER.fullmatch(text)
    if match is None:
        return _FIRST_VERSION
    # Python doesn't parse numbers of more than 4,300 digits.
    major, minor, patch = match.groups()
    return f"{major}.{minor}.{int(patch[-4000:]) + 1}"


def _check_own(image_id: int, scope: str) -> None:
    if scope != "custom":
        raise ApiError(403, f"Image {image_id} comes with the platform and can't be changed")


def _changeable_version(transaction: Transaction, context: RequestContext) -> Row:
    version = find_version(transaction, context.path_id("imageId"), context.path_id("versionId"))
    _check_own(version["image_id"], version["image_scope"])
    if version["status"] != "not-ready":
        detail = f"Version {version['id']} is {version['status']}; only one that is not-ready can be updated"
        raise ApiError(409, detail)
    name = context.form_value("version")
    if name not in {None, version["version"]}:
        own = json.dumps(version["version"])
        detail = f"version: {json.dumps(name)} is not the version's own name, {own}, which can't be changed"
        raise ApiError(422, detail)
    return version


@contextlib.contextmanager
def _planned_build(
    context: RequestContext, details: Mapping[str, Any], image: str, stored: str | None = None
) -> Iterator[BuildPlan]:
    """Keep the uploaded artifact, if there is one, and plan the build; the artifact is discarded if that fails.

    Args:
        context: The request.
        details: The build details.
        image: What the built image will be called.
        stored: The artifact that is built where none is uploaded.

    Yields:
        The plan.
    """
    artifacts = context.state.artifacts
    with contextlib.ExitStack() as on_failure:
        file = None
        if context.artifact is not None:
            file = artifacts.add(context.artifact.file)
            on_failure.callback(artifacts.discard, file)
            archive.check_archive(artifacts.path(file), context.state.settings.limits)
        plan = _plan(context, details, file or stored, image)
        plan.artifact = file
        yield plan
        on_failure.pop_all()


def _plan(context: RequestContext, details: Mapping[str, Any], file: str | None, image: str) -> BuildPlan:
    try:
        path = context.state.artifacts.path(file) if file else None
        if path is not None:
            archive.read_context(path)
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        # The file may have been deleted or damaged meanwhile.
        raise ApiError(422, f"artifact: the stored one is missing or damaged ({error}); upload it again") from error
    plan = context.state.builds.plan(details, path, image)
    if plan.succeeds and plan.job is None:
        resources = context.form_value("autodeployResources") or ()
        plan.lines += [f"Redeploying {item['entityType']} {item['entityId']}" for item in resources]
    return plan


def _add_version(
    transaction: Transaction, context: RequestContext, image_id: int, version: str, plan: BuildPlan
) -> dict[str, Any]:
    version_id = transaction.insert(
        "versions",
        image_id=image_id,
        version=version,
        description=context.form_value("description") or "",
        status="not-ready",
        created_at=transaction.now,
        created_by=_USER,
        updated_at=transaction.now,
        updated_by=_USER,
        build_details="{}",
        artifact_id=_store_artifact(transaction, context, plan.artifact) if plan.artifact else None,
    )
    transaction.update("images", image_id, latest_version_id=version_id)
    return _start_build(transaction, context, image_id, version_id, plan)


def _start_build(
    transaction: Transaction, context: RequestContext, image_id: int, version_id: int, plan: BuildPlan
) -> dict[str, Any]:
    transaction.update(
        "versions",
        version_id,
        build_details=json.dumps(plan.details),
        updated_at=transaction.now,
        updated_by=_USER,
    )
    resources = context.form_value("autodeployResources")
    return {
        "imageId": image_id,
        "versionId": version_id,
        "buildId": context.state.builds.start(transaction, image_id, version_id, plan),
        "autodeploymentId": transaction.insert("autodeployments", version_id=version_id) if resources else None,
    }


def _store_artifact(transaction: Transaction, context: RequestContext, file: str) -> int:
    transaction.execute("DELETE FROM uploads WHERE file = ?", file)
    return transaction.insert("artifacts", file=file, size=context.state.artifacts.path(file).stat().st_size)
