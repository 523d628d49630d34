"""What a call would send, for dry runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peak_images_api import operations


@dataclass(frozen=True)
class PreparedRequest:
    """A request that a call would send, as ``with_options(dry_run=...)`` reports it.

    Secrets in the body are as they were given.

    Attributes:
        operation: The operation, such as ``create_image``.
        method: The HTTP method.
        url: The address, with its query.
        body: The fields of the body, with what the client adds to them; ``None`` if there is no body.
        artifact_size: The size of the zipped artifact in bytes; ``None`` if there is none.
    """

    operation: str
    method: str
    url: str
    body: Mapping[str, Any] | None = None
    artifact_size: int | None = None


DryRun = Callable[[PreparedRequest], object]
"""Called with each request in place of sending it. What it raises ends the call."""


def prepare_request(operation: str, method: str, url: str, rest: Mapping[str, Any]) -> PreparedRequest:
    """Return the request that httpx would be given.

    Args:
        operation: The operation.
        method: The HTTP method.
        url: The address, with its query.
        rest: The arguments for its body: ``files``, the parts of a form, or ``json``.
    """
    parts: Sequence[tuple[str, tuple[Any, Any, Any]]] | None = rest.get("files")
    if parts is None:
        return PreparedRequest(operation, method, url, rest.get("json"))
    texts, size = _text_fields(operation), None
    body: dict[str, Any] = {}
    for name, (_, content, _) in parts:
        if isinstance(content, bytes):
            body[name] = content.decode() if name in texts else _from_json(content.decode())
        else:
            size = content.seek(0, os.SEEK_END)
            content.seek(0)
    return PreparedRequest(operation, method, url, body, size)


def _text_fields(operation: str) -> set[str]:
    """The fields of a form that are sent as they are, and not as JSON."""
    described = operations.table()["operations"].get(operation)
    body = described and described["body"]
    fields = _resolve(body["schema"]).get("properties", {}) if body else {}
    return {name for name, schema in fields.items() if _resolve(schema).get("type") == "string"}


def _resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    schemas = operations.table()["components"]["schemas"]
    return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text  # a field that the contract doesn't know
