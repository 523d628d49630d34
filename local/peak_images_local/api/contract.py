"""The contract: where it is, and what it says of a request and of an answer.

Requests are judged by openapi-core. Answers are judged by jsonschema-rs, since for a page of a hundred images
openapi-core takes tens of milliseconds, and jsonschema-rs a tenth of one.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import yaml

from peak_images_local.api.validation_messages import Problem, explain
from peak_images_local.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PREFIX = "/image-management/api/v2"
"""Where the service's operations live."""

METHODS = ("get", "post", "put", "patch", "delete")


def read_contract() -> str:
    """The text of the contract: the package's copy, or in a source checkout `openapi/images.yaml`.

    Raises:
        ServiceError: It is in neither place.
    """
    packaged = resources.files("peak_images_local").joinpath("images.yaml")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    checkout = Path(__file__).resolve().parents[3] / "openapi" / "images.yaml"
    if checkout.is_file():
        return checkout.read_text(encoding="utf-8")
    msg = f"The contract is neither in the package (images.yaml) nor at {checkout}"
    raise ServiceError(msg)


@dataclass(frozen=True)
class Operation:
    """One operation of the contract.

    Attributes:
        name: Its operationId.
        method: The HTTP method, in lower case.
        path: The path, as the contract spells it.
        query: The schemas of its query parameters, by their names.
        fields: The fields of its form, if it has one.
        json_fields: Those of them that travel as JSON.
    """

    name: str
    method: str
    path: str
    query: Mapping[str, Any]
    fields: frozenset[str] | None
    json_fields: frozenset[str]


@dataclass
class _Call:
    """A request as openapi-core wants to see it."""

    method: str
    path: str
    parameters: Any
    body: bytes | None
    content_type: str
    host_url: str = "http://localhost"


@dataclass
class Contract:
    """The contract, ready to judge. Get it from `load_contract`, since it takes a while to read."""

    spec: dict[str, Any]
    operations: list[Operation] = field(init=False)
    _forms: dict[bytes, dict[str, str]] = field(init=False, default_factory=dict)
    _answers: dict[tuple[str, int], Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.operations = list(_operations(self.spec))
        self._validator = self._make_validator()
        self._check_without_body = functools.lru_cache(maxsize=4096)(self._check_without_body_uncached)

    def _make_validator(self) -> Any:
        # Imported where it is used: it takes 0.4 s, and a script may never start a service.
        from openapi_core import Config, OpenAPI

        config = Config(
            # The contract itself is checked by the tests, not at every start.
            spec_validator_cls=None,
            extra_media_type_deserializers={"multipart/form-data": self._read_form},
        )
        servers = [{"url": PREFIX}]
        return OpenAPI.from_dict({**_without_type_lists(self.spec), "servers": servers}, config=config)

    def _read_form(self, token: bytes, **_parameters: str) -> dict[str, str]:
        return self._forms[token]

    def request_problems(
        self, operation: Operation, path: Mapping[str, str], query: Sequence[tuple[str, str]]
    ) -> list[Problem]:
        """What the contract finds wrong with the parameters of a request."""
        # openapi-core takes an empty text for a missing one; to a plain text, the contract has no such objection.
        told = [pair for pair in query if pair[1] or operation.query.get(pair[0]) != {"type": "string"}]
        return self._check_without_body(operation.name, tuple(path.items()), tuple(told))

    def _check_without_body_uncached(
        self, name: str, path: tuple[tuple[str, str], ...], query: tuple[tuple[str, str], ...]
    ) -> list[Problem]:
        operation = next(operation for operation in self.operations if operation.name == name)
        # A body that is there but isn't looked at: the form is judged apart, once it has been read.
        call = self._call(operation, dict(path), query, None, "")
        return [explain(error) for error in self._validator.iter_request_errors(call) if _is_of_parameter(error)]

    def form_problems(self, operation: Operation, fields: Mapping[str, str]) -> list[Problem]:
        """What the contract finds wrong with a form, given as text; files are given as empty text."""
        token = str(id(fields)).encode()
        self._forms[token] = dict(fields)
        try:
            call = self._call(operation, {}, (), token, "multipart/form-data")
            return [
                explain(error) for error in self._validator.iter_request_errors(call) if not _is_of_parameter(error)
            ]
        finally:
            del self._forms[token]

    @staticmethod
    def _call(
        operation: Operation,
        path: dict[str, str],
        query: tuple[tuple[str, str], ...],
        body: bytes | None,
        content_type: str,
    ) -> _Call:
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import ImmutableMultiDict

        # Whether the token is the right one is the service's business; that there is one is known by now.
        parameters = RequestParameters(
            query=ImmutableMultiDict(query), header={"Authorization": "token"}, path=path or {"": ""}
        )
        return _Call(operation.method, PREFIX + operation.path, parameters, body, content_type)

    def response_problems(self, operation: Operation, status: int, body: Any) -> list[str]:
        """What the contract finds wrong with an answer; `body` is the parsed JSON, `None` for none."""
        key = (operation.name, status)
        if key not in self._answers:
            self._answers[key] = self._response_validator(operation, status)
        validator = self._answers[key]
        where = f"{operation.name} answered {status}"
        if validator is None:
            return [f"{where}, which the contract doesn't know"]
        if validator is _NO_BODY:
            return [] if body is None else [f"{where} with a body: {json.dumps(body)[:200]}"]
        return [
            f"{where}: {'.'.join(str(part) for part in error.instance_path) or 'body'}: {error.message}"
            for error in validator.iter_errors(body)
        ]

    def _response_validator(self, operation: Operation, status: int) -> Any:
        answers = self.spec["paths"][operation.path][operation.method]["responses"]
        answer = answers.get(str(status))
        if answer is None:
            return None
        if "$ref" in answer:
            answer = self.spec["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        if "content" not in answer:
            return _NO_BODY
        schema = {
            "allOf": [answer["content"]["application/json"]["schema"]],
            "components": self.spec["components"],
        }
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


_NO_BODY = object()


@functools.cache
def load_contract() -> Contract:
    """The contract, read once a process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Contract(yaml.load(read_contract(), Loader=loader))  # noqa: S506 - both loaders are safe ones


def _operations(spec: dict[str, Any]) -> Iterator[Operation]:
    for path, item in spec["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            description = item[method]
            parameters = [
                spec["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
                if "$ref" in parameter
                else parameter
                for parameter in [*item.get("parameters", ()), *description.get("parameters", ())]
            ]
            query = {p["name"]: p["schema"] for p in parameters if p["in"] == "query"}
            fields, json_fields = _form_fields(spec, description)
            yield Operation(description["operationId"], method, path, query, fields, json_fields)


def _form_fields(spec: dict[str, Any], description: dict[str, Any]) -> tuple[frozenset[str] | None, frozenset[str]]:
    if "requestBody" not in description:
        return None, frozenset()
    form = description["requestBody"]["content"]["multipart/form-data"]
    schema = spec["components"]["schemas"][form["schema"]["$ref"].rpartition("/")[2]]
    encoding = form.get("encoding", {})
    in_json = {name for name, how in encoding.items() if how.get("contentType") == "application/json"}
    return frozenset(schema["properties"]), frozenset(in_json)


def _is_of_parameter(error: Exception) -> bool:
    from openapi_core.validation.request.exceptions import ParameterValidationError

    return isinstance(error, ParameterValidationError)


def _without_type_lists(node: Any) -> Any:
    """The contract with `type: [a, b]` of parameters spelt as `anyOf`: openapi-core can't read the list there."""
    if isinstance(node, list):
        return [_without_type_lists(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "in" in node and isinstance(node.get("schema"), dict) and isinstance(node["schema"].get("type"), list):
        node = {**node, "schema": {"anyOf": [{"type": name} for name in node["schema"]["type"]]}}
    return {key: _without_type_lists(value) for key, value in node.items()}
