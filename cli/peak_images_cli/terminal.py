"""What reaches a terminal beside the result: notes, logs, and the one filter for text from outside."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

_COLOURING: Final = re.compile(r"\x1b\[[0-9;]*m")
_STEERING: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but for the tab, those that turn the direction of text, and what isn't Unicode."""


def stderr_console() -> Console:
    """A console for what goes on, on stderr, so that stdout holds nothing but the result."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def echo_err(text: str) -> None:
    """Tell something that is not the result, in one line on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def logging_undone() -> Iterator[None]:
    """Leave the logging of the process as it was, for whoever runs the command line in their own."""
    import logging

    logger = logging.getLogger("peak_images")
    handlers, level = list(logger.handlers), logger.level
    try:
        yield
    finally:
        logger.handlers = handlers
        logger.setLevel(level)


def log_to_stderr() -> None:
    """Show what the client logs: each try of a request, and why there is another one."""
    import logging

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            echo_err(strip_control_chars(self.format(record)))

    handler = Handler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    logger = logging.getLogger("peak_images")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)


def strip_control_chars(text: str) -> str:
    """Text that comes from elsewhere, for a terminal: without colours, and without what would steer it."""
    return _STEERING.sub("�", _COLOURING.sub("", text))
