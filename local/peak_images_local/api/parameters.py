"""Parse and check the parameters of a request, and add the contract's defaults."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from peak_images_local.api.validation_messages import find_problems
from peak_images_local.errors import ApiError
from peak_images_local.storage.database import MAX_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from peak_images_local.api.contract import Contract, Operation, Parameter
    from peak_images_local.api.schemas import Schemas

MAX_DIGITS = 64
"""The number of digits after which a number is truncated; Python doesn't parse more than 4,300."""

MAX_DEPTH = 100
"""Levels of nested JSON: jsonschema-rs refuses 256, and Python's own recursion is bounded too."""

_INTEGER = re.compile(r"([+-]?)([0-9]+)")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}
_MISSING = object()

Values = dict[tuple[str, str], Any]
"""The values of parameters by their places and names."""


def read_parameters(contract: Contract, operation: Operation, sent: Mapping[str, Any]) -> tuple[Values, list[ApiError]]:
    """Return the values of an operation's parameters, with defaults, and their violations of the contract.

    Args:
        contract: The contract.
        operation: The operation.
        sent: By place: the pairs of the `query`, and names with values of `path`, `header` (names in lower
            case) and `cookie`.
    """
    values: Values = {}
    problems: list[ApiError] = []
    for parameter in operation.parameters:
        key = (parameter.place, parameter.name)
        try:
            value = _read(contract.schemas, parameter, sent.get(parameter.place, {}))
        except ApiError as error:
            problems.append(error)
            continue
        if value is not _MISSING:
            problems += find_problems(contract.schemas, parameter.schema, value, parameter.name)
            values[key] = value
        elif parameter.required:
            text = f"{parameter.name}: missing; it is required in the {parameter.place}"
            problems.append(ApiError(422, text))
        elif parameter.default is not None:
            values[key] = parameter.default
    return values, problems


def declared_query_names(contract: Contract, operation: Operation) -> set[str]:
    """Return the names that are allowed in the query of an operation."""
    names: set[str] = set()
    for parameter in operation.parameters:
        if parameter.place == "query":
            names.add(parameter.name)
            declared = contract.schemas.properties(parameter.schema)
            if parameter.style == "deepObject":
                names.update(f"{parameter.name}[{name}]" for name in declared)
            elif parameter.explode:
                names.update(declared)
    return names


def coerce(schemas: Schemas, schema: Any, text: str) -> Any:
    """Return a text as the type that its schema requires, or unchanged if it can't be converted."""
    types = schemas.types(schema)
    if "integer" in types and (match := _INTEGER.fullmatch(text)):
        digits = match[2] if len(match[2]) <= MAX_DIGITS else "1" + "0" * MAX_DIGITS
        return int(match[1] + digits)
    if "number" in types and _NUMBER.fullmatch(text) and len(text) <= MAX_DIGITS:
        return float(text)
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    if types == {"null"} and text in {"", "null"}:
        return None
    return text


def parse_json(name: str, text: str | bytes) -> Any:
    """Return parsed JSON.

    Raises:
        ApiError: 400, it isn't JSON.
    """
    try:
        value = json.loads(text, parse_float=_parse_float)
        # Python parses more than JSON allows, and such values couldn't be serialized in a response.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        is_too_deep = _is_deeper(value, MAX_DEPTH)
    except json.JSONDecodeError as error:
        raise ApiError(400, f"{name}: not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except RecursionError:
        value, is_too_deep = None, True
    except ValueError as error:
        raise ApiError(400, f"{name}: not JSON: {error}") from error
    if is_too_deep:
        raise ApiError(400, f"{name}: nested more than {MAX_DEPTH} levels deep")
    return value


def _parse_float(text: str) -> float:
    """Return an integral number as an int (`1e5`), since JSON Schema doesn't distinguish `1.0` from `1`."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < MAX_ID else number


def _is_deeper(value: Any, levels: int) -> bool:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(_is_deeper(child, levels - 1) for child in children)


def _read(schemas: Schemas, parameter: Parameter, sent: Any) -> Any:
    if parameter.place == "query":
        return _read_query(schemas, parameter, sent)
    name = parameter.name.lower() if parameter.place == "header" else parameter.name
    if name not in sent:
        return _MISSING
    text = str(sent[name])
    if parameter.in_json:
        return parse_json(name, text)
    return _from_delimited(schemas, parameter, text, ",")


def _read_query(schemas: Schemas, parameter: Parameter, pairs: Sequence[tuple[str, str]]) -> Any:
    types = schemas.types(parameter.schema)
    given = [value for name, value in pairs if name == parameter.name]
    if parameter.in_json:
        return parse_json(parameter.name, given[-1]) if given else _MISSING
    if "object" in types and (parameter.style == "deepObject" or parameter.explode):
        wanted = "{}[{}]" if parameter.style == "deepObject" else "{1}"
        declared = schemas.properties(parameter.schema)
        names = {wanted.format(parameter.name, name): name for name in declared}
        found = [(names[name], value) for name, value in pairs if name in names]
        return _to_object(schemas, parameter.schema, found) if found else _MISSING
    if not given:
        return _MISSING
    if "array" in types and parameter.explode:
        items = schemas.items(parameter.schema)
        return [coerce(schemas, items, value) for value in given]
    return _from_delimited(schemas, parameter, given[-1], _DELIMITERS.get(parameter.style, ","))


def _from_delimited(schemas: Schemas, parameter: Parameter, text: str, delimiter: str) -> Any:
    types = schemas.types(parameter.schema)
    if "array" in types:
        items = schemas.items(parameter.schema)
        return [coerce(schemas, items, item.strip()) for item in text.split(delimiter)] if text else []
    if "object" in types:
        parts = text.split(delimiter)
        if parameter.explode:
            pairs = [(part.partition("=")[0], part.partition("=")[2]) for part in parts]
        else:
            pairs = list(zip(parts[::2], parts[1::2], strict=False))
        return _to_object(schemas, parameter.schema, pairs)
    return coerce(schemas, parameter.schema, text)


def _to_object(schemas: Schemas, schema: Any, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    declared = schemas.properties(schema)
    return {name: coerce(schemas, declared.get(name, {}), value) for name, value in pairs}
