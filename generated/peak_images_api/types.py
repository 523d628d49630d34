# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""Types that all models and calls share."""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any, BinaryIO, Final, Generic, Literal, TypeVar


class Unset:
    """The type of ``UNSET``: a field that isn't there."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final[Unset] = Unset()

FileContent = IO[bytes] | bytes
FileTypes = tuple[str | None, FileContent, str | None]


class RequestFiles(list[tuple[str, FileTypes]]):
    """The parts of a multipart form. It is never false: httpx takes an empty list for no form at all."""

    def __bool__(self) -> Literal[True]:
        return True


@dataclass
class File:
    """A file to upload.

    Attributes:
        payload: What to read it from.
        file_name: The name that is sent with it.
        mime_type: The type that is sent with it.
    """

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """The form in which httpx takes a file."""
        return self.file_name, self.payload, self.mime_type


T = TypeVar("T")


class Response(Generic[T]):
    """The answer to a call. The body is parsed into its model when ``parsed`` is first read.

    Attributes:
        status_code: The HTTP status, documented or not.
        url: The address it came from, without its query.
        content: The body.
        headers: The headers.
    """

    def __init__(
        self, *, status_code: int, url: str, content: bytes, headers: Mapping[str, str], parse: Callable[[], T]
    ) -> None:
        self.url = url
        self.status_code = status_code
        self.content = content
        self.headers = headers
        self._parse = parse

    @cached_property
    def parsed(self) -> T:
        """The body as its model.

        Raises:
            UnexpectedStatus: The contract doesn't document the answer's status.
        """
        return self._parse()

    def __repr__(self) -> str:
        return f"<Response {self.status_code}, {len(self.content)} bytes>"


def to_json(value: Any) -> Any:
    """A model, or a value of one, as plain JSON values; what isn't of a known type is passed on as it is."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime.datetime):
        return _timestamp(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value


def _timestamp(value: datetime.datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    in_utc = value.astimezone(datetime.UTC)
    text = in_utc.isoformat(timespec="microseconds" if in_utc.microsecond % 1000 else "milliseconds")
    return text.replace("+00:00", "Z")


def model_to_dict(model: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a model that are set, by their names in the contract, and those it doesn't know."""
    known = {name: getattr(model, attribute) for attribute, name in names.items()}
    fields = {name: to_json(value) for name, value in known.items() if value is not UNSET}
    return {**fields, **getattr(model, "additional_properties", {})}


def represent(model: Any, names: Mapping[str, str]) -> str:
    """The ``repr`` of a model: the fields that are set."""
    known = {attribute: getattr(model, attribute) for attribute in names}
    shown = {**{k: v for k, v in known.items() if v is not UNSET}, **getattr(model, "additional_properties", {})}
    return f"{type(model).__name__}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def form_fields(fields: Mapping[str, Any]) -> RequestFiles:
    """The fields of a multipart form: files as files, text as it is, everything else as JSON text."""
    parts = RequestFiles()
    for name, value in fields.items():
        if isinstance(value, File):
            parts.append((name, value.to_tuple()))
        else:
            text = value if isinstance(value, str) else json.dumps(value)
            parts.append((name, (None, text.encode(), None)))
    return parts


__all__ = [
    "UNSET",
    "File",
    "FileTypes",
    "RequestFiles",
    "Response",
    "Unset",
    "form_fields",
    "model_to_dict",
    "represent",
    "to_json",
]
