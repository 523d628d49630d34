"""Shell completion of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

from peak_images_cli.exit_codes import CommandError

STAGES: Final = ("prod", "dev", "test", "beta", "parvati", "latest")

Complete = Callable[[click.Context, click.Parameter, str], list[Any]]


def one_of(*values: str) -> Complete:
    """Complete an option that takes one of these values."""
    return lambda _context, _parameter, incomplete: [value for value in values if value.startswith(incomplete)]


def several(*values: str) -> Complete:
    """Complete an option that takes several of these values, separated by commas."""

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[Any]:
        before, comma, last = incomplete.rpartition(",")
        given = before.split(",")
        return [f"{before}{comma}{value}" for value in values if value.startswith(last) and value not in given]

    return complete


def profile_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[Any]:
    """Complete the name of a profile."""
    from peak_images_cli.profiles import read_configuration

    try:
        names = read_configuration(None).profiles
    except CommandError:
        return []
    return [name for name in names if name.startswith(incomplete)]
