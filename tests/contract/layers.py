"""The contract's names and values in the layers, and calls that use each of them."""

from __future__ import annotations

import asyncio
import builtins
import json
import keyword
import re
import warnings
from contextlib import suppress
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs

from peak_images import AsyncImage, PeakImagesError, Session, get_async_client, get_client
from peak_images_cli.options import RESERVED
from tests.contract_facts import Operation, enum_values, properties, resolve, union_members

SECRET = "hunter2-is-a-secret"
PREFIX = "/image-management/api/v2"

COMPOSITES = {"get_build_logs": {}, "get_build_logs_download": {"save": True}}
"""Operations that one handwritten method, ``get_build_logs``, is made of, with what chooses them."""


def argument(parameter: dict[str, Any]) -> str:
    """Return the documented argument for a parameter."""
    name = snake_case(parameter["name"])
    return str(parameter.get("x-python-name", f"{name}_" if keyword.iskeyword(name) else name))


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def method_name(operation: Operation) -> str:
    name = snake_case(operation.name)
    is_taken = keyword.iskeyword(name) or name in dir(builtins)
    name = operation.described.get("x-python-name", f"{name}_" if is_taken else name)
    return "get_build_logs" if operation.name in COMPOSITES else str(name)


def command(operation: Operation) -> str:
    return str(operation.described.get("x-cli-name", snake_case(operation.name).replace("_", "-")))


def option(parameter: dict[str, Any]) -> str:
    name = str(parameter.get("x-cli-name", argument(parameter).strip("_").replace("_", "-")))
    return f"{parameter['in']}-{name}" if name in RESERVED else name


def allowed(schema: Any) -> list[Any]:
    """Return the values that a schema, or that of its items, lists."""
    schema = resolve(schema)
    return [value for value in enum_values(schema) or enum_values(schema.get("items", {})) if value is not None]


def value_for(schema: Any, example: Any = None) -> Any:
    """Return a value that the contract allows, and that isn't the default."""
    schema = resolve(schema)
    example = schema.get("example", example)
    if members := [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        return value_for(members[0], example)
    if "items" in schema:
        return [value_for(schema["items"], (example or [None])[0])]
    if properties(schema):
        return {name: value_for(one) for name, one in properties(schema).items()}
    return _scalar(schema, example, schema.get("default"))


def _scalar(schema: dict[str, Any], example: Any, default: Any) -> Any:
    kind = schema.get("type", "string")
    kind = kind if isinstance(kind, str) else kind[0]
    others = [value for value in schema.get("enum", ()) if value != default]
    if schema.get("format") == "password":
        return SECRET
    if "const" in schema or others:
        return schema.get("const", others[-1] if others else None)
    if kind == "boolean":
        return not default
    if example is not None and example != default:
        return example
    if kind in ("integer", "number"):
        return max((default or 0) + 1, schema.get("minimum", 1))
    return "2023-06-01T00:00:00.000Z" if schema.get("format") == "date-time" else "text"


def bodies(operation: Operation) -> list[dict[str, Any]]:
    """Return bodies that have every declared field between them: one for each member of a union, without files."""
    schema = operation.body["schema"] if operation.body else {}
    fields = {name: one for name, one in properties(schema).items() if resolve(one).get("format") != "binary"}
    unions = {name: union_members(one) for name, one in fields.items() if union_members(one)}
    plain = {name: value_for(one) for name, one in fields.items() if name not in unions}
    return [
        plain | {name: value_for(members[min(index, len(members) - 1)]) for name, members in unions.items()}
        for index in range(max(map(len, unions.values()), default=1))
    ]


def arguments(operation: Operation) -> dict[str, Any]:
    """Return a value for every parameter, by the name of the argument."""
    if operation.name in COMPOSITES:  # can't save a part of a log
        listed = [one for one in operation.parameters if one["in"] == "path" or not COMPOSITES[operation.name]]
    else:
        listed = list(operation.parameters)
    return {argument(one): value_for(one["schema"], one.get("example")) for one in listed}


def call(service: Any, kind: type, operation: Operation, body: Any = None, only: set[str] | None = None) -> None:
    """Call the method of an operation with all or some of its arguments; an error response is fine."""
    named = {name: value for name, value in arguments(operation).items() if only is None or name in only}
    given = named | COMPOSITES.get(operation.name, {}) | ({} if body is None else {"body": body})
    if "x-pagination" in operation.described:
        given["return_iterator"] = False

    async def call_async(session: Session) -> None:
        async with get_async_client(session) as client:
            await getattr(client, method_name(operation))(**given)

    with (
        Session(base_url=service.url, auth_token=service.token) as session,
        warnings.catch_warnings(),
        suppress(PeakImagesError),
    ):
        if operation.described.get("deprecated") or any(one.get("deprecated") for one in operation.parameters):
            warnings.simplefilter("ignore", DeprecationWarning)
        if kind is AsyncImage:
            asyncio.run(call_async(session))
        else:
            with get_client(session) as client:
                getattr(client, method_name(operation))(**given)


def sent_fields(exchange: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form or of a JSON body, as they were sent; one value may be a list if that of the body is."""
    kind = exchange.request_headers.get("content-type", "")
    if kind.startswith("application/json"):
        return dict(json.loads(bytes(exchange.sent)))
    if kind == "application/x-www-form-urlencoded":
        pairs = parse_qs(bytes(exchange.sent).decode(), keep_blank_values=True).items()
        lists = {name: [_parsed(value) for value in values] for name, values in pairs}
        return {name: values if isinstance(body.get(name), list) else values[0] for name, values in lists.items()}
    form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + bytes(exchange.sent))
    return {
        part.get_param("name", header="content-disposition"): _parsed(part.get_payload(decode=True).decode())
        for part in (form.get_payload() if form.is_multipart() else ())
    }


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
