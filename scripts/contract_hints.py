"""Checks of the hints (the ``x-`` keys that the top of ``openapi/images.yaml`` documents), of enums and of names."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Iterator
from typing import Any

from openapi_python_client.parser.properties import Class, EnumProperty
from openapi_python_client.strings import ClassName, PythonIdentifier

from contract_document import METHODS, ContractError, Path, enum_values, flatten, operations, python_name, resolve

NAMED = frozenset({
    "$defs", "callbacks", "content", "dependentSchemas", "encoding", "examples", "headers", "links", "mapping",
    "pathItems", "paths", "patternProperties", "properties", "requestBodies", "responses", "schemas", "scopes",
    "securitySchemes", "variables", "webhooks",
})  # fmt: skip
"""Keys whose values are maps: a key in them that starts with ``x-`` is a name, not a hint."""

DATA = frozenset({"const", "default", "enum", "example", "value", "x-codeSamples", "x-default-when-absent"})
"""Keys whose values are data, which isn't looked into."""


def check_hints(document: dict[str, Any]) -> None:
    """Check that every hint is known, has a value it can have, and is where it means something; and the enums.

    Raises:
        ContractError: One doesn't.
    """
    checks = {
        "x-cli-name": _check_cli_name,
        "x-codeSamples": _check_samples,
        "x-default-when-absent": _check_default,
        "x-final": _check_final,
        "x-pagination": _check_pagination,
        "x-python-name": _check_python_name,
    }
    in_bodies = set(_body_fields(document))
    for path, node in _nodes(document, ()):
        if isinstance(node.get("properties"), dict):
            _check_fields((*path, "properties"), node["properties"])
        if isinstance(node.get("enum"), list):
            _check_enum((*path, "enum"), [value for value in node["enum"] if value is not None])
        for key in [key for key in node if isinstance(key, str) and key.startswith("x-")]:
            place = (*path, key)
            if key not in checks:
                raise ContractError(place, f"unknown hint; known ones: {', '.join(sorted(checks))}")
            if key == "x-default-when-absent" and path not in in_bodies:
                raise ContractError(place, "only a field of a request body can have it")
            checks[key](document, place, node)


def _nodes(node: Any, path: Path, *, named: bool = False) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _nodes(item, (*path, index))
    elif isinstance(node, dict):
        if not named:
            yield path, node
        for key, value in node.items():
            if named or key not in DATA:
                names = not named and (key in NAMED or (key == "parameters" and isinstance(value, dict)))
                yield from _nodes(value, (*path, key), named=names)


def _check_fields(path: Path, names: Iterable[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if (other := seen.setdefault(python_name(name), name)) != name:
            raise ContractError((*path, name), f"has the same name in Python as {other!r}: {python_name(name)}")


def _check_enum(path: Path, values: list[Any]) -> None:
    if len({type(value) for value in values}) > 1 or not isinstance(next(iter(values), ""), (str, int)):
        raise ContractError(path, "the values must be all texts or all integers")
    try:
        EnumProperty.values_from_list(values, Class(ClassName("Enum", ""), PythonIdentifier("enum", "")), [])
    except ValueError as error:
        raise ContractError(path, f"two values have the same name in Python: {error}") from error


def _is_operation(path: Path) -> bool:
    return len(path) == 4 and path[0] == "paths" and path[2] in METHODS


def _is_parameter(node: dict[str, Any]) -> bool:
    return "in" in node and "name" in node


def _check_python_name(_: dict[str, Any], path: Path, node: dict[str, Any]) -> None:
    if not _is_operation(path) and not _is_parameter(node):
        raise ContractError(path, "only an operation or a parameter can have it")
    name = node["x-python-name"]
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise ContractError(path, f"{name!r} is not a Python identifier")


def _check_cli_name(_: dict[str, Any], path: Path, node: dict[str, Any]) -> None:
    if not _is_operation(path) and not _is_parameter(node):
        raise ContractError(path, "only an operation or a parameter can have it")
    name = node["x-cli-name"]
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ContractError(path, f"{name!r} is not a name in lower case with dashes")


def _check_samples(_: dict[str, Any], path: Path, node: dict[str, Any]) -> None:
    if not _is_operation(path):
        raise ContractError(path, "only an operation can have it")
    samples = node["x-codeSamples"]
    if not isinstance(samples, list) or not samples:
        raise ContractError(path, "must be a list of samples, each with lang and source")
    for index, sample in enumerate(samples):
        where = (*path, index)
        if not isinstance(sample, dict) or not all(isinstance(sample.get(key), str) for key in ("lang", "source")):
            raise ContractError(where, "lang and source are required")
        if sample["lang"].lower() == "python":
            try:
                ast.parse(sample["source"])
            except SyntaxError as error:
                raise ContractError(where, f"the source is not Python: {error.msg}, line {error.lineno}") from error


def _check_final(document: dict[str, Any], path: Path, node: dict[str, Any]) -> None:
    values, final = enum_values(document, node) if "enum" in node else [], node["x-final"]
    if not values:
        raise ContractError(path, "only an enum can have it")
    if not isinstance(final, list) or not final:
        raise ContractError(path, "must be a list of values")
    for index, value in enumerate(final):
        if value not in values:
            raise ContractError(
                (*path, index), f"{value!r} is not one of the enum's values: {', '.join(map(str, values))}"
            )


def _check_default(document: dict[str, Any], path: Path, node: dict[str, Any]) -> None:
    default, values = node["x-default-when-absent"], enum_values(document, node)
    if values and not isinstance(default, dict) and default not in values:
        raise ContractError(path, f"{default!r} is not one of the values: {', '.join(map(str, values))}")


def _check_pagination(document: dict[str, Any], path: Path, node: dict[str, Any]) -> None:
    hint = node["x-pagination"]
    if not _is_operation(path):
        raise ContractError(path, "only an operation can have it")
    if not isinstance(hint, dict) or hint.keys() != {"items"} or not isinstance(hint["items"], str):
        raise ContractError(path, "must be {items: FIELD}")
    if "requestBody" in node:
        raise ContractError(path, "an operation with a body can't be paged through")
    operation = next(one for one in operations(document) if one.path == path[:3])
    if not any(one.node["name"] == "pageNumber" and one.node["in"] == "query" for one in operation.parameters()):
        raise ContractError(path, "the operation has no query parameter pageNumber")
    for status, response in node["responses"].items():
        schema = resolve(document, response).get("content", {}).get("application/json", {}).get("schema")
        if str(status).startswith("2") and schema is not None:
            field = resolve(document, flatten(document, schema)["properties"].get(hint["items"], {}))
            if field.get("type") == "array":
                return
    raise ContractError(path, f"the successful response has no list {hint['items']!r}")


def _body_fields(document: dict[str, Any]) -> Iterator[Path]:
    """Return the paths of the body fields that can have a default: objects in objects, no unions."""
    for operation in operations(document):
        node: Any = operation.node.get("requestBody", {})
        path: Path = (*operation.path, "requestBody")
        if "$ref" in node:
            path = tuple(node["$ref"].removeprefix("#/").split("/"))
            node = resolve(document, node)
        for media_type, content in node.get("content", {}).items():
            if "schema" in content:
                yield from _fields_of(document, content["schema"], (*path, "content", media_type, "schema"), ())


def _fields_of(document: dict[str, Any], schema: Any, path: Path, above: tuple[str, ...]) -> Iterator[Path]:
    if "$ref" in schema:
        if schema["$ref"] in above:
            return
        above = (*above, schema["$ref"])
        path, schema = tuple(schema["$ref"].removeprefix("#/").split("/")), resolve(document, schema)
    for index, member in enumerate(schema.get("allOf", ())):
        yield from _fields_of(document, member, (*path, "allOf", index), above)
    for name, field in schema.get("properties", {}).items():
        yield (*path, "properties", name)
        yield from _fields_of(document, field, (*path, "properties", name), above)
