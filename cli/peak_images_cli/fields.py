"""The options of a command from the contract: parameters and body fields, and the values that are given by them."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from peak_images_api import operations
from peak_images_cli import completion
from peak_images_cli.exit_codes import CommandError
from peak_images_cli.option_groups import Option
from peak_images_cli.options import RESERVED
from peak_images_cli.references import NAMED

if TYPE_CHECKING:
    from peak_images_api.operations import Operation, Value

_TEXT_FILES: Final = ("dockerfile",)
"""Fields whose text may come from a file, by ``@PATH``."""

NOT_GIVEN: Final = (None, ())
"""The values of an option that wasn't given; the empty tuple for a repeatable one."""

_TYPES: Final[Mapping[str, Any]] = {"boolean": click.BOOL, "integer": click.INT, "number": click.FLOAT}
_RANGES: Final[Mapping[str, Any]] = {"integer": click.IntRange, "number": click.FloatRange}


@dataclass(frozen=True)
class Field:
    """A parameter or a field of the body, as an option.

    Attributes:
        place: ``path``, ``query``, ``header``, ``cookie`` or ``body``.
        path: The argument of the client's method, or the path of the field in the body.
        option: The option.
        value: Its description in the operations table.
        only: The values of the discriminator that it is for; empty for all.
        panel: The heading of the help.
    """

    place: str
    path: tuple[str, ...]
    option: str
    value: Value
    only: Sequence[str] = ()
    panel: str = "Options"

    @property
    def key(self) -> str:
        """The name of the option's value."""
        name = self.option.removeprefix("--").replace("-", "_")
        return f"{name}_" if iskeyword(name) else name

    @property
    def kind(self) -> str:
        """The kind of the value, as the operations table states it."""
        return "string" if self.place == "path" else self.value["kind"]  # an id may be a name

    @property
    def required(self) -> bool:
        """Whether it must be given by this option."""
        return self.value["required"] and self.place != "path"

    @property
    def values(self) -> list[str]:
        """The values that are allowed, of the elements if it is a list."""
        return [str(value) for value in self.value["values"] if value is not None]

    def parse(self, given: Any) -> Any:
        """Return the value that was given on the command line as the client takes it.

        Raises:
            CommandError: The value is malformed.
        """
        match self.kind:
            case "object":
                return _json(self.option, given, dict if self.place == "body" else object)
            case "objects":
                return _json(self.option, given, list)
            case "pairs":
                return _json_list(self.option, given) or [parse_pair(self.option, one) for one in given]
            case "list":
                items = _json_list(self.option, given) or split(given) or []
                return [_scalar(item) for item in items] if self.value["item_type"] in _TYPES else items
            case "scalar":
                value = _scalar(given)
                # 1.10 is a text: as a number it would be sent as 1.1.
                return value if isinstance(value, (bool, int, float)) and json.dumps(value) == given else given
        return _text(self.option, given) if self.path[-1] in _TEXT_FILES else given

    def parameter(self) -> Option:
        """Return the option of a command."""
        off = f"/--no-{self.option[2:]}" if self.kind == "boolean" else ""
        bounds = [self.value["minimum"], self.value["maximum"]]
        has_bounds = self.kind in _RANGES and bounds != [None, None]
        complete = completion.several if self.kind == "list" else completion.one_of
        return Option(
            self.key,
            f"{self.option}{off}",
            type=_RANGES[self.kind](*bounds) if has_bounds else _TYPES.get(self.kind, click.STRING),
            multiple=self.kind in ("list", "pairs"),
            default=None,
            metavar=self._metavar(),
            help=self._help(),
            shell_complete=complete(*self.values) if self.values else None,
            panel=self.panel,
        )

    def _metavar(self) -> str:
        word = self.option.rpartition("-")[2].upper()
        if self.place == "path":
            return word
        match self.kind:
            case "object" | "objects":
                return "JSON"
            case "pairs":
                return "NAME=VALUE"
            case "list":
                return f"{word.removesuffix('S') if not self.values else word},..."
            case "integer" | "number":
                return "N"
        return word if self.values or word in ("PATH", "ID") else "TEXT"

    def _help(self) -> str:
        text = re.sub("[`*]", "", self.value["description"])
        if self.place == "path" and self.path[0] in NAMED:
            text = f"The {self.path[0].removesuffix('_id')}, by id or name"
        if self.values:
            text = ": ".join(filter(None, (text, ", ".join(self.values))))
        if self.path[-1] in _TEXT_FILES:
            text += ", or @PATH to read them from a file"
        elif self.kind in ("object", "objects"):
            text += ", as JSON or @PATH"
        if self.only:
            text += f" [source: {', '.join(self.only)}]"
        if self.value["default"] is not None and "(default" not in text:
            text += f" (default: {json.dumps(self.value['default']).strip(chr(34))})"
        if self.required:
            text += " [required]"
        return f"{text} [deprecated]" if self.value["deprecated"] else text


def allowed_values(operation: str, name: str) -> list[str]:
    """Return the values that the contract allows for a parameter or a body field of an operation."""
    fields = operation_fields(operations.operation(operation))
    return next((field.values for field in fields if field.path == (name,)), [])


def operation_fields(operation: Operation) -> list[Field]:
    """Return the parameters and body fields of an operation, without the artifact, with unique options."""
    found = [Field(one["place"], (one["argument"],), one["option"], one) for one in operation["parameters"]]
    listed = operation["body"]["fields"] if operation["body"] else []
    objects = {one["path"][0] for one in listed if len(one["path"]) > 1}
    for one in listed:
        panel = _dashed(one["path"][0]).replace("-", " ").capitalize() if one["path"][0] in objects else "Options"
        found.append(Field("body", tuple(one["path"]), f"--{_dashed(one['path'][-1])}", one, one["only"], panel))
    return list(_without_collisions(found))


def split(values: Iterable[str] | None) -> list[str] | None:
    """Return values that are separated by commas, or come from an option that is repeated; ``None`` for none."""
    parts = [part.strip() for value in values or () for part in value.split(",")]
    return [part for part in parts if part] or None


def parse_pair(option: str, given: str) -> dict[str, str]:
    """Return an argument of a build, given as ``NAME=VALUE``.

    Raises:
        CommandError: The value is malformed.
    """
    name, equals, value = given.partition("=")
    if not equals or not name:
        # Only the name is shown, since the value may be a secret.
        raise CommandError(f"{option}: {name!r} is not NAME=VALUE")
    return {"name": name, "value": value}


def _without_collisions(fields: Iterable[Field]) -> Iterator[Field]:
    taken = set(RESERVED)
    for field in fields:
        option = field.option
        if option[2:] in taken:
            prefix = _dashed(field.path[0]) if len(field.path) > 1 else field.place
            option = f"--{prefix}-{option[2:]}"
        taken.add(option[2:])
        yield replace(field, option=option)


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", name).lower()


def _scalar(item: Any) -> Any:
    with suppress(ValueError):
        return json.loads(item) if isinstance(item, str) else item
    return item


def _json_list(option: str, given: Sequence[str]) -> Any:
    if len(given) != 1 or not given[0].lstrip().startswith(("[", "@")):
        return None
    return _json(option, given[0], list)


def _json(option: str, given: str, kind: type) -> Any:
    try:
        parsed = json.loads(_text(option, given))
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{option}: not JSON: {error}") from error
    if not isinstance(parsed, kind):
        raise CommandError(f"{option}: not a JSON {'list' if kind is list else 'object'}")
    return parsed


def _text(option: str, given: str) -> str:
    """Return the given text, or the contents of the file after an ``@``."""
    if not given.startswith("@"):
        return given
    try:
        return read_text(Path(given[1:]))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{option}: {given[1:]} can't be read: {error}") from error


def read_text(path: Path) -> str:
    """Return the text of a file without a byte order mark; ``-`` is standard input."""
    if str(path) == "-":
        return sys.stdin.read().removeprefix("\ufeff")
    return path.read_text(encoding="utf-8-sig")
