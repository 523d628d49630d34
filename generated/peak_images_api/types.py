# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""Types that all models and calls share."""

from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, BinaryIO, ClassVar, Final, Generic, Literal, Self, TypeVar, cast

if TYPE_CHECKING:
    import httpx


class Unset:
    """The type of ``UNSET``: a field that isn't there."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"  # there is one; a copy and what was pickled are it


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
    """The response to a call. The body is parsed into its model when ``parsed`` is first read.

    Attributes:
        status_code: The HTTP status, documented or not.
        content: The body.
        headers: The headers.
    """

    def __init__(self, response: httpx.Response, parse: Callable[[httpx.Response], T]) -> None:
        self.status_code = response.status_code
        self.content = response.content
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._parse = parse

    @property
    def url(self) -> str:
        """The address it came from, without its query."""
        return str(self._response.url).partition("?")[0]

    @cached_property
    def parsed(self) -> T:
        """The body as its model.

        Raises:
            UnexpectedStatus: The contract doesn't document the response's status.
        """
        return self._parse(self._response)

    def __repr__(self) -> str:
        return f"<Response {self.status_code}, {len(self.content)} bytes>"


def to_json(value: Any) -> Any:
    """Return a model, or a value of one, as plain JSON values; what isn't of a known type is kept as it is."""
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


Parser = Callable[[Any], Any] | type[Any]
"""What parses a value: a model, an enum or a function. It fails on a value that isn't of the documented form."""

_NOT_DOCUMENTED: Final = (AttributeError, KeyError, TypeError, ValueError)


class Model:
    """The base of all models: conversion from and to JSON values, and the fields that the contract doesn't declare."""

    __slots__ = ()

    _names: ClassVar[dict[str, str]]
    """The fields' names in the contract, by attribute."""

    _required: ClassVar[tuple[str, ...]] = ()
    """The fields that are always there."""

    _constants: ClassVar[dict[str, Any]] = {}
    """The fields that always have one value."""

    _secrets: ClassVar[tuple[str, ...]] = ()
    """The fields that ``repr`` masks."""

    additional_properties: dict[str, Any]

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Create a model from JSON values. A value that isn't of the documented form is kept as it is.

        Raises:
            TypeError: It isn't a mapping.
            ValueError: A field that tells the members of a union apart has the value of another member.
        """
        if not isinstance(src_dict, Mapping):
            raise TypeError(f"{type(src_dict).__name__} is not a mapping")
        for name, value in cls._constants.items():
            if src_dict.get(name, UNSET if name in cls._required else value) != value:
                raise ValueError(f"{name} must be {value!r}")
        parsers = cls._parsers()
        model: Any = cls(
            **{
                attribute: _parse(parsers.get(attribute), src_dict.get(name, UNSET))
                for attribute, name in cls._names.items()
            }
        )
        known = set(cls._names.values())
        model.additional_properties = {name: value for name, value in src_dict.items() if name not in known}
        return cast(Self, model)

    @staticmethod
    def _parsers() -> dict[str, Parser]:
        """Return what parses the fields that aren't taken as they are, by attribute."""
        return {}

    def to_dict(self) -> dict[str, Any]:
        """Return the fields that are set, by their names in the contract, as plain JSON values."""
        known = {name: getattr(self, attribute) for attribute, name in self._names.items()}
        return {
            name: to_json(value) for name, value in known.items() if value is not UNSET
        } | self.additional_properties

    def to_multipart(self) -> RequestFiles:
        """Return the fields that are set as the parts of a multipart form."""
        return form_fields(self.to_dict())

    def __repr__(self) -> str:
        known = {attribute: getattr(self, attribute) for attribute in self._names}
        shown = {
            attribute: "***" if self._names[attribute] in self._secrets else value
            for attribute, value in known.items()
            if value is not UNSET
        } | self.additional_properties
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @property
    def additional_keys(self) -> list[str]:
        """The names of the fields that the contract doesn't declare."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties


def _apply(parser: Any, value: Any) -> Any:
    return getattr(parser, "from_dict", parser)(value)


def _parse(parser: Parser | None, value: Any) -> Any:
    if parser is None or value is UNSET:
        return value
    try:
        return _apply(parser, value)
    except _NOT_DOCUMENTED:
        return value


def list_of(parser: Parser) -> Parser:
    """Return what parses the items of a list."""

    def parse(values: list[Any]) -> list[Any]:
        if not isinstance(values, list):
            raise TypeError(f"{type(values).__name__} is not a list")
        return [_apply(parser, value) for value in values]

    return parse


def first_of(*parsers: Parser) -> Parser:
    """Return what parses a value as the first member of a union that it fits."""

    def parse(value: Any) -> Any:
        required = [(parser, getattr(parser, "_required", ())) for parser in parsers]
        complete = [parser for parser, names in required if isinstance(value, Mapping) and value.keys() >= set(names)]
        for parser in complete or parsers:
            with suppress(*_NOT_DOCUMENTED):
                return _apply(parser, value)
        raise ValueError("no member of the union fits")

    return parse


def form_fields(fields: Mapping[str, Any]) -> RequestFiles:
    """Return the fields of a multipart form: files as files, text as it is, everything else but ``None`` as JSON text."""
    parts = RequestFiles()
    for name, value in fields.items():
        if isinstance(value, File):
            parts.append((name, value.to_tuple()))
        elif value is not None:  # "null" would be a text
            text = value if isinstance(value, str) else json.dumps(value)
            parts.append((name, (None, text.encode(), None)))
    return parts


__all__ = [
    "UNSET",
    "File",
    "FileTypes",
    "Model",
    "Parser",
    "RequestFiles",
    "Response",
    "Unset",
    "first_of",
    "form_fields",
    "list_of",
    "to_json",
]
