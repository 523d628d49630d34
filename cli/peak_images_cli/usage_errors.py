"""The message and the hint for a usage error of click."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import click

from peak_images_cli.exit_codes import PROGRAM
from peak_images_cli.options import OUTPUT_TYPES


def explain_usage(error: click.ClickException, argv: Sequence[str]) -> tuple[str, str]:
    """Return the message and the hint for a usage error.

    Args:
        error: The error.
        argv: The arguments of the run.
    """
    context: click.Context | None = getattr(error, "ctx", None)
    message, hint = error.format_message(), f"see '{context.command_path if context else PROGRAM} --help'"
    parameter = getattr(error, "param", None)
    if isinstance(error, click.NoSuchOption):
        message = f"No such option: {error.option_name}"
        name = error.option_name.removeprefix("--")
        if name in OUTPUT_TYPES and "--output-type" in _options(context):
            hint = f"-o {name} gives that format"
        elif close := get_close_matches(name, [one.lstrip("-") for one in error.possibilities or ()], 1):
            message += f". Did you mean '--{close[0]}'?"
        elif name == "wait" and context and context.info_name == "deploy":
            hint = "deploy waits by itself"
    elif message.startswith("Got unexpected extra argument") and "--name" in _options(context):
        hint = f"--name {_first_argument(context, argv)} selects by name"
    elif parameter and "--image-id" in parameter.opts and (given := _first_argument(context, argv)).isdecimal():
        hint = f"give --image-id {given}"
    return message, hint


def _options(context: click.Context | None) -> list[str]:
    return [name for one in context.command.params for name in one.opts] if context else []


def _first_argument(context: click.Context | None, argv: Sequence[str]) -> str:
    """Return the argument right after the command."""
    name = context.info_name if context else None
    return next(iter(argv[argv.index(name) + 1 :]), "") if name in argv else ""
