"""Sending what the creating verbs have made: on trial, for real, and with the build watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peak_images_cli.dry_run import capture_artifact, capture_request
from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.input_file import Document
from peak_images_cli.options import OutputOptions, ServiceOptions, WaitOptions
from peak_images_cli.output import show
from peak_images_cli.preview import describe_artifact, describe_request, inspect, request_lines
from peak_images_cli.progress import watch_build
from peak_images_cli.request_options import SendOptions
from peak_images_cli.service import open_client
from peak_images_cli.tables import fields_table
from peak_images_cli.terminal import echo_err

if TYPE_CHECKING:
    import typer

    import peak_images as images

Send = Callable[["images.Image", Document], "images.Payload[Any]"]
"""Sends a document with a client. The client itself shows how an upload gets on."""


Alternatives = tuple[tuple[str, str, str], ...]
"""Requests: when they are made, their method, and what their address has after that of the list of images."""


@dataclass(frozen=True)
class SubmitOptions:
    """How a request is sent, and what is shown of it."""

    context: typer.Context
    service: ServiceOptions
    sending: SendOptions
    waiting: WaitOptions
    output: OutputOptions


def submit(
    document: Document, send: Send, how: SubmitOptions, image_id: int | None = None, alternatives: Alternatives = ()
) -> None:
    """Send a request that starts a build, or show it if this is a dry run.

    Args:
        document: The body and the artifact.
        send: Makes the call.
        how: How to send it, and what to show.
        image_id: The image, where it is known beforehand.
        alternatives: The requests of which one is made, where that depends on what there is.
    """
    if how.sending.dry_run:
        _show_request(document, send, how, alternatives)
        return
    with open_client(how.context, how.service) as client:
        result = dict(send(client, document))
        if how.sending.wait:
            _wait(client, result, how, image_id)
            return
    show(result, how.output, lambda: fields_table(result))


def _wait(client: images.Image, result: dict[str, Any], how: SubmitOptions, image_id: int | None) -> None:
    import peak_images as images

    image, version = int(result.get("imageId") or image_id or 0), int(result["versionId"])
    echo_err(f"image {image}, version {version}, build {result.get('buildId')}")
    try:
        built = watch_build(client, image, version, how.waiting)
        result |= {"status": built.get("status"), "lastBuildStatus": built.get("lastBuildStatus")}
    except images.BuildFailedError as error:
        result["lastBuildStatus"] = error.status
        raise
    except KeyboardInterrupt:
        again = f"'peak-images wait --image-id {image} --version-id {version}' goes on waiting"
        raise CommandError("interrupted; the build goes on", again, ExitCode.INTERRUPTED) from None
    finally:
        # Whatever comes of the build, a script needs the ids.
        show(result, how.output, lambda: fields_table(result))


def _show_request(document: Document, send: Send, how: SubmitOptions, alternatives: Alternatives) -> None:
    caught = capture_request(how.context, how.service, lambda client: send(client, document))
    if alternatives:
        # Only the service knows which, and it isn't asked.
        images_url = caught.url.partition("?")[0]
        requests = [{"when": when, "method": method, "url": images_url + rest} for when, method, rest in alternatives]
        body = document.body
    else:
        requests = [{"method": caught.method, "url": caught.url}]
        body = caught.body(document.body)
    report, artifact = None, None
    if document.artifact:
        details = body.get("buildDetails") or {}
        report = inspect(document.artifact, details)
        # Where the first request is a question to the service, the artifact isn't made yet.
        packed = capture_artifact(document.artifact, details) if caught.artifact is None else caught.artifact
        artifact = describe_artifact(report, len(packed))
    described = describe_request(requests, body, artifact)
    show(described, how.output, lambda: request_lines(described, report))
