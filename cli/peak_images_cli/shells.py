"""Shell completion: the completions themselves, and the script that makes a shell request them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click
from click.shell_completion import get_completion_class, shell_complete

from peak_images_cli.exit_codes import COMPLETION_VARIABLE, PROGRAM, CommandError

_FILES: Final = {
    "bash": "~/.bashrc",
    "zsh": "~/.zshrc",
    "fish": f"~/.config/fish/completions/{PROGRAM}.fish",
    "powershell": "~/Documents/PowerShell/Microsoft.PowerShell_profile.ps1",
}
"""The file that each shell reads completions from, or runs when it starts."""


def complete(program: click.Command) -> int:
    """Write the completions that the shell requests by its variables."""
    return shell_complete(program, {}, PROGRAM, COMPLETION_VARIABLE, os.environ[COMPLETION_VARIABLE])


def completion_script(program: click.Command) -> tuple[str, str]:
    """Return the name of the user's shell, and its completion script.

    Raises:
        CommandError: click doesn't support the shell.
    """
    shell = "powershell" if os.name == "nt" else Path(os.environ.get("SHELL", "")).name
    found = get_completion_class(shell)
    if found is None or shell not in _FILES:
        raise CommandError(f"no completion for the shell {shell!r}", "set SHELL to bash, zsh or fish")
    return shell, found(program, {}, PROGRAM, COMPLETION_VARIABLE).source().strip()


def install_completion(program: click.Command) -> Path:
    """Install the completion script for the user's shell, unless it is installed; return the file.

    Raises:
        CommandError: click doesn't support the shell, or the file can't be written.
    """
    shell, script = completion_script(program)
    path = Path(_FILES[shell]).expanduser()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or COMPLETION_VARIABLE not in path.read_text(encoding="utf-8"):
            with path.open("a", encoding="utf-8") as file:
                file.write(f"\n{script}\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: can't be written: {error}") from error
    return path
