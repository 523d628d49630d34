"""A contract validator that is independent of the client.

It shares nothing with the wrapper's checks, the generated layer or the local service but the contract. openapi-core
validates addresses and queries, jsonschema forms and responses.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml
from jsonschema import Draft202012Validator
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.validation.request.exceptions import RequestBodyValidationError
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from tests.integration.recording import Exchange

PREFIX = "/image-management/api/v2"
DOWNLOADS = "/downloads/"

HEADERS_OF_BODIES = frozenset({"content-length", "content-type"})
"""Those that differ from one body to the next. Bodies are validated apart."""

GATEWAY_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses of proxies and gateways, which the contract doesn't declare."""


_Pair = tuple[str, str]


@cache
def contract_validator() -> ContractValidator:
    """Return the contract validator of this source tree."""
    contract = Path(__file__).parents[2] / "openapi/images.yaml"
    return ContractValidator(
        yaml.load(contract.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    )


@contextmanager
def validated(exchanges, *, responses=True):
    """Require that requests and responses in the block conform to the contract."""
    yield exchanges
    problems = [
        problem for exchange in exchanges for problem in contract_validator().problems(exchange, responses=responses)
    ]
    assert not problems, "The contract was violated:\n" + "\n".join(problems)


@dataclass
class _Operation:
    name: str
    pattern: re.Pattern[str]
    method: str
    query: frozenset[str]
    form: dict[str, Any] | None
    responses: dict[str, Any]


@dataclass
class _Request:
    """A request as openapi-core wants to see it."""

    method: str
    path: str
    parameters: RequestParameters
    host_url: str = "http://localhost"
    body: bytes | None = None
    content_type: str = "multipart/form-data"


class ContractValidator:
    """Finds what is wrong with an exchange."""

    def __init__(self, contract: dict[str, Any]) -> None:
        self._contract = contract
        self._operations = list(self._read_operations())
        spec = {**_without_type_lists(contract), "servers": [{"url": PREFIX}]}
        self._openapi = OpenAPI.from_dict(spec, config=Config(spec_validator_cls=None))
        self._found: dict[tuple[object, ...], list[str]] = {}
        self._validators: dict[str, Draft202012Validator] = {}

    def problems(self, exchange: Exchange, *, responses: bool = True) -> list[str]:
        """Return what is wrong with an exchange.

        Args:
            exchange: The exchange.
            responses: Whether to validate its response too.
        """
        if exchange.url.path.startswith(DOWNLOADS):
            # Not in the contract, except for one rule about this address.
            return ["the token was sent to the download's host"] if "authorization" in exchange.request_headers else []
        operation = self._find(exchange)
        if operation is None:
            return [f"{exchange.method} {exchange.url.path}: the contract has no such operation"]
        found = [*self._request_problems(operation, exchange), *self._form_problems(operation, exchange)]
        if responses and exchange.complete and exchange.status not in GATEWAY_STATUSES:
            found += self._response_problems(operation, exchange)
        return [f"{operation.name}: {problem}" for problem in found]

    def _request_problems(self, operation: _Operation, exchange: Exchange):
        query = exchange.url.params.multi_items()
        yield from (
            f"query parameter {name}: not declared" for name in sorted({name for name, _ in query} - operation.query)
        )
        headers = [item for item in exchange.request_headers.multi_items() if item[0] not in HEADERS_OF_BODIES]
        method, path = exchange.method.lower(), exchange.url.path
        yield from self._kept(
            (method, path, *query, *headers), lambda: self._openapi_problems(method, path, query, headers)
        )

    def _kept(self, key: tuple[object, ...], find: Callable[[], Iterable[str]]) -> list[str]:
        # Validators take milliseconds, and tests send and receive the same over and over.
        if key not in self._found:
            self._found[key] = list(find())
        return self._found[key]

    def _openapi_problems(self, method: str, path: str, query: list[_Pair], headers: list[_Pair]):
        parameters = RequestParameters(ImmutableMultiDict(query), Headers(headers), ImmutableMultiDict())
        for error in self._openapi.iter_request_errors(_Request(method, path, parameters)):
            if not isinstance(error, RequestBodyValidationError):
                yield f"request: {error}: {error.__cause__ or ''}"

    def _form_problems(self, operation: _Operation, exchange: Exchange):
        kind, options = parse_options_header(exchange.request_headers.get("content-type"))
        if operation.form is None:
            if exchange.sent:
                yield f"a body of {len(exchange.sent)} bytes where there should be none"
        elif kind != "multipart/form-data" or "boundary" not in options:
            yield f"the body is {kind or 'of no type'}, not multipart/form-data"
        else:
            boundary, body = options["boundary"].encode(), bytes(exchange.sent)
            # Without a success, perhaps not all of the body was sent.
            whole = 200 <= exchange.status < 300
            digest = sha256(body.replace(boundary, b"boundary")).digest()
            yield from self._kept(
                (operation.name, whole, digest),
                lambda: self._multipart_problems(operation, body, boundary, whole=whole),
            )

    def _multipart_problems(self, operation: _Operation, body: bytes, boundary: bytes, *, whole: bool):
        try:
            # Kept in memory: the file of an incomplete form would never be closed.
            parser = MultiPartParser(stream_factory=lambda **_: io.BytesIO())
            fields, files = parser.parse(io.BytesIO(body), boundary, len(body))
        except ValueError as error:
            if whole:
                yield f"the form can't be read: {error}"
            return
        yield from (f"form field {name}: sent more than once" for name, values in fields.lists() if len(values) > 1)
        values = {}
        for name, text in fields.items():
            try:
                values[name] = self._form_value(operation, name, text)
            except ValueError as error:
                yield f"form field {name}: not JSON: {error}"
        for name, file in files.items():
            # A file is a string of bytes to the contract; its place here means that it is a file.
            values[name] = ""
            if (name, file.filename, file.mimetype) != ("artifact", "artifact.zip", "application/zip"):
                yield f"form file {name}: {file.filename}, {file.mimetype}"
            file.close()
        if "artifact" in fields:
            yield "form field artifact: text where a file belongs"
        schema = operation.form["schema"]["$ref"]
        yield from (f"form field {problem}" for problem in self._schema_problems(schema, values))

    def _form_value(self, operation: _Operation, name: str, text: str) -> Any:
        encoding = operation.form["encoding"].get(name, {})
        return json.loads(text) if encoding.get("contentType") == "application/json" else text

    def _response_problems(self, operation: _Operation, exchange: Exchange):
        response = operation.responses.get(str(exchange.status))
        if response is None:
            yield f"response: status {exchange.status} is not documented"
            return
        if "content" not in response:
            if exchange.received:
                yield f"response: a body with status {exchange.status}"
            return
        kind, _ = parse_options_header(exchange.headers.get("content-type"))
        if kind != "application/json":
            yield f"response: {kind or 'of no type'}, not application/json"
            return
        try:
            body = json.loads(bytes(exchange.received))
        except ValueError as error:
            yield f"response: not JSON: {error}"
            return
        schema = response["content"]["application/json"]["schema"]["$ref"]
        problems = self._kept((schema, bytes(exchange.received)), lambda: self._schema_problems(schema, body))
        yield from (f"response {exchange.status}: {problem}" for problem in problems)

    def _schema_problems(self, reference: str, value: Any):
        if reference not in self._validators:
            schema = {"$ref": reference, "components": self._contract["components"]}
            self._validators[reference] = Draft202012Validator(
                schema, format_checker=Draft202012Validator.FORMAT_CHECKER
            )
        for error in self._validators[reference].iter_errors(value):
            yield f"{'.'.join(map(str, error.absolute_path)) or 'as a whole'}: {error.message}"

    def _find(self, exchange: Exchange) -> _Operation | None:
        raw = exchange.url.raw_path.decode("ascii").partition("?")[0]
        return next((o for o in self._operations if o.method == exchange.method and o.pattern.fullmatch(raw)), None)

    def _read_operations(self):
        for path, item in self._contract["paths"].items():
            pattern = re.compile(re.escape(PREFIX) + re.sub(r"\{\w+\}", "[^/]+", path))
            for method in {"get", "post", "patch", "delete"} & item.keys():
                described = item[method]
                listed = [*item.get("parameters", ()), *described.get("parameters", ())]
                query = {parameter["name"] for parameter in map(self._resolved, listed) if parameter["in"] == "query"}
                form = described.get("requestBody", {}).get("content", {}).get("multipart/form-data")
                responses = {status: self._resolved(response) for status, response in described["responses"].items()}
                yield _Operation(described["operationId"], pattern, method.upper(), frozenset(query), form, responses)

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        target: Any = self._contract if "$ref" in node else node
        for step in node.get("$ref", "#").split("/")[1:]:
            target = target[unquote(step)]
        return target


def _without_type_lists(node: Any) -> Any:
    """``type: [a, b]`` of parameters spelt as ``anyOf``: openapi-core can't read the list there."""
    if isinstance(node, list):
        return [_without_type_lists(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "in" in node and isinstance(node.get("schema", {}).get("type"), list):
        node = {**node, "schema": {"anyOf": [{"type": name} for name in node["schema"]["type"]]}}
    return {key: _without_type_lists(value) for key, value in node.items()}
