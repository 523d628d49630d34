"""Scalars as users have them: subclasses of str and int, and those of numpy."""

from __future__ import annotations

import operator
from contextlib import suppress


def plain(value: object) -> object:
    """Return the str, int, float or bool that a value stands for; any other value as it is."""
    if isinstance(value, (str, float)):
        return str.__str__(value) if isinstance(value, str) else float(value)
    if isinstance(value, bool):
        return value
    if getattr(value, "shape", None) == () and callable(item := getattr(value, "item", None)):
        return item()
    if hasattr(type(value), "__index__"):
        with suppress(TypeError):
            return operator.index(value)  # type: ignore[arg-type]
    return value
