"""The contract's schemas: resolve references, compile validators on first use, and query declarations."""

from __future__ import annotations

import functools
from datetime import date
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from peak_images_local.settings import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

MAX_REFERENCES = 64
"""The maximum number of references that are followed for one schema; a longer chain is a cycle."""

_TYPE_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
_SECRET = {"format": "password"}


class UnusableSchemaError(Exception):
    """A schema of the contract that can't be compiled: a reference to another document, or an unsupported pattern."""


class Verbatim(dict[str, Any]):
    """The schema of an object with arbitrary fields, which is returned unchanged."""


class Schemas:
    """The schemas of one contract."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._spec = spec
        self._root = {key: spec[key] for key in ("components", "paths") if key in spec}
        self._validators: dict[tuple[int, bool], tuple[Any, Any]] = {}
        self._properties: dict[int, tuple[Any, dict[str, Any]]] = {}

    @functools.cached_property
    def _closed_root(self) -> Any:
        return _transform(self._root, _close_enum)

    def resolve(self, node: Any) -> dict[str, Any]:
        """Return a node, or the target of its `$ref`; an empty object if there is none."""
        for _ in range(MAX_REFERENCES):
            if not isinstance(node, dict):
                return {}
            if "$ref" not in node:
                return node
            siblings = {key: value for key, value in node.items() if key not in {"$ref", "summary", "description"}}
            if siblings:
                return {**siblings, "allOf": [{"$ref": node["$ref"]}, *siblings.get("allOf", ())]}
            node = self.lookup(str(node["$ref"]))
        return {}

    def lookup(self, reference: str) -> Any:
        """Return the target of a reference; `None` if there is none, or if it is in another document."""
        if not reference.startswith("#/"):
            return None
        node: Any = self._spec
        for part in reference[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def parts(self, schema: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
        """Yield a schema and the schemas that apply to the same value: references, compositions, conditions."""
        node = self.resolve(schema)
        yield node
        if depth > MAX_REFERENCES // 4:
            return
        for key in ("allOf", "anyOf", "oneOf"):
            for part in node.get(key) or ():
                yield from self.parts(part, depth + 1)
        for key in ("then", "else"):
            if key in node:
                yield from self.parts(node[key], depth + 1)

    def types(self, schema: Any) -> set[str]:
        """Return the JSON types that a schema allows; none if it allows any."""
        found: set[str] = set()
        for part in self.parts(schema):
            types = part.get("type", ())
            found.update([types] if isinstance(types, str) else types)
            values = part.get("enum", [part["const"]] if "const" in part else ())
            found.update(_TYPE_NAMES.get(type(value), "null") for value in values)
            if "properties" in part and "type" not in part:
                found.add("object")
        return found

    def properties(self, schema: Any) -> dict[str, Any]:
        """Return the properties that a schema declares, in all its parts."""
        if not schema:
            return {}  # not declared: a new object each time, which must not be cached
        key = id(schema)
        if key not in self._properties:
            found: dict[str, Any] = {}
            for part in self.parts(schema):
                for name, value in (part.get("properties") or {}).items():
                    found.setdefault(str(name), value)
            self._properties[key] = (schema, found)
        return self._properties[key][1]

    def items(self, schema: Any) -> Any:
        """Return the schema of an array's items."""
        return next((part["items"] for part in self.parts(schema) if "items" in part), {})

    def keyword(self, schema: Any, name: str) -> Any:
        """Return the value of a keyword in the first part of a schema that has it, `None` for nothing."""
        return next((part[name] for part in self.parts(schema) if name in part), None)

    def is_secret(self, schema: Any) -> bool:
        """Return whether values of a schema are secrets (`format: password`)."""
        return any(part.get("format") == "password" for part in self.parts(schema))

    def validator(self, schema: Any, *, closed: bool = False) -> Any:
        """Return the compiled validator of a schema.

        Args:
            schema: The schema, or a reference to one.
            closed: Whether enums that are open to clients are closed, as for the service's own responses.

        Raises:
            UnusableSchemaError: The schema can't be compiled.
        """
        key = (id(schema), closed)
        if key not in self._validators:
            if closed:
                document = {**self._closed_root, "allOf": [_transform(schema, _close_enum)]}
            else:
                document = {**self._root, "allOf": [schema]}
            try:
                validator = jsonschema_rs.Draft202012Validator(document, validate_formats=True)
            except ValueError as error:
                raise UnusableSchemaError(str(error).partition("\n")[0]) from error
            self._validators[key] = (schema, validator)
        return self._validators[key][1]

    def fill_defaults(self, schema: Any, value: Any) -> Any:
        """Return a value with the defaults that its schema declares for absent fields."""
        if isinstance(value, list):
            return [self.fill_defaults(self.items(schema), item) for item in value]
        if not isinstance(value, dict):
            return value
        filled = dict(value)
        for part in self._applicable(schema, value):
            for name, declared in (part.get("properties") or {}).items():
                if name in filled:
                    filled[name] = self.fill_defaults(declared, filled[name])
                elif (default := self.keyword(declared, "default")) is not None:
                    filled[name] = default
        return filled

    def _applicable(self, schema: Any, value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
        """Yield the parts of a schema that apply to a value: of each union the first member that it matches."""
        node = self.resolve(schema)
        yield node
        if depth > MAX_REFERENCES // 4:
            return
        for part in node.get("allOf") or ():
            yield from self._applicable(part, value, depth + 1)
        for key in ("anyOf", "oneOf"):
            for part in node.get(key) or ():
                if self.validator(part).is_valid(value):
                    yield from self._applicable(part, value, depth + 1)
                    break
        if "if" in node:
            branch = "then" if self.validator(node["if"]).is_valid(value) else "else"
            yield from self._applicable(node.get(branch, {}), value, depth + 1)

    def select_declared(self, schema: Any, value: Any) -> Any:
        """Return the declared fields of a value, in the schema's order; objects with arbitrary fields stay."""
        if isinstance(value, dict):
            declared = self.properties(schema)
            if isinstance(value, Verbatim) or not declared or self.keyword(schema, "additionalProperties"):
                return value
            value = {name: value[name] for name in declared if name in value}
        return self._map(schema, value, self.select_declared)

    def _map(self, schema: Any, value: Any, change: Callable[[Any, Any], Any]) -> Any:
        """Return a value with a change made to each item or property, by the schema of that."""
        if isinstance(value, list):
            items = self.items(schema)
            return [change(items, item) for item in value]
        if isinstance(value, dict):
            declared = self.properties(schema)
            return {name: change(declared.get(name, {}), item) for name, item in value.items()}
        return value

    def fill_absent(self, schema: Any, value: Any) -> Any:
        """Return a value with the defaults that the client fills in (`x-default-when-absent`)."""
        if not isinstance(value, dict):
            return value
        filled = dict(value)
        for name, declared in self.properties(schema).items():
            default = self.keyword(declared, "x-default-when-absent")
            if isinstance(default, dict) and isinstance(filled.get(name, {}), dict):
                filled[name] = {**default, **filled.get(name, {})}
            elif default is not None:
                filled.setdefault(name, default)
        return filled

    def undeclared(self, schema: Any, value: Any, path: str = "") -> Iterator[tuple[str, Iterable[str]]]:
        """Yield each undeclared field of a value, nested ones included, with the fields that are declared there."""
        if isinstance(value, list):
            items = self.items(schema)
            for index, item in enumerate(value):
                yield from self.undeclared(items, item, f"{path}[{index}]")
        if not isinstance(value, dict):
            return
        parts = list(self._applicable(schema, value))
        declared: dict[str, Any] = {}
        for part in parts:
            declared |= part.get("properties") or {}
        if not declared or any(part.get("additionalProperties") for part in parts):
            return
        for name, item in value.items():
            place = f"{path}.{name}" if path else str(name)
            if name in declared:
                yield from self.undeclared(declared[name], item, place)
            else:
                yield place, declared

    def mask_secrets(self, schema: Any, value: Any) -> Any:
        """Return a value with its secrets masked.

        In place of a list of objects with secrets, an undeclared value may be the secret itself, and is masked too.
        """
        if self.is_secret(schema) and value is not None:
            return MASK
        fields = self.properties(self.items(schema))
        if any(map(self.is_secret, fields.values())):
            return [self._mask_fields(fields, item) for item in value] if isinstance(value, list) else MASK
        return self._map(schema, value, self.mask_secrets)

    def _mask_fields(self, fields: Mapping[str, Any], item: Any) -> Any:
        if not isinstance(item, dict):
            return MASK
        return {name: self.mask_secrets(fields.get(name, _SECRET), value) for name, value in item.items()}


def normalize(node: Any) -> Any:
    """Return a parsed YAML document as JSON values: text keys, dates as text."""
    if isinstance(node, dict):
        return {str(key): normalize(value) for key, value in node.items()}
    if isinstance(node, list):
        return [normalize(item) for item in node]
    return node.isoformat() if isinstance(node, date) else node


def select_by_discriminator(spec: Any) -> Any:
    """Return the contract with its discriminated unions as conditions.

    So a discriminator means the same with and without a mapping, whether or not the members fix its value, and errors
    come from the member that the value names.
    """

    def rewrite(node: dict[str, Any]) -> dict[str, Any]:
        discriminator = node.get("discriminator")
        key = "oneOf" if "oneOf" in node else "anyOf"
        members = node.get(key)
        if not isinstance(discriminator, dict) or not members or "propertyName" not in discriminator:
            return node
        name = str(discriminator["propertyName"])
        named = dict(_member_names(spec, discriminator, members))
        if not named:
            return node
        chosen = [
            {"if": {"properties": {name: {"const": value}}, "required": [name]}, "then": {"$ref": reference}}
            for value, reference in named.items()
        ]
        shape = {"type": "object", "required": [name], "properties": {name: {"enum": list(named)}}}
        return {**{k: v for k, v in node.items() if k != key}, "allOf": [*node.get("allOf", ()), shape, *chosen]}

    return _transform(spec, rewrite)


def _member_names(
    spec: Any, discriminator: Mapping[str, Any], members: list[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Yield the discriminator's values, each with the reference to its member; none if a member has no name."""
    references = [member.get("$ref") for member in members if isinstance(member, dict)]
    if None in references or len(references) != len(members):
        return
    schemas = Schemas(spec)
    mapping = discriminator.get("mapping") or {}
    mapped = {value: ref if "/" in ref else f"#/components/schemas/{ref}" for value, ref in mapping.items()}
    yield from mapped.items()
    for reference in references:
        if reference in mapped.values():
            continue
        pinned = schemas.properties({"$ref": reference}).get(discriminator["propertyName"], {})
        values = schemas.keyword(pinned, "enum") or [schemas.keyword(pinned, "const")]
        for value in values:
            yield (value if isinstance(value, str) else str(reference).rpartition("/")[2]), str(reference)


def _close_enum(node: dict[str, Any]) -> dict[str, Any]:
    """Return an open enum (of any text) as a closed one."""
    members = node.get("anyOf")
    if not isinstance(members, list):
        return node
    listed = [member for member in members if member != {"type": "string"}]
    return {**node, "anyOf": listed} if listed and len(listed) < len(members) else node


def _transform(node: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """Return a document with a change made to each of its objects, the inner ones first."""
    if isinstance(node, list):
        return [_transform(item, change) for item in node]
    if not isinstance(node, dict):
        return node
    return change({key: _transform(value, change) for key, value in node.items()})
