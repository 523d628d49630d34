"""The contract as a document: references, operations, and errors that name its lines."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import yaml
from openapi_python_client.strings import ClassName, PythonIdentifier

METHODS = ("get", "put", "post", "delete", "patch")
OTHER_METHODS = ("options", "head", "trace")

BODY_TYPES = ("multipart/form-data", "application/json", "application/x-www-form-urlencoded")
"""The media types that a body can be sent as, the preferred ones first."""

Path = tuple[str | int, ...]
"""Where a node is: the keys and indexes that lead to it."""


class ContractError(Exception):
    """The contract has something that can't be expressed in the generated code.

    Attributes:
        path: Where it is.
        problem: What is wrong.
    """

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{'.'.join(map(str, path))}: {problem}")

    def located(self, name: str, text: str) -> str:
        """Format the error with its line.

        Args:
            name: The name of the file.
            text: The contents of the file.
        """
        return f"{name}:{line_of(text, self.path)}: {self}"


def compose(text: str) -> yaml.Node | None:
    """Parse a YAML document: by libyaml, which is ten times as fast, unless it fails, as its errors say less."""
    with suppress(yaml.YAMLError):
        return yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return yaml.compose(text, Loader=yaml.SafeLoader)


def line_of(text: str, path: Path) -> int:
    """Return the line, from 1, of a node in a YAML document, or of the deepest node above it that there is."""
    node = compose(text)
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(step)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def python_name(name: str) -> str:
    """Return the generator's own name for a name of the contract: in snake case, with an underscore if it is taken."""
    return str(PythonIdentifier(name, "field_"))


def argument_name(name: str) -> str:
    """Return the documented argument for a parameter: in snake case, with an underscore only after a keyword.

    The generator also adds one to the names of built-in functions, such as ``type``.
    """
    found = python_name(name)
    bare = found.removesuffix("_")
    return found if keyword.iskeyword(bare) or bare == "self" else bare


def class_name(name: str) -> str:
    """Return the generator's class for a schema of the contract."""
    return str(ClassName(name, "field_"))


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation, with its reference resolved.

    Attributes:
        path: Where it is in the document.
        node: The parameter; a description beside the reference overrides the target's.
    """

    path: Path
    node: Mapping[str, Any]

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of the value."""
        if "schema" in self.node:
            return dict(self.node["schema"])
        return dict(next(iter(self.node["content"].values())).get("schema", {}))

    @property
    def media_type(self) -> str | None:
        """The media type that the value is serialized as, if it isn't a plain parameter."""
        return next(iter(self.node["content"])) if "content" in self.node else None


@dataclass(frozen=True)
class RawOperation:
    """An operation of the document.

    Attributes:
        document: The contract.
        url: The path of the operation.
        method: Its method, in lower case.
    """

    document: dict[str, Any]
    url: str
    method: str

    @property
    def path(self) -> Path:
        """Where it is in the document."""
        return ("paths", self.url, self.method)

    @property
    def node(self) -> dict[str, Any]:
        """The operation."""
        return dict(self.document["paths"][self.url][self.method])

    @property
    def name(self) -> str:
        """The ``operationId``."""
        return str(self.node["operationId"])

    def parameters(self) -> list[Parameter]:
        """Return the parameters, those of the path item first; the operation's override those of the same name."""
        found: dict[tuple[str, str], Parameter] = {}
        for base, owner in ((self.path[:2], self.document["paths"][self.url]), (self.path, self.node)):
            for index, listed in enumerate(owner.get("parameters", ())):
                node = resolve(self.document, listed)
                found[node["in"], node["name"]] = Parameter((*base, "parameters", index), node)
        return list(found.values())


def operations(document: dict[str, Any]) -> Iterator[RawOperation]:
    """Return every operation of the contract, in its order."""
    for url, item in document["paths"].items():
        if "$ref" in item:
            raise ContractError(("paths", url, "$ref"), "can't express a path by reference: put its operations here")
        for method in OTHER_METHODS:
            if method in item:
                raise ContractError(("paths", url, method), f"no client method is made of {method.upper()}")
        for method in item:
            if method in METHODS:
                operation = RawOperation(document, url, method)
                if "operationId" not in operation.node:
                    raise ContractError(operation.path, "operationId is required: it names the method")
                yield operation


def resolve(document: dict[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """Follow references inside the contract. Keys beside a reference override its target."""
    seen: set[str] = set()
    found = dict(node)
    while "$ref" in found:
        reference = found.pop("$ref")
        if reference in seen:
            raise ContractError((), f"{reference} refers to itself")
        seen.add(reference)
        found = {**_target(document, reference), **found}
    return found


def _target(document: dict[str, Any], reference: str) -> dict[str, Any]:
    target: Any = document
    for step in reference.removeprefix("#/").split("/"):
        target = target[step.replace("~1", "/").replace("~0", "~")]
    return dict(target)


def reference_name(node: Mapping[str, Any]) -> str | None:
    """Return the name of the component that a node refers to."""
    return str(node["$ref"]).rpartition("/")[2] if "$ref" in node else None


def flatten(document: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object schema with the fields of its ``allOf`` members as its own."""
    merged = resolve(document, schema)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for member in (*(flatten(document, one) for one in merged.pop("allOf", ())), merged):
        properties |= member.get("properties", {})
        required += [name for name in member.get("required", ()) if name not in required]
    return {**merged, "type": "object", "properties": properties, "required": required}


def is_secret(document: dict[str, Any], schema: Mapping[str, Any]) -> bool:
    """Return whether a value must not be shown."""
    found = resolve(document, schema)
    return found.get("format") == "password" or any(is_secret(document, one) for one in found.get("allOf", ()))


def is_file(document: dict[str, Any], schema: Mapping[str, Any]) -> bool:
    """Return whether a field of a form is a file, or a list of files."""
    found = resolve(document, schema)
    is_one = found.get("format") == "binary" or "contentMediaType" in found
    return is_one or ("items" in found and is_file(document, found["items"]))


def is_object(document: dict[str, Any], schema: Mapping[str, Any]) -> bool:
    """Return whether a schema is of an object with fields of its own."""
    found = resolve(document, schema)
    members = found.get("allOf", ())
    return found.get("type") == "object" or "properties" in found or any(is_object(document, one) for one in members)


def union_members(document: dict[str, Any], schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the members of a ``oneOf`` or ``anyOf``, those of nested ones included; none if it isn't a union."""
    found = resolve(document, schema)
    members: list[dict[str, Any]] = []
    for member in (*found.get("oneOf", ()), *found.get("anyOf", ())):
        members += union_members(document, member) or [member]
    return members


def enum_values(document: dict[str, Any], schema: Mapping[str, Any]) -> list[Any]:
    """Return the values that a schema lists, through references, unions and the items of an array."""
    found = resolve(document, schema)
    if "enum" in found:
        return list(found["enum"])
    if "const" in found:
        return [found["const"]]
    if "items" in found:
        return enum_values(document, found["items"])
    return [value for member in union_members(document, found) for value in enum_values(document, member)]
