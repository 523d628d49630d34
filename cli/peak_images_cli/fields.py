"""The options of a command from the contract: parameters and body fields, by place, type and values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    from peak_images_api.operations import Operation

_TEXT_FILES: Final = ("dockerfile",)
"""Fields whose text may come from a file, by ``@PATH``."""

NOT_GIVEN: Final = (None, ())
"""The values of an option that wasn't given: of one that is repeatable, the latter."""

_TYPES: Final[Mapping[str, Any]] = {"boolean": click.BOOL, "integer": click.INT, "number": click.FLOAT}
_RANGES: Final[Mapping[str, Any]] = {"integer": click.IntRange, "number": click.FloatRange}


@dataclass(frozen=True)
class Field:
    """A parameter or a field of the body, as an option.

    Attributes:
        place: ``path``, ``query``, ``header``, ``cookie`` or ``body``.
        path: The argument of the client's method, or the field of the body and those that it is in.
        option: The option.
        description: What it means.
        schema: The JSON Schema of its value, references resolved.
        required: Whether it must be given.
        deprecated: Whether it is deprecated.
        only: The values of the discriminator that it is for, if not for all.
    """

    place: str
    path: tuple[str, ...]
    option: str
    description: str
    schema: Mapping[str, Any]
    required: bool = False
    deprecated: bool = False
    only: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the option's value."""
        name = self.option.removeprefix("--").replace("-", "_")
        return f"{name}_" if iskeyword(name) else name

    @property
    def type(self) -> str:
        """The type of the value; an object and what else has no option of its own kind is ``json``."""
        return "string" if self.place == "path" else _type(self.schema)  # an id may be a name

    @property
    def values(self) -> list[str]:
        """The values that are allowed, of the elements if it is a list."""
        return _values(resolve(self.schema.get("items", {})) if self.type in ("list", "pairs") else self.schema)

    def parse(self, given: Any) -> Any:
        """Return the value that was given on the command line as the client takes it.

        Raises:
            CommandError: It isn't of the form.
        """
        match self.type:
            case _ if self.place == "path":
                return given
            case "json":
                return _json(self.option, given)
            case "pairs":
                return _json_list(self.option, given) or [parse_pair(self.option, one) for one in given]
            case "list":
                items = _json_list(self.option, given) or split(given) or []
                return [_number(item, resolve(self.schema.get("items", {}))) for item in items]
            case "string" if self.path[-1] in _TEXT_FILES:
                return _text(self.option, given)
        return given

    def parameter(self) -> Option:
        """Return the option of a command."""
        off = f"/--no-{self.option[2:]}" if self.type == "boolean" else ""
        bounds = [self.schema.get("minimum"), self.schema.get("maximum")]
        has_bounds = self.type in _RANGES and bounds != [None, None]
        return Option(
            self.key,
            f"{self.option}{off}",
            type=_RANGES[self.type](*bounds) if has_bounds else _TYPES.get(self.type, click.STRING),
            multiple=self.type in ("list", "pairs"),
            default=None,
            metavar=self._metavar(),
            help=self._help(),
            shell_complete=self._completion(),
            panel=self._panel(),
        )

    def _panel(self) -> str:
        """The heading of an object's fields: its name in words."""
        is_nested = self.place == "body" and (len(self.path) > 1 or bool(_properties(self.schema)))
        return _dashed(self.path[0]).replace("-", " ").capitalize() if is_nested else "Options"

    def _metavar(self) -> str:
        word = self.option.rpartition("-")[2].upper()
        if self.place == "path":
            return word
        match self.type:
            case "json":
                return "JSON"
            case "pairs":
                return "NAME=VALUE"
            case "list":
                return f"{word.removesuffix('S') if not self.values else word},..."
            case "integer" | "number":
                return "N"
        return word if self.values or word in ("PATH", "ID") else "TEXT"

    def _completion(self) -> Any:
        if not self.values:
            return None
        return (completion.several if self.type == "list" else completion.one_of)(*self.values)

    def _help(self) -> str:
        text = re.sub("[`*]", "", self.description).strip().rstrip(".")
        if self.place == "path" and self.path[0] in NAMED:
            text = f"The {self.path[0].removesuffix('_id')}, by id or name"
        if self.values:
            listed = ", ".join(self.values)
            text = f"{text}: {listed}" if text else listed
        if self.path[-1] in _TEXT_FILES:
            text += ", or @PATH to read them from a file"
        elif self.type == "json":
            text += ", as JSON or @PATH"
        if self.only:
            text += f" [source: {', '.join(self.only)}]"
        if "default" in self.schema and "(default" not in text:
            text += f" (default: {json.dumps(self.schema['default']).strip(chr(34))})"
        if self.required:
            text += " [required]"
        return f"{text} [deprecated]" if self.deprecated else text


def operation_fields(operation: Operation) -> list[Field]:
    """Return the parameters and body fields of an operation but for the artifact, with unique options."""
    found = [
        Field(
            parameter["place"],
            (parameter["argument"],),
            parameter["option"],
            parameter["description"],
            {**resolve(parameter["schema"]), **({"contentMediaType": "json"} if parameter["content_type"] else {})},
            parameter["required"] and parameter["place"] != "path",
            parameter["deprecated"],
        )
        for parameter in operation["parameters"]
    ]
    if body := operation["body"]:
        found += _body_fields(body["schema"])
    return list(_without_collisions(found))


def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a schema without its reference. What stands beside the reference overrides its target."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = operations.table()["components"]["schemas"][name]
        schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def split(values: Iterable[str] | None) -> list[str] | None:
    """Return values that are separated by commas, or come from an option that is repeated; ``None`` for none."""
    parts = [part.strip() for value in values or () for part in value.split(",")]
    return [part for part in parts if part] or None


def _body_fields(schema: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[Field]:
    for name, (found, only) in _properties(resolve(schema)).items():
        if found.get("format") == "binary":
            continue
        path = (*above, name)
        required = not above and name in resolve(schema).get("required", ())
        yield Field(
            "body",
            path,
            f"--{_dashed(name)}",
            found.get("description", ""),
            found,
            required,
            bool(found.get("deprecated")),
            only,
        )
        if not above and _properties(found):
            yield from _body_fields(found, path)


def _properties(
    schema: Mapping[str, Any], only: tuple[str, ...] = ()
) -> dict[str, tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Return the properties of an object and its union members, with the discriminator's values each is for."""
    schema = resolve(schema)
    candidates: dict[str, list[tuple[Mapping[str, Any], tuple[str, ...]]]] = {}
    for name, value in schema.get("properties", {}).items():
        candidates.setdefault(name, []).append((resolve(value), only))
    members = [(member, only) for key in ("allOf", "oneOf", "anyOf") for member in schema.get(key, ())]
    if "then" in schema:
        tests = schema["if"].get("properties", {}).values()
        members.append((schema["then"], tuple(value["const"] for value in tests if "const" in value) or only))
    for member, which in members:
        for name, found in _properties(member, which).items():
            candidates.setdefault(name, []).append(found)
    if "else" in schema:
        for name, found in _properties(schema["else"], only).items():
            candidates.setdefault(name, [found])
    return {name: _united(found) for name, found in candidates.items() if any(value for value, _ in found)}


def _united(
    found: Sequence[tuple[Mapping[str, Any], tuple[str, ...]]],
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    constants = [value["const"] for value, _ in found if "const" in value]
    chosen = next((value for value, _ in found if value and "const" not in value), {"enum": constants})
    everywhere = any(not only for _, only in found) or bool(constants)
    only = () if everywhere else tuple(dict.fromkeys(value for _, values in found for value in values))
    return chosen, () if len(only) > 2 else only


def _without_collisions(fields: Iterable[Field]) -> Iterator[Field]:
    taken = set(RESERVED)
    for field in fields:
        option = field.option
        if option[2:] in taken:
            prefix = _dashed(field.path[0]) if len(field.path) > 1 else field.place
            option = f"--{prefix}-{option[2:]}"
        taken.add(option[2:])
        yield replace(field, option=option)


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), None)
    if kind == "array":
        items = resolve(schema.get("items", {}))
        if set(items.get("properties", ())) == {"name", "value"}:
            return "pairs"
        return "json" if _properties(items) or items.get("type") in ("array", "object") else "list"
    if kind == "object" or "contentMediaType" in schema or _properties(schema):
        return "json"
    return str(kind) if kind in _TYPES else "string"


def _values(schema: Mapping[str, Any]) -> list[str]:
    found = list(schema.get("enum", ()))
    for member in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found += _values(resolve(member))
    return [str(value) for value in found if value is not None]


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", name).lower()


def _number(item: Any, schema: Mapping[str, Any]) -> Any:
    is_number = schema.get("type") == "integer" and isinstance(item, str) and item.isascii() and item.isdigit()
    return int(item) if is_number else item


def parse_pair(option: str, given: str) -> dict[str, str]:
    """Return an argument of a build, given as ``NAME=VALUE``.

    Raises:
        CommandError: It isn't of the form.
    """
    name, equals, value = given.partition("=")
    if not equals or not name:
        # The value may be a secret, and a name alone is hardly one.
        raise CommandError(f"{option}: {name!r} is not NAME=VALUE")
    return {"name": name, "value": value}


def _json_list(option: str, given: Sequence[str]) -> list[Any] | None:
    if len(given) != 1 or not given[0].lstrip().startswith(("[", "@")):
        return None
    parsed = _json(option, given[0])
    if not isinstance(parsed, list):
        raise CommandError(f"{option}: not a JSON list")
    return parsed


def _json(option: str, given: str) -> Any:
    try:
        return json.loads(_text(option, given))
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{option}: not JSON: {error}") from error


def _text(option: str, given: str) -> str:
    """Return the text that was given, or that of the file after an ``@``."""
    if not given.startswith("@"):
        return given
    try:
        return Path(given[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{option}: {given[1:]} can't be read: {error}") from error
