"""Short tracebacks: the caller's frames, the method that was called, and one line of the cause."""

from __future__ import annotations

import os
from typing import Final

from peak_images.errors import PeakImagesError

DEBUG_VARIABLE: Final = "PEAK_IMAGES_DEBUG"
"""The environment variable that keeps the whole traceback."""


def shorten_traceback(error: PeakImagesError) -> None:
    """Remove the frames below the caller's, and those of the cause, from an error that is to be raised again."""
    if os.environ.get(DEBUG_VARIABLE):
        return
    error.__traceback__ = None
    if (cause := error.__cause__) is not None:
        cause.__traceback__ = cause.__cause__ = cause.__context__ = None
