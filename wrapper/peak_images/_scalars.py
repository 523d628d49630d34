"""Scalars as users have them: subclasses of str and int, and those of numpy."""

from __future__ import annotations

import operator
from contextlib import suppress
from typing import Any


def plain(value: Any) -> Any:
    """Return the str, int, float or bool that a value stands for; any other value as it is."""
    if isinstance(value, (str, float)):
        return str.__str__(value) if isinstance(value, str) else float(value)
    if isinstance(value, bool):
        return value
    # Whatever an object raises when it is asked for its value: it isn't a scalar.
    with suppress(Exception):
        if hasattr(type(value), "shape") and value.shape == ():
            return value.item()
    with suppress(Exception):
        if hasattr(type(value), "__index__"):
            return operator.index(value)
    return value
