"""Check a request or a response of your own against the contract, without a service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from peak_images_local.api.contract import NO_CONTENT, load_contract
from peak_images_local.api.validation_messages import describe_undeclared, find_problems, response_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from peak_images_local.api.contract import Contract, Operation


class ContractViolationError(AssertionError):
    """A violation of the contract.

    Attributes:
        operation: The operation.
        problems: A message for each problem: the field, its value, what is allowed.
    """

    def __init__(self, operation: str, problems: list[str]) -> None:
        self.operation = operation
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{operation}: {problem}" for problem in problems))


def validate_request(operation: str, body: Any = None, parameters: Mapping[str, Any] | None = None) -> None:
    """Check a request of an operation.

    Args:
        operation: The name of the operation, such as `create_image`.
        body: The body, as it is given to the client's method: a mapping of the contract's fields, without files.
            Fields that the client fills in (`buildDetails.source`) may be absent.
        parameters: The parameters of path, query and headers, by the contract's names, such as `pageSize`; `None`
            to check only the body.

    Raises:
        ContractViolationError: The contract doesn't allow it, or doesn't declare one of its fields.
        LookupError: There is no such operation.

    Example:
        >>> validate_request("create_image", {"name": "weather", "type": "api", "buildDetails": {"useCache": False}})
        >>> validate_request("list_images", parameters={"pageSize": 0})
        Traceback (most recent call last):
            ...
        peak_images_local.testing.validation.ContractViolationError: list_images: pageSize: 0 is less than 1
    """
    contract = load_contract()
    declared = contract.operation(operation)
    problems = list(_body_problems(contract, declared, body))
    if parameters is not None:
        problems += _parameter_problems(contract, declared, parameters)
    if problems:
        raise ContractViolationError(operation, problems)


def validate_response(operation: str, status: int, body: Any = None) -> None:
    """Check a response, such as one that a mock of yours returns.

    Args:
        operation: The name of the operation, such as `describe_image`.
        status: The HTTP status.
        body: The body as parsed JSON; `None` for none.

    Raises:
        ContractViolationError: The contract doesn't have this status, doesn't allow the body, or doesn't declare one of
            its fields.
        LookupError: There is no such operation.

    Example:
        >>> validate_response("create_image", 200, {"imageId": 101, "versionId": 201, "buildId": 301})
        >>> validate_response("delete_image", 418)
        Traceback (most recent call last):
            ...
        peak_images_local.testing.validation.ContractViolationError: delete_image: status 418 is not one of 200, 204, \
400, 401, 403, 404, 409, 422, 500
    """
    contract = load_contract()
    declared = contract.operation(operation)
    value = as_json(body)
    problems = response_problems(contract, declared, status, value)
    schema = contract.response_schema(declared, status)
    if schema is not None and schema is not NO_CONTENT:
        problems += _undeclared(contract, schema, value)
    if problems:
        raise ContractViolationError(operation, problems)


def _body_problems(contract: Contract, operation: Operation, body: Any) -> Iterator[str]:
    if not operation.bodies:
        if body is not None:
            yield "takes no body"
        return
    if body is None:
        if operation.body_required:
            yield "body: missing; it is required"
        return
    schema = next(iter(operation.bodies.values())).schema
    value = contract.schemas.fill_absent(schema, as_json(body))
    yield from (problem.detail for problem in find_problems(contract.schemas, schema, value))
    yield from _undeclared(contract, schema, value)


def _parameter_problems(contract: Contract, operation: Operation, values: Mapping[str, Any]) -> Iterator[str]:
    declared = {parameter.name: parameter for parameter in operation.parameters}
    for name, parameter in declared.items():
        if name in values:
            for problem in find_problems(contract.schemas, parameter.schema, as_json(values[name]), name):
                yield problem.detail
        elif parameter.required:
            yield f"{name}: missing; it is required"
    for name in values:
        if name not in declared:
            yield describe_undeclared(name, declared)


def _undeclared(contract: Contract, schema: Any, value: Any) -> Iterator[str]:
    yield from (describe_undeclared(path, known) for path, known in contract.schemas.undeclared(schema, value))


def as_json(value: Any) -> Any:
    """Return a value as it is after sending: plain dictionaries and lists."""
    return json.loads(json.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    if hasattr(value, "keys"):
        return {key: value[key] for key in value.keys()}  # noqa: SIM118 - a mapping, not a dictionary
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"{value!r} can't be sent as JSON")
