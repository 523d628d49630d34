"""Hooks for PyInstaller, which it finds by the wheel's entry point."""

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """Return the directories of the hooks."""
    return [str(Path(__file__).parent)]
