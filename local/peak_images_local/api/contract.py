"""The contract: its operations, and the schemas of their requests and responses."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from peak_images_local.api.schemas import Schemas, normalize, select_by_discriminator
from peak_images_local.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
"""Names of header parameters that OpenAPI ignores."""

_DEFAULT_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def read_contract() -> str:
    """Return the text of the contract: the package's copy, or in a source checkout `openapi/images.yaml`.

    Raises:
        ServiceError: It is in neither place.
    """
    packaged = resources.files("peak_images_local").joinpath("images.yaml")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    checkout = Path(__file__).resolve().parents[3] / "openapi" / "images.yaml"
    if checkout.is_file():
        return checkout.read_text(encoding="utf-8")
    raise ServiceError(f"The contract is neither in the package (images.yaml) nor at {checkout}")


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation.

    Attributes:
        name: Its name, as it is sent.
        place: Where it is sent: `query`, `path`, `header` or `cookie`.
        required: Whether it must be given.
        schema: The schema of its value.
        style: How arrays and objects are written.
        explode: Whether each element of an array or object is written by itself.
        in_json: Whether its value is sent as JSON.
        default: Its value where it isn't given.
    """

    name: str
    place: str
    required: bool
    schema: Any
    style: str
    explode: bool
    in_json: bool
    default: Any


@dataclass(frozen=True)
class Body:
    """A body of an operation, of one media type.

    Attributes:
        schema: The schema of the body; `None` where the contract has none.
        properties: The schemas of its fields, where it is an object.
        files: The fields that are files.
        json_fields: The fields of a form that are sent as JSON.
        content_types: The content types that the contract gives to fields.
    """

    schema: Any
    properties: Mapping[str, Any] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    json_fields: frozenset[str] = frozenset()
    content_types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """An operation of the contract.

    Attributes:
        name: Its operationId; the method and path where it has none.
        method: The HTTP method, in lower case.
        path: The path, as in the contract.
        parameters: Its parameters.
        bodies: Its bodies by their media types; empty if it has none.
        body_required: Whether a body must be sent.
        responses: Its responses by their statuses, as in the contract.
        secured: Whether it needs a token.
    """

    name: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, Body]
    body_required: bool
    responses: Mapping[str, Any]
    secured: bool

    @property
    def success_status(self) -> int:
        """The status of a response that reports success."""
        return min((int(status) for status in self.responses if re.fullmatch("2[0-9][0-9]", status)), default=200)


class Contract:
    """The contract, prepared for validation. Get it from `load_contract`, which reads it once."""

    def __init__(self, text: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.spec: dict[str, Any] = normalize(yaml.load(text, Loader=loader))  # noqa: S506 - both loaders are safe ones
        """The contract as it is written."""
        self._checked = select_by_discriminator(self.spec)
        self.schemas = Schemas(self._checked)
        servers = self.spec.get("servers") or [{}]
        self.prefix = urlsplit(str(servers[0].get("url", ""))).path.rstrip("/")
        """The path that all operations' paths start with."""
        self.operations = list(self._read_operations())

    def operation(self, name: str) -> Operation:
        """Return the operation of this operationId.

        Raises:
            LookupError: There is none.
        """
        for operation in self.operations:
            if operation.name == name:
                return operation
        raise LookupError(
            f"The contract has no operation {name}; it has {', '.join(one.name for one in self.operations)}"
        )

    def field_schema(self, operation: Operation, name: str) -> Any:
        """Return the schema of a field of an operation's body; an empty one if no body has it."""
        return next((body.properties[name] for body in operation.bodies.values() if name in body.properties), {})

    def response_schema(self, operation: Operation, status: int) -> Any:
        """Return the schema of a JSON response.

        Returns:
            `None` if the contract doesn't declare the status, `NO_CONTENT` if the response has no body.
        """
        declared = operation.responses
        response = next((declared[key] for key in (str(status), f"{status // 100}XX", "default") if key in declared), 0)
        if response == 0:
            return None
        content = self.schemas.resolve(response).get("content")
        if not content:
            return NO_CONTENT
        return next((media.get("schema", {}) for kind, media in content.items() if is_json(kind)), {})

    def _read_operations(self) -> Iterator[Operation]:
        for path, path_item in (self._checked.get("paths") or {}).items():
            item = self.schemas.resolve(path_item)
            for method in METHODS:
                if isinstance(item.get(method), dict):
                    yield self._read_operation(str(path), method, item)

    def _read_operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        description = item[method]
        # Those of the operation override those of its path.
        parameters: dict[tuple[str, str], Parameter] = {}
        for node in (*item.get("parameters", ()), *description.get("parameters", ())):
            parameter = self._read_parameter(self.schemas.resolve(node))
            if parameter.place != "header" or parameter.name.lower() not in _IGNORED_HEADERS:
                parameters[parameter.place, parameter.name] = parameter
        body = self.schemas.resolve(description.get("requestBody", {}))
        security = description.get("security", self.spec.get("security", []))
        return Operation(
            name=description.get("operationId") or f"{method.upper()} {path}",
            method=method,
            path=path,
            parameters=tuple(parameters.values()),
            bodies={kind: self._read_body(media or {}) for kind, media in (body.get("content") or {}).items()},
            body_required=bool(body.get("required")),
            responses=description.get("responses") or {},
            secured=bool(security) and {} not in security,
        )

    def _read_parameter(self, node: Mapping[str, Any]) -> Parameter:
        place = str(node.get("in", "query"))
        style = str(node.get("style", _DEFAULT_STYLES.get(place, "form")))
        content: Mapping[str, Any] = node.get("content") or {}
        media = next(iter(content.values()), None) or {}
        schema = media.get("schema", {}) if content else node.get("schema", {})
        return Parameter(
            name=str(node.get("name", "")),
            place=place,
            required=bool(node.get("required")) or place == "path",
            schema=schema,
            style=style,
            explode=bool(node.get("explode", style == "form")),
            in_json=bool(content) and is_json(next(iter(content))),
            default=self.schemas.keyword(schema, "default"),
        )

    def _read_body(self, media: Mapping[str, Any]) -> Body:
        schema = media.get("schema")
        properties = self.schemas.properties(schema)
        encoding = media.get("encoding") or {}
        types = {name: str(how["contentType"]) for name, how in encoding.items() if "contentType" in how}
        files = {name for name, value in properties.items() if self._is_file(value)}
        structured = {name for name, value in properties.items() if self._is_structured(value) and name not in types}
        in_json = {name for name, kind in types.items() if is_json(kind)}
        return Body(schema, properties, frozenset(files), frozenset((in_json | structured) - files), types)

    def _is_file(self, schema: Any) -> bool:
        items = self.schemas.items(schema)
        return any(self.schemas.keyword(node, "format") == "binary" for node in (schema, items))

    def _is_structured(self, schema: Any) -> bool:
        """Return whether a field is sent as JSON by default: objects, and arrays of them."""
        return "object" in self.schemas.types(schema) or "object" in self.schemas.types(self.schemas.items(schema))


NO_CONTENT = object()
"""Stands for the schema of a response that has no body."""


def is_json(media_type: str) -> bool:
    """Return whether a media type is JSON, or based on it."""
    kind = media_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


@functools.cache
def load_contract() -> Contract:
    """Return the contract, read once a process."""
    return Contract(read_contract())
