"""The help of the program and of each command: compact, and the same with every version of click."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

SERVICE: Final = "Service"
"""The heading of the options that every command has."""

_MAX_LABEL: Final = 26
"""Columns for the names of options; the help of a longer one starts on the next line."""


class HelpfulCommand(click.Command):
    """A command whose help has its options under headings, without types or empty defaults."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help."""
        write_introduction(self, ctx, formatter)
        write_options(self, ctx, formatter)


def write_introduction(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the usage of a command, and its description."""
    formatter.width = max(50, shutil.get_terminal_size().columns)
    arguments = [parameter for parameter in command.params if isinstance(parameter, click.Argument)]
    names = (str(p.metavar) if p.required else f"[{p.metavar}]" for p in arguments)
    rest = ("COMMAND [ARGS]...",) if isinstance(command, click.Group) else names
    formatter.write(f"{' '.join((_bold('Usage:'), ctx.command_path, '[OPTIONS]', *rest))}\n")
    for paragraph in (command.help or "").split("\n\n"):
        # The lines of an example stay as they are.
        text = paragraph if paragraph.startswith(" ") else textwrap.fill(paragraph, formatter.width)
        formatter.write(f"\n{text}\n")


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the arguments and the options of a command."""
    panels: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    for parameter in command.get_params(ctx):
        if isinstance(parameter, click.Option):
            title = getattr(parameter, "panel", "Options")  # click's own --help has none
            panels.setdefault(title, []).append((_label(parameter), _description(parameter)))
        else:
            panels["Arguments"].append((str(parameter.metavar), getattr(parameter, "help", "")))
    shared = [] if isinstance(command, click.Group) else panels.pop(SERVICE, [])
    write_sections(panels, formatter)
    if shared:  # every command has them
        names = ", ".join(label.split()[0] for label, _ in shared)
        with formatter.section(_bold(SERVICE)):
            formatter.write_text(f"{names}: see '{ctx.find_root().command_path} --help'")


def write_sections(panels: Mapping[str, Sequence[tuple[str, str]]], formatter: click.HelpFormatter) -> None:
    """Write lists of names and what they mean, each under its heading."""
    for title, rows in panels.items():
        if rows:
            with formatter.section(_bold(title)):
                formatter.write_dl(rows, col_max=_MAX_LABEL)


def _label(option: click.Option) -> str:
    names = ", ".join(sorted(option.opts, key=len))
    off = f"/{option.secondary_opts[0]}" if option.secondary_opts else ""
    return f"{names}{off}" if option.is_flag else f"{names} {option.metavar}"


def _description(option: click.Option) -> str:
    default = "" if option.is_flag or option.default is None else f" (default: {option.default})"
    variable = f" [env: {option.envvar}]" if option.envvar else ""
    return f"{option.help or ''}{default}{variable}"


def _bold(text: str) -> str:
    # click removes styles if the output isn't a terminal.
    return text if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else click.style(text, bold=True)
