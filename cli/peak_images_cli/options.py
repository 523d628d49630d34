"""The options that several commands share, in groups, with the names that Peak's own command line gives them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from peak_images_cli import completion

SERVICE: Final = "Service"
WAITING: Final = "Waiting"
ARTIFACT: Final = "Artifact"
_OUTPUT: Final = "Output"
_INPUT: Final = "Input file"


class OutputType(StrEnum):
    """The forms of output."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"


def _option(*names: str, panel: str | None = None, **options: Any) -> Any:
    return typer.Option(*names, rich_help_panel=panel, **options)


def _remember_debug(context: typer.Context, debug: bool) -> bool:
    if debug and not context.find_root().obj.debug:
        context.find_root().obj.debug = True
        from peak_images_cli.terminal import log_to_stderr

        log_to_stderr()
    return debug


def _print_example(context: typer.Context, generate: bool) -> None:
    if generate:
        from peak_images_cli.examples import example_for

        typer.echo(example_for(str(context.info_name)), nl=False)
        raise typer.Exit


@dataclass(frozen=True)
class ServiceOptions:
    """The service, and the credentials for it."""

    profile: Annotated[
        str | None,
        _option(
            "--profile",
            metavar="NAME",
            envvar="PEAK_IMAGES_PROFILE",
            help="The profile that has the address and the token",
            autocompletion=completion.profile_names,
            panel=SERVICE,
        ),
    ] = None
    config: Annotated[
        Path | None,
        _option(
            "--config",
            metavar="FILE",
            envvar="PEAK_IMAGES_CONFIG",
            help="The configuration file (default: the one that 'peak-images profiles' shows)",
            panel=SERVICE,
        ),
    ] = None
    stage: Annotated[
        str | None,
        _option(
            "--stage",
            metavar="STAGE",
            help=f"{', '.join(completion.STAGES)} (default: PEAK__STAGE, STAGE, prod)",
            autocompletion=completion.one_of(*completion.STAGES),
            panel=SERVICE,
        ),
    ] = None
    url: Annotated[
        str | None,
        _option(
            "--url",
            metavar="URL",
            help="The root of a service without stages (default: PEAK_IMAGES_URL)",
            panel=SERVICE,
        ),
    ] = None
    debug: Annotated[
        bool,
        _option("--debug", callback=_remember_debug, help="Log every attempt; show tracebacks", panel=SERVICE),
    ] = False


@dataclass(frozen=True)
class OutputOptions:
    """The form in which the result is shown."""

    output_type: Annotated[
        OutputType | None,
        _option(
            "--output-type",
            "--output",
            "-o",
            metavar="FORM",
            help="table, json, yaml or csv (default: table on a terminal, else json)",
            panel=_OUTPUT,
        ),
    ] = None
    columns: Annotated[
        str | None,
        _option(
            "--columns", metavar="A,B,...", help="Only these fields, such as id,latestVersion.status", panel=_OUTPUT
        ),
    ] = None
    paging: Annotated[bool, _option("--paging", help="Show the output in a pager", panel=_OUTPUT)] = False


@dataclass(frozen=True)
class PageOptions:
    """Which pages of a list are shown."""

    all_pages: Annotated[bool, _option("--all", help="Show all pages")] = False


PollInterval = Annotated[
    float,
    _option("--poll-interval", metavar="SECONDS", help="Polling interval", show_default=True, panel=WAITING),
]
IgnoreFiles = Annotated[
    list[str] | None,
    _option(
        "--artifact-ignore-files",
        metavar="FILE",
        help="A file of patterns to exclude; repeatable, in order (default: .dockerignore)",
        panel=ARTIFACT,
    ),
]


@dataclass(frozen=True)
class WaitOptions:
    """How to wait."""

    wait_timeout: Annotated[
        float, _option("--wait-timeout", metavar="SECONDS", help="Timeout", show_default=True, panel=WAITING)
    ] = 3600.0
    poll_interval: PollInterval = 2.0
    show_log: Annotated[
        bool, _option("--log/--no-log", help="Show the log of the build meanwhile (default: --log)", panel=WAITING)
    ] = True


@dataclass(frozen=True)
class DryRunOptions:
    """Whether a request is sent."""

    dry_run: Annotated[bool, _option("--dry-run", help="Show what would be sent, secrets masked; send nothing")] = False


@dataclass(frozen=True)
class BuildOptions:
    """Whether to wait for the build that a request starts."""

    wait: Annotated[bool, _option("--wait", help="Wait for the build; exit 9 if it fails", panel=WAITING)] = False


@dataclass(frozen=True)
class ConfirmOptions:
    """Whether to ask before a deletion."""

    yes: Annotated[bool, _option("--yes", "-y", help="Don't ask; required where stdin isn't a terminal")] = False


@dataclass(frozen=True)
class DeletionOptions:
    """Whether to wait for the end of a deletion."""

    wait: Annotated[bool, _option("--wait", help="Wait until it is deleted", panel=WAITING)] = False
    wait_timeout: Annotated[
        float, _option("--wait-timeout", metavar="SECONDS", help="Timeout", show_default=True, panel=WAITING)
    ] = 900.0
    poll_interval: PollInterval = 2.0


@dataclass(frozen=True)
class FileOptions:
    """The parameters for an input file, which is an argument by position."""

    params_file: Annotated[
        str | None,
        _option("--params-file", "-v", metavar="FILE", help="A YAML file of parameters for the template", panel=_INPUT),
    ] = None
    params: Annotated[
        list[str] | None,
        _option(
            "--params",
            "-p",
            metavar="NAME=VALUE",
            help="A parameter for the template; overrides --params-file; repeatable",
            panel=_INPUT,
        ),
    ] = None
    generate: Annotated[
        bool,
        _option(
            "--generate", is_eager=True, callback=_print_example, help="Print an example of FILE and exit", panel=_INPUT
        ),
    ] = False
    include_root: Annotated[
        Path | None,
        _option(
            "--include-root",
            metavar="DIRECTORY",
            help="Files may be included from here (default: the directories of FILE and of work)",
            panel=_INPUT,
        ),
    ] = None


@dataclass(frozen=True)
class ArtifactOptions:
    """The directory to build from."""

    artifact_path: Annotated[
        str | None,
        _option(
            "--artifact-path", metavar="DIRECTORY", help="The directory to build from [source: upload]", panel=ARTIFACT
        ),
    ] = None
    artifact_ignore_files: IgnoreFiles = None
