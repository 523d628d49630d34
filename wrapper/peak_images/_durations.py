"""Lengths of time and points in time, as people write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from peak_images._validation import parse_datetime
from peak_images.errors import InvalidInputError, quoted

Since = timedelta | datetime | date | str
"""How long ago (``timedelta(days=7)``, ``"7d"``), or a point in time (a ``datetime``, a ``date``, ISO 8601 text)."""

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(field: str, value: object) -> timedelta:
    """Return a length of time.

    Args:
        field: The argument, for the error.
        value: A ``timedelta``, or text such as ``30d``, ``12h`` or ``1h30m``.

    Raises:
        InvalidInputError: It is neither, or negative.
    """
    try:
        parsed = value if isinstance(value, timedelta) else _from_text(value)
    except OverflowError:
        parsed = None
    if parsed is None or parsed < timedelta(0):
        raise InvalidInputError(
            field, f"{quoted(value)} must be a timedelta, or text such as '30d', '12h' or '1h30m'", value
        )
    return parsed


def parse_since(field: str, value: object) -> datetime:
    """Return a point in time, in UTC, from one or from how long ago it was.

    Args:
        field: The argument, for the error.
        value: A ``Since``.

    Raises:
        InvalidInputError: It can't be read.
    """
    if isinstance(value, timedelta) or _from_text(value) is not None:
        try:
            return datetime.now(UTC) - parse_duration(field, value)  # noqa: TID251 - the service's times are dates
        except OverflowError as error:
            raise InvalidInputError(field, f"{quoted(value)} is before the year 1", value) from error
    try:
        parsed = parse_datetime(field, value)
    except InvalidInputError as error:
        problem = f"{quoted(value)} must be how long ago, such as '7d', or a time in ISO 8601, such as 2023-06-01"
        raise InvalidInputError(field, problem, value) from error
    if parsed is None:
        raise InvalidInputError(field, "is required", value)
    return parsed


def _from_text(value: object) -> timedelta | None:
    if not isinstance(value, str) or not re.fullmatch(r"\s*(?:[0-9]{1,9}[smhdw])+\s*", value):
        return None
    parts = re.findall(r"([0-9]+)([smhdw])", value)
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta(0))
