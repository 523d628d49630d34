"""Describe the values of a request: parameters, and the fields of a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from contract_document import enum_values, flatten, is_object, reference_name, resolve, union_members

_SCALARS: Final = {bool: "boolean", int: "integer", float: "number", str: "string"}


def describe_value(document: dict[str, Any], schema: Mapping[str, Any], *, is_json: bool = False) -> dict[str, Any]:
    """Return what the contract states of a value, wherever it is sent.

    Args:
        document: The contract.
        schema: Its schema.
        is_json: Whether it is sent as JSON text.
    """
    found = resolve(document, schema)
    kind = "object" if is_json else _kind(document, found)
    return {
        "kind": kind,
        "item_type": resolve(document, found.get("items", {})).get("type") if kind == "list" else None,
        "default": found.get("default"),
        "values": [one for one in enum_values(document, found) if one is not None] if kind != "objects" else [],
        "minimum": found.get("minimum"),
        "maximum": found.get("maximum"),
        "deprecated": found.get("deprecated", False),
    }


def describe_fields(document: dict[str, Any], schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of a body but for files, each object followed by its fields."""
    described = []
    required = flatten(document, schema)["required"]
    for name, (node, only) in _properties(document, schema).items():
        if resolve(document, node).get("format") == "binary" or resolve(document, node).get("readOnly"):
            continue
        described.append(_describe(document, (name,), node, only, required=name in required))
        inner = _properties(document, node)
        described += [_describe(document, (name, key), value, only) for key, (value, only) in inner.items()]
    return described


def _describe(
    document: dict[str, Any], path: tuple[str, ...], node: Mapping[str, Any], only: list[str], *, required: bool = False
) -> dict[str, Any]:
    value = describe_value(document, node)
    has_parts = value["kind"] in ("object", "objects")
    return {
        "path": list(path),
        "required": required,
        "only": only,
        "description": text_of(node, resolve(document, node)),
        "example": _sample(document, node) if has_parts else resolve(document, node).get("example"),
        **value,
    }


def describe_defaults(
    document: dict[str, Any], schema: Mapping[str, Any], above: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the defaults that the client fills in, by field, those of objects in objects included."""
    found = {}
    if (name := reference_name(schema)) is not None:
        if name in above:
            return {}
        above = (*above, name)
    for field, node in flatten(document, schema)["properties"].items():
        if "x-default-when-absent" in node:
            found[field] = node["x-default-when-absent"]
        elif nested := describe_defaults(document, node, above) if is_object(document, node) else None:
            found[field] = nested
    return found


def text_of(node: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return the description of a node, else that of its schema."""
    return str(node.get("description", schema.get("description", ""))).strip().rstrip(".")


def _kind(document: dict[str, Any], schema: Mapping[str, Any]) -> str:
    kinds = _types(document, schema)
    if "array" in kinds:
        items = resolve(document, schema.get("items", {}))
        if set(items.get("properties", ())) == {"name", "value"}:
            return "pairs"
        return "objects" if _properties(document, items) or items.get("type") in ("array", "object") else "list"
    if "object" in kinds or _properties(document, schema):
        return "object"
    if kinds == {"integer", "number"}:
        return "number"
    return "scalar" if len(kinds) > 1 else next(iter(kinds), "string")


def _types(document: dict[str, Any], schema: Mapping[str, Any]) -> set[str]:
    """Return the types that a value may have, those of the members of a union included, but for ``null``."""
    found = resolve(document, schema)
    listed = found.get("type") or [
        _SCALARS.get(type(one), "null") for one in (*found.get("enum", ()), found.get("const"))
    ]
    types = {listed} if isinstance(listed, str) else set(listed)
    members = [*union_members(document, found), *found.get("allOf", ())]
    return types.union(*(_types(document, one) for one in members)) - {"null"}


def _properties(document: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Return the fields of an object and of the members of its unions, with the values of a discriminator.

    The field applies to these values only; to all if there are none.
    """
    found = resolve(document, schema)
    fields: dict[str, tuple[dict[str, Any], list[str]]] = {
        name: (value, []) for name, value in found.get("properties", {}).items()
    }
    by_value: dict[str, list[tuple[Any, dict[str, Any]]]] = {}
    names = {one.rpartition("/")[2]: value for value, one in discriminator_mapping(document, found).items()}
    for member in [one for key in ("allOf", "oneOf", "anyOf") for one in found.get(key, ())]:
        value = names.get(str(reference_name(member)))
        for name, (field, only) in _properties(document, member).items():
            if value is None:
                fields.setdefault(name, (field, only))
            else:
                by_value.setdefault(name, []).append((value, field))
    for name, several in by_value.items():
        constants = [field["const"] for _, field in several if "const" in field]
        only = [] if constants or len(several) == len(names) else [value for value, _ in several]
        fields.setdefault(name, ({"enum": constants} if constants else several[0][1], only))
    return fields


def discriminator_mapping(document: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, str]:
    """Return the schema for each value of the discriminator of a union; nothing without one.

    Without a mapping a member's value is the one that its schema fixes, else the schema's name.
    """
    if "discriminator" not in schema or "mapping" in schema["discriminator"]:
        return dict(schema.get("discriminator", {}).get("mapping", {}))
    field, mapping = schema["discriminator"]["propertyName"], {}
    for member in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        values = enum_values(document, flatten(document, member)["properties"].get(field, {}))
        for value in values or [reference_name(member)]:
            mapping[str(value)] = str(member["$ref"])
    return mapping


def _sample(document: dict[str, Any], schema: Mapping[str, Any], depth: int = 4) -> Any:
    """Return an example of a value, made of the examples of its parts."""
    found = resolve(document, schema)
    if "example" in found or not depth:  # a schema may refer to itself
        return found.get("example")
    if found.get("type") == "array":
        return [_sample(document, found.get("items", {}), depth - 1)]
    return {name: _sample(document, value, depth - 1) for name, value in found.get("properties", {}).items()}
