"""Render the documented methods of the client from the operations table: signatures and docstrings."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from render_types import SCALARS, Types

ERRORS: Final = {
    "400": "BadRequestError",
    "401": "UnauthorizedError",
    "403": "ForbiddenError",
    "404": "NotFoundError",
    "409": "ConflictError",
    "413": "PayloadTooLargeError",
    "422": "UnprocessableEntityError",
    "429": "RateLimitedError",
}
"""The errors of the client that have a class of their own, by status."""

ARTIFACT_TEXT: Final = (
    "The directory to upload for the source ``upload``: a dictionary with ``path`` and optionally ``ignore_files``, a "
    "list of ignore files (default: ``.dockerignore`` in the directory), ``follow_external_links`` (default: "
    "``False``), and ``check``, ``error``, ``warn``, ``off`` or ``strict`` (default: the session's)."
)
PROGRESS_TEXT: Final = "Called with the number of bytes sent and the size of the artifact."
PREFETCH_TEXT: Final = "Whether the iterator fetches up to eight pages at once."
TIME_TEXT: Final = "ISO 8601 text, a ``datetime`` or a ``date``, in UTC if it has no zone"
DATE_TEXT: Final = "ISO 8601 text or a ``date``"


@dataclass(frozen=True)
class Argument:
    """An argument of a method.

    Attributes:
        name: Its name.
        type: Its type.
        default: The source of its default; ``None`` if it is required.
        text: Its description, in paragraphs.
        keyword_only: Whether it can't be given by position.
        is_sent: Whether it is a parameter of the operation.
    """

    name: str
    type: str
    default: str | None
    text: tuple[str, ...]
    keyword_only: bool = False
    is_sent: bool = False

    def source(self, *, overloaded: bool = False) -> str:
        """Return the argument as a signature has it."""
        if self.default is None:
            return f"{self.name}: {self.type}"
        return f"{self.name}: {self.type} = {'...' if overloaded else self.default}"


@dataclass(frozen=True)
class Method:
    """A method of the client.

    Attributes:
        operation: The ``operationId``.
        entry: The entry of the operations table.
        arguments: Its arguments, in order.
        returns: The type of what it returns; of one page, if it pages.
        element: The type of what its iterator gives, if it pages.
        common_errors: Statuses that mean the same for every operation.
    """

    operation: str
    entry: Mapping[str, Any]
    arguments: tuple[Argument, ...]
    returns: str
    element: str | None
    common_errors: frozenset[str]

    @property
    def name(self) -> str:
        """The name of the method."""
        return str(self.entry["python_name"])

    def signature(self, return_iterator: str | None = None) -> str:
        """Return the arguments as source, for an overload with the type of ``return_iterator``."""
        sources = ["self"]
        for index, argument in enumerate(self.arguments):
            if argument.keyword_only and not self.arguments[index - 1].keyword_only:
                sources.append("*")
            if argument.name == "return_iterator" and return_iterator is not None:
                sources.append(f"return_iterator: {return_iterator}{' = ...' if 'True' in return_iterator else ''}")
            else:
                sources.append(argument.source(overloaded=return_iterator is not None))
        return ", ".join(sources)

    @property
    def sent(self) -> str:
        """The parameters of the call as a dictionary's source."""
        return "{" + ", ".join(f'"{one.name}": {one.name}' for one in self.arguments if one.is_sent) + "}"

    @property
    def docstring_arguments(self) -> list[str]:
        """The paragraphs of the section on arguments."""
        return [paragraph for one in self.arguments for paragraph in _described(one)]

    @property
    def returns_text(self) -> str:
        """The text of the section on the result."""
        response = self.entry["response"]
        if not response["fields"]:
            return "An empty dictionary."
        fields = _names(response["fields"])
        if self.entry["pagination"]:
            items = self.entry["pagination"]["items"]
            each = _names(self.entry["pagination"]["fields"])
            return f"An iterator over {items}, each with {each}; or with ``return_iterator=False`` a page: {fields}."
        return f"{rst(response['description'])}: {fields}."

    @property
    def errors(self) -> dict[str, str]:
        """The errors by their class, with what each means."""
        found = {"InvalidInputError": "An argument isn't valid."}
        if self.entry["body"] and self.entry["body"]["artifact"]:
            found["ArtifactError"] = "The artifact can't be created, or is too large."
        for status, text in self.entry["errors"].items():
            if status in ERRORS and status not in self.common_errors:
                found[ERRORS[status]] = f"{rst(text)}."
        found["ApiError"] = "The server rejected the request or failed."
        found["TransportError"] = "No response, or an incomplete one."
        return found

    def example(self, *, is_async: bool) -> list[str]:
        """Return the lines of the example, as a Python session shows them."""
        lines = []
        for sample in self.entry["samples"]:
            for number, line in enumerate(sample.rstrip().splitlines()):
                goes_on = number and (line.startswith((" ", ")", "]", "}")) or not line)
                lines.append(f"{'...' if goes_on else '>>>'} {_awaited(line) if is_async else line}".rstrip())
        return lines


def methods(types: Types) -> dict[str, list[Method]]:
    """Return the methods by tag.

    Args:
        types: The types of the contract.
    """
    table = types.table["operations"]
    everywhere = set.intersection(*({*one["errors"].items()} for one in table.values())) if table else set()
    common = frozenset(status for status, _ in everywhere)
    found: dict[str, list[Method]] = {}
    for name, entry in table.items():
        method = Method(name, entry, tuple(_arguments(types, entry)), _returns(entry), _element(entry), common)
        found.setdefault(entry["tag"], []).append(method)
    return found


def _returns(entry: Mapping[str, Any]) -> str:
    response = entry["response"]
    models = [response["model"]] if response["model"] else [one["model"] for one in response["members"]]
    return " | ".join(f"responses.{model}" for model in models) or "dict[str, Any]"


def _element(entry: Mapping[str, Any]) -> str | None:
    return f"responses.{entry['pagination']['model']}" if entry["pagination"] else None


def _arguments(types: Types, entry: Mapping[str, Any]) -> list[Argument]:
    parameters = [_parameter(types, entry, one) for one in entry["parameters"]]
    in_path = [one for one, raw in zip(parameters, entry["parameters"], strict=True) if raw["place"] == "path"]
    others = [one for one in parameters if one not in in_path]
    body, extras = [], []
    if entry["body"]:
        body.append(_body(types, entry["body"]))
        if entry["body"]["artifact"]:
            body.append(Argument("artifact", "Mapping[str, Any] | None", "None", (ARTIFACT_TEXT,)))
            progress = "Callable[[int, int], object] | None"
            extras.append(Argument("on_progress", progress, "None", (PROGRESS_TEXT,), keyword_only=True))
    if entry["pagination"]:
        items = entry["pagination"]["items"]
        choice = f"``True`` for an iterator over the {items} of all pages, fetched as needed; ``False`` for one page."
        extras.append(Argument("return_iterator", "bool", "True", (choice,), keyword_only=True))
        extras.append(Argument("prefetch", "bool", "False", (PREFETCH_TEXT,), keyword_only=True))
    positional = [*in_path, *body, *(one for one in others if not one.keyword_only)]
    keywords = [*(one for one in others if one.keyword_only), *extras]
    # Required arguments come first; otherwise the order is the documented one.
    return [*sorted(positional, key=lambda one: one.default is not None), *keywords]


def _parameter(types: Types, entry: Mapping[str, Any], parameter: Mapping[str, Any]) -> Argument:
    default = None if parameter["required"] else repr(parameter["default"])
    kind = _parameter_type(types, parameter)
    text = rst(parameter["description"])
    if parameter["values"]:
        text += f": {', '.join(f'``{value}``' for value in parameter['values'])}"
    text += {"date-time": f"; {TIME_TEXT}", "date": f"; {DATE_TEXT}"}.get(parameter["schema"].get("format", ""), "")
    if parameter["default"] is not None:
        text += f" (default: ``{parameter['default']}``)"
    text += "."
    if entry["pagination"] and parameter["argument"] == entry["pagination"]["argument"]:
        text += " Ignored by the iterator, which starts at the first page."
    if parameter["deprecated"]:
        text = f"Deprecated. {text}"
    return Argument(
        parameter["argument"],
        kind if parameter["required"] or kind.endswith(" | None") else f"{kind} | None",
        default,
        (text,),
        keyword_only=parameter["place"] in ("header", "cookie"),
        is_sent=True,
    )


def _parameter_type(types: Types, parameter: Mapping[str, Any]) -> str:
    schema = parameter["schema"]
    if parameter["content_type"]:
        return "Any"
    if schema.get("type") == "array":
        items = schema.get("items", {})
        return f"Iterable[{'int | str' if items.get('type') == 'integer' else _value_type(types, items)}]"
    if parameter["place"] == "path" and parameter["schema"].get("type") == "integer":
        return "int | str"
    return _value_type(types, schema)


def _value_type(types: Types, schema: Mapping[str, Any]) -> str:
    if len(schema.get("allOf", ())) == 1:
        return _value_type(types, schema["allOf"][0])
    if "$ref" in schema or "enum" in schema:
        literal = types.sent(schema)
        if literal in types.literals:
            return f"bodies.{literal} | models.{literal}"
        return literal
    if schema.get("format") in ("date", "date-time"):
        return "str | date"
    kinds = schema.get("type", [])
    return " | ".join(SCALARS.get(kind, "Any") for kind in ([kinds] if isinstance(kinds, str) else kinds)) or "Any"


def _body(types: Types, body: Mapping[str, Any]) -> Argument:
    name = types.body_type(body["model"])
    kind = f"bodies.{name} | Mapping[str, Any] | models.{body['model']}"
    text = f"{rst(body['description'])}, as a dictionary (``types.{name}``) or a ``models.{body['model']}``."
    fields = [f"- {_field_text(types, one, body['defaults'])}" for one in types.bodies[name].fields]  # type: ignore[union-attr]
    default = None if body["required"] else "None"
    return Argument("body", kind if body["required"] else f"{kind} | None", default, (text, "", *fields))


def _field_text(types: Types, field: Any, defaults: Mapping[str, Any]) -> str:
    default = defaults.get(field.name)
    required = " (required)" if field.required else ""
    shown = "" if default is None else f" (default: ``{json.dumps(default)}``)"
    return f"``{field.name}``{required}: {rst(field.text)}{_nested(types, field.type)}{shown}."


def _nested(types: Types, kind: str) -> str:
    """Return the values of a field, or its own fields, one level down."""
    names = kind.removeprefix("list[").removesuffix("]").split(" | ")
    if names[0] in types.literals:
        return _values(types.literals[names[0]][1])
    if in_place := re.search(r"Literal\[.*?\]", kind):
        return _values(ast.literal_eval(in_place[0].removeprefix("Literal")))
    records = [types.bodies[name] for name in names if types.bodies.get(name)]
    if not records:
        return ""
    shared = set.intersection(*({one.name for one in record.fields} for record in records if record))
    if len(records) == 1:
        return f", with {_names(one.name for one in records[0].fields)}"  # type: ignore[union-attr]
    kinds = []
    for record in records:
        own = [one.name for one in record.fields if one.name not in shared]  # type: ignore[union-attr]
        kinds.append(f"``{record.name}``" + (f" with {_names(own)}" if own else ""))  # type: ignore[union-attr]
    common = [one.name for one in records[0].fields if one.name in shared]  # type: ignore[union-attr]
    return f". One of {'; '.join(kinds)}" + (f"; each with {_names(common)}" if common else "")


def _values(values: Iterable[Any]) -> str:
    return f": {', '.join(f'``{value}``' for value in values)}"


def _names(names: Iterable[str]) -> str:
    *first, last = [f"``{name}``" for name in names]
    return f"{', '.join(first)} and {last}" if first else last


def _described(argument: Argument) -> list[str]:
    """Return the paragraphs of an argument, those after the first one indented below it."""
    first, *others = argument.text
    lines = textwrap.wrap(f"{argument.name}: {first}", 108, subsequent_indent="    ", break_on_hyphens=False)
    for paragraph in others:
        lines += textwrap.wrap(
            paragraph, 104, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False
        ) or [""]
    return lines


def _awaited(line: str) -> str:
    if re.match(r"\s*for .* in client\.", line):
        return line.replace("for ", "async for ", 1)
    return re.sub(r"(?<![\w.])client\.(?=\w+\()", "await client.", line)


def rst(text: str) -> str:
    """Return a text of the contract as a docstring has it: code between two backticks, one line."""
    text = re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", " ".join(text.split()))
    return text.replace("\\", "\\\\").replace('"""', "'''").rstrip(".")
