"""The help of the program and of each command: compact, and the same with every version of typer."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from peak_images_cli.exit_codes import ExitCode
from peak_images_cli.options import SERVICE

_MAX_LABEL: Final = 26
"""Columns for the names of options; the help of a longer one begins on the next line."""


class HelpfulCommand(TyperCommand):
    """A command whose help has its options under headings, without boxes, types or empty defaults."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        _write_introduction(self, ctx, formatter)
        _write_options(self, ctx, formatter)


class HelpfulGroup(TyperGroup):
    """The program. What differs between versions of typer is the same here: help, exit codes, suggestions."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, with the commands under headings."""
        _write_introduction(self, ctx, formatter)
        panels: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            summary = (command.help or "").partition("\n")[0]
            panels.setdefault(str(getattr(command, "rich_help_panel", "")), []).append((name, summary))
        _write_sections(panels, formatter)
        _write_options(self, ctx, formatter)
        formatter.write(f"\n{self.epilog}\n" if self.epilog else "")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Show the help, and exit as after any wrong usage, where there are no arguments."""
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help())
            ctx.exit(ExitCode.USAGE)
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command, or suggest the one that was meant."""
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing and not args[0].startswith("-"):
            close = get_close_matches(args[0], self.commands)
            suggestion = f". Did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"No such command {args[0]!r}{suggestion}")
        return super().resolve_command(ctx, args)


def _write_introduction(command: Any, ctx: Any, formatter: Any) -> None:
    formatter.width = max(50, shutil.get_terminal_size().columns)
    arguments = [parameter for parameter in command.get_params(ctx) if parameter.param_type_name == "argument"]
    names = (str(p.metavar) if p.required else f"[{p.metavar}]" for p in arguments)
    rest = ("COMMAND [ARGS]...",) if isinstance(command, TyperGroup) else names
    formatter.write(f"{' '.join((_bold('Usage:'), ctx.command_path, '[OPTIONS]', *rest))}\n")
    for paragraph in (command.help or "").split("\n\n"):
        # The lines of an example stay as they are.
        text = paragraph if paragraph.startswith(" ") else textwrap.fill(paragraph, formatter.width)
        formatter.write(f"\n{text}\n")


def _write_options(command: Any, ctx: Any, formatter: Any) -> None:
    panels: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    for parameter in command.get_params(ctx):
        if getattr(parameter, "hidden", False):
            continue
        if parameter.param_type_name == "argument":
            panels["Arguments"].append((parameter.metavar, parameter.help or ""))
        else:
            title = getattr(parameter, "rich_help_panel", None) or "Options"
            panels.setdefault(title, []).append((_label(parameter), _description(parameter)))
    shared = [] if isinstance(command, TyperGroup) else panels.pop(SERVICE, [])
    _write_sections(panels, formatter)
    if shared:  # every command has them
        names = ", ".join(label.split()[0] for label, _ in shared)
        with formatter.section(_bold(SERVICE)):
            formatter.write(f"  {names}: see '{ctx.find_root().command_path} --help'\n")


def _write_sections(panels: Mapping[str, Sequence[tuple[str, str]]], formatter: Any) -> None:
    for title, rows in panels.items():
        if rows:
            with formatter.section(_bold(title)):
                formatter.write_dl(rows, col_max=_MAX_LABEL)


def _label(option: Any) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    off = f"/{option.secondary_opts[0]}" if option.secondary_opts else ""
    return f"{names}{off}" if option.is_flag else f"{names} {option.metavar or 'TEXT'}"


def _description(option: Any) -> str:
    shown = option.show_default is True and option.default not in (None, True, False)
    default = f" (default: {option.default})" if shown else ""
    variable = f" [env: {option.envvar}]" if option.envvar else ""
    return f"{option.help or ''}{default}{variable}"


def _bold(text: str) -> str:
    # What isn't a terminal is written without it.
    return text if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else typer.style(text, bold=True)
