"""The command about artifacts: ``pack``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.option_groups import flatten_options
from peak_images_cli.options import IgnoreFiles, OutputOptions
from peak_images_cli.output import show
from peak_images_cli.pack import write_artifact, written_table
from peak_images_cli.preview import artifact_lines, build_artifact, describe_artifact, inspect
from peak_images_cli.terminal import warn


@dataclass(frozen=True)
class PackOptions:
    """What to make of a directory, and where."""

    artifact_ignore_files: IgnoreFiles = None
    dockerfile_path: Annotated[
        str | None, typer.Option("--dockerfile-path", metavar="PATH", help="The Dockerfile in the directory")
    ] = None
    context: Annotated[
        str | None, typer.Option("--context", metavar="DIRECTORY", help="What in it the Dockerfile copies from")
    ] = None
    file_name: Annotated[
        str | None,
        typer.Option(
            "--file-name",
            "-f",
            metavar="FILE",
            help="Write the artifact to this file, as it would be sent, and show its size and SHA-256",
        ),
    ] = None
    strict: Annotated[bool, typer.Option("--strict", help="Exit with an error for problems, or if too large")] = False


@flatten_options
def pack(
    output: OutputOptions,
    packing: PackOptions,
    directory: Annotated[
        str, typer.Argument(metavar="DIRECTORY", help="The directory to build from (default: .)")
    ] = ".",
) -> None:
    """Show which files of a directory are included, which are excluded, and problems; or write the artifact.

    It needs no token, and asks no service.

    Examples:
        peak-images pack
        peak-images pack . --strict
        peak-images pack . --file-name artifact.zip
    """
    artifact: dict[str, Any] = {"path": directory}
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
        build_artifact(artifact, details).close()  # whose error it is if the artifact is too large
