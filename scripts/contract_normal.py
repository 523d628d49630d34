"""The contract in the form that code is rendered from: parameters in place, inline bodies and responses named."""

from __future__ import annotations

import copy
from typing import Any

from contract_document import BODY_TYPES, class_name, flatten, is_secret, operations, reference_name, resolve


def normalize(document: dict[str, Any]) -> dict[str, Any]:
    """Return a copy with parameters and bodies in place of references to them, and a name for each inline schema.

    A description beside a reference is thereby that of the parameter or response.
    """
    normal = copy.deepcopy(document)
    schemas = normal.setdefault("components", {}).setdefault("schemas", {})
    for operation in operations(normal):
        node = normal["paths"][operation.url][operation.method]
        node["parameters"] = [copy.deepcopy(dict(one.node)) for one in operation.parameters()]
        if "requestBody" in node:
            node["requestBody"] = copy.deepcopy(resolve(normal, node["requestBody"]))
            _name_schemas(schemas, node["requestBody"], f"{class_name(operation.name)}Body")
        for status, response in node["responses"].items():
            node["responses"][status] = copy.deepcopy(resolve(normal, response))
            if str(status).startswith("2"):
                _name_schemas(schemas, node["responses"][status], f"{class_name(operation.name)}Response")
    for item in normal["paths"].values():
        item.pop("parameters", None)
    for name in list(schemas):
        _name_fields(schemas, schemas[name], name)
    return normal


def _name_fields(schemas: dict[str, Any], schema: Any, owner: str) -> None:
    """Move the inline objects of fields and lists to the components, by the names that the generator gives them."""
    for part in schema.get("allOf", ()):
        _name_fields(schemas, part, owner)
    for name, field in schema.get("properties", {}).items():
        schema["properties"][name] = _named_object(schemas, field, f"{owner}_{name}")
        if isinstance(field.get("items"), dict):
            field["items"] = _named_object(schemas, field["items"], f"{owner}_{name}_item")
        for key in {"anyOf", "oneOf"} & field.keys():
            members = enumerate(field[key])
            field[key] = [_named_object(schemas, one, f"{owner}_{name}_type_{number}") for number, one in members]


def _named_object(schemas: dict[str, Any], schema: dict[str, Any], name: str) -> dict[str, Any]:
    if schema.get("type") != "object" or "properties" not in schema:
        return schema
    found = _named(schemas, schema, class_name(name))
    _name_fields(schemas, schema, reference_name(found) or name)
    return found


def _name_schemas(schemas: dict[str, Any], owner: dict[str, Any], name: str) -> None:
    """Move the inline schemas of a body or response, and those of the members of a union, to the components."""
    for content in owner.get("content", {}).values():
        schema = content.get("schema")
        if schema is None or reference_name(schema) is not None:
            continue
        if schema.keys() == {"allOf"} and len(schema["allOf"]) == 1 and reference_name(schema["allOf"][0]) is not None:
            content["schema"] = schema["allOf"][0]  # the generator has no class of its own for it either
            continue
        members = [key for key in ("oneOf", "anyOf") if key in schema]
        for key in members:
            schema[key] = [_named(schemas, one, f"{name}{index}") for index, one in enumerate(schema[key], 1)]
        if not members:
            content["schema"] = _named(schemas, schema, name)


def _named(schemas: dict[str, Any], schema: dict[str, Any], name: str) -> dict[str, Any]:
    if reference_name(schema) is not None or not (
        "properties" in schema or "allOf" in schema or schema.get("type") == "object"
    ):
        return schema
    while name in schemas and schemas[name] != schema:
        name += "_"
    schemas[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}


def for_generator(document: dict[str, Any]) -> dict[str, Any]:
    """Return a normalized contract as openapi-python-client can read it.

    The generator reads the description of a parameter from its schema only. It supports no hints, no keys beside a
    reference to a schema, no parameters that are serialized as JSON and no times in headers: the generated call takes
    the last two as text.
    """
    feed: dict[str, Any] = _without_extras(document)
    for operation in operations(feed):
        if body := operation.node.get("requestBody"):
            # With several, the generated call would choose by the class of the body; the first one is sent.
            chosen = next(kind for kind in BODY_TYPES if kind in body["content"])
            body["content"] = {chosen: body["content"][chosen]}
        for parameter in feed["paths"][operation.url][operation.method]["parameters"]:
            if "content" in parameter:
                del parameter["content"]
                parameter["schema"] = {"type": "string"}
            if parameter["in"] in ("header", "cookie") and parameter["schema"].get("format") in ("date", "date-time"):
                del parameter["schema"]["format"]
            if "$ref" not in parameter["schema"]:
                parameter["schema"].setdefault("description", parameter.get("description", ""))
                # The service applies it; the call would send it every time.
                parameter["schema"].pop("default", None)
    for schema in feed["components"]["schemas"].values():
        # The fields of allOf's members are the model's too, and a secret may be a schema that is referred to.
        fields = flatten(feed, schema)["properties"].items()
        if secrets := [name for name, field in fields if is_secret(feed, field)]:
            schema["x-secrets"] = secrets
    return feed


def _without_extras(node: Any, *, named: bool = False) -> Any:
    if isinstance(node, list):
        return [_without_extras(item) for item in node]
    if not isinstance(node, dict):
        return node
    if not named and isinstance(node.get("$ref"), str):
        return {"$ref": node["$ref"]}
    kept = {key: value for key, value in node.items() if named or not str(key).startswith("x-")}
    return {
        key: _without_extras(value, named=key in ("properties", "schemas") and not named) for key, value in kept.items()
    }
