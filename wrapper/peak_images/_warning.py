"""Warnings that point at who called this package."""

from __future__ import annotations

import warnings
from typing import Final

_OWN: Final = ("peak_images.", "peak_images_api.", "peak.resources.images.")


def warn_caller(message: str, category: type[Warning]) -> None:
    """Emit a warning from where this package was called.

    Args:
        message: What it says.
        category: Its class.
    """
    warnings.warn(message, category, stacklevel=_frames_of_this_package() + 1)


def _frames_of_this_package() -> int:
    """How far up the stack, from the calling function, the first frame is that isn't this package's."""
    import inspect

    frame = inspect.currentframe()
    level = 0
    while frame and f"{frame.f_globals.get('__name__')}.".startswith(_OWN):
        frame = frame.f_back
        level += 1
    return level - 1
