"""The verbs that start a build: ``create``, ``create-version``, ``create-or-update``, ``update-version``."""

from __future__ import annotations

import typer

from peak_images_cli.option_groups import flatten_options
from peak_images_cli.options import (
    ImageArgument,
    ImageOption,
    OutputOptions,
    ServiceOptions,
    VersionOption,
    WaitOptions,
)
from peak_images_cli.request_body import make_request
from peak_images_cli.request_options import (
    ArtifactOptions,
    AutodeployField,
    BuildFields,
    FileOptions,
    ImageFields,
    SendOptions,
    VersionField,
)
from peak_images_cli.submit import SubmitOptions, submit


@flatten_options
def create(
    ctx: typer.Context,
    file: FileOptions,
    image: ImageFields,
    version: VersionField,
    build: BuildFields,
    artifact: ArtifactOptions,
    sending: SendOptions,
    waiting: WaitOptions,
    output: OutputOptions,
    service: ServiceOptions,
) -> None:
    """Create an image with its first version, and start a build of it.

    From a file, from options, or from both: an option goes before what the file says.
    """
    submit(
        make_request(file, build, artifact, image, version),
        lambda client, made: client.create_image(made.body, made.artifact or None),
        SubmitOptions(ctx, service, sending, waiting, output),
    )


@flatten_options
def create_version(
    ctx: typer.Context,
    image_id: ImageArgument,
    file: FileOptions,
    version: VersionField,
    build: BuildFields,
    autodeploy: AutodeployField,
    artifact: ArtifactOptions,
    sending: SendOptions,
    waiting: WaitOptions,
    output: OutputOptions,
    service: ServiceOptions,
) -> None:
    """Create a version of an image, and start a build of it.

    From a file, from options, or from both: an option goes before what the file says.
    """
    submit(
        make_request(file, build, artifact, version, autodeploy),
        lambda client, made: client.create_version(image_id, made.body, made.artifact or None),
        SubmitOptions(ctx, service, sending, waiting, output),
        image_id,
    )


@flatten_options
def create_or_update(
    ctx: typer.Context,
    file: FileOptions,
    image: ImageFields,
    version: VersionField,
    build: BuildFields,
    autodeploy: AutodeployField,
    artifact: ArtifactOptions,
    sending: SendOptions,
    waiting: WaitOptions,
    output: OutputOptions,
    service: ServiceOptions,
) -> None:
    """Create an image, or a version of it, or update the version: whichever is needed. Then build it.

    The image is the one of exactly this name, the version the one that is exactly this. Without a version a new one is
    created. A version can be updated as long as it is not-ready.
    """
    submit(
        make_request(file, build, artifact, image, version, autodeploy),
        lambda client, made: client.create_or_update_image_version(made.body, made.artifact or None),
        SubmitOptions(ctx, service, sending, waiting, output),
        alternatives=(
            ("if there is no image of this name", "POST", ""),
            ("if it has no such version", "POST", "{imageId}/versions"),
            ("otherwise", "PATCH", "{imageId}/versions/{versionId}"),
        ),
    )


@flatten_options
def update_version(
    ctx: typer.Context,
    image_id: ImageOption,
    version_id: VersionOption,
    file: FileOptions,
    build: BuildFields,
    autodeploy: AutodeployField,
    artifact: ArtifactOptions,
    sending: SendOptions,
    waiting: WaitOptions,
    output: OutputOptions,
    service: ServiceOptions,
) -> None:
    """Change a version that is not-ready, and build it anew. What isn't given stays as it is.

    From a file, from options, or from both: an option goes before what the file says.
    """
    submit(
        make_request(file, build, artifact, autodeploy),
        lambda client, made: client.update_version(image_id, version_id, made.body, made.artifact or None),
        SubmitOptions(ctx, service, sending, waiting, output),
        image_id,
    )
