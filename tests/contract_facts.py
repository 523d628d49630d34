"""Facts of the contract, for tests that compare a layer with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

CONTRACT = Path(__file__).parents[1] / "openapi/images.yaml"
METHODS = ("get", "put", "post", "patch", "delete")


@dataclass(frozen=True)
class Operation:
    """An operation with its references followed."""

    name: str
    method: str
    path: str
    described: dict[str, Any]
    parameters: tuple[dict[str, Any], ...]

    @property
    def body(self) -> dict[str, Any] | None:
        """The media type of what is sent, with its schema."""
        content = resolve(self.described.get("requestBody", {})).get("content", {})
        return next(iter(content.values()), None)

    @property
    def response(self) -> dict[str, Any] | None:
        """The schema of what comes back on success, or a reference to it."""
        for status, response in self.described["responses"].items():
            content = resolve(response).get("content", {}).get("application/json")
            if status.startswith("2") and content:
                return content["schema"]
        return None


@cache
def contract() -> dict[str, Any]:
    """Return the contract of this source tree."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(CONTRACT.read_text(encoding="utf-8"), Loader=loader)


def resolve(node: Any) -> Any:
    """Follow references. What stands beside one overrides its target."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = contract()
        for step in node["$ref"].split("/")[1:]:
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


@cache
def contract_operations() -> tuple[Operation, ...]:
    """Return all operations, in the contract's order."""
    return tuple(
        Operation(
            item[method]["operationId"],
            method.upper(),
            path,
            item[method],
            tuple(_parameter(one) for one in [*item.get("parameters", ()), *item[method].get("parameters", ())]),
        )
        for path, item in contract()["paths"].items()
        for method in METHODS
        if method in item
    )


def _parameter(node: dict[str, Any]) -> dict[str, Any]:
    """A parameter with its schema and example in place, also if it is sent as JSON."""
    found = resolve(node)
    media = next(iter(found.get("content", {}).values()), {})
    return {**found, **{key: media[key] for key in ("schema", "example") if key in media}}


def schema(name: str) -> dict[str, Any]:
    """Return a schema by its name."""
    return contract()["components"]["schemas"][name]


def properties(node: Any) -> dict[str, Any]:
    """Return the fields of an object, those of the parts that it is made of included."""
    node = resolve(node)
    found: dict[str, Any] = {}
    for part in (*node.get("allOf", ()), *node.get("oneOf", ()), *node.get("anyOf", ())):
        found |= properties(part)
    return found | node.get("properties", {})


def union_members(node: Any) -> list[Any]:
    """Return the objects that a union is one of, those of nested unions included."""
    node = resolve(node)
    members = [*node.get("oneOf", ()), *node.get("anyOf", ())]
    return [each for member in members for each in (union_members(member) or ([member] if properties(member) else []))]


def enum_values(node: Any) -> list[Any]:
    """Return the values that an enum, an open one included, lists."""
    node = resolve(node)
    return [*node.get("enum", ()), *(value for part in node.get("anyOf", ()) for value in enum_values(part))]


PAGE_SIZE = resolve({"$ref": "#/components/parameters/PageSize"})["schema"].get("default")
"""How many elements a page has by default."""
