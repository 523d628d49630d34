"""The application: all commands, under headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from peak_images_cli.command import described_commands
from peak_images_cli.commands import artifact, auth, init, jobs, local, logs
from peak_images_cli.commands.operations import OperationRunner
from peak_images_cli.exit_codes import EPILOG
from peak_images_cli.help import HelpfulCommand, HelpfulGroup
from peak_images_cli.option_groups import flatten_options
from peak_images_cli.options import ServiceOptions

_IMAGES: Final = "Images and versions"
_BUILDS: Final = "Builds and artifacts"
_PANELS: Final = {"images": _IMAGES, "versions": _IMAGES, "builds": _BUILDS}
"""The headings of the help, by the contract's tags. Another tag is a heading of its own."""

_ORDER: Final = {
    name: number
    for number, name in enumerate(
        (
            *("create", "create-version", "create-or-update", "update-version", "list", "list-versions"),
            *("describe", "describe-version", "delete", "delete-version", "delete-versions"),
        )
    )
}
"""The order of the help; what isn't here follows in the contract's order."""

_HANDWRITTEN: Final = {
    "Jobs": {"deploy": jobs.deploy, "builds": jobs.builds, "prune": jobs.prune},
    _BUILDS: {
        "logs": logs.logs,
        "get-build-logs": logs.get_build_logs,
        "wait": logs.wait,
        "pack": artifact.pack,
        "init": init.init,
    },
    "Credentials": {"whoami": auth.whoami, "login": auth.login, "logout": auth.logout, "profiles": auth.profiles},
    "On this machine": {"serve": local.serve, "demo": local.demo},
}


def _show_version(wanted: bool) -> None:
    if wanted:
        import peak_images
        from peak_images_cli.output import write

        write(f"peak-images {peak_images.__version__}")
        raise typer.Exit


@flatten_options
def _before_the_command(
    service: ServiceOptions,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version and exit"),
    ] = False,
) -> None:
    """Build Docker images from directories, Dockerfiles and repositories on Peak's platform.

    The token comes from PEAK_AUTH_TOKEN, else API_KEY, or from a profile. Results go to stdout, everything else to
    stderr. An IMAGE is an id or a name, a version IMAGE:VERSION or an id.

    Examples:
        peak-images deploy . --name weather --type api
        peak-images logs weather:0.0.2
        peak-images list --all -o csv
    """
    del service, version  # commands inherit the one, and the other ends the run


def make_app(argv: Sequence[str] = ()) -> typer.Typer:
    """Return the application: with one command if the arguments begin with its name, else with all.

    To make the others takes as long as the imports of a command.
    """
    app = typer.Typer(
        callback=_before_the_command,
        cls=HelpfulGroup,
        rich_markup_mode=None,
        epilog=EPILOG,
        context_settings={"help_option_names": ["--help", "-h"]},
        pretty_exceptions_enable=False,
    )
    described = sorted(described_commands(), key=lambda one: _ORDER.get(one.name, len(_ORDER)))
    names = {command.name for command in described}.union(*_HANDWRITTEN.values())
    wanted = names.intersection(argv[:1]) or names
    for command in described:
        if command.name in wanted:
            panel = _PANELS.get(command.operation["tag"], command.operation["tag"].capitalize())
            app.command(command.name, cls=HelpfulCommand, rich_help_panel=panel)(OperationRunner(command).function())
    for panel, functions in _HANDWRITTEN.items():
        for name, function in functions.items():
            if name in wanted:
                app.command(name, cls=HelpfulCommand, rich_help_panel=panel)(function)
    return app
