"""Read the contract's file, and report errors with the file, the line and the field."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from contract_document import METHODS, OTHER_METHODS, compose, line_of

MAX_PROBLEMS = 10
_TAG = "tag:yaml.org,2002:"
_MAX_LENGTH = 300
_OPERATION = re.compile(r"'(\w+)' operation in '([^']*)'")
"""How the validator names the operation of a parameter that the path doesn't have, or that it lacks."""

_DATA = frozenset({"const", "default", "enum", "example", "examples", "value"})
"""Keys whose values are data, which isn't looked into."""
_META_VALIDATOR = Draft202012Validator(
    Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
)


class ContractFileError(Exception):
    """The file isn't a valid contract. The message has a line for each problem."""


def load_contract(path: Path, root: Path) -> dict[str, Any]:
    """Read a contract and check that it is valid OpenAPI.

    Args:
        path: The file.
        root: The directory that messages name it from.

    Raises:
        ContractFileError: It can't be read, or isn't valid.
    """
    name = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractFileError(f"{name}: can't be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        contract, problems = _parse(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ContractFileError(f"{where}: not YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ContractFileError(f"{name}: not YAML: {error}") from error
    if not isinstance(contract, dict):
        kind = "empty" if contract is None else f"a {type(contract).__name__}"
        raise ContractFileError(
            f"{name}: must be an OpenAPI document, a mapping with openapi, info and paths; is {kind}"
        )
    if problems:
        lines = [
            f"{name}:{line or line_of(text, where)}: {problem}" for line, where, problem in problems[:MAX_PROBLEMS]
        ]
        more = [f"… and {len(problems) - MAX_PROBLEMS} more"] if len(problems) > MAX_PROBLEMS else []
        raise ContractFileError("\n".join([*lines, *more]))
    return copy.deepcopy(contract)


_Problem = tuple[int, tuple[Any, ...], str]
"""A line, or 0; the keys that lead to the node; the problem."""


@lru_cache(maxsize=2)
def _parse(text: str) -> tuple[Any, list[_Problem]]:
    """Parse and check a contract: once, if it is both the present and the released one."""
    node = compose(text)
    problems = list(_yaml_problems(node, ()))
    contract = node and yaml.constructor.SafeConstructor().construct_document(node)
    return contract, problems or (_problems(contract) if isinstance(contract, dict) else [])


def _yaml_problems(node: yaml.Node | None, path: tuple[str, ...]) -> Iterator[_Problem]:
    """Find keys that stand twice, of which YAML would drop the first silently, and what JSON doesn't have."""
    if isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            field = ".".join([*path, str(key.value)])
            if key.value in first:
                yield line, (), f"{field}: is here already, in line {first[key.value]}"
            elif key.tag not in (f"{_TAG}str", f"{_TAG}merge"):
                yield line, (), f"{field}: YAML reads this key as {key.tag.removeprefix(_TAG)}: put it in quotes"
            first.setdefault(key.value, line)
            yield from _yaml_problems(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _yaml_problems(item, (*path, str(index)))
    elif node and node.tag not in {_TAG + kind for kind in ("str", "int", "float", "bool", "null")}:
        kind = node.tag.removeprefix(_TAG)
        yield node.start_mark.line + 1, (), f"{'.'.join(path)}: YAML reads {node.value} as {kind}: put it in quotes"
    elif node and node.tag == f"{_TAG}float" and node.value.lstrip("+-").lower() in (".inf", ".nan"):
        yield node.start_mark.line + 1, (), f"{'.'.join(path)}: JSON has no number {node.value}"


def _problems(contract: dict[str, Any]) -> list[_Problem]:
    version = str(contract.get("openapi"))
    if not version.startswith("3.1."):
        return [(0, ("openapi",), f"openapi: must be 3.1.x, is {contract.get('openapi')!r}")]
    dangling = [
        (0, path, f"{_field(path)}: no such component: {ref}") for path, ref in _dangling(contract, contract, ())
    ]
    if dangling:
        return dangling  # the validator stops at the first of them, without its path
    schemas = [problem for path, schema in _schemas(contract, ()) for problem in _schema_problems(path, schema)]
    return [*_repeated_operations(contract), *(schemas or _openapi_problems(contract))]


def _schemas(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Find the schemas of a document, with the keys that lead to them."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _schemas(item, (*path, index))
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "schema":
                yield (*path, key), value
            elif key == "schemas" and path == ("components",) and isinstance(value, dict):
                yield from (((*path, key, name), schema) for name, schema in value.items())
            elif key not in _DATA:
                yield from _schemas(value, (*path, key))


def _schema_problems(path: tuple[Any, ...], schema: Any) -> Iterator[_Problem]:
    """Check a schema by itself: the validator of the document doesn't say which one is wrong."""
    for where in _nullable(schema, path):
        yield _described(where, "OpenAPI 3.1 has no nullable: add null to the type, as in [string, 'null']")
    for error in _META_VALIDATOR.iter_errors(schema):
        yield _described((*path, *error.absolute_path), error.message)


def _nullable(node: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Find the keyword of OpenAPI 3.0 that 3.1 ignores."""
    if isinstance(node, (dict, list)):
        if isinstance(node, dict) and isinstance(node.get("nullable"), bool):
            yield (*path, "nullable")
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if key not in _DATA and not str(key).startswith("x-"):
                yield from _nullable(value, (*path, key))


def _openapi_problems(contract: dict[str, Any]) -> list[_Problem]:
    found: list[_Problem] = []
    try:
        for error in OpenAPIV31SpecValidator(contract).iter_errors():
            if type(error).__name__ != "DuplicateOperationIDError":  # reported with both places
                deepest = _deepest(error)
                # The error of a default has no path, but the schema that it violates.
                path = tuple(deepest.absolute_path) or next(_places_of(contract, deepest.schema, ()), ())
                if operation := _OPERATION.search(deepest.message):
                    path = ("paths", operation[2], operation[1])
                found.append(_described(path, deepest.message))
    except Exception as error:  # noqa: BLE001 - the validator raises what it meets in a document of an odd shape
        found = found or [_described((), f"not valid OpenAPI: {error}")]
    return found


def _places_of(node: Any, wanted: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if node == wanted:
        yield path
    elif isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _places_of(value, wanted, (*path, key))


def _described(path: tuple[Any, ...], message: str) -> _Problem:
    first = message.partition("\n")[0]
    return 0, path, f"{_field(path)}: {first if len(first) <= _MAX_LENGTH else f'{first[:_MAX_LENGTH]}…'}"


def _deepest(error: Any) -> Any:
    """Return the most specific error among those of the alternatives of a union: the deepest one."""
    while error.context:
        error = max(error.context, key=lambda inner: (len(inner.absolute_path), "$ref" not in str(inner.message)))
    return error


def _repeated_operations(contract: dict[str, Any]) -> Iterator[_Problem]:
    first: dict[str, str] = {}
    for url, item in (contract.get("paths") or {}).items():
        for method in (*METHODS, *OTHER_METHODS):
            operation = item.get(method) if isinstance(item, dict) else None
            name = operation.get("operationId") if isinstance(operation, dict) else None
            if name in first:
                path = ("paths", url, method, "operationId")
                yield 0, path, f"{_field(path)}: {name!r} is the operationId of {first[name]} too"
            elif isinstance(name, str):
                first[name] = f"{method.upper()} {url}"


def _dangling(contract: Any, node: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _dangling(contract, item, (*path, index))
    elif isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and not _exists(contract, reference):
            yield (*path, "$ref"), reference
        for key, value in node.items():
            if key not in _DATA:
                yield from _dangling(contract, value, (*path, key))


def _exists(contract: Any, reference: str) -> bool:
    target = contract
    if not reference.startswith("#/"):
        return False
    for step in reference[2:].split("/"):
        key: Any = step.replace("~1", "/").replace("~0", "~")
        if isinstance(target, list) and key.isdecimal():
            key = int(key)
        try:
            target = target[key]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _field(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path)) or "the document"
