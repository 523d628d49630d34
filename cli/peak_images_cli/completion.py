"""What the shell offers when tab is pressed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

STAGES: Final = ("prod", "dev", "test", "beta", "parvati", "latest")


def one_of(*values: str) -> Callable[[str], list[str]]:
    """Complete an option that takes one of these values."""

    def complete(incomplete: str) -> list[str]:
        return [value for value in values if value.startswith(incomplete)]

    return complete


def several(*values: str) -> Callable[[str], list[str]]:
    """Complete an option that takes several of these values, separated by commas."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        given = before.split(",")
        return [f"{before}{comma}{value}" for value in values if value.startswith(last) and value not in given]

    return complete


def profile_names(incomplete: str) -> list[str]:
    """Complete the name of a profile."""
    from peak_images_cli.exit_codes import CommandError
    from peak_images_cli.profiles import read_configuration

    try:
        names = read_configuration(None).profiles
    except CommandError:
        return []
    return [name for name in names if name.startswith(incomplete)]
