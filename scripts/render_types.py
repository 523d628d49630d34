"""Render Python types of the contract's schemas: the bodies and responses that type checkers see."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract_document import (
    class_name,
    enum_values,
    flatten,
    is_object,
    operations,
    reference_name,
    resolve,
    union_members,
)

SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


@dataclass(frozen=True)
class Field:
    """A field of a typed dictionary.

    Attributes:
        name: Its name in the contract.
        type: Its Python type.
        required: Whether it must be there.
        text: Its description.
    """

    name: str
    type: str
    required: bool
    text: str


@dataclass(frozen=True)
class Record:
    """A schema of an object as a class.

    Attributes:
        name: The class.
        schema: The name of the schema.
        text: Its description.
        fields: Its fields.
        is_payload: Whether a response is one, and not only part of one.
    """

    name: str
    schema: str
    text: str
    fields: tuple[Field, ...]
    is_payload: bool = False

    @property
    def is_class(self) -> bool:
        """Whether every field can be written as an attribute."""
        return all(one.name.isidentifier() and not keyword.iskeyword(one.name) for one in self.fields)

    @property
    def keys_by_type(self) -> dict[str, list[str]]:
        """The names of the fields by their types."""
        found: dict[str, list[str]] = {}
        for one in self.fields:
            found.setdefault(one.type, []).append(one.name)
        return found


@dataclass
class Types:
    """The types of a contract, collected as they are needed.

    Attributes:
        document: The contract, normalized.
        table: The operations table.
    """

    document: dict[str, Any]
    table: Mapping[str, Any]
    bodies: dict[str, Record | None] = field(default_factory=dict)
    responses: dict[str, Record | None] = field(default_factory=dict)
    literals: dict[str, tuple[str, list[Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._schemas = {class_name(name): name for name in self.document["components"]["schemas"]}
        self._models = {model for one in self.table["operations"].values() for model in self._response_models(one)}
        self._body_models = {one["body"]["model"] for one in self.table["operations"].values() if one["body"]}
        self._elements = {
            (one["response"]["model"], one["pagination"]["items"]): one["pagination"]["model"]
            for one in self.table["operations"].values()
            if one["pagination"]
        }
        self._filled = set(self._filled_fields())
        for operation in self.table["operations"].values():
            for model in self._response_models(operation):
                self._response_record(self._schemas[model])
            if operation["body"]:
                self._body_record(self._schemas[operation["body"]["model"]])

    @staticmethod
    def _response_models(operation: Mapping[str, Any]) -> Iterator[str]:
        response = operation["response"]
        yield from filter(None, [response["model"], *(one["model"] for one in response["members"])])
        if operation["pagination"]:
            yield operation["pagination"]["model"]

    def _filled_fields(self) -> Iterator[tuple[str, str, Any]]:
        """Yield the fields of union members that the client fills in, each with the value: they may be absent."""
        for operation in operations(self.document):
            body = self.table["operations"][operation.name]["body"]
            if body:
                yield from self._filled_in(
                    {"$ref": f"#/components/schemas/{self._schemas[body['model']]}"}, body["defaults"]
                )

    def _filled_in(self, schema: Mapping[str, Any], defaults: Any) -> Iterator[tuple[str, str, Any]]:
        if not isinstance(defaults, dict):
            return
        for member in union_members(self.document, schema) or [dict(schema)]:
            fields = flatten(self.document, member)["properties"]
            for name, value in defaults.items():
                if name in fields:
                    yield (reference_name(member) or "", name, str(value))
                    yield from self._filled_in(fields[name], value)

    # Names

    def body_type(self, model: str) -> str:
        """Return the name of a body's TypedDict, or of one in it, by the name of its model."""
        if model in self._body_models:
            return f"{model.removesuffix('Form').removesuffix('Body')}Body"
        return f"{model}Body" if model in self._models else model

    # Records

    def _body_record(self, schema: str) -> str:
        name = self.body_type(class_name(schema))
        if name not in self.bodies:
            self.bodies[name] = None  # so that a schema may refer to itself
            self.bodies[name] = self._record(schema, name, self.sent)
        return name

    def _response_record(self, schema: str) -> str:
        name = class_name(schema)
        if name not in self.responses:
            self.responses[name] = None
            self.responses[name] = self._record(schema, name, self.received)
        return f"{name}Fields"  # what is nested is a plain dictionary

    def _record(self, schema: str, name: str, type_of: Any) -> Record:
        flat = flatten(self.document, {"$ref": f"#/components/schemas/{schema}"})
        is_sent = type_of == self.sent
        fields = []
        for key, node in flat["properties"].items():
            described = resolve(self.document, node)
            if is_sent and (described.get("format") == "binary" or described.get("readOnly")):
                continue
            values = enum_values(self.document, node)
            filled = any((schema, key, str(value)) in self._filled for value in values)
            required = key in flat["required"] and not (is_sent and filled)
            text = str(node.get("description", described.get("description", ""))).strip()
            text = f"Deprecated. {text}" if described.get("deprecated") else text
            element = None if is_sent else self._elements.get((class_name(schema), key))
            # The elements of a page are payloads; what is nested elsewhere is a plain dictionary.
            kind = f"list[{element}]" if element else type_of(node)
            fields.append(Field(key, kind, required, text))
        text = str(flat.get("description", name)).strip().rstrip(".")
        return Record(name, schema, text, tuple(fields), class_name(schema) in self._models)

    # Types of values

    def sent(self, schema: Mapping[str, Any]) -> str:
        """Return the type of a value that is sent."""
        found = resolve(self.document, schema)
        if "enum" in found or "const" in found:
            return self.literal(schema)
        return self._type(schema, self.sent, self._body_record)

    def received(self, schema: Mapping[str, Any]) -> str:
        """Return the type of a value that is received; an enum is open there."""
        found = resolve(self.document, schema)
        if values := found.get("enum", [found["const"]] if "const" in found else []):
            return " | ".join(sorted({type(value).__name__ if value is not None else "None" for value in values}))
        return self._type(schema, self.received, self._response_record)

    def _type(self, schema: Mapping[str, Any], type_of: Any, record: Any) -> str:
        members = union_members(self.document, schema)
        if members:
            return " | ".join(dict.fromkeys(map(type_of, members)))
        found = resolve(self.document, schema)
        if is_object(self.document, schema) and (found.get("properties") or found.get("allOf")):
            name = reference_name(schema) or self._reference_of(found)
            return str(record(name)) if name else "dict[str, Any]"
        if len(found.get("allOf", ())) == 1:
            return str(type_of(found["allOf"][0]))
        kinds = found.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        names = [self._of_kind(kind, found, type_of) for kind in kinds]
        return " | ".join(dict.fromkeys(names)) or "Any"

    def _reference_of(self, found: Mapping[str, Any]) -> str | None:
        members = found.get("allOf", ())
        return reference_name(members[0]) if len(members) == 1 else None

    @staticmethod
    def _of_kind(kind: str, found: Mapping[str, Any], type_of: Any) -> str:
        if kind == "array":
            return f"list[{type_of(found['items']) if 'items' in found else 'Any'}]"
        return SCALARS.get(kind, "dict[str, Any]")

    def literal(self, schema: Mapping[str, Any]) -> str:
        """Return the type of a value that is one of those that are listed; a named one for an enum of its own."""
        values = enum_values(self.document, schema)
        name = reference_name(schema)
        if name is None or "const" in resolve(self.document, schema):
            return f"Literal[{', '.join(map(repr, values))}]"
        text = str(resolve(self.document, schema).get("description", name)).strip().rstrip(".")
        self.literals[class_name(name)] = (text, values)
        return class_name(name)
