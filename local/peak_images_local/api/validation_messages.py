"""The contract's complaints in a person's words: the field, its value, what is allowed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_VALUE = 60


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a request.

    Attributes:
        status: 400 where the request can't be read, 422 where a value can't be accepted.
        text: What is wrong.
    """

    status: int
    text: str


def explain(error: Any) -> Problem:
    """One error of openapi-core as a problem."""
    cause = error.__cause__ or error
    name = getattr(error, "name", None)
    kind = type(cause).__name__
    if kind == "MissingRequiredParameter":
        return Problem(422, f"{cause.name}: missing; it is required in the {cause.location}")
    if kind == "MissingRequiredRequestBody":
        return Problem(400, "The body is missing; a multipart/form-data form is expected")
    if kind == "MediaTypeNotFound":
        return Problem(400, f"The body is {cause.mimetype or 'of no type'}; multipart/form-data is expected")
    if kind == "InvalidSchemaValue":
        return Problem(422, "; ".join(dict.fromkeys(_describe(found, name) for found in cause.schema_errors)))
    if kind == "CastError":
        return Problem(422, f"{name}: {short_json(cause.value)} is not {_article(str(cause.type))}")
    return Problem(400, f"{name}: {cause}" if name else str(cause))


def short_json(value: Any) -> str:
    """A value as it can be shown in a message: as JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"


def _describe(error: Any, name: str | None) -> str:
    error = _innermost(error)
    # The value of a parameter is judged under no name; a field of a form has its own.
    parts = [part for part in [name, *error.absolute_path] if part is not None]
    place = ".".join(str(part) for part in parts)
    describe = _DESCRIPTIONS.get(error.validator)
    if error.validator == "required":
        missing = [field for field in error.validator_value if field not in error.instance]
        return "; ".join(f"{'.'.join([*map(str, parts), field])}: missing; it is required" for field in missing)
    return f"{place or 'The form'}: {describe(error) if describe else error.message}"


def _innermost(error: Any) -> Any:
    """Of the branches of an `anyOf`, the complaint of the one that the value came closest to."""
    while error.validator in {"anyOf", "oneOf"} and error.context:
        error = max(error.context, key=lambda found: len(found.absolute_path))
    return error


def _describe_union(error: Any) -> str:
    discriminator = error.schema.get("discriminator", {})
    name = discriminator.get("propertyName")
    allowed = ", ".join(discriminator.get("mapping", {}))
    if not isinstance(error.instance, dict) or not name:
        return f"{short_json(error.instance)} is not an object" if name else str(error.message)
    if name not in error.instance:
        return f"{name} is missing; it is one of {allowed}"
    return f"{name}: {short_json(error.instance[name])} is not one of {allowed}"


def _article(kind: str) -> str:
    return f"an {kind}" if kind[:1] in "aeiou" else f"a {kind}"


def _describe_type(error: Any) -> str:
    kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    return f"{short_json(error.instance)} is not {' or '.join(_article(kind) for kind in kinds)}"


_DESCRIPTIONS: dict[str, Callable[[Any], str]] = {
    "anyOf": _describe_union,
    "oneOf": _describe_union,
    "type": _describe_type,
    "enum": lambda error: f"{short_json(error.instance)} is not one of {', '.join(map(str, error.validator_value))}",
    "const": lambda error: f"{short_json(error.instance)} is not {short_json(error.validator_value)}",
    "minimum": lambda error: f"{short_json(error.instance)} is less than {error.validator_value}",
    "minLength": lambda _error: "is empty",
    "minItems": lambda _error: "is empty",
    "format": lambda error: f"{short_json(error.instance)} is not a {error.validator_value}",
}
