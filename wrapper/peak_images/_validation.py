"""Checks of arguments against the contract, before anything is zipped or sent.

The JSON Schemas come from ``openapi/images.yaml`` by way of ``peak_images_api.operations``.
"""

from __future__ import annotations

import json
import math
import operator
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from inspect import iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from peak_images._warning import warn_caller
from peak_images.errors import InvalidInputError, UnknownFieldWarning, quoted
from peak_images_api import operations

if TYPE_CHECKING:
    import jsonschema_rs

    from peak_images_api.operations import Parameter

MAX_DEPTH: Final = 100
"""How deep lists and dictionaries of a body may be nested."""

MAX_FIELD_LENGTH: Final = 60
"""Longest name of a field in the error of one that is nested deeper, in characters."""


MIN_SIMILARITY: Final = 0.8
"""How alike two names are, from 0 to 1, of which one is taken for a misspelling of the other."""


def validate_id(field: str, value: object) -> int:
    """The id of an image or a version: a whole number from 1, which may be given as text.

    Raises:
        InvalidInputError: It isn't one.
    """
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        value = int(value)
    # An index, not only an int: a column of a data frame has whole numbers of its own.
    number = operator.index(value) if hasattr(value, "__index__") and not isinstance(value, bool) else 0
    if number < 1:
        raise InvalidInputError(field, f"{quoted(value)} is not an id, which is a whole number from 1", value)
    return number


def validate_build_id(value: object, field: str = "build_id") -> int | str:
    """The id of a build: a whole number from 1, or text that the service gave.

    Raises:
        InvalidInputError: It isn't one.
    """
    if isinstance(value, str) and value.strip() and not value.isdigit():
        if value in (".", "..") or not _is_encodable(value):
            raise InvalidInputError(field, f"{quoted(value)} can't be part of a URL", value)
        return value
    return validate_id(field, value)


def validate_ids(field: str, values: object) -> list[int]:
    """A list of ids.

    Raises:
        InvalidInputError: It isn't one.
    """
    return [validate_id(f"{field}[{index}]", value) for index, value in enumerate(as_list(field, values))]


def as_list(field: str, values: object) -> list[Any]:
    """Several values as a list. Text isn't several values.

    Raises:
        InvalidInputError: It is a single value.
    """
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        how = f": give [{quoted(values)}]" if isinstance(values, str) else ""
        raise InvalidInputError(field, f"{quoted(values)} is not a list{how}", values)
    return list(values)


def validate_callback(field: str, value: object) -> None:
    """Something that can be called, or nothing.

    Raises:
        InvalidInputError: It isn't.
    """
    if value is not None and not callable(value):
        raise InvalidInputError(field, f"{quoted(value)} can't be called", value)
    if iscoroutinefunction(value):
        raise InvalidInputError(field, f"{quoted(value)} is asynchronous; give a plain function", value)


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
        sent[parameter["generated_name"]] = _validate_argument(operation, parameter, value)
        _check_range(name, arguments, sent)
    return sent


def _is_default(value: object, default: object) -> bool:
    return type(value) is type(default) and value == default


def _check_range(name: str, arguments: Mapping[str, object], sent: Mapping[str, Any]) -> None:
    start, end = name.removesuffix("_to") + "_from", name
    if name.endswith("_to") and isinstance(sent.get(start), datetime) and sent[start] > sent[end]:
        problem = f"{quoted(arguments[start])} is after {end}, {quoted(arguments[end])}"
        raise InvalidInputError(start, problem, arguments[start])


def _validate_argument(operation: str, parameter: Parameter, value: object) -> Any:
    name, schema = parameter["argument"], resolve_ref(parameter["schema"])
    kind = schema.get("type")
    if schema.get("format") == "date-time":
        return parse_datetime(name, value)
    if parameter["place"] == "path" and kind != "string":
        return validate_id(name, value) if kind == "integer" else validate_build_id(value, name)
    if kind == "array":
        value = as_list(name, value)
        if schema.get("items", {}).get("type") == "integer":
            value = validate_ids(name, value)
    if kind == "integer" and isinstance(value, float):
        raise InvalidInputError(name, f"{quoted(value)} is not a whole number", value, ("integer",))
    value = to_json_value(value, name)
    _check(_parameter_validator(operation, parameter["name"]), value, name, hidden=parameter["secret"])
    if isinstance(value, str):
        _check_text(parameter, value)
    return json.dumps(value) if parameter["content_type"] else value


def _check_text(parameter: Parameter, value: str) -> None:
    shown = "the value" if parameter["secret"] else quoted(value)
    if parameter["place"] == "path" and (not value.strip() or value in (".", "..")):
        raise InvalidInputError(parameter["argument"], f"{shown} can't be part of a URL", value)
    if parameter["place"] in ("header", "cookie") and not (value.isascii() and value.isprintable()):
        raise InvalidInputError(parameter["argument"], f"{shown} must be printable ASCII text on one line", value)


def parse_datetime(field: str, value: object) -> datetime | None:
    """A point in time with its zone, from ISO 8601 text, a ``datetime`` or a ``date``; without a zone it is UTC.

    Raises:
        InvalidInputError: It is none of these.
    """
    given = value
    if value is None:
        return None
    if isinstance(value, str):
        from dateutil.parser import isoparse

        try:
            value = isoparse(value.strip())
        except ValueError as error:
            problem = f"{quoted(value)} is not a time in ISO 8601, such as 2023-06-01 or 2023-06-01T18:00:00.000Z"
            raise InvalidInputError(field, problem, value) from error
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise InvalidInputError(field, f"{quoted(given)} is not a time: give text, a datetime or a date", given)
    try:
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise InvalidInputError(field, f"{quoted(given)} is not a time that there is in UTC", given) from error


def validate_body(operation: str, body: object) -> dict[str, Any]:
    """Return the fields of a body, with the documented defaults filled in. What was given isn't changed.

    Args:
        operation: The operation.
        body: A dictionary, or a model with ``to_dict()``. Fields that the contract doesn't know are kept.

    Raises:
        InvalidInputError: The contract doesn't allow it.
    """
    described = operations.operation(operation)["body"]
    body = body.to_dict() if hasattr(body, "to_dict") else body
    if not isinstance(body, Mapping):
        raise InvalidInputError("body", f"{quoted(body)} is not a dictionary or a model", body)
    if described and described["artifact"] and "artifact" in body:
        raise InvalidInputError("body.artifact", "the artifact is an argument of its own: artifact={'path': …}")
    fields = _with_defaults(to_json_value(body, "body"), described["defaults"] if described else {})
    _check(_body_validator(operation), fields, "body")
    return fields


def _with_defaults(fields: dict[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    filled = dict(fields)
    for name, default in defaults.items():
        given = fields.get(name, {} if isinstance(default, dict) else default)
        if isinstance(default, dict):
            filled[name] = {**default, **_with_defaults(given, default)} if isinstance(given, dict) else given
        else:
            filled[name] = given
    return filled


def validate_upsert(body: object) -> dict[str, Any]:
    """Return the fields of ``create_or_update_image_version`` as given: which defaults apply turns out later.

    Raises:
        InvalidInputError: No form that they may be sent in allows them.
    """
    body = body.to_dict() if hasattr(body, "to_dict") else body
    validate_body("create_version", body)
    try:
        validate_body("create_image", body)
    except InvalidInputError as error:
        # An image that exists needs no type; whether it does turns out later.
        if error.field != "body.type" or "type" in cast("Mapping[str, Any]", body):
            raise
    return dict(cast("Mapping[str, Any]", body))


def validate_artifact(artifact: object) -> dict[str, Any] | None:
    """The arguments for ``build_artifact``; an empty dictionary is none, as code written for the SDK expects.

    Raises:
        InvalidInputError: It isn't a dictionary with a path.
    """
    if artifact is None or artifact == {}:
        return None
    if not isinstance(artifact, Mapping):
        raise InvalidInputError("artifact", f"{quoted(artifact)} is not a dictionary such as {{'path': '.'}}", artifact)
    allowed = ("path", "ignore_files", "follow_external_links")
    for key in artifact:
        if key not in allowed:
            raise InvalidInputError(f"artifact.{key}", "no such key", artifact[key], allowed)
    if "path" not in artifact:
        raise InvalidInputError("artifact.path", "required, and missing")
    validate_path("artifact.path", artifact["path"])
    if artifact.get("ignore_files") is not None:
        for index, path in enumerate(as_list("artifact.ignore_files", artifact["ignore_files"])):
            validate_path(f"artifact.ignore_files[{index}]", path)
    follow = artifact.get("follow_external_links", False)
    if not isinstance(follow, bool):
        raise InvalidInputError("artifact.follow_external_links", f"{quoted(follow)} is not a bool", follow)
    return dict(artifact)


def validate_path(field: str, value: object) -> Path:
    """The path of a file or directory.

    Raises:
        InvalidInputError: It isn't one.
    """
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        raise InvalidInputError(field, f"{quoted(value)} is not a path", value)
    return Path(value)


def body_schema(operation: str) -> dict[str, Any]:
    """The JSON Schema of an operation's form."""
    body = operations.operation(operation)["body"]
    return body["schema"] if body else {}


@cache
def _parameter_schemas(operation: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one["schema"] for one in operations.operation(operation)["parameters"]}


def resolve_ref(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, or the one that it refers to."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return operations.table()["components"]["schemas"][name] if name else schema


@cache
def _body_validator(operation: str) -> jsonschema_rs.Draft202012Validator:
    return _validator(body_schema(operation))


@cache
def _parameter_validator(operation: str, parameter: str) -> jsonschema_rs.Draft202012Validator:
    return _validator(_parameter_schemas(operation)[parameter])


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator({**schema, "components": operations.table()["components"]})


def _check(validator: jsonschema_rs.Draft202012Validator, value: object, field: str, *, hidden: bool = False) -> None:
    error = next(iter(validator.iter_errors(value)), None)
    if error is None:
        return
    details = error.kind.as_dict()
    path = [*error.instance_path, *([details["property"]] if error.kind.name == "required" else [])]
    where = field + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    # The value of a build argument may be a secret.
    hidden = hidden or "buildArguments" in path or isinstance(error.instance, (dict, list))
    shown = "the value" if hidden else quoted(error.instance)
    raise InvalidInputError(where, *describe_error(error, shown))


def to_json_value(value: object, field: str, depth: int = 0) -> Any:
    """A copy in dictionaries and lists.

    Nothing may be changed on its way: ``json`` would make text of a number that is a key, and ``NaN`` of a NaN.
    """
    if depth > MAX_DEPTH:
        raise InvalidInputError(field[:MAX_FIELD_LENGTH], "not made of JSON values: nested too deep")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str) or not _is_encodable(key):
                raise InvalidInputError(field, f"not made of JSON values: {quoted(key)} can't be a name", key)
        return {key: to_json_value(item, f"{field}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json_value(item, f"{field}[{index}]", depth + 1) for index, item in enumerate(value)]
    # The value of a build argument may be a secret.
    shown = "the value" if "buildArguments" in field else quoted(value)
    if isinstance(value, str) and not _is_encodable(value):
        raise InvalidInputError(field, f"not made of JSON values: {shown} isn't UTF-8", value)
    if not (value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))):
        raise InvalidInputError(field, f"not made of JSON values: {shown}", value)
    return value


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def describe_error(error: jsonschema_rs.ValidationError, shown: str) -> tuple[str, object, list[Any] | None]:
    details = error.kind.as_dict()
    match error.kind.name:
        case "required":
            return "required, and missing", None, None
        case "enum":
            return f"{shown} is not one of the allowed values", error.instance, details["options"]
        case "type":
            found = type(error.instance).__name__
            return f"{shown} is of the wrong type, {found}", error.instance, details["types"]
        case "minLength" | "minItems":
            return "must not be empty", error.instance, None
        case "minimum":
            return f"{shown} is below the minimum, {details['limit']}", error.instance, None
        case _:
            return f"{shown} is not allowed: {error.message}", error.instance, None


def warn_unknown_fields(operation: str, fields: Mapping[str, Any]) -> None:
    """Warn of fields of a form that would have no effect, and were meant to.

    What the contract doesn't know is sent as it is, since the service may know it already.

    Args:
        operation: The operation.
        fields: The fields of its form, checked.
    """
    form = body_schema(operation)
    details = resolve_ref(form)["properties"]["buildDetails"]
    for where, names, schema in (("body", fields, form), ("body.buildDetails", fields.get("buildDetails"), details)):
        if not isinstance(names, Mapping):
            continue
        known = set(_known(schema))
        for name in [name for name in names if name not in known]:
            if meant := closest_match(name, known):
                problem = f"{where}.{name}: not a known field; did you mean {meant!r}? It is sent as it is"
                warn_caller(problem, UnknownFieldWarning)


def _known(schema: dict[str, Any]) -> Iterator[str]:
    schema = resolve_ref(schema)
    yield from schema.get("properties", {})
    parts = [schema[key] for key in ("if", "then", "else") if key in schema]
    for part in (*parts, *(one for key in ("allOf", "anyOf", "oneOf") for one in schema.get(key, ()))):
        yield from _known(part)


def closest_match(name: str, known: set[str]) -> str | None:
    from difflib import get_close_matches

    by_form = {one.lower(): one for one in sorted(known)}
    found = get_close_matches(re.sub(r"[_-]", "", name).lower(), by_form, n=1, cutoff=MIN_SIMILARITY)
    return by_form[found[0]] if found else None
