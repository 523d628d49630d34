"""The verbs about builds: ``get-build-logs``, ``wait``, ``pack``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from peak_images_cli.dry_run import capture_artifact
from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.option_groups import flatten_options
from peak_images_cli.options import (
    IgnoreFiles,
    ImageOption,
    OutputOptions,
    OutputType,
    ServiceOptions,
    WaitOptions,
)
from peak_images_cli.output import as_json, as_yaml, chosen_type, show, write
from peak_images_cli.pack import write_artifact, written_table
from peak_images_cli.preview import artifact_lines, describe_artifact, inspect
from peak_images_cli.progress import log_line, watch_build
from peak_images_cli.service import open_client
from peak_images_cli.tables import fields_table
from peak_images_cli.terminal import echo_err, warn

if TYPE_CHECKING:
    import peak_images as images


@dataclass(frozen=True)
class LogOptions:
    """What to do with a log."""

    next_token: Annotated[
        str | None,
        typer.Option("--next-token", metavar="TOKEN", help="The nextToken of the slice before, for the one after it."),
    ] = None
    follow: Annotated[
        bool,
        typer.Option(
            "--follow/--no-follow",
            help="Show the log as it is written, as lines of text unless --output-type says otherwise, until the build "
            "has ended.",
        ),
    ] = False
    save: Annotated[bool, typer.Option("--save/--no-save", help="Save the whole log to a file.")] = False
    file_name: Annotated[
        str | None,
        typer.Option(
            "--file-name", metavar="FILE", help="The file to save to; image_build_logs_… with both ids unless given."
        ),
    ] = None


@flatten_options
def get_build_logs(
    ctx: typer.Context,
    image_id: ImageOption,
    build_id: Annotated[
        str, typer.Option("--build-id", metavar="ID", help="The id of the build; 'list-builds' shows it.")
    ],
    log: LogOptions,
    output: OutputOptions,
    service: ServiceOptions,
) -> None:
    """Show a slice of the log of a build, follow it, or save all of it.

    With --next-token the slice, or what is followed, begins after the slice that gave the token.
    """
    _check(log)
    with open_client(ctx, service) as client:
        if log.follow:
            for entry in client.follow_build_logs(image_id, build_id, next_token=log.next_token):
                write(_as_line(entry, output.output_type))
                # Whoever reads it through a pipe wants to see it grow.
                sys.stdout.flush()
        elif log.save:
            saved = client.get_build_logs(image_id, build_id, save=True, file_name=log.file_name)
            # The address that it came from is signed, and as good as a key to the log.
            result = {"path": str(saved.path), "size": saved.size}
            show(result, output, lambda: f"Saved {saved.size:,} bytes to {saved.path}.")
        else:
            _show_slice(client.get_build_logs(image_id, build_id, next_token=log.next_token), output)


@flatten_options
def wait(
    ctx: typer.Context,
    image_id: ImageOption,
    waiting: WaitOptions,
    output: OutputOptions,
    service: ServiceOptions,
    version_id: Annotated[
        int | None,
        typer.Option("--version-id", metavar="ID", min=1, help="The id of the version; the latest unless given."),
    ] = None,
) -> None:
    """Wait until a version is built. The exit code tells how the build ended."""
    with open_client(ctx, service) as client:
        number = version_id or _latest(client, image_id)
        version = watch_build(client, image_id, number, waiting)
    show(version, output, lambda: fields_table(version))


@dataclass(frozen=True)
class PackOptions:
    """What to make of a folder, and where."""

    artifact_ignore_files: IgnoreFiles = None
    dockerfile_path: Annotated[
        str | None, typer.Option("--dockerfile-path", metavar="PATH", help="Where the Dockerfile is in the folder.")
    ] = None
    context: Annotated[
        str | None,
        typer.Option("--context", metavar="FOLDER", help="The folder in it that the Dockerfile copies from."),
    ] = None
    file_name: Annotated[
        str | None,
        typer.Option(
            "--file-name",
            "-f",
            metavar="FILE",
            help="Write the artifact to this file, zipped as it would be sent, and show its size, entries and SHA-256 "
            "instead. A file that exists is replaced.",
        ),
    ] = None
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail if something looks like a mistake, or is too large.")
    ] = False


@flatten_options
def pack(
    output: OutputOptions,
    packing: PackOptions,
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="The folder to build from.")] = ".",
) -> None:
    """Show what of a folder would be sent, what stays out, and what looks like a mistake; or write it to a file.

    It needs no token, and asks no service.
    """
    artifact: dict[str, Any] = {"path": folder}
    if packing.artifact_ignore_files:
        artifact["ignore_files"] = packing.artifact_ignore_files
    details = {"dockerfilePath": packing.dockerfile_path, "context": packing.context}
    report = inspect(artifact, details)
    if packing.file_name is None:
        show(describe_artifact(report), output, lambda: artifact_lines(report))
    else:
        for problem in report.problems:
            warn(problem.message)
    if packing.strict and report.problems:
        first, more = report.problems[0].message, len(report.problems) - 1
        raise CommandError(f"{first} (and {more} more)" if more else first, code=ExitCode.ARTIFACT)
    if packing.file_name is not None:
        written = write_artifact(artifact, details, packing.file_name)
        show(written, output, lambda: written_table(written))
    elif packing.strict:
        capture_artifact(artifact, details)  # whose error it is if the artifact is too large


def _check(log: LogOptions) -> None:
    if log.follow and log.save:
        raise CommandError("--follow goes without --save", "--save saves the whole log")
    if log.save and log.next_token is not None:
        raise CommandError("--save goes without --next-token", "it saves the whole log")
    if log.file_name is not None and not log.save:
        raise CommandError("--file-name goes with --save")


def _show_slice(part: images.Payload[Any], output: OutputOptions) -> None:
    entries = part.get("logs") or []

    def lines() -> str:
        return "\n".join(log_line(entry) for entry in entries) or "No further lines."

    show(part, output, lines)
    if chosen_type(output) is OutputType.TABLE and part.get("nextToken"):
        echo_err(f"build: {part.get('buildStatus')}; what follows: --next-token {part['nextToken']}")


def _as_line(entry: images.Payload[Any], output_type: OutputType | None) -> str:
    match output_type:
        case OutputType.JSON:
            return as_json(entry, indent=None)
        case OutputType.YAML:
            return as_yaml([entry])
        case _:
            return log_line(entry)


def _latest(client: images.Image, image_id: int) -> int:
    latest = client.describe_image(image_id).get("latestVersion")
    if not latest:
        raise CommandError(f"image {image_id} has no version", code=ExitCode.NOT_FOUND)
    return int(latest["id"])
