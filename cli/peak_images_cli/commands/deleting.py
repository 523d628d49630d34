"""The verbs that delete: ``delete``, ``delete-version``, ``delete-versions``."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from peak_images_cli.dry_run import capture_request
from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.option_groups import flatten_options
from peak_images_cli.options import (
    DeleteOptions,
    ImageArgument,
    ImageOption,
    OutputOptions,
    ServiceOptions,
    VersionIds,
    VersionOption,
)
from peak_images_cli.output import show
from peak_images_cli.preview import describe_request, request_lines
from peak_images_cli.request_body import split
from peak_images_cli.service import open_client
from peak_images_cli.terminal import strip_control_chars

if TYPE_CHECKING:
    import peak_images as images


@dataclass(frozen=True)
class _Deletion:
    """What is common to the three: the question, the call, the wait."""

    ctx: typer.Context
    service: ServiceOptions
    output: OutputOptions
    deleting: DeleteOptions
    image_id: int
    version_ids: tuple[int | str, ...] | None = None

    def run(self, what: str, send: Callable[[images.Image], Mapping[str, Any]]) -> None:
        """Delete, or show what would be sent if this is a dry run."""
        if self.deleting.dry_run:
            caught = capture_request(self.ctx, self.service, send)
            described = describe_request([{"method": caught.method, "url": caught.url}])
            show(described, self.output, lambda: request_lines(described))
            return
        with open_client(self.ctx, self.service) as client:
            if not self.deleting.yes:
                self._confirm(client, what)
            response = dict(send(client))
            if self.deleting.wait:
                self._wait(client)
        gone = "Deleted" if self.deleting.wait else "Deleting"
        show(response, self.output, lambda: f"{gone}: {what}.")

    def _confirm(self, client: images.Image, what: str) -> None:
        if not sys.stdin.isatty():
            raise CommandError("--yes is required where there is no terminal to ask on")
        name = client.describe_image(self.image_id).get("name")
        question = f"Delete {what}? It is {name!r} at {client.session.base_url}"
        if not typer.confirm(strip_control_chars(question), err=True):
            raise CommandError("nothing was deleted", code=ExitCode.FAILED)

    def _wait(self, client: images.Image) -> None:
        ends = time.monotonic() + self.deleting.wait_timeout
        for version_id in self.version_ids or (None,):
            left = max(0.001, ends - time.monotonic())
            client.wait_until_deleted(
                self.image_id, version_id, timeout=left, poll_interval=self.deleting.poll_interval
            )


@flatten_options
def delete(
    ctx: typer.Context,
    image_id: ImageArgument,
    deleting: DeleteOptions,
    output: OutputOptions,
    service: ServiceOptions,
) -> None:
    """Delete an image and all its versions. A version that is in use can't be deleted.

    On a terminal it asks first. Without one, in a script or a pipe, --yes is required.
    """
    _Deletion(ctx, service, output, deleting, image_id).run(
        f"image {image_id} and all its versions",
        lambda client: client.delete_image(image_id),
    )


@flatten_options
def delete_version(
    ctx: typer.Context,
    image_id: ImageOption,
    version_id: VersionOption,
    deleting: DeleteOptions,
    output: OutputOptions,
    service: ServiceOptions,
) -> None:
    """Delete a version of an image, unless it is in use.

    On a terminal it asks first. Without one, in a script or a pipe, --yes is required.
    """
    _Deletion(ctx, service, output, deleting, image_id, (version_id,)).run(
        f"version {version_id} of image {image_id}",
        lambda client: client.delete_version(image_id, version_id),
    )


@flatten_options
def delete_versions(
    ctx: typer.Context,
    image_id: ImageOption,
    version_ids: VersionIds,
    deleting: DeleteOptions,
    output: OutputOptions,
    service: ServiceOptions,
) -> None:
    """Delete several versions of an image, unless one of them is in use.

    On a terminal it asks first. Without one, in a script or a pipe, --yes is required.
    """
    ids = split(version_ids) or []
    for version_id in ids or [""]:
        # Before anybody is asked.
        if not (version_id.isascii() and version_id.isdigit() and int(version_id)):
            raise CommandError(f"--version-ids: {version_id!r} is not an id, which is a whole number from 1")
    _Deletion(ctx, service, output, deleting, image_id, tuple(ids)).run(
        f"{'version' if len(ids) == 1 else 'versions'} {', '.join(ids)} of image {image_id}",
        lambda client: client.delete_versions(image_id, ids),
    )
