"""Rows of the database as the documented responses spell them."""

from __future__ import annotations

import hashlib
import posixpath
from typing import TYPE_CHECKING, Any

from peak_images_local.api.schemas import Verbatim
from peak_images_local.clock import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

_REGISTRY = "110011001100.dkr.ecr.eu-west-1.amazonaws.com"


def pull_url(image: str, version: str) -> str:
    """Return where an image would be pulled from; `+` is not allowed in a tag."""
    return f"{_REGISTRY}/{image}:{version.replace('+', '_')}"


def serialize_image(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an image, without its latest version."""
    return {
        "id": row["id"],
        "name": row["name"],
        "type": row["type"],
        "scope": row["scope"],
        "createdAt": timestamp(row["created_at"]),
        "createdBy": row["created_by"],
    }


def serialize_version(row: Mapping[str, Any], *, full: bool) -> dict[str, Any]:
    """Return a version, with all its build details or, as in lists, with no more than their source.

    Args:
        row: The version, of `version_rows`.
        full: Whether all that is known of it is wanted.
    """
    details = Verbatim(row["build_details"])
    version = {
        "id": row["id"],
        "version": row["version"],
        "description": row["description"],
        "status": row["status"],
        "lastBuildStatus": row["last_build_status"],
        "createdAt": timestamp(row["created_at"]),
        "createdBy": row["created_by"],
        "updatedAt": timestamp(row["updated_at"]),
        "updatedBy": row["updated_by"],
        "pullUrl": pull_url(row["image_name"], row["version"]),
        "size": row["size"],
        "tags": row["tags"],
    }
    if not full:
        return {**version, "buildDetails": {"source": details["source"]}}
    if details["source"] == "github" and row["last_build_status"] == "success":
        details["githubCommitUrl"] = _commit_url(details, row["last_build_reference"])
    return {**version, "lastBuildAt": timestamp(row["started_at"]), "buildDetails": details}


def _commit_url(details: Mapping[str, Any], reference: str) -> str:
    commit = hashlib.sha1(reference.encode(), usedforsecurity=False).hexdigest()
    repository = details["repository"].removesuffix("/").removesuffix(".git")
    path = posixpath.normpath(f"/{details.get('dockerfilePath') or 'Dockerfile'}").lstrip("/")
    return f"{repository}/blob/{commit}/{path}"


def serialize_build(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a build, of `build_rows`."""
    build = {
        "buildId": row["id"],
        "versionId": row["version_id"],
        "version": row["version"],
        "status": row["status"],
        "startedAt": timestamp(row["started_at"]),
        "useCache": bool(row["use_cache"]),
    }
    if row["finished_at"] is not None:
        build["finishedAt"] = timestamp(row["finished_at"])
    return build
