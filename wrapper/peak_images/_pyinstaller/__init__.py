"""Hooks for PyInstaller, found by an entry point."""

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """Return the directories of the hooks."""
    return [str(Path(__file__).parent)]
