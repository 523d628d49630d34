"""The verbs, put together."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from peak_images_cli.commands import building, creating, deleting, listing, local
from peak_images_cli.exit_codes import EPILOG
from peak_images_cli.help import HelpfulCommand, HelpfulGroup
from peak_images_cli.option_groups import flatten_options
from peak_images_cli.options import ServiceOptions

_IMAGES: Final = "Images and versions"
_BUILDS: Final = "Builds and artifacts"
_HERE: Final = "On this machine"


def _show_version(wanted: bool) -> None:
    if wanted:
        import peak_images
        from peak_images_cli.output import write

        write(f"peak-images {peak_images.__version__}")
        raise typer.Exit


@flatten_options
def _before_the_verb(
    ctx: typer.Context,
    service: ServiceOptions,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version, and stop."),
    ] = False,
) -> None:
    """Build Docker images from folders, Dockerfiles and repositories on Peak's platform.

    The token comes from PEAK_AUTH_TOKEN, else API_KEY, or from a profile. Results go to stdout, everything else to
    stderr.
    """
    del version
    ctx.obj.service = service


def make_app() -> typer.Typer:
    """The application."""
    app = typer.Typer(
        callback=_before_the_verb,
        cls=HelpfulGroup,
        rich_markup_mode=None,
        epilog=EPILOG,
        context_settings={"help_option_names": ["--help", "-h"]},
        pretty_exceptions_enable=False,
    )
    for name, verb in (
        ("create", creating.create),
        ("create-version", creating.create_version),
        ("create-or-update", creating.create_or_update),
        ("update-version", creating.update_version),
        ("list", listing.list_images),
        ("list-versions", listing.list_versions),
        ("describe", listing.describe),
        ("describe-version", listing.describe_version),
        ("delete", deleting.delete),
        ("delete-version", deleting.delete_version),
        ("delete-versions", deleting.delete_versions),
    ):
        app.command(name, cls=HelpfulCommand, rich_help_panel=_IMAGES)(verb)
    for name, verb in (
        ("list-builds", listing.list_builds),
        ("get-build-logs", building.get_build_logs),
        ("wait", building.wait),
        ("pack", building.pack),
    ):
        app.command(name, cls=HelpfulCommand, rich_help_panel=_BUILDS)(verb)
    for name, verb in (("serve", local.serve), ("demo", local.demo), ("profiles", local.profiles)):
        app.command(name, cls=HelpfulCommand, rich_help_panel=_HERE)(verb)
    return app
