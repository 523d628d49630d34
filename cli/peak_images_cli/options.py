"""The options that several commands share, in groups, with the names that Peak's own command line gives them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, get_args

import click

from peak_images_cli import completion
from peak_images_cli.help import SERVICE
from peak_images_cli.option_groups import Options, flag, option

_WAITING: Final = "Waiting"


OutputType = Literal["table", "json", "yaml", "csv"]
OUTPUT_TYPES: Final = get_args(OutputType)
PATH: Final[Any] = click.Path(path_type=Path)
_FORMAT: Final = click.Choice(OUTPUT_TYPES)
_OUTPUT_NAMES: Final = ("--output-type", "--output", "-o")


def inherit(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Return the value given after the command, else that before the command, else that of the environment."""
    name = str(parameter.name)
    before, source = context.find_root().params.get(name), context.get_parameter_source(name)
    is_typed = source is not None and source.name == "COMMANDLINE"
    return value if is_typed or before is None else before


class ServiceOptions(Options):
    """The service and its credentials: options of the program, and of each command that calls it."""

    panel = SERVICE
    profile: str | None = option(
        "NAME",
        "The profile that has the address and the token",
        envvar="PEAK_IMAGES_PROFILE",
        callback=inherit,
        shell_complete=completion.profile_names,
    )
    config: Path | None = option(
        "FILE",
        "The configuration file (default: the one that 'peak-images profiles' shows)",
        type=PATH,
        envvar="PEAK_IMAGES_CONFIG",
        callback=inherit,
    )
    stage: str | None = option(
        "STAGE",
        f"{', '.join(completion.STAGES)} (default: PEAK__STAGE, STAGE, prod)",
        callback=inherit,
        shell_complete=completion.one_of(*completion.STAGES),
    )
    url: str | None = option("URL", "The root of a service without stages (default: PEAK_IMAGES_URL)", callback=inherit)
    debug: bool = flag("Log every attempt; show tracebacks")  # handled in __main__


class OutputOptions(Options):
    """The output format."""

    panel = "Output"
    output_type: OutputType | None = option(
        "FORMAT",
        "table, json, yaml or csv (default: table on a terminal, else json)",
        *_OUTPUT_NAMES,
        type=_FORMAT,
    )
    columns: str | None = option("A,B,...", "Only these fields, such as id,latestVersion.status")
    paging: bool = flag("Show the output in a pager")


class TextOptions(OutputOptions):
    """The output options of a command whose result is text."""

    panel = "Output"
    output_type: OutputType | None = option("FORMAT", "json, yaml or csv (default: text)", *_OUTPUT_NAMES, type=_FORMAT)


class PageOptions(Options):
    """The option for all pages of a list."""

    all_pages: bool = flag("Show all pages", "--all")


class WaitOptions(Options):
    """Options for waiting."""

    panel = _WAITING
    wait_timeout: float = option("SECONDS", "Timeout", type=float, default=3600)
    poll_interval: float = option("SECONDS", "Polling interval", type=float, default=2)
    show_log: bool = flag("Show the log of the build meanwhile (default: --log)", "--log/--no-log", default=True)


class DryRunOptions(Options):
    """The option for a dry run."""

    dry_run: bool = flag("Show what would be sent, secrets masked; send nothing")


class BuildOptions(Options):
    """The option to wait for the build that a request starts."""

    panel = _WAITING
    wait: bool = flag("Wait for the build; exit 9 if it fails")


class ConfirmOptions(Options):
    """The option to delete without confirmation."""

    yes: bool = flag("Don't ask; required where stdin isn't a terminal", "-y")


class DeletionOptions(Options):
    """Options to wait for a deletion."""

    panel = _WAITING
    wait: bool = flag("Wait until it is deleted")
    wait_timeout: float = option("SECONDS", "Timeout", type=float, default=900)
    poll_interval: float = option("SECONDS", "Polling interval", type=float, default=2)


class FileOptions(Options):
    """Options for an input file, which is an argument by position."""

    panel = "Input file"
    params_file: str | None = option("FILE", "A YAML file of parameters for the template", "-v")
    params: Sequence[str] = option(
        "NAME=VALUE", "A parameter for the template; overrides --params-file; repeatable", "-p", multiple=True
    )
    include_root: Path | None = option(
        "DIRECTORY",
        "Files may be included from here (default: the directory of FILE, and the working directory)",
        type=PATH,
    )


class IgnoreOptions(Options):
    """The option for ignore files."""

    panel = "Artifact"
    artifact_ignore_files: Sequence[str] = option(
        "FILE", "A file of patterns to exclude; repeatable, in order (default: .dockerignore)", multiple=True
    )


class ArtifactOptions(IgnoreOptions):
    """Options for the directory to build from."""

    panel = "Artifact"
    artifact_path: str | None = option("DIRECTORY", "The directory to build from [source: upload]")
    artifact_check: str | None = option(
        "CHECK",
        "The preflight: error if the build is sure to fail, strict for any problem, warn, off (default: error)",
        shell_complete=completion.one_of("error", "strict", "warn", "off"),
    )


class SourceOptions(FileOptions, ArtifactOptions):
    """Options for what is built: an input file, a directory."""


_GROUPS: Final = (
    *(ServiceOptions, OutputOptions, PageOptions, WaitOptions, DryRunOptions, BuildOptions, ConfirmOptions),
    *(DeletionOptions, SourceOptions),
)
RESERVED: Final = frozenset(
    ("generate", *(name.removeprefix("--") for group in _GROUPS for one in group.as_click() for name in one.opts))
)
"""Names of handwritten options, which no field of the contract may have."""
