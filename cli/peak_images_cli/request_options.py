"""The options of the verbs that start a build, in groups: the input file, the body, the artifact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import typer

from peak_images_cli import completion
from peak_images_cli.options import ARTIFACT, WAITING, IgnoreFiles

_INPUT: Final = "Input file"
_BUILD: Final = "Build details"


def _print_example(context: typer.Context, generate: bool) -> None:
    if generate:
        from peak_images_cli.examples import example_for
        from peak_images_cli.output import write

        write(example_for(str(context.info_name)))
        raise typer.Exit


@dataclass(frozen=True)
class FileOptions:
    """A file with the body and the artifact, and the parameters for it."""

    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A YAML file, or a Jinja template of one, with 'body:' and 'artifact:'."),
    ] = None
    params_file: Annotated[
        str | None,
        typer.Option(
            "--params-file",
            "-v",
            metavar="FILE",
            help="A YAML file of parameters for the template.",
            rich_help_panel=_INPUT,
        ),
    ] = None
    params: Annotated[
        list[str] | None,
        typer.Option(
            "--params",
            "-p",
            metavar="NAME=VALUE",
            help="A parameter for the template; it goes before the one of --params-file. Can be repeated.",
            rich_help_panel=_INPUT,
        ),
    ] = None
    generate: Annotated[
        bool,
        typer.Option(
            "--generate",
            is_eager=True,
            callback=_print_example,
            help="Print an example of such a file, and stop.",
            rich_help_panel=_INPUT,
        ),
    ] = False


@dataclass(frozen=True)
class ImageFields:
    """What only an image has."""

    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help="The name of the image.")] = None
    type: Annotated[
        str | None,
        typer.Option(
            "--type",
            metavar="TYPE",
            help="workflow, workspace-r, workspace-python, webapp or api.",
            autocompletion=completion.one_of(*completion.IMAGE_TYPES),
        ),
    ] = None


@dataclass(frozen=True)
class VersionField:
    """The version's own name."""

    version: Annotated[
        str | None,
        typer.Option(
            "--version", metavar="TEXT", help="The version, such as 0.0.1; the service picks one unless given."
        ),
    ] = None


@dataclass(frozen=True)
class AutodeployField:
    """What is redeployed when the build has completed."""

    autodeploy_resources: Annotated[
        str | None,
        typer.Option(
            "--autodeploy-resources",
            metavar="JSON",
            help="What to redeploy when the build has completed: a JSON list of objects with entityId and entityType "
            "(workflow, workspace, api, webapp), or @FILE with one.",
        ),
    ] = None


@dataclass(frozen=True)
class BuildFields:
    """The description, and how to build."""

    description: Annotated[
        str | None, typer.Option("--description", metavar="TEXT", help="A description of the version.")
    ] = None
    build_details: Annotated[
        str | None,
        typer.Option(
            "--build-details",
            metavar="JSON",
            help="All build details as a JSON object, or @FILE with one; the options below go before its fields.",
            rich_help_panel=_BUILD,
        ),
    ] = None
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="SOURCE",
            help="upload, dockerfile or github.",
            autocompletion=completion.one_of(*completion.SOURCES),
            rich_help_panel=_BUILD,
        ),
    ] = None
    dockerfile: Annotated[
        str | None,
        typer.Option(
            "--dockerfile",
            metavar="TEXT",
            help="With the source dockerfile: the text of the Dockerfile, or @FILE with it.",
            rich_help_panel=_BUILD,
        ),
    ] = None
    dockerfile_path: Annotated[
        str | None,
        typer.Option(
            "--dockerfile-path",
            metavar="PATH",
            help="Where the Dockerfile is in the artifact or the repository.",
            rich_help_panel=_BUILD,
        ),
    ] = None
    context: Annotated[
        str | None,
        typer.Option(
            "--context",
            metavar="FOLDER",
            help="The folder in the artifact or the repository that the Dockerfile copies from.",
            rich_help_panel=_BUILD,
        ),
    ] = None
    repository: Annotated[
        str | None,
        typer.Option(
            "--repository", metavar="URL", help="With the source github: the repository.", rich_help_panel=_BUILD
        ),
    ] = None
    branch: Annotated[
        str | None,
        typer.Option("--branch", metavar="TEXT", help="With the source github: the branch.", rich_help_panel=_BUILD),
    ] = None
    token: Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TEXT",
            help="With the source github: the name of the external credential that holds the token.",
            rich_help_panel=_BUILD,
        ),
    ] = None
    use_cache: Annotated[
        bool | None,
        typer.Option("--use-cache/--no-use-cache", help="Whether the build may use the cache.", rich_help_panel=_BUILD),
    ] = None
    build_arguments: Annotated[
        list[str] | None,
        typer.Option(
            "--build-arguments",
            metavar="NAME=VALUE",
            help="A build argument. Can be repeated; or one JSON list of objects with name and value.",
            rich_help_panel=_BUILD,
        ),
    ] = None
    secrets: Annotated[
        list[str] | None,
        typer.Option(
            "--secrets",
            metavar="NAME",
            help="The name of a secret that the build gets. Several: separated by commas, the option repeated, or one "
            "JSON list.",
            rich_help_panel=_BUILD,
        ),
    ] = None


@dataclass(frozen=True)
class ArtifactOptions:
    """The folder to build from."""

    artifact_path: Annotated[
        str | None,
        typer.Option(
            "--artifact-path",
            metavar="FOLDER",
            help="With the source upload: the folder to build from.",
            rich_help_panel=ARTIFACT,
        ),
    ] = None
    artifact_ignore_files: IgnoreFiles = None


@dataclass(frozen=True)
class SendOptions:
    """What to do with the request."""

    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show what would be sent, secrets masked, and send nothing."),
    ] = False
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Wait for the build to end; the exit code tells how it did.", rich_help_panel=WAITING
        ),
    ] = False
