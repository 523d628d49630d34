"""The operations that create and change."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from peak_images_local import archive, builds, simulate
from peak_images_local.errors import conflict, forbidden, unacceptable
from peak_images_local.reading import find_image, find_version
from peak_images_local.semver import FIRST_VERSION, is_semver, next_patch
from peak_images_local.shapes import pull_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from peak_images_local.calls import Call
    from peak_images_local.database import Row, Transaction
    from peak_images_local.simulate import Plan


def create_image(call: Call) -> dict[str, Any]:
    """Creates an image with its first version, and starts a build of that."""
    version = call.value("version") or FIRST_VERSION
    _check_semver(version)
    details = _details(call.value("buildDetails"), None)
    _check_artifact_given(call, details)
    with call.state.database.transaction() as transaction:
        _check_name_is_new(transaction, call.value("name"))
    with _kept_artifact(call) as file:
        plan = _plan(call, details, file, pull_url(call.value("name"), version))
        with call.state.database.transaction() as transaction:
            _check_name_is_new(transaction, call.value("name"))
            image_id = transaction.insert(
                "images",
                name=call.value("name"),
                type=call.value("type"),
                scope="custom",
                created_at=transaction.now,
                created_by=call.state.settings.user,
            )
            return _add_version(transaction, call, image_id, version, details, file, plan)


def create_version(call: Call) -> dict[str, Any]:
    """Creates a version of an image, and starts a build of it."""
    if given := call.value("version"):
        _check_semver(given)
    details = _details(call.value("buildDetails"), None)
    with call.state.database.transaction() as transaction:
        image, version = _new_version(transaction, call)
        _check_artifact_given(call, details)
    with _kept_artifact(call) as file:
        plan = _plan(call, details, file, pull_url(image["name"], version))
        with call.state.database.transaction() as transaction:
            image, version = _new_version(transaction, call)
            answer = _add_version(transaction, call, image["id"], version, details, file, plan)
            return {**answer, "autodeploymentId": _autodeploy(transaction, call, answer["versionId"])}


def update_version(call: Call) -> dict[str, Any]:
    """Changes a version that isn't ready, and starts a new build of it."""
    with call.state.database.transaction() as transaction:
        version = _changeable_version(transaction, call)
        image = find_image(transaction, version["image_id"])
    details = _details(call.value("buildDetails"), json.loads(version["build_details"]))
    if version["artifact_id"] is None:
        _check_artifact_given(call, details)
    with _kept_artifact(call) as file:
        plan = _plan(
            call, details, file or _existing_artifact(call, version), pull_url(image["name"], version["version"])
        )
        with call.state.database.transaction() as transaction:
            version = _changeable_version(transaction, call)
            builds.stop_running(transaction, version["id"], "the version was changed")
            _store_update(transaction, call, version, details, file)
            reference = builds.start(transaction, call.state, version, plan, use_cache=details["useCache"])
            return {
                "imageId": version["image_id"],
                "versionId": version["id"],
                "buildId": reference,
                "autodeploymentId": _autodeploy(transaction, call, version["id"]),
            }


def _details(given: Mapping[str, Any] | None, existing: Mapping[str, Any] | None) -> dict[str, Any]:
    """The build details of a version: those given with the defaults, or the existing ones with what is given."""
    if given is not None and ("source" in given or existing is None):
        return {"source": given["source"], "useCache": True, **given}
    if existing is not None:
        return {**existing, **(given or {})}
    return {"source": "upload", "useCache": True}


def _check_semver(version: str) -> None:
    if not is_semver(version):
        raise unacceptable(
            f"version: {json.dumps(version)} is not a semantic version, such as 0.0.1 or 0.0.1-python3.12"
        )


def _check_name_is_new(transaction: Transaction, name: str) -> None:
    if transaction.one("SELECT 1 FROM images WHERE name = ?", name):
        raise conflict(f"name: there is an image named {json.dumps(name)} already")


def _check_artifact_given(call: Call, details: Mapping[str, Any]) -> None:
    if details["source"] == "upload" and call.form.artifact is None:
        raise unacceptable("artifact: missing; the source upload builds from an uploaded zip file")


def _new_version(transaction: Transaction, call: Call) -> tuple[Row, str]:
    """The image, and the name that its new version gets."""
    image = find_image(transaction, call.id("imageId"))
    _check_own(image)
    if image["deleting"]:
        raise conflict(f"Image {image['id']} is being deleted")
    names = {row["version"] for row in transaction.all("SELECT version FROM versions WHERE image_id = ?", image["id"])}
    if version := call.value("version"):
        if version in names:
            raise conflict(f"version: image {image['id']} has a version {json.dumps(version)} already")
        return image, version
    latest = transaction.one("SELECT version FROM versions WHERE id = ?", image["latest_version_id"])
    version = next_patch(latest["version"] if latest else "")
    while version in names:
        version = next_patch(version)
    return image, version


def _check_own(image: Row) -> None:
    if image["scope"] != "custom":
        raise forbidden(f"Image {image['id']} comes with the platform and can't be changed")


def _changeable_version(transaction: Transaction, call: Call) -> Row:
    version = find_version(transaction, call.id("imageId"), call.id("versionId"))
    _check_own(find_image(transaction, version["image_id"]))
    if version["status"] != "not-ready":
        raise conflict(f"Version {version['id']} is {version['status']}; only one that is not-ready can be updated")
    name = call.value("version")
    if name is not None and name != version["version"]:
        raise unacceptable(
            f"version: {json.dumps(name)} is not the version's own name, {json.dumps(version['version'])}, "
            "which can't be changed"
        )
    return version


@contextlib.contextmanager
def _kept_artifact(call: Call) -> Iterator[str | None]:
    """Keeps the uploaded artifact, if there is one, for as long as what it is kept for comes about."""
    if call.form.artifact is None:
        yield None
        return
    store = call.state.artifacts
    name = store.add(call.form.artifact.file)
    try:
        archive.check_archive(store.path(name), call.state.settings.limits)
        yield name
    except BaseException:
        store.remove(name)
        raise


def _existing_artifact(call: Call, version: Row) -> str | None:
    with call.state.database.transaction() as transaction:
        row = transaction.one("SELECT file FROM artifacts WHERE id = ?", version["artifact_id"])
    return row["file"] if row else None


def _plan(call: Call, details: Mapping[str, Any], file: str | None, image: str) -> Plan:
    path = call.state.artifacts.path(file) if file else None
    # Nothing is fetched from a network here, so a repository is never built for real.
    if call.state.engine is not None and details["source"] != "github":
        return call.state.engine.plan(details, path)
    plan = simulate.plan_build(details, path, image)
    if plan.succeeds:
        resources = call.value("autodeployResources") or ()
        plan.lines += [f"Redeploying {item['entityType']} {item['entityId']}" for item in resources]
    return plan


def _add_version(
    transaction: Transaction,
    call: Call,
    image_id: int,
    version: str,
    details: Mapping[str, Any],
    file: str | None,
    plan: Plan,
) -> dict[str, Any]:
    user = call.state.settings.user
    version_id = transaction.insert(
        "versions",
        image_id=image_id,
        version=version,
        description=call.value("description") or "",
        status="not-ready",
        created_at=transaction.now,
        created_by=user,
        updated_at=transaction.now,
        updated_by=user,
        build_details=json.dumps(details),
        artifact_id=_store_artifact(transaction, call, file),
    )
    transaction.run("UPDATE images SET latest_version_id = ? WHERE id = ?", version_id, image_id)
    row = {"id": version_id, "image_id": image_id}
    reference = builds.start(transaction, call.state, row, plan, use_cache=details["useCache"])
    return {"imageId": image_id, "versionId": version_id, "buildId": reference}


def _store_update(
    transaction: Transaction, call: Call, version: Row, details: Mapping[str, Any], file: str | None
) -> None:
    description = call.value("description")
    artifact_id = _store_artifact(transaction, call, file)
    transaction.run(
        "UPDATE versions SET description = ?, build_details = ?, artifact_id = ?, updated_at = ?, updated_by = ? "
        "WHERE id = ?",
        version["description"] if description is None else description,
        json.dumps(details),
        version["artifact_id"] if artifact_id is None else artifact_id,
        transaction.now,
        call.state.settings.user,
        version["id"],
    )


def _store_artifact(transaction: Transaction, call: Call, file: str | None) -> int | None:
    if file is None:
        return None
    return transaction.insert("artifacts", file=file, size=call.state.artifacts.path(file).stat().st_size)


def _autodeploy(transaction: Transaction, call: Call, version_id: int) -> int | None:
    if not call.value("autodeployResources"):
        return None
    return transaction.insert("autodeployments", version_id=version_id)
