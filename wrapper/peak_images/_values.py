"""Single values of arguments: ids, lists, paths, points in time and durations, as users give them."""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from inspect import iscoroutinefunction
from pathlib import Path
from threading import TIMEOUT_MAX
from typing import Any, Final

from peak_images.errors import InvalidInputError, PeakImagesError, quoted

Since = timedelta | datetime | date | str
"""How long ago (``timedelta(days=7)``, ``"7d"``), or a point in time (a ``datetime``, a ``date``, ISO 8601 text)."""

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

MAX_INTEGER: Final = 10**300
"""Upper bound of integers; far larger ones can't be converted to text."""


def plain(value: Any) -> Any:
    """Return the str, int, float, bool or list that a value stands for, as numpy's do; any other value as it is."""
    if isinstance(value, (str, float)):
        return str.__str__(value) if isinstance(value, str) else float(value)
    if isinstance(value, bool):
        return value
    # An object that raises when it is read isn't a scalar.
    with suppress(Exception):
        if hasattr(type(value), "shape"):
            return value.item() if value.shape == () else value.tolist()
    with suppress(Exception):
        if hasattr(type(value), "__index__"):
            return operator.index(value)
    return value


_FINDERS: Final = {
    "image_id": "; find_image(name) finds an image by its name",
    "version_id": "; find_version(image_id, version) finds a version by its name",
}
"""The hint of the error for a name in place of an id."""


def validate_id(field: str, value: object) -> int:
    """Return the id of an image or a version, which may be given as text.

    Raises:
        InvalidInputError: It isn't a positive integer.
    """
    number = value if type(value) is int else plain(value)
    if isinstance(number, str) and re.fullmatch(r"[0-9]{1,18}", number):
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not 0 < number < MAX_INTEGER:
        hint = _FINDERS.get(field, "") if isinstance(number, str) and not number.isdigit() else ""
        raise InvalidInputError(field, f"must be a positive integer, not {quoted(value)}{hint}", value)
    return number


def validate_build_id(value: object, field: str = "build_id") -> int | str:
    """Return the id of a build: a positive integer, or a text id of the service.

    Raises:
        InvalidInputError: It is neither.
    """
    text = plain(value)
    if isinstance(text, str) and text.strip() and not text.isdigit():
        if text in (".", "..") or not is_encodable(text):
            raise InvalidInputError(field, f"{quoted(value)} can't be part of a URL", value)
        return text
    return validate_id(field, value)


def validate_ids(field: str, values: object) -> list[int]:
    """Return a list of ids.

    Raises:
        InvalidInputError: It isn't one.
    """
    return [validate_id(f"{field}[{index}]", value) for index, value in enumerate(as_list(field, values))]


def as_list(field: str, values: object) -> list[Any]:
    """Return an iterable as a list; text isn't accepted.

    Raises:
        InvalidInputError: It is a single value.
    """
    values = plain(values)
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        how = f": give [{quoted(values)}]" if isinstance(values, str) else ""
        raise InvalidInputError(field, f"{quoted(values)} is not a list{how}", values)
    with readable(field, values):
        return list(values)


def as_bool(field: str, value: object) -> bool:
    """Return the truth value of an object.

    Raises:
        InvalidInputError: It has none, like an array.
    """
    with readable(field, value):
        return bool(value)


@contextmanager
def readable(field: str, value: object) -> Iterator[None]:
    """Raise ``InvalidInputError`` for any error of reading a value, since a user's object may raise anything."""
    try:
        yield
    except PeakImagesError:
        raise
    except Exception as error:
        raise InvalidInputError(field, f"{quoted(value)} can't be read: {error}", value) from error


def validate_callback(field: str, value: object) -> None:
    """Check that a value can be called, or is ``None``.

    Raises:
        InvalidInputError: It isn't.
    """
    if value is not None and not callable(value):
        raise InvalidInputError(field, f"{quoted(value)} can't be called", value)
    if iscoroutinefunction(value):
        raise InvalidInputError(field, f"{quoted(value)} is asynchronous; pass a plain function", value)


def validate_path(field: str, value: object) -> Path:
    """Return the path of a file or directory.

    Raises:
        InvalidInputError: It isn't one.
    """
    if isinstance(value, (str, os.PathLike)):
        with readable(field, value):
            if text := os.fspath(value):
                return Path(text)
    raise InvalidInputError(field, f"{quoted(value)} is not a path", value)


def validate_choice(field: str, value: object, allowed: Sequence[str]) -> str:
    """Return one of the allowed values.

    Raises:
        InvalidInputError: It isn't one.
    """
    if not isinstance(value, str) or value not in allowed:
        raise InvalidInputError(field, f"{quoted(value)} is not one of the allowed values", value, allowed)
    return value


def validate_count(field: str, value: object) -> int:
    """Return a non-negative integer.

    Raises:
        InvalidInputError: It isn't one.
    """
    number = plain(value)
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise InvalidInputError(field, f"must be a non-negative integer, not {quoted(value)}", value)
    return number


def validate_seconds(field: str, value: object) -> float:
    """Return a number of seconds.

    Raises:
        InvalidInputError: It isn't a positive number.
    """
    number = plain(value)
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 < number <= TIMEOUT_MAX:
        raise InvalidInputError(field, f"must be a positive number of seconds, not {quoted(value)}", value)
    return float(number)


def parse_datetime(field: str, value: object) -> datetime:
    """Return a point in time with its zone, of ISO 8601 text, a ``datetime`` or a ``date``; without a zone it is UTC.

    Raises:
        InvalidInputError: It is none of these.
    """
    time = value
    if "datetime64" in str(getattr(value, "dtype", "")):
        # In nanoseconds, numpy's item() is an int and not a datetime.
        with suppress(Exception):
            time = value.astype("datetime64[us]")  # type: ignore[attr-defined]
    time = plain(time)
    if isinstance(time, str):
        from dateutil.parser import isoparse

        try:
            time = isoparse(time.strip())
        except (ValueError, OverflowError) as error:
            problem = f"{quoted(time)} is not a time in ISO 8601, such as 2023-06-01 or 2023-06-01T18:00:00.000Z"
            raise InvalidInputError(field, problem, time) from error
    if isinstance(time, date) and not isinstance(time, datetime):
        time = datetime(time.year, time.month, time.day, tzinfo=UTC)
    if not isinstance(time, datetime) or time != time:  # noqa: PLR0124 - pandas' NaT is a datetime
        raise InvalidInputError(field, f"{quoted(value)} is not a time; must be text, a datetime or a date", value)
    try:
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(field, f"{quoted(value)} is not a time that UTC can express", value) from error


def parse_since(field: str, value: object) -> datetime:
    """Return a point in time, in UTC, from one or from how long ago it was.

    Args:
        field: The argument, for the error.
        value: A ``Since``.

    Raises:
        InvalidInputError: It can't be read, or is a negative duration.
    """
    if isinstance(value, timedelta) and value < timedelta(0):
        raise InvalidInputError(field, f"{quoted(value)} must not be negative", value)
    try:
        age = value if isinstance(value, timedelta) else _parse_duration(value)
        # The wall clock, since the service's times are dates.
        return parse_datetime(field, value) if age is None else datetime.now(UTC) - age  # noqa: TID251
    except (InvalidInputError, OverflowError) as error:
        problem = "must be how long ago, such as '7d' or '1h30m', or a time in ISO 8601, such as 2023-06-01"
        raise InvalidInputError(field, f"{quoted(value)} {problem}", value) from error


def _parse_duration(value: object) -> timedelta | None:
    if not isinstance(value, str) or not re.fullmatch(r"\s*(?:[0-9]{1,9}[smhdw])+\s*", value):
        return None
    parts = re.findall(r"([0-9]+)([smhdw])", value)
    return sum((timedelta(**{_UNITS[unit]: int(number)}) for number, unit in parts), timedelta(0))


def is_encodable(text: str) -> bool:
    """Return whether a text can be sent as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
