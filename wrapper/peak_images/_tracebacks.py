"""Short tracebacks: the caller's frames, the method that was called, and one line of the cause."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Final

from peak_images.errors import PeakImagesError

DEBUG_VARIABLE: Final = "PEAK_IMAGES_DEBUG"
"""The environment variable that keeps the whole traceback."""


class short_traceback:  # noqa: N801 - used as a function
    """Remove the frames below the block, and those of the cause, from the traceback of this package's errors."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: TracebackType | None) -> None:
        if not isinstance(error, PeakImagesError) or os.environ.get(DEBUG_VARIABLE):
            return
        error.__traceback__ = None
        if (cause := error.__cause__) is not None:
            cause.__traceback__ = cause.__cause__ = cause.__context__ = None
