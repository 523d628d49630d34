"""An interpreter of the JSON Schema keywords that requests use.

It finds the same first error as a full validator, without a dependency that is larger than the rest of the package. A
test checks every keyword of the contract's requests against that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import NoneType
from typing import Any, Final, NamedTuple

Schemas = Mapping[str, Any]
"""The schemas that a ``$ref`` may refer to, by name."""

Path = tuple[str | int, ...]


class Violation(NamedTuple):
    """The first violation of a schema by a value.

    Attributes:
        path: Where it is, from the root.
        keyword: The keyword that is violated.
        expected: The keyword's value in the schema.
        value: The value there; of a missing field, that of the object.
    """

    path: Path
    keyword: str
    expected: Any
    value: Any


_TYPES: Final[dict[str, Any]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": NoneType,
}

_LIMITS: Final[dict[str, tuple[str, Callable[[Any, Any], bool]]]] = {
    "minimum": ("number", lambda value, limit: value >= limit),
    "maximum": ("number", lambda value, limit: value <= limit),
    "exclusiveMinimum": ("number", lambda value, limit: value > limit),
    "exclusiveMaximum": ("number", lambda value, limit: value < limit),
    "multipleOf": ("number", lambda value, factor: value % factor == 0),
    "minLength": ("string", lambda value, limit: len(value) >= limit),
    "maxLength": ("string", lambda value, limit: len(value) <= limit),
    "pattern": ("string", lambda value, pattern: re.search(pattern, value) is not None),
    "minItems": ("array", lambda value, limit: len(value) >= limit),
    "maxItems": ("array", lambda value, limit: len(value) <= limit),
    "uniqueItems": ("array", lambda value, unique: not unique or len({repr(item) for item in value}) == len(value)),
    "minProperties": ("object", lambda value, limit: len(value) >= limit),
    "maxProperties": ("object", lambda value, limit: len(value) <= limit),
}
"""The type that a keyword applies to, and whether a value of it meets the keyword; other types always do."""


def first_violation(schema: Any, value: Any, schemas: Schemas) -> Violation | None:
    """Return the first error of a value, or ``None`` if the schema allows it.

    Args:
        schema: The schema.
        value: The value, of plain JSON types.
        schemas: The schemas that it refers to.
    """
    return next(_violations(schema, value, schemas, ()), None)


def resolve_ref(schema: Mapping[str, Any], schemas: Schemas) -> Any:
    """Return the schema that a ``$ref`` refers to, or the schema itself if it has none."""
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _violations(schema: Any, value: Any, schemas: Schemas, path: Path) -> Iterator[Violation]:
    if isinstance(schema, bool):
        if not schema:
            yield Violation(path, "false", None, value)
        return
    types = schema.get("type", [])
    types = types if isinstance(types, list) else [types]
    if types and not any(_has_type(value, name) for name in types):
        # A value of the wrong type has no further errors.
        yield Violation(path, "type", types, value)
        return
    if "enum" in schema and not any(_equals(value, allowed) for allowed in schema["enum"]):
        yield Violation(path, "enum", schema["enum"], value)
    if "const" in schema and not _equals(value, schema["const"]):
        yield Violation(path, "const", schema["const"], value)
    for keyword, (kind, is_met) in _LIMITS.items():
        if keyword in schema and _has_type(value, kind) and not is_met(value, schema[keyword]):
            yield Violation(path, keyword, schema[keyword], value)
    if "$ref" in schema:
        yield from _violations(resolve_ref(schema, schemas), value, schemas, path)
    yield from _inside(schema, value, schemas, path)
    yield from _combined(schema, value, schemas, path)


def _inside(schema: Any, value: Any, schemas: Schemas, path: Path) -> Iterator[Violation]:
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _violations(schema["items"], item, schemas, (*path, index))
    elif isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                yield Violation((*path, name), "required", name, value)
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name, item in value.items():
            yield from _violations(properties.get(name, others), item, schemas, (*path, name))


def _combined(schema: Any, value: Any, schemas: Schemas, path: Path) -> Iterator[Violation]:
    def allows(part: Any) -> bool:
        return first_violation(part, value, schemas) is None

    for part in schema.get("allOf", ()):
        yield from _violations(part, value, schemas, path)
    if "anyOf" in schema and not any(map(allows, schema["anyOf"])):
        yield Violation(path, "anyOf", None, value)
    if "oneOf" in schema and sum(map(allows, schema["oneOf"])) != 1:
        yield Violation(path, "oneOf", None, value)
    if "not" in schema and allows(schema["not"]):
        yield Violation(path, "not", None, value)
    if "if" in schema:
        yield from _violations(schema.get("then" if allows(schema["if"]) else "else", True), value, schemas, path)


def _has_type(value: Any, name: str) -> bool:
    # To Python, True is an int.
    return isinstance(value, _TYPES[name]) and isinstance(value, bool) == (name == "boolean")


def _equals(value: Any, other: Any) -> bool:
    # To Python, True equals 1.
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)
