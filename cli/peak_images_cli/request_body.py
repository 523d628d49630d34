"""From the input file and the options to the body and the artifact of a request. Options go before the file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from peak_images_cli.exit_codes import CommandError
from peak_images_cli.input_file import Document, read_document
from peak_images_cli.request_options import (
    ArtifactOptions,
    AutodeployField,
    BuildFields,
    FileOptions,
    ImageFields,
    VersionField,
)

_DETAILS: Final = {
    "source": "source",
    "dockerfile_path": "dockerfilePath",
    "context": "context",
    "repository": "repository",
    "branch": "branch",
    "token": "token",
    "use_cache": "useCache",
}
"""The fields of the build details, by the option that gives them as they are."""


def make_request(
    file: FileOptions,
    build: BuildFields,
    artifact: ArtifactOptions,
    *further: ImageFields | VersionField | AutodeployField,
) -> Document:
    """The body and the artifact of a request.

    Args:
        file: The input file, if any.
        build: The options for the build.
        artifact: The options for the artifact.
        further: What else the body takes.

    Raises:
        CommandError: The file or an option isn't of the form.
    """
    if file.file is None and (file.params_file or file.params):
        raise CommandError("--params and --params-file go with a FILE")
    document = read_document(file.file, file.params_file, file.params or ()) if file.file else Document({}, {})
    given: dict[str, Any] = {}
    for group in further:
        given |= _fields(group)
    if build.description is not None:
        given["description"] = build.description
    if details := _build_details(build):
        given["buildDetails"] = details
    return Document(_merged(document.body, given), {**document.artifact, **_artifact(artifact)})


def split(values: Iterable[str] | None) -> list[str] | None:
    """Values that are separated by commas, or come from an option that is repeated; ``None`` if there is none."""
    parts = [part.strip() for value in values or () for part in value.split(",")]
    return [part for part in parts if part] or None


def _fields(group: ImageFields | VersionField | AutodeployField) -> dict[str, Any]:
    if isinstance(group, AutodeployField):
        if group.autodeploy_resources is None:
            return {}
        return {"autodeployResources": _json("--autodeploy-resources", group.autodeploy_resources)}
    return {name: value for name, value in vars(group).items() if value is not None}


def _build_details(build: BuildFields) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if build.build_details is not None:
        details = _json("--build-details", build.build_details)
        if not isinstance(details, dict):
            raise CommandError("--build-details: not a JSON object")
    for option, field in _DETAILS.items():
        if (value := getattr(build, option)) is not None:
            details[field] = value
    if build.dockerfile is not None:
        details["dockerfile"] = _text("--dockerfile", build.dockerfile)
    if build.build_arguments:
        details["buildArguments"] = _build_arguments(build.build_arguments)
    if build.secrets:
        details["secrets"] = _json_list("--secrets", build.secrets) or split(build.secrets)
    return details


def _build_arguments(given: list[str]) -> list[Any]:
    if (parsed := _json_list("--build-arguments", given)) is not None:
        return parsed
    arguments = []
    for argument in given:
        name, equals, value = argument.partition("=")
        if not equals or not name:
            # The value may be a secret, and a name alone is hardly one.
            raise CommandError(f"--build-arguments: {name!r} is not NAME=VALUE")
        arguments.append({"name": name, "value": value})
    return arguments


def _artifact(options: ArtifactOptions) -> dict[str, Any]:
    artifact: dict[str, Any] = {}
    if options.artifact_path is not None:
        artifact["path"] = options.artifact_path
    if options.artifact_ignore_files:
        artifact["ignore_files"] = options.artifact_ignore_files
    return artifact


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = {**old, **value} if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _json_list(option: str, given: list[str]) -> list[Any] | None:
    if len(given) != 1 or not given[0].lstrip().startswith("["):
        return None
    parsed: list[Any] = _json(option, given[0])
    return parsed


def _json(option: str, given: str) -> Any:
    try:
        return json.loads(_text(option, given))
    except ValueError as error:
        raise CommandError(f"{option}: not JSON: {error}") from error


def _text(option: str, given: str) -> str:
    """The text that was given, or that of the file after an ``@``."""
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{option}: {given[1:]} can't be read: {error}") from error
