"""The command about artifacts: ``pack``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from peak_build_context.text import format_size
from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.fields import parse_pair
from peak_images_cli.option_groups import Argument, command, flag, option
from peak_images_cli.options import ArtifactOptions, OutputOptions, SourceOptions
from peak_images_cli.output import show
from peak_images_cli.preview import artifact_lines, build_artifact, describe_artifact, inspect
from peak_images_cli.request_body import read_source
from peak_images_cli.tables import fields_table
from peak_images_cli.terminal import warn

_ARTIFACT_KEYS: Final = ("ignore_files", "follow_external_links", "check")


class PackOptions(SourceOptions, OutputOptions):
    """Options of ``pack``."""

    dockerfile_path: str | None = option("PATH", "The Dockerfile in the directory")
    context: str | None = option("DIRECTORY", "The directory in it that the Dockerfile copies from")
    file_name: str | None = option(
        "FILE", "Write the artifact to this file, as it would be sent, and show its size and SHA-256", "-f"
    )
    build_arguments: Sequence[str] = option("NAME=VALUE", "An argument of the build; repeatable", multiple=True)
    strict: bool = flag("Exit with an error for problems, or if too large")


@command(
    Argument("directory", "DIRECTORY|FILE", "The directory to build from, or an input file (default: .)", default="."),
    without=[ArtifactOptions],  # except for the ignore files
)
def pack(options: PackOptions, directory: str) -> None:
    """Show which files of a directory are included, which are excluded, and problems; or write the artifact.

    It needs no token and no service. An image.yaml in the DIRECTORY is read, as by deploy.

    Examples:
        peak-images pack
        peak-images pack image.yaml --strict
        peak-images pack . --file-name artifact.zip
    """
    artifact, details = _what_a_create_sends(directory, options)
    report = inspect(artifact, details)
    if options.file_name is None:
        show(describe_artifact(report), options, lambda: artifact_lines(report))
    else:
        for problem in report.problems:
            warn(problem.message)
    problems = [problem for problem in report.problems if problem.kind != "too-large"]
    if options.strict and problems:
        first, more = problems[0].message, len(problems) - 1
        raise CommandError(f"{first} (and {more} more)" if more else first, code=ExitCode.ARTIFACT)
    if options.file_name is not None:
        _write(artifact, details, options.file_name, options)
    elif options.strict:
        build_artifact(artifact, details).close()  # raises an error if the artifact is too large


def _write(artifact: Mapping[str, Any], details: Mapping[str, Any], file: str, output: OutputOptions) -> None:
    with build_artifact(artifact, details) as made:
        made.save(file)
    written = {
        "path": artifact["path"],
        "file": file,
        "totalSize": made.uncompressed_size,
        "zippedSize": made.size,
        "entryCount": made.entry_count,
        "sha256": made.sha256,
    }
    # An archive in its own directory would be included in the next one.
    target, directory = Path(file).resolve(), Path(artifact["path"]).resolve()
    name = target.relative_to(directory).as_posix() if target.is_relative_to(directory) else None
    if name and any(row.name == name for row in inspect(artifact, details).files):
        warn(f"{name} is in the directory and will be uploaded; add it to .dockerignore")
    size = f"{made.size:,} bytes ({format_size(made.size)}), {format_size(made.uncompressed_size)} unzipped"
    rows = {"file": file, "size": size, "entries": f"{made.entry_count:,}", "SHA-256": made.sha256}
    show(written, output, lambda: fields_table(rows))


def _what_a_create_sends(source: str, options: PackOptions) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the artifact and the build details of a create with this directory or input file."""
    directory, document = read_source(source, options)
    if Path(source).is_dir():
        directory = source
    if directory is None:
        raise CommandError(f"{source}: artifact.path: is required")
    if unknown := document.artifact.keys() - _ARTIFACT_KEYS:
        raise CommandError(f"{source}: artifact.{min(unknown)}: no such key; known: path, {', '.join(_ARTIFACT_KEYS)}")
    details = document.body.get("buildDetails") or {}
    if not isinstance(details, dict):
        raise CommandError(f"{source}: body.buildDetails: not a map")
    given: dict[str, Any] = {"dockerfilePath": options.dockerfile_path, "context": options.context}
    if options.build_arguments:
        given["buildArguments"] = [parse_pair("--build-arguments", text) for text in options.build_arguments]
    given = {name: value for name, value in given.items() if value is not None}
    return {"path": directory, **document.artifact}, {**details, **given}
