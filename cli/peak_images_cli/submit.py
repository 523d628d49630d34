"""Send a body and an artifact and wait for the build, or show the request in a dry run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from peak_images_cli.command import CREATE_OR_UPDATE, Command
from peak_images_cli.dry_run import capture_request
from peak_images_cli.examples import ExampleOptions
from peak_images_cli.exit_codes import CommandError
from peak_images_cli.input_file import Document
from peak_images_cli.options import (
    BuildOptions,
    DryRunOptions,
    OutputOptions,
    ServiceOptions,
    WaitOptions,
)
from peak_images_cli.output import show
from peak_images_cli.preview import describe_artifact, describe_request, inspect, request_lines
from peak_images_cli.progress import latest_build, watch_build
from peak_images_cli.references import Given, readable_url
from peak_images_cli.service import known_tokens, open_client
from peak_images_cli.tables import fields_table
from peak_images_cli.terminal import echo_err

if TYPE_CHECKING:
    import peak_images as images

_ALTERNATIVES: Final = (
    ("if there is no image of this name", "POST", ""),
    ("if it has no such version", "POST", "{imageId}/versions"),
    ("otherwise", "PATCH", "{imageId}/versions/{versionId}"),
)
"""The requests of create-or-update: when they are sent, their method, and the end of their path."""


class SubmitOptions(ExampleOptions, DryRunOptions, BuildOptions, WaitOptions, OutputOptions, ServiceOptions):
    """Options of the commands that send a body."""


def submit(command: Command, given: Given, document: Document, how: SubmitOptions) -> None:
    """Send a request with a body, or show it if this is a dry run.

    Args:
        command: The command.
        given: The parameters.
        document: The body and the artifact.
        how: How to send it, and what to show.
    """
    details = document.body.get("buildDetails")
    if isinstance(details, Mapping) and details.get("token") in known_tokens(how):
        raise CommandError("--token: this is the token of the service", "it names a credential, and is stored in clear")
    if how.dry_run:
        show_request(command, given, document, how, how)
        return
    path = document.artifact.get("path")
    if isinstance(path, (str, os.PathLike)):
        echo_err(f"artifact: {Path(path).resolve()}")
    with open_client(how) as client:
        arguments = given.resolve(client)
        result = dict(_send(command, client, arguments, document))
        if how.wait:
            _wait(client, result, how, arguments.get("image_id"))
            return
    show(result, how, lambda: fields_table(result))


def _send(command: Command, client: images.Image, arguments: Mapping[str, Any], document: Document) -> Any:
    artifact: dict[str, Any] = {"artifact": document.artifact or None} if command.has_artifact else {}
    if command.name == CREATE_OR_UPDATE:
        return client.create_or_update_image_version(document.body, **artifact)
    return command.call(client, arguments, body=document.body, **artifact)


def _wait(client: images.Image, result: dict[str, Any], how: SubmitOptions, image_id: int | None) -> None:
    import peak_images as images

    image, version = int(result.get("imageId") or image_id or 0), int(result["versionId"])
    echo_err(f"image {image}, version {version}, build {result.get('buildId')}")
    try:
        built = watch_build(client, image, version, how)
        result |= {name: built[name] for name in ("status", "lastBuildStatus", "buildId") if built.get(name)}
    except images.BuildFailedError as error:
        result |= {"lastBuildStatus": error.status, "buildId": error.build_id or result.get("buildId")}
        with suppress(images.PeakImagesError):
            result["status"] = client.describe_version(image, version).get("status")
        raise
    except images.WaitTimeoutError:
        with suppress(images.PeakImagesError):
            result["buildId"] = latest_build(client, image, version) or result.get("buildId")
        raise
    finally:
        # Written before the error of the build is raised, since scripts need the ids.
        show(result, how, lambda: fields_table(result))


def show_request(
    command: Command, given: Given, document: Document, service: ServiceOptions, output: OutputOptions
) -> None:
    """Show the request that a command would send, and the artifact.

    Args:
        command: The command.
        given: The parameters.
        document: The body and the artifact.
        service: Which service it is for.
        output: How to show it.

    Raises:
        images.ArtifactError: The preflight would keep it from being sent.
    """
    arguments, shown = given.placeholders(command.operation)
    captured, refusal = _capture(service, document, lambda client, sent: _send(command, client, arguments, sent))
    if command.name == CREATE_OR_UPDATE:
        # It depends on what exists, which a dry run doesn't look up.
        images_url = captured.url.partition("?")[0]
        requests = [{"when": when, "method": method, "url": images_url + rest} for when, method, rest in _ALTERNATIVES]
    else:
        requests = [{"method": captured.method, "url": readable_url(captured.url, command.operation, shown)}]
    body = document.body if captured.body is None else captured.body
    report, artifact = None, None
    if document.artifact:
        details = body.get("buildDetails") or {}
        report = inspect(document.artifact, details)
        size = captured.artifact_size
        if size is None:  # the first request is a lookup, before the artifact is created
            version = Document({"buildDetails": details}, document.artifact)
            later, refusal = _capture(service, version, lambda client, sent: client.create_version(1, *sent))
            size = later.artifact_size
        artifact = describe_artifact(report, size)
    described = describe_request(requests, body, artifact, given.headers(command.operation))
    show(described, output, lambda: request_lines(described, report))
    if refusal:
        raise refusal


def _capture(
    service: ServiceOptions, document: Document, send: Callable[[images.Image, Document], object]
) -> tuple[images.PreparedRequest, images.ArtifactError | None]:
    """Return the first request of a call, and the error of its preflight if that would keep it from being sent."""
    import peak_images as images

    try:
        return capture_request(service, lambda client: send(client, document)), None
    except images.ArtifactError as error:
        if not error.problems:
            raise
        unchecked = Document(document.body, {**document.artifact, "check": "off"})
        return capture_request(service, lambda client: send(client, unchecked)), error
