"""The operations that create and change."""

from __future__ import annotations

import contextlib
import json
import zipfile
from typing import TYPE_CHECKING, Any

from peak_images_local.builds import lifecycle
from peak_images_local.errors import conflict, forbidden, unacceptable
from peak_images_local.handlers.lookup import find_image, find_version
from peak_images_local.handlers.semver import FIRST_VERSION, is_semver, next_patch
from peak_images_local.handlers.serializers import pull_url
from peak_images_local.storage import archive

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from peak_images_local.api.request_context import RequestContext
    from peak_images_local.builds.plan import BuildPlan
    from peak_images_local.storage.database import Row, Transaction


def create_image(context: RequestContext) -> dict[str, Any]:
    """Create an image with its first version, and start a build of that."""
    version = context.form_value("version") or FIRST_VERSION
    _check_semver(version)
    details = _details(context, None)
    _check_artifact_given(context, details)
    with context.state.database.transaction() as transaction:
        _check_name_is_new(transaction, context.form_value("name"))
    with _kept_artifact(context) as file:
        plan = _plan(context, details, file, pull_url(context.form_value("name"), version))
        with context.state.database.transaction() as transaction:
            _check_name_is_new(transaction, context.form_value("name"))
            image_id = transaction.insert(
                "images",
                name=context.form_value("name"),
                type=context.form_value("type"),
                scope="custom",
                created_at=transaction.now,
                created_by=context.state.settings.user,
            )
            return _add_version(transaction, context, image_id, version, details, file, plan)


def create_version(context: RequestContext) -> dict[str, Any]:
    """Create a version of an image, and start a build of it."""
    if given := context.form_value("version"):
        _check_semver(given)
    details = _details(context, None)
    with context.state.database.transaction() as transaction:
        image, version = _new_version(transaction, context)
        _check_artifact_given(context, details)
    with _kept_artifact(context) as file:
        plan = _plan(context, details, file, pull_url(image["name"], version))
        with context.state.database.transaction() as transaction:
            image, version = _new_version(transaction, context)
            response = _add_version(transaction, context, image["id"], version, details, file, plan)
            return {**response, "autodeploymentId": _autodeploy(transaction, context, response["versionId"])}


def update_version(context: RequestContext) -> dict[str, Any]:
    """Change a version that isn't ready, and start a new build of it."""
    with context.state.database.transaction() as transaction:
        version = _changeable_version(transaction, context)
        image = find_image(transaction, version["image_id"])
    details = _details(context, json.loads(version["build_details"]))
    if version["artifact_id"] is None:
        _check_artifact_given(context, details)
    with _kept_artifact(context) as file:
        plan = _plan(
            context, details, file or _existing_artifact(context, version), pull_url(image["name"], version["version"])
        )
        with context.state.database.transaction() as transaction:
            version = _changeable_version(transaction, context)
            lifecycle.stop_running(transaction, version["id"], "the version was changed")
            _store_update(transaction, context, version, details, file)
            reference = context.state.builds.start(transaction, version, plan, use_cache=details.get("useCache", True))
            return {
                "imageId": version["image_id"],
                "versionId": version["id"],
                "buildId": reference,
                "autodeploymentId": _autodeploy(transaction, context, version["id"]),
            }


def _details(context: RequestContext, existing: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the build details of a version: those given with the defaults, or the existing ones with what is given."""
    given = context.form_value("buildDetails")
    if existing is not None and (given is None or "source" not in given):
        return {**existing, **(given or {})}
    schema = context.contract.field_schema(context.operation, "buildDetails")
    if given is None:
        given = context.contract.schemas.keyword(schema, "x-default-when-absent") or {"source": "upload"}
    details: dict[str, Any] = context.contract.schemas.fill_defaults(schema, given)
    return details


def _check_semver(version: str) -> None:
    if not is_semver(version):
        raise unacceptable(
            f"version: {json.dumps(version)} is not a semantic version, such as 0.0.1 or 0.0.1-python3.12"
        )


def _check_name_is_new(transaction: Transaction, name: str) -> None:
    if transaction.fetch_one("SELECT 1 FROM images WHERE name = ?", name):
        raise conflict(f"name: there is an image named {json.dumps(name)} already")


def _check_artifact_given(context: RequestContext, details: Mapping[str, Any]) -> None:
    if details["source"] == "upload" and context.artifact is None:
        raise unacceptable("artifact: missing; the source upload builds from an uploaded zip file")


def _new_version(transaction: Transaction, context: RequestContext) -> tuple[Row, str]:
    """The image, and the name that its new version gets."""
    image = find_image(transaction, context.path_id("imageId"))
    _check_own(image)
    if image["deleting"]:
        raise conflict(f"Image {image['id']} is being deleted")
    names = {
        row["version"] for row in transaction.fetch_all("SELECT version FROM versions WHERE image_id = ?", image["id"])
    }
    if version := context.form_value("version"):
        if version in names:
            raise conflict(f"version: image {image['id']} has a version {json.dumps(version)} already")
        return image, version
    latest = transaction.fetch_one("SELECT version FROM versions WHERE id = ?", image["latest_version_id"])
    version = next_patch(latest["version"] if latest else "")
    while version in names:
        version = next_patch(version)
    return image, version


def _check_own(image: Row) -> None:
    if image["scope"] != "custom":
        raise forbidden(f"Image {image['id']} comes with the platform and can't be changed")


def _changeable_version(transaction: Transaction, context: RequestContext) -> Row:
    version = find_version(transaction, context.path_id("imageId"), context.path_id("versionId"))
    _check_own(find_image(transaction, version["image_id"]))
    if version["status"] != "not-ready":
        raise conflict(f"Version {version['id']} is {version['status']}; only one that is not-ready can be updated")
    name = context.form_value("version")
    if name is not None and name != version["version"]:
        raise unacceptable(
            f"version: {json.dumps(name)} is not the version's own name, {json.dumps(version['version'])}, "
            "which can't be changed"
        )
    return version


@contextlib.contextmanager
def _kept_artifact(context: RequestContext) -> Iterator[str | None]:
    """Keep the uploaded artifact, if there is one, for as long as what it is kept for comes about."""
    if context.artifact is None:
        yield None
        return
    store = context.state.artifacts
    name = store.add(context.artifact.file)
    try:
        archive.check_archive(store.path(name), context.state.settings.limits)
        yield name
    except BaseException:
        store.discard(name)
        raise


def _existing_artifact(context: RequestContext, version: Row) -> str | None:
    with context.state.database.transaction() as transaction:
        row = transaction.fetch_one("SELECT file FROM artifacts WHERE id = ?", version["artifact_id"])
    return row["file"] if row else None


def _plan(context: RequestContext, details: Mapping[str, Any], file: str | None, image: str) -> BuildPlan:
    path = context.state.artifacts.path(file) if file else None
    if path is not None:
        _check_readable(path)
    plan = context.state.builds.plan(details, path, image)
    if plan.succeeds and plan.job is None:
        resources = context.form_value("autodeployResources") or ()
        plan.lines += [f"Redeploying {item['entityType']} {item['entityId']}" for item in resources]
    return plan


def _check_readable(path: Path) -> None:
    """Check a stored artifact, which someone may have deleted or damaged meanwhile."""
    try:
        archive.read_context(path)
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        raise unacceptable(f"artifact: the stored one is missing or damaged ({error}); upload it again") from error


def _add_version(
    transaction: Transaction,
    context: RequestContext,
    image_id: int,
    version: str,
    details: Mapping[str, Any],
    file: str | None,
    plan: BuildPlan,
) -> dict[str, Any]:
    user = context.state.settings.user
    version_id = transaction.insert(
        "versions",
        image_id=image_id,
        version=version,
        description=context.form_value("description") or "",
        status="not-ready",
        created_at=transaction.now,
        created_by=user,
        updated_at=transaction.now,
        updated_by=user,
        build_details=json.dumps(details),
        artifact_id=_store_artifact(transaction, context, file),
    )
    transaction.execute("UPDATE images SET latest_version_id = ? WHERE id = ?", version_id, image_id)
    row = {"id": version_id, "image_id": image_id}
    reference = context.state.builds.start(transaction, row, plan, use_cache=details.get("useCache", True))
    return {"imageId": image_id, "versionId": version_id, "buildId": reference}


def _store_update(
    transaction: Transaction, context: RequestContext, version: Row, details: Mapping[str, Any], file: str | None
) -> None:
    description = context.form_value("description")
    artifact_id = _store_artifact(transaction, context, file)
    transaction.execute(
        "UPDATE versions SET description = ?, build_details = ?, artifact_id = ?, updated_at = ?, updated_by = ? "
        "WHERE id = ?",
        version["description"] if description is None else description,
        json.dumps(details),
        version["artifact_id"] if artifact_id is None else artifact_id,
        transaction.now,
        context.state.settings.user,
        version["id"],
    )


def _store_artifact(transaction: Transaction, context: RequestContext, file: str | None) -> int | None:
    if file is None:
        return None
    transaction.execute("DELETE FROM uploads WHERE file = ?", file)
    return transaction.insert("artifacts", file=file, size=context.state.artifacts.path(file).stat().st_size)


def _autodeploy(transaction: Transaction, context: RequestContext, version_id: int) -> int | None:
    if not context.form_value("autodeployResources"):
        return None
    return transaction.insert("autodeployments", version_id=version_id)
