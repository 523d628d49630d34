"""Mask the outputs in the documentation that vary from run to run.

A page and the notebook show the outputs of one run. A test that runs them again compares the outputs after
``mask``, which replaces each value of a kind in ``VARYING`` by the name of the kind.
"""

from __future__ import annotations

import re
from typing import Final

HOME: Final = "/home/ada"
"""The home directory that the pages show."""

VARYING: Final = {
    "time": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)?",
    "age": r"\b(?:just now|\d+ ?(?:s|min|h|d) ago)",
    "address": r"\b127\.0\.0\.1:\d+",
    "duration": r"\b\d+(?:\.\d+)? (?:s|seconds)\b",
    "build": r"image-build-mock:[0-9a-f-]+",
    "zipped": r"(?<=zipped )\d+(?:\.\d+)? (?:B|[KMG]iB)",
}
"""The kinds of values that vary, each with its pattern. The zipped size depends on the version of the codec."""

_PATTERN: Final = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in VARYING.items()))


def mask(text: str) -> str:
    """Return a text with the values that vary replaced by their kinds."""
    return _PATTERN.sub(lambda found: f"<{found.lastgroup}>", text)
