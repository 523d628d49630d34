"""The program: all commands, under headings. A command is created when it is used."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import Any, Final

import click

from peak_images_cli.command import described_commands
from peak_images_cli.exit_codes import EPILOG, PROGRAM, ExitCode
from peak_images_cli.help import HelpfulCommand, write_introduction, write_options, write_sections
from peak_images_cli.option_groups import Option, print_and_exit, unwrap
from peak_images_cli.options import ServiceOptions

_COMMON: Final = "Common commands"
_IMAGES: Final = "Images and versions"
_BUILDS: Final = "Builds and artifacts"
_PANELS: Final = {"images": _IMAGES, "versions": _IMAGES, "builds": _BUILDS}
"""The headings of the help, by the contract's tags. Other tags are their own headings."""

_ORDER: Final = (
    *("create", "create-version", "create-or-update", "update-version", "list", "list-versions"),
    *("describe", "describe-version", "delete", "delete-version", "delete-versions"),
)
"""The first commands of the help; others follow in the contract's order."""

_HANDWRITTEN: Final = {
    _COMMON: {"init": "init", "deploy": "jobs", "builds": "jobs", "prune": "jobs"},
    _BUILDS: {"logs": "logs", "get-build-logs": "logs", "wait": "logs", "pack": "artifact"},
    "Credentials": {"whoami": "auth", "login": "auth", "logout": "auth", "profiles": "auth"},
    "On this machine": {"serve": "local", "demo": "local"},
}
"""The other commands, under their headings, and the modules that they are in."""

_SYNONYMS: Final = {
    **dict.fromkeys(("build", "push", "up"), "deploy"),
    **dict.fromkeys(("ls", "images"), "list"),
    **dict.fromkeys(("get", "show", "inspect", "status"), "describe"),
    **dict.fromkeys(("rm", "rmi", "remove"), "delete"),
    "versions": "list-versions",
}
"""The names of the commands in other tools."""

_HELP: Final = """
Build Docker images from directories, Dockerfiles and repositories on Peak's platform.

The token comes from PEAK_AUTH_TOKEN, else API_KEY, or from a profile. Results go to stdout, everything else to
stderr. An IMAGE is an id or a name, a version IMAGE:VERSION or an id.

Examples:
    peak-images deploy . --name weather --type api
    peak-images logs weather:0.0.2
    peak-images list --all -o csv
"""


def _version(_: click.Context) -> str:
    from peak_images import __version__

    return f"{PROGRAM} {__version__}"


def _completion_script(context: click.Context) -> str:
    from peak_images_cli.shells import completion_script

    return completion_script(context.command)[1]


def _install_completion(context: click.Context) -> str:
    from peak_images_cli.shells import install_completion

    return f"completion is installed in {install_completion(context.command)}; start the shell again"


_OPTIONS: Final = (
    ("--version", "Print the version and exit", _version),
    ("--install-completion", "Install completion for the current shell.", _install_completion),
    (
        "--show-completion",
        "Show completion for the current shell, to copy it or customize the installation.",
        _completion_script,
    ),
)


class Program(click.Group):
    """The program. Help, exit codes and suggestions are the same with every version of click."""

    def __init__(self) -> None:
        own = [Option(name, help=text, **print_and_exit(text_of)) for name, text, text_of in _OPTIONS]
        super().__init__(
            PROGRAM,
            help=unwrap(_HELP),
            callback=lambda **_: None,  # commands inherit the options
            context_settings={"help_option_names": ["--help", "-h"]},
            params=[*own, *ServiceOptions.as_click()],
        )

    def headings(self) -> dict[str, list[str]]:
        """Return the names of the commands by heading."""
        described = described_commands()
        headings: dict[str, list[str]] = {_COMMON: []}
        for name in sorted(described, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER)):
            tag = described[name].operation["tag"]
            headings.setdefault(_PANELS.get(tag, tag.capitalize()), []).append(name)
        for heading, names in _HANDWRITTEN.items():
            headings.setdefault(heading, []).extend(names)
        return headings

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return [name for names in self.headings().values() for name in names]

    def get_command(self, ctx: Any, cmd_name: str) -> HelpfulCommand | None:
        """Import or create a command."""
        del ctx
        for modules in _HANDWRITTEN.values():
            if cmd_name in modules:
                module = import_module(f"peak_images_cli.commands.{modules[cmd_name]}")
                found: HelpfulCommand = getattr(module, cmd_name.replace("-", "_"))
                return found
        if described := described_commands().get(cmd_name):
            from peak_images_cli.commands.operations import OperationRunner

            return OperationRunner(described).as_click()
        return None

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, with the commands under headings."""
        write_introduction(self, ctx, formatter)
        summaries = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = {
            heading: [(name, str(getattr(summaries[name], "help", "")).partition("\n")[0]) for name in names]
            for heading, names in self.headings().items()
        }
        write_sections(rows, formatter)
        write_options(self, ctx, formatter)
        formatter.write(f"\n{EPILOG}\n")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help, and exit with the code for wrong usage, if there are no arguments."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help())
            ctx.exit(ExitCode.USAGE)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command, or suggest the one that was meant."""
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing and not args[0].startswith("-"):
            meant = _SYNONYMS.get(args[0]) or next(iter(get_close_matches(args[0], self.list_commands(ctx))), "")
            suggestion = f". Did you mean {meant!r}?" if meant else ""
            ctx.fail(f"No such command {args[0]!r}{suggestion}")
        return super().resolve_command(ctx, args)
