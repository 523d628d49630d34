"""Warnings that point at the caller of this package."""

from __future__ import annotations

import warnings
from typing import Final

_OWN: Final = ("peak_images.", "peak_images_api.", "peak.resources.images.")


def warn_caller(message: str, category: type[Warning]) -> None:
    """Emit a warning from where this package was called.

    Args:
        message: The message.
        category: The class of the warning.
    """
    from inspect import currentframe  # imported here, since few calls warn

    frame = currentframe()
    level = 1
    while frame and f"{frame.f_globals.get('__name__')}.".startswith(_OWN):
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
