"""Describe violations of the contract: the field, its value, what is allowed."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

from peak_images_local.api.contract import NO_CONTENT
from peak_images_local.api.schemas import UnusableSchemaError
from peak_images_local.errors import ApiError
from peak_images_local.settings import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from peak_images_local.api.contract import Contract, Operation
    from peak_images_local.api.schemas import Schemas

MAX_VALUE_LENGTH = 60
MAX_ERRORS = 20


def find_problems(schemas: Schemas, schema: Any, value: Any, name: str = "", *, closed: bool = False) -> list[ApiError]:
    """Return the violations of a schema by a value, as errors to raise or to read.

    Args:
        schemas: The contract's schemas.
        schema: The schema of the value.
        value: The value.
        name: The name of the value; empty for a body.
        closed: Whether enums that are open to clients are closed, as for the service's own responses.
    """
    try:
        validator = schemas.validator(schema, closed=closed)
    except UnusableSchemaError as unusable:
        return [ApiError(501, f"{name or 'The body'}: the contract's schema can't be used: {unusable}")]
    if validator.is_valid(value):
        return []
    masked = schemas.mask_secrets(schema, value)
    texts: dict[str, None] = {}
    for error in validator.iter_errors(value):
        texts[_describe(schemas, schema, error, name, masked)] = None
        if len(texts) >= MAX_ERRORS:
            break
    return [ApiError(422, text) for text in texts]


def response_problems(
    contract: Contract, operation: Operation, status: int, body: Any, *, closed: bool = False
) -> list[str]:
    """Return the violations of the contract by a response.

    Args:
        contract: The contract.
        operation: The operation that is responded to.
        status: The HTTP status.
        body: The parsed JSON; `None` for no body.
        closed: Whether enums that are open to clients are closed.
    """
    schema = contract.response_schema(operation, status)
    if schema is None:
        return [f"status {status} is not one of {', '.join(operation.responses)}"]
    if schema is NO_CONTENT:
        return [] if body is None else [f"a response with status {status} has no body"]
    return [problem.detail for problem in find_problems(contract.schemas, schema, body, closed=closed)]


def raise_problems(problems: Sequence[ApiError]) -> None:
    """Raise an error that names all problems, if there are any.

    Raises:
        ApiError: With the status of the first.
    """
    if problems:
        raise ApiError(problems[0].status, "; ".join(problem.detail for problem in problems))


def describe_undeclared(path: str, declared: Iterable[str]) -> str:
    """Return a message about a field or parameter that the contract doesn't declare, with the closest one that it does.

    Args:
        path: The name, with those of the objects around it.
        declared: The names that are declared at this place.
    """
    name = path.rpartition(".")[2]
    by_lower = {other.lower(): other for other in declared}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    hint = f"; did you mean {by_lower[close[0]]}?" if close else f"; declared: {', '.join(declared)}"
    return f"{path}: the contract doesn't declare it{hint}"


def short_json(value: Any) -> str:
    """Return a value as JSON, shortened for a message."""
    text = json.dumps(value, ensure_ascii=False, default=str) if _is_printable(value) else "a very long number"
    return text if len(text) <= MAX_VALUE_LENGTH else text[:MAX_VALUE_LENGTH] + "…"


def _is_printable(value: Any) -> bool:
    # Python doesn't print numbers of more than 4,300 digits.
    return not isinstance(value, int) or value.bit_length() < 1 << 13


def _describe(schemas: Schemas, schema: Any, error: Any, name: str, masked: Any) -> str:
    while (inner := _closest_member(error)) is not None:
        error = inner
    around = _enclosing(schemas, {"allOf": [schema]}, error.evaluation_path)
    path = [*([name] if name else []), *error.instance_path]
    keyword = error.kind.name
    if keyword == "required":
        field = error.kind.property
        allowed = schemas.keyword(around.get("properties", {}).get(field, {}), "enum")
        suffix = f"; it is one of {', '.join(map(str, allowed))}" if allowed else "; it is required"
        return f"{'.'.join(map(str, [*path, field]))}: missing{suffix}"
    for step in error.instance_path:
        if masked != MASK:
            masked = masked[step]
    shown = MASK if masked == MASK or schemas.is_secret(around) else short_json(masked)
    limit = getattr(error.kind, "value", None)
    text = "is empty" if (keyword in {"minLength", "minItems"} and limit == 1) else _TEXTS.get(keyword, _OTHER_TEXT)
    text = text.format(value=shown, limit=_allowed(keyword, limit), keyword=keyword)
    text = text.replace(" than 1 characters", " than 1 character").replace(" than 1 items", " than 1 item")
    return f"{'.'.join(map(str, path)) or 'The body'}: {text}"


def _allowed(keyword: str, limit: Any) -> str:
    if keyword == "type":
        kinds = [limit] if isinstance(limit, str) else list(limit)
        return " or ".join(f"an {kind}" if kind[0] in "aeiou" else f"a {kind}" for kind in kinds)
    if keyword in {"enum", "additionalProperties", "unevaluatedProperties"}:
        return ", ".join(map(str, limit))
    return str(limit) if keyword in {"pattern", "format"} else short_json(limit)


def _enclosing(schemas: Schemas, schema: Any, path: Sequence[str | int]) -> Any:
    """Return the schema that holds the keyword at the end of a path of evaluation."""
    node = schema
    for part in list(path)[:-1]:
        if part == "$ref":
            node = schemas.lookup(str(node.get("$ref"))) if isinstance(node, dict) else None
        elif isinstance(node, dict):
            node = node.get(str(part), {})
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node = node[part]
    return node if isinstance(node, dict) else {}


def _closest_member(error: Any) -> Any:
    """Return the error of the member of a union that matches the value best."""
    if error.kind.name not in {"anyOf", "oneOf"}:
        return None
    members = [(n, found) for n, errors in enumerate(error.kind.context) for found in errors]
    if not members:
        return None
    pinned = {n for n, found in members if found.kind.name in {"const", "enum", "type", "not"}}
    return max(members, key=lambda member: (len(member[1].instance_path), member[0] not in pinned))[1]


_TEXTS = {
    "type": "{value} is not {limit}",
    "enum": "{value} is not one of {limit}",
    "const": "{value} is not {limit}",
    "minimum": "{value} is less than {limit}",
    "maximum": "{value} is more than {limit}",
    "exclusiveMinimum": "{value} is not more than {limit}",
    "exclusiveMaximum": "{value} is not less than {limit}",
    "multipleOf": "{value} is not a multiple of {limit}",
    "minLength": "{value} has fewer than {limit} characters",
    "maxLength": "{value} has more than {limit} characters",
    "minItems": "{value} has fewer than {limit} items",
    "maxItems": "{value} has more than {limit} items",
    "uniqueItems": "{value} has an item twice",
    "pattern": "{value} does not match {limit}",
    "format": "{value} is not a valid {limit}",
    "additionalProperties": "not allowed: {limit}",
    "unevaluatedProperties": "not allowed: {limit}",
    "falseSchema": "{value} is not allowed",
}
_OTHER_TEXT = "{value} doesn't satisfy {keyword}: {limit}"
"""In place of the library's own messages, which repeat the whole value."""
