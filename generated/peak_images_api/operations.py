# Written by scripts/regenerate from openapi/images.yaml. Do not edit: change the source and run scripts/regenerate.

"""What the contract states of each operation: the one description that every layer reads.

Example:
    >>> from peak_images_api.operations import operation
    >>> operation("describe_image")["path"]
    '/images/{imageId}'
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any, TypedDict, cast

import peak_images_api

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal


class Value(TypedDict):
    """What a parameter and a field of a body have in common.

    Attributes:
        kind: Its form: a type of scalars, or ``scalar`` for several; a ``list`` of scalars, ``pairs`` of a name and a
            value, an ``object``, or a list of ``objects``.
        item_type: The type of the items of a ``list``.
        required: Whether it must be given.
        default: The default, which the service applies by itself; ``None`` for none.
        values: The values that are allowed, of the items in the case of a list; empty if there is no such list.
        minimum: The least number, or ``None``.
        maximum: The largest number, or ``None``.
        deprecated: Whether it is deprecated.
        description: What it means.
        example: An example, or ``None``.
    """

    kind: Literal["string", "integer", "number", "boolean", "scalar", "list", "pairs", "object", "objects"]
    item_type: str | None
    required: bool
    default: Any
    values: list[Any]
    minimum: float | None
    maximum: float | None
    deprecated: bool
    description: str
    example: Any


class Parameter(Value):
    """A parameter of an operation, in the order of the method's arguments.

    Attributes:
        argument: The argument of the method.
        option: The option of the command line.
        name: The name in the contract, which is sent.
        generated_name: The argument of the low-level call.
        place: Where it is sent: ``path``, ``query``, ``header`` or ``cookie``.
        secret: Whether its value must not be shown.
        content_type: ``application/json`` if the value is sent as JSON text, else ``None``.
        schema: The JSON Schema of its value.
    """

    argument: str
    option: str
    name: str
    generated_name: str
    place: Literal["path", "query", "header", "cookie"]
    secret: bool
    content_type: str | None
    schema: dict[str, Any]


class Field(Value):
    """A field of a body, or a field of an object in it.

    Attributes:
        path: Its name, after that of the object that it is in.
        only: The values of the object's discriminator that it is for; empty if it is for all.
    """

    path: list[str]
    only: list[str]


class Body(TypedDict):
    """The body of a request.

    Attributes:
        content_type: Its media type.
        required: Whether there must be one.
        model: Its class in ``peak_images_api.models``.
        artifact: Whether the form has a file, ``artifact``.
        defaults: What the client fills in where it is absent, by field. An object fills in fields of the one given.
        description: What it means.
        example: An example, or ``None``.
        fields: Its fields but for files, each object followed by those in it.
        schema: Its JSON Schema. A union is written as the choice that it is (``if``, ``then``).
    """

    content_type: str
    required: bool
    model: str
    artifact: bool
    defaults: dict[str, Any]
    description: str
    example: Any
    fields: list[Field]
    schema: dict[str, Any]


class Member(TypedDict):
    """A member of a response that is a union.

    Attributes:
        model: Its class in ``peak_images_api.models``.
        required: The fields that it always has.
        fixed: The fields that always have one value, with that value.
        fields: All fields.
    """

    model: str
    required: list[str]
    fixed: dict[str, Any]
    fields: list[str]


class Discriminator(TypedDict):
    """The field that tells the members of a union apart.

    Attributes:
        field: The field.
        mapping: The model for each of its values.
    """

    field: str
    mapping: dict[str, str]


class Response(TypedDict):
    """The body of a successful response.

    Attributes:
        description: What it is.
        empty: Whether a success may have no body.
        model: Its class in ``peak_images_api.models``; ``None`` for a union, and if there is no body.
        members: The members of a union; empty otherwise.
        discriminator: The field that tells the members of a union apart, or ``None``.
        fields: The descriptions of its fields, by name.
        example: An example, or ``None``.
    """

    description: str
    empty: bool
    model: str | None
    members: list[Member]
    discriminator: Discriminator | None
    fields: dict[str, str]
    example: Any


class Pagination(TypedDict):
    """How an operation pages.

    Attributes:
        items: The list in a page.
        model: The class of its items in ``peak_images_api.models``.
        argument: The argument that is the number of the page.
        fields: The descriptions of the items' fields, by name.
    """

    items: str
    model: str
    argument: str
    fields: dict[str, str]


class Operation(TypedDict):
    """An operation of the service.

    Attributes:
        method: The HTTP method, in capitals.
        path: The path below the service's address, with parameters in braces.
        tag: The package of the low-level call in ``peak_images_api.api``.
        module: The module of the low-level call.
        python_name: The method of the client; with an underscore if the documented method is written by hand.
        documented_as: The documented method, for errors and the log.
        command: The command.
        summary: What it does, as a sentence without its full stop.
        description: Further details.
        deprecated: Whether it is deprecated.
        parameters: Its parameters.
        body: Its body, or ``None``.
        response: Its successful response.
        pagination: How it pages, or ``None``.
        errors: What each status of an error means.
        samples: Examples in Python.
    """

    method: Literal["GET", "PUT", "POST", "DELETE", "PATCH"]
    path: str
    tag: str
    module: str
    python_name: str
    documented_as: str
    command: str
    summary: str
    description: str
    deprecated: bool
    parameters: list[Parameter]
    body: Body | None
    response: Response
    pagination: Pagination | None
    errors: dict[str, str]
    samples: list[str]


class Components(TypedDict):
    """What the schemas of requests refer to.

    Attributes:
        schemas: JSON Schemas, by name.
    """

    schemas: dict[str, dict[str, Any]]


class Table(TypedDict):
    """Everything, as ``operations.json`` has it.

    Attributes:
        operations: The operations, by ``operationId``, in the contract's order.
        final_states: The states that are never left, by the enum's name.
        secrets: The fields that must not be shown, each as ``[parent, field]``: the parent is the field that holds the
            object or the list of objects, and empty for a field of the body itself.
        components: What the schemas of requests refer to.
    """

    operations: dict[str, Operation]
    final_states: dict[str, list[str]]
    secrets: list[list[str]]
    components: Components


@cache
def table() -> Table:
    """Return the table. It is read on first use."""
    # What pkgutil and importlib.resources do in the end; each takes longer to load than this file.
    package: Any = peak_images_api
    path = os.path.join(os.path.dirname(package.__file__), "operations.json")
    return cast("Table", json.loads(package.__loader__.get_data(path)))


@cache
def operation(name: str) -> Operation:
    """Return the description of an operation, by its ``operationId``."""
    return table()["operations"][name]


def final_states(enum: str) -> frozenset[str]:
    """Return the states of an enum that are never left."""
    return frozenset(table()["final_states"][enum])
