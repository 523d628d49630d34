"""Validate arguments and bodies by the contract, before anything is zipped or sent.

The JSON Schemas come from ``openapi/images.yaml`` by way of ``peak_images_api.operations``.
"""

from __future__ import annotations

import json
import math
import re
from collections import UserList, deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from peak_images import _json_schema
from peak_images._json_schema import Violation
from peak_images._secrets import is_secret
from peak_images._settings import ARTIFACT_CHECKS
from peak_images._values import (
    MAX_INTEGER,
    as_list,
    is_encodable,
    parse_datetime,
    plain,
    readable,
    validate_build_id,
    validate_choice,
    validate_id,
    validate_path,
)
from peak_images._warning import warn_caller
from peak_images.errors import InvalidInputError, UnknownFieldWarning, quoted
from peak_images_api import operations
from peak_images_api.types import to_json

if TYPE_CHECKING:
    from peak_images_api.operations import Parameter

MAX_DEPTH: Final = 100
"""The deepest nesting of lists and dictionaries in a body."""

MAX_PAGE_SIZE: Final = 100

_ID: Final = {"type": "integer", "minimum": 1}
"""The schema of an id."""

MAX_FIELD_LENGTH: Final = 60
"""The longest name of a field in the error of one that is nested too deep, in characters."""

MIN_SIMILARITY: Final = 0.8
"""The similarity from which a name counts as a misspelling of another, from 0 to 1."""

_ARTIFACT_KEYS: Final = ("path", "ignore_files", "follow_external_links", "check")

_PYTHON_TYPES: Final = {
    "string": "a str",
    "integer": "an int",
    "number": "an int or float",
    "boolean": "a bool",
    "array": "a list",
    "object": "a dict",
    "null": "None",
}


def validate_arguments(operation: str, arguments: Mapping[str, object]) -> dict[str, Any]:
    """Return the parameters of a call that are to be sent, by their names in the generated layer.

    An argument that is ``None`` isn't sent, nor is one that equals its default, which the service applies by itself.

    Args:
        operation: The operation.
        arguments: The arguments of its method, by name.

    Raises:
        InvalidInputError: The contract doesn't allow a value.
    """
    described = operations.operation(operation)
    if described["deprecated"]:
        warn_caller(f"{described['documented_as']} is deprecated", DeprecationWarning)
    sent: dict[str, Any] = {}
    for parameter in described["parameters"]:
        name, value = parameter["argument"], arguments.get(parameter["argument"])
        if not parameter["required"] and (value is None or _is_default(value, parameter["default"])):
            continue
        if parameter["deprecated"]:
            warn_caller(f"{name} of {described['documented_as']} is deprecated", DeprecationWarning)
        sent[parameter["generated_name"]] = _validate_argument(parameter, value)
        if name.endswith("_to"):
            _check_range(name, arguments, sent)
    return sent


def largest_page(operation: str) -> int:
    """Return the size of the pages in which all elements are fetched: 100, or the maximum if that is less."""
    sizes = [one["maximum"] for one in operations.operation(operation)["parameters"] if one["argument"] == "page_size"]
    return int(min([MAX_PAGE_SIZE, *(size for size in sizes if size)]))


def _is_default(value: object, default: object) -> bool:
    return type(value) is type(default) and value == default


def _check_range(name: str, arguments: Mapping[str, object], sent: Mapping[str, Any]) -> None:
    start, end = name.removesuffix("_to") + "_from", name
    if isinstance(sent.get(start), datetime) and sent[start] > sent[end]:
        problem = f"{quoted(arguments[start])} is after {end}, {quoted(arguments[end])}"
        raise InvalidInputError(start, problem, arguments[start])


def _validate_argument(parameter: Parameter, value: object) -> Any:
    name, schema = parameter["argument"], parameter["schema"]
    if "$ref" in schema:
        schema = _resolve(schema)
    if schema == _ID and parameter["place"] == "path":
        return validate_id(name, value)
    kind = schema.get("type")
    if schema.get("format") == "date-time":
        time = parse_datetime(name, value)
        return time if parameter["place"] == "query" else to_json(time)
    if schema.get("format") == "date":
        return to_json(parse_datetime(name, value).date())
    if parameter["place"] == "path" and isinstance(kind, list):
        return validate_build_id(value, name)
    if parameter["place"] == "path" and kind == "integer":
        value = _validate_integer(schema, name, value)
    if kind == "array":
        value = as_list(name, value)
        if (items := schema.get("items", {})).get("type") == "integer":
            value = [_validate_integer(items, f"{name}[{index}]", one) for index, one in enumerate(value)]
    value = to_json_value(value, (name,), hidden=parameter["secret"])
    _check(schema, value, name, hidden=parameter["secret"])
    if isinstance(value, str):
        _check_text(parameter, value)
    is_flag_in_path = parameter["place"] == "path" and isinstance(value, bool)
    return json.dumps(value) if parameter["content_type"] or is_flag_in_path else value


def _validate_integer(schema: Mapping[str, Any], name: str, value: object) -> Any:
    """Return an integer, which may be given as text. One from 1 on is an id."""
    if schema.get("minimum") == 1:
        return validate_id(name, value)
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value) else value


def _check_text(parameter: Parameter, value: str) -> None:
    shown = "the value" if parameter["secret"] else quoted(value)
    if parameter["place"] == "path" and (not value.strip() or value in (".", "..")):
        raise InvalidInputError(parameter["argument"], f"{shown} can't be part of a URL", value)
    if parameter["place"] in ("header", "cookie") and not (value.isascii() and value.isprintable()):
        raise InvalidInputError(parameter["argument"], f"{shown} must be printable ASCII text on one line", value)


def validate_body(operation: str, body: object) -> dict[str, Any]:
    """Return the fields of a body, with the documented defaults filled in. The argument isn't modified.

    Args:
        operation: The operation.
        body: A dictionary, or a model with ``to_dict()``. Fields that the contract doesn't declare are kept.

    Raises:
        InvalidInputError: The contract doesn't allow it.
    """
    described = operations.operation(operation)["body"]
    given = fields_of(body)
    if described and described["artifact"] and "artifact" in given:
        raise InvalidInputError("body.artifact", "pass the artifact as an argument: artifact={'path': …}")
    fields: dict[str, Any] = to_json_value(given, ("body",))
    _fill_defaults(fields, described["defaults"] if described else {})
    _check(body_schema(operation), fields, "body")
    return fields


def fields_of(value: object, field: str = "body") -> dict[str, Any]:
    """Return the fields of a dictionary or a model.

    Raises:
        InvalidInputError: The value is neither, or can't be read.
    """
    with readable(field, value):
        fields = value if isinstance(value, Mapping) or not hasattr(value, "to_dict") else value.to_dict()
        if isinstance(fields, Mapping):
            return dict(fields)
    raise InvalidInputError(field, f"{quoted(value)} is not a dictionary or a model", value)


def _fill_defaults(fields: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    for name, default in defaults.items():
        given = fields.setdefault(name, {} if isinstance(default, dict) else default)
        if isinstance(default, dict) and isinstance(given, dict):
            _fill_defaults(given, default)


def validate_upsert(body: object) -> dict[str, Any]:
    """Return the fields of ``create_or_update_image_version`` without defaults, which depend on what exists.

    Raises:
        InvalidInputError: They are valid for neither a new image nor a new version.
    """
    fields = fields_of(body)
    validate_body("create_version", fields)
    try:
        validate_body("create_image", fields)
    except InvalidInputError as error:
        # An existing image needs no type, and whether it exists isn't known yet.
        if error.field != "body.type" or "type" in fields:
            raise
    return fields


def validate_artifact(artifact: object) -> dict[str, Any] | None:
    """Return the arguments for ``build_artifact``; an empty dictionary is none, as code written for the SDK expects.

    Raises:
        InvalidInputError: It isn't a dictionary with a path.
    """
    if artifact is None or (isinstance(artifact, Mapping) and not artifact):
        return None
    if not isinstance(artifact, Mapping):
        # Not any PathLike: an object of the user's may raise when it is converted.
        path = quoted(str(artifact)) if type(artifact) is str or isinstance(artifact, Path) else "'.'"
        raise InvalidInputError(
            "artifact", f"{quoted(artifact)} is not a dictionary: give {{'path': {path}}}", artifact
        )
    for key in artifact:
        if key not in _ARTIFACT_KEYS:
            raise InvalidInputError(f"artifact.{key}", "no such key", artifact[key], _ARTIFACT_KEYS)
    if "path" not in artifact:
        raise InvalidInputError("artifact.path", "is required")
    validate_path("artifact.path", artifact["path"])
    if artifact.get("ignore_files") is not None:
        for index, path in enumerate(as_list("artifact.ignore_files", artifact["ignore_files"])):
            validate_path(f"artifact.ignore_files[{index}]", path)
    _check({"type": "boolean"}, artifact.get("follow_external_links", False), "artifact.follow_external_links")
    if artifact.get("check") is not None:
        validate_choice("artifact.check", artifact["check"], ARTIFACT_CHECKS)
    return dict(artifact)


def body_schema(operation: str) -> dict[str, Any]:
    """Return the JSON Schema of an operation's body."""
    body = operations.operation(operation)["body"]
    return body["schema"] if body else {}


def _schemas() -> dict[str, Any]:
    return operations.table()["components"]["schemas"]


def _resolve(schema: Mapping[str, Any]) -> dict[str, Any]:
    return cast("dict[str, Any]", _json_schema.resolve_ref(schema, _schemas()))


def _check(schema: Mapping[str, Any], value: object, field: str, *, hidden: bool = False) -> None:
    violation = _json_schema.first_violation(schema, value, _schemas())
    if violation is None:
        return
    keyword, expected = violation.keyword, violation.expected
    hidden = hidden or is_secret(violation.path)
    shown = "the value" if hidden or isinstance(violation.value, (dict, list)) else quoted(violation.value)
    problem = _describe(violation, shown)
    if keyword == "required" and len(violation.path) == 1 and isinstance(value, Mapping):
        missing = str(violation.path[0])
        unknown = sorted(set(value) - dict(_known(dict(schema))).keys())
        if given := next((name for name in unknown if closest_match(name, {missing})), None):
            problem += f"; {given!r} is not a known field, did you mean {missing!r}?"
    found = None if hidden or keyword == "required" else violation.value
    allowed = expected if keyword == "enum" else [expected] if keyword == "const" else None
    raise InvalidInputError(_dotted((field, *violation.path)), problem, found, allowed)


def _dotted(path: Sequence[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)[1:]


def _describe(violation: Violation, shown: str) -> str:
    """Return the problem in the terms of Python."""
    keyword, expected = violation.keyword, violation.expected
    match keyword:
        case "required":
            return "is required"
        case "enum" | "const":
            return f"{shown} is not one of the allowed values"
        case "type":
            value = "" if shown == "the value" else f", not {shown}"
            types = " or ".join(_PYTHON_TYPES[name] for name in expected)
            return f"{type(violation.value).__name__} given; must be {types}{value}"
        case "minLength" | "minItems" if expected == 1:
            return "must not be empty"
        case "minimum" | "maximum":
            bound = f"at {'least' if keyword == 'minimum' else 'most'} {expected}"
            is_count = keyword == "minimum" and expected == 1 and isinstance(violation.value, int)
            return f"must be {'a positive integer' if is_count else bound}, not {shown}"
    return f"{shown} is not allowed" + ("" if expected is None else f" ({keyword}: {quoted(expected)})")


def to_json_value(value: object, path: tuple[str | int, ...], *, hidden: bool = False) -> Any:
    """Return a copy in plain dictionaries, lists and scalars.

    ``json`` isn't used for it, since it would change values: a number that is a key to text, and NaN to ``NaN``.
    Subclasses and numpy's scalars become the values that they stand for.
    """
    field = _dotted(path)
    if len(path) > MAX_DEPTH:
        raise InvalidInputError(field[:MAX_FIELD_LENGTH], "not made of JSON values: nested too deep")
    value = plain(value)
    if isinstance(value, Mapping):
        with readable(field, type(value)):
            items = list(value.items())
        return {_key(key, field): to_json_value(item, (*path, str(key)), hidden=hidden) for key, item in items}
    if isinstance(value, (list, tuple, deque, UserList)):
        return [to_json_value(item, (*path, index), hidden=hidden) for index, item in enumerate(value)]
    if isinstance(value, str):
        problem = "" if is_encodable(value) else " isn't UTF-8"
    elif isinstance(value, int):
        problem = "" if -MAX_INTEGER < value < MAX_INTEGER else " has too many digits"
    elif value is None or (isinstance(value, float) and math.isfinite(value)):
        return value
    else:
        problem = f" ({type(value).__name__})"
    if problem:
        hidden = hidden or is_secret(path[1:])
        shown = "the value" if hidden else quoted(value)
        raise InvalidInputError(field, f"not made of JSON values: {shown}{problem}", None if hidden else value)
    return value


def _key(key: object, field: str) -> str:
    name = plain(key)
    if not isinstance(name, str) or not is_encodable(name):
        raise InvalidInputError(field, f"not made of JSON values: {quoted(key)} can't be a name", key)
    return name


def warn_unknown_fields(operation: str, fields: Mapping[str, Any]) -> None:
    """Warn of misspelt and deprecated fields of a body.

    Unknown fields are sent nevertheless, since the service may be newer than the contract.

    Args:
        operation: The operation.
        fields: The fields of its body, checked.
    """
    for where, name, known in _fields("body", fields, body_schema(operation)):
        if name in known:
            if _resolve(known[name]).get("deprecated"):
                warn_caller(f"{where}.{name} is deprecated", DeprecationWarning)
        elif meant := closest_match(name, set(known)):
            problem = f"{where}.{name}: not a known field; did you mean {meant!r}? It is sent unchanged"
            warn_caller(problem, UnknownFieldWarning)


def reject_unknown_fields(where: str, fields: Mapping[str, Any], *known_operations: str, **more: Any) -> None:
    """Raise the error of a field that no body has.

    Args:
        where: The name of the object that has the fields.
        fields: The fields.
        known_operations: The operations whose bodies may have them.
        more: Further fields that are known, with their schemas.

    Raises:
        InvalidInputError: There is such a field.
    """
    schema = {"allOf": [body_schema(name) for name in known_operations], "properties": more}
    for path, name, known in _fields(where, fields, schema):
        if known and name not in known:
            raise InvalidInputError(f"{path}.{name}", "no such key", allowed=sorted(known))


def _fields(where: str, value: object, schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each field of a body, nested ones included: its object's path, its name, and the known fields."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _fields(f"{where}[{index}]", item, _resolve(schema).get("items", {}))
    elif isinstance(value, Mapping):
        known = dict(_known(schema))
        for name, item in value.items():
            yield where, name, known
            yield from _fields(f"{where}.{name}", item, known.get(name, {}))


def _known(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the fields that an object may have, with the schema of each, those of the members of a union included."""
    schema = _resolve(schema)
    parts = [schema[key] for key in ("if", "then", "else") if key in schema]
    for part in (*parts, *(one for key in ("allOf", "anyOf", "oneOf") for one in schema.get(key, ()))):
        yield from _known(part)
    yield from schema.get("properties", {}).items()


def closest_match(name: str, known: set[str]) -> str | None:
    """Return the known name that is most similar to a name, if one is similar enough."""
    from difflib import get_close_matches

    by_form = {one.lower(): one for one in sorted(known)}
    found = get_close_matches(re.sub(r"[_-]", "", name).lower(), by_form, n=1, cutoff=MIN_SIMILARITY)
    return by_form[found[0]] if found else None
