"""Serialize rows of the database as documented responses."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from peak_build_context.context import clean_path
from peak_images_local.api.schemas import Verbatim
from peak_images_local.clock import timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

_REGISTRY = "110011001100.dkr.ecr.eu-west-1.amazonaws.com"

_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*")
"""The names of repositories that Docker allows."""


def pull_url(image: str, version: str) -> str:
    """Return the pull URL of an image: a valid Docker reference for any name."""
    repository = image if _REPOSITORY.fullmatch(image) else "-".join(re.findall("[a-z0-9]+", image.lower())) or "image"
    return f"{_REGISTRY}/{repository}:{version.replace('+', '_')}"


def serialize(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row by the contract's names (`created_at` as `createdAt`), without undeclared fields."""
    values = {name: value for name, value in row.items() if value is not None}
    return {
        re.sub("_([a-z])", lambda match: match[1].upper(), name): timestamp(value) if name.endswith("_at") else value
        for name, value in values.items()
    }


def serialize_version(row: Mapping[str, Any], *, full: bool) -> dict[str, Any]:
    """Return a version, with all its build details or, as in lists, with their source only.

    Args:
        row: The version, of `version_rows`.
        full: Whether to include all details.
    """
    details = Verbatim(row["build_details"])
    version = {**serialize(row), "pullUrl": pull_url(row["image_name"], row["version"])}
    if not full:
        return {**version, "buildDetails": {"source": details["source"]}}
    if details["source"] == "github" and row["last_build_status"] == "success":
        details["githubCommitUrl"] = _commit_url(details, row["last_build_reference"])
    return {**version, "lastBuildAt": timestamp(row["started_at"]), "buildDetails": details}


def _commit_url(details: Mapping[str, Any], reference: str) -> str:
    commit = hashlib.sha1(reference.encode(), usedforsecurity=False).hexdigest()
    repository = details["repository"].removesuffix("/").removesuffix(".git")
    return f"{repository}/blob/{commit}/{clean_path(details.get('dockerfilePath') or 'Dockerfile')}"
