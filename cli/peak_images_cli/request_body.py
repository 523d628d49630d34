"""Make the body and the artifact of a request from the input file and the options, which override the file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from peak_images_cli.command import Command
from peak_images_cli.exit_codes import CommandError
from peak_images_cli.fields import NOT_GIVEN
from peak_images_cli.input_file import INPUT_FILE, Document, read_document
from peak_images_cli.options import ArtifactOptions, FileOptions, SourceOptions
from peak_images_cli.terminal import echo_err, warn

_REPOSITORY: Final = re.compile(r"[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*")
"""The names of repositories that Docker allows."""


def make_request(path: str | None, command: Command, values: Mapping[str, Any], options: SourceOptions) -> Document:
    """Return the body and the artifact of a request.

    Args:
        path: The input file, if any.
        command: The command.
        values: The values of the fields' options, by their keys.
        options: The options for the file and the artifact.

    Raises:
        CommandError: The file or an option is malformed.
    """
    require_file(path, options)
    document = read_document(path, options, options.artifact_path) if path else Document({}, {})
    given: dict[str, Any] = {}
    for field in command.fields:
        if field.place == "body" and values.get(field.key) not in NOT_GIVEN:
            _put(given, field.path, field.parse(values[field.key]))
    body = _merged(document.body, given)
    if isinstance(body.get("buildDetails"), dict):
        body["buildDetails"] = _checked_details(body["buildDetails"], creates=command.fills_in_source)
    warn_of_name(body)
    return Document(body, {**document.artifact, **artifact_of(options)})


def warn_of_name(body: Mapping[str, Any]) -> None:
    """Warn of an image's name that isn't valid in a reference for ``docker pull``."""
    name = body.get("name")
    if isinstance(name, str) and name and not _REPOSITORY.fullmatch(name):
        warn(f"--name: {name!r} can't be in a Docker reference: use a-z, 0-9, and single . _ or - between them")


def read_source(source: str, options: SourceOptions) -> tuple[str | None, Document]:
    """Return the directory to build, if one is built, and the contents of its input file and the options.

    Args:
        source: A directory, whose ``image.yaml`` is read if there is one, or an input file.
        options: The options for the file and the artifact.

    Raises:
        CommandError: There is no such directory or file, or the file is malformed.
    """
    path = Path(source)
    if not path.exists():
        raise CommandError(f"{source}: no such directory or file")
    input_file = path / INPUT_FILE if path.is_dir() else path
    built = options.artifact_path or (source if path.is_dir() else None)
    if input_file.exists():
        document = read_document(str(input_file), options, built)
        if path.is_dir():
            echo_err(f"input file: {input_file}")
        declared = document.artifact.get("path")
        meant = [Path(declared), path / declared] if isinstance(declared, str) else []
        if built == source and meant and path.resolve() not in [one.resolve() for one in meant]:
            warn(f"{input_file}: artifact.path: {declared} isn't used; {source} is built")
    else:
        require_file(None, options)
        document = Document({}, {})
    artifact = {**document.artifact, **({"path": built} if built else {}), **artifact_of(options)}
    directory = artifact.pop("path", None)
    details = document.body.get("buildDetails")
    if path.is_dir() and isinstance(details, dict) and details.get("source", "upload") != "upload":
        directory = options.artifact_path  # the Dockerfile or the repository is built
    return directory, Document(document.body, artifact)


def require_file(path: str | None, file: FileOptions) -> None:
    """Raise the error of parameters without an input file."""
    if path is None and (file.params_file or file.params):
        raise CommandError("--params and --params-file require a FILE")


def artifact_of(options: ArtifactOptions) -> dict[str, Any]:
    """Return the artifact that the options give."""
    given = {
        "path": options.artifact_path,
        "ignore_files": options.artifact_ignore_files,
        "check": options.artifact_check,
    }
    return {name: value for name, value in given.items() if value}


def _checked_details(details: Mapping[str, Any], *, creates: bool) -> dict[str, Any]:
    """Return the build details, with the source that other fields imply.

    Raises:
        CommandError: A field is invalid.
    """
    checked = dict(details)
    for field, source in (("dockerfile", "dockerfile"), ("repository", "github")):
        if creates and "source" not in checked and field in checked:
            checked["source"] = source
    text = checked.get("dockerfile")
    if isinstance(text, str) and text and len(text.split()) < 2:
        hint = f"--dockerfile @{text} reads it from a file, --dockerfile-path {text} names one in the artifact"
        raise CommandError(f"--dockerfile: {text!r} is not the contents of a Dockerfile", hint)
    if checked.get("token") is not None and checked.get("source", "upload" if creates else "github") != "github":
        raise CommandError("--token requires --source github", "it names the credential for the repository")
    return checked


def _put(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        body = body.setdefault(name, {})
    body[path[-1]] = value


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = {**old, **value} if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged
