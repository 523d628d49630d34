"""The options of all verbs, in groups, with the names that Peak's own command line gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from peak_images_cli import completion

_SERVICE: Final = "Service"
_OUTPUT: Final = "Output"
WAITING: Final = "Waiting"
ARTIFACT: Final = "Artifact"


class OutputType(StrEnum):
    """The forms of output."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"


def _remember_debug(context: typer.Context, debug: bool) -> bool:
    if debug and not context.find_root().obj.debug:
        context.find_root().obj.debug = True
        from peak_images_cli.terminal import log_to_stderr

        log_to_stderr()
    return debug


ImageArgument = Annotated[int, typer.Argument(metavar="IMAGE_ID", min=1, help="The id of the image.")]
ImageOption = Annotated[int, typer.Option("--image-id", metavar="ID", min=1, help="The id of the image.")]
VersionOption = Annotated[int, typer.Option("--version-id", metavar="ID", min=1, help="The id of the version.")]
PageSize = Annotated[
    int | None, typer.Option("--page-size", metavar="N", min=1, help="How many there are on a page; 25 unless given.")
]
PageNumber = Annotated[
    int | None, typer.Option("--page-number", metavar="N", min=1, help="Which page to show; the first unless given.")
]
AllPages = Annotated[bool, typer.Option("--all", help="Show all pages.")]


PollInterval = Annotated[
    float,
    typer.Option(
        "--poll-interval",
        metavar="SECONDS",
        help="The time between two looks.",
        show_default=True,
        rich_help_panel=WAITING,
    ),
]
IgnoreFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--artifact-ignore-files",
        metavar="FILE",
        help="A file of patterns of what to leave out, .dockerignore unless given. Can be repeated; the patterns count "
        "in this order.",
        rich_help_panel=ARTIFACT,
    ),
]


def filter_option(name: str, metavar: str, what: str, complete: Callable[[str], list[str]] | None = None) -> Any:
    """An option that takes several values."""
    told = f"{what} Several: separated by commas, or the option repeated."
    return typer.Option(name, metavar=metavar, help=told, autocompletion=complete)


StatusFilter = Annotated[
    list[str] | None,
    filter_option(
        "--status",
        "STATUS",
        "Only those in this state: not-ready, ready, in-use, deleting, delete-failed.",
        completion.several(*completion.STATUSES),
    ),
]
BuildStatusFilter = Annotated[
    list[str] | None,
    filter_option(
        "--last-build-status",
        "STATUS",
        "Only those whose last build is in this state: building, failed, success, stopping, stopped.",
        completion.several(*completion.BUILD_STATUSES),
    ),
]
TagFilter = Annotated[list[str] | None, filter_option("--tags", "TAG", "Only those with a tag of this name.")]
VersionIds = Annotated[list[str], filter_option("--version-ids", "ID", "The id of a version.")]


@dataclass(frozen=True)
class ServiceOptions:
    """Where the service is, and who asks."""

    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="NAME",
            envvar="PEAK_IMAGES_PROFILE",
            help="The profile of the configuration file that says where the service is and gives the token.",
            autocompletion=completion.profile_names,
            rich_help_panel=_SERVICE,
        ),
    ] = None
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            envvar="PEAK_IMAGES_CONFIG",
            help="The configuration file; 'peak-images profiles' says where it is unless given.",
            rich_help_panel=_SERVICE,
        ),
    ] = None
    stage: Annotated[
        str | None,
        typer.Option(
            "--stage",
            metavar="STAGE",
            help="prod, dev, test, beta, parvati or latest; PEAK__STAGE, else STAGE, else prod unless given.",
            autocompletion=completion.one_of(*completion.STAGES),
            rich_help_panel=_SERVICE,
        ),
    ] = None
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            help="The root of a service, in place of a stage's; PEAK_IMAGES_URL unless given.",
            rich_help_panel=_SERVICE,
        ),
    ] = None
    debug: Annotated[
        bool,
        typer.Option(
            "--debug",
            callback=_remember_debug,
            help="Log each try of a request, and show all of an error.",
            rich_help_panel=_SERVICE,
        ),
    ] = False


@dataclass(frozen=True)
class OutputOptions:
    """In which form the result is shown."""

    output_type: Annotated[
        OutputType | None,
        typer.Option(
            "--output-type",
            "--output",
            "-o",
            help="The form of the output; a table on a terminal and JSON elsewhere unless given.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None
    paging: Annotated[bool, typer.Option("--paging", help="Show the output in a pager.", rich_help_panel=_OUTPUT)] = (
        False
    )


@dataclass(frozen=True)
class WaitOptions:
    """How to wait."""

    wait_timeout: Annotated[
        float,
        typer.Option(
            "--wait-timeout",
            metavar="SECONDS",
            help="The longest to wait.",
            show_default=True,
            rich_help_panel=WAITING,
        ),
    ] = 3600.0
    poll_interval: PollInterval = 2.0
    show_log: Annotated[
        bool,
        typer.Option("--log/--no-log", help="Whether to show the log of the build meanwhile.", rich_help_panel=WAITING),
    ] = True


@dataclass(frozen=True)
class DeleteOptions:
    """What to do before and after a deletion."""

    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")] = False
    yes: Annotated[
        bool,
        typer.Option(
            "--yes",
            "-y",
            help="Don't ask. Required where stdin isn't a terminal.",
        ),
    ] = False
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is gone.", rich_help_panel=WAITING)] = False
    wait_timeout: Annotated[
        float,
        typer.Option(
            "--wait-timeout",
            metavar="SECONDS",
            help="The longest to wait.",
            show_default=True,
            rich_help_panel=WAITING,
        ),
    ] = 900.0
    poll_interval: PollInterval = 2.0
