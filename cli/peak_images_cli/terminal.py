"""Write to the terminal: messages, logs, and the filter for untrusted text."""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from peak_images_cli.exit_codes import CommandError, ExitCode

if TYPE_CHECKING:
    from rich.text import Text

_SEQUENCES: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
"""Control sequences such as those for colours, which are common in build logs."""

_CONTROL_CHARS: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""C0 without tab and newline, C1, bidirectional controls, and surrogates."""

_IN_ASCII: Final = {"█": "#", "…": "...", "✓": "*", "▸": ">", **dict.fromkeys("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "*")}
"""The ASCII replacements for the characters of bars, ellipses, headings and spinners."""


def strip_control_chars(text: str) -> str:
    """Return untrusted text without terminal control sequences. Lines and tabs stay."""
    return _CONTROL_CHARS.sub("�", _SEQUENCES.sub("", text))


def escape_control_chars(json_text: str) -> str:
    """Return JSON with control characters escaped. The values stay the same."""
    return _CONTROL_CHARS.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text)


def has_control_chars(text: str) -> bool:
    """Return whether a text contains terminal control characters."""
    return bool(_CONTROL_CHARS.search(text))


def safe_text(text: object, style: str = "") -> Text:
    """Return a text for rich, filtered."""
    from rich.text import Text

    return Text(strip_control_chars(str(text)), style=style)


def echo_err(text: str) -> None:
    """Write a message to stderr, filtered. A closed stderr isn't an error."""
    with suppress(OSError):
        sys.stderr.write(f"{strip_control_chars(text)}\n")
        sys.stderr.flush()


def warn(text: str) -> None:
    """Write a warning to stderr, in one line."""
    echo_err(f"peak-images: warning: {' '.join(text.split())}")


def confirm(question: str) -> None:
    """Ask on stderr for confirmation of a deletion.

    Raises:
        CommandError: The user declines.
    """
    import click

    if not click.confirm(strip_control_chars(question), err=True):
        raise CommandError("nothing was deleted", code=ExitCode.FAILED)


def _encode_otherwise(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace characters that a stream can't encode: those of tables and bars by ASCII, others by escapes."""
    if isinstance(error, UnicodeEncodeError) and (drawn := _IN_ASCII.get(error.object[error.start])):
        return drawn, error.start + 1
    return codecs.backslashreplace_errors(error)


def configure_streams() -> None:
    """Open closed standard streams, and make every character writable.

    Otherwise the next file or connection would get the number of a closed stream, and be written to. A file's name may
    contain any byte, and a pipe may be ASCII.
    """
    codecs.register_error("peak-images", _encode_otherwise)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it takes the lowest free number, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="peak-images")


def discard_output(stream: Any) -> None:
    """Discard a stream's buffer, so that flushing it at exit doesn't fail."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def debug_log() -> Iterator[None]:
    """Show the client's log in the block: each attempt of a request, and the reason for a retry."""
    import logging

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            echo_err(self.format(record))

    handler, logger = Handler(), logging.getLogger("peak_images")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
