"""Options in groups: a command names the groups it takes, and the command line shows their fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, cleandoc, signature
from typing import Any, Final, get_type_hints

VALUES: Final = "values"
"""The parameter of a command that gets the values of the options that are made from the contract."""


def flatten_options(
    command: Callable[..., None], made: Sequence[Parameter] = (), doc: str | None = None
) -> Callable[..., None]:
    """Turn each parameter of a command that is a dataclass into options, one for each field.

    Several commands take the same twenty options; as fields of dataclasses they are written once.

    Args:
        command: The function.
        made: What stands in place of its parameter ``values``, which gets a dictionary of them.
        doc: Its help (default: its docstring).
    """
    hints = get_type_hints(command, include_extras=True)
    parameters: list[Parameter] = []
    groups: dict[str, Any] = {}
    takes_values = VALUES in signature(command).parameters
    for parameter in signature(command).parameters.values():
        hint = hints[parameter.name]
        if parameter.name == VALUES:
            parameters += made
        elif is_dataclass(hint):
            groups[parameter.name] = hint
            parameters += _flattened(hint)
        else:
            parameters.append(parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hint))

    @wraps(command)
    def flat(**values: Any) -> None:
        arguments: dict[str, Any] = {
            name: group(**{field.name: values.pop(field.name) for field in fields(group)})
            for name, group in groups.items()
        }
        if takes_values:
            arguments[VALUES] = {parameter.name: values.pop(parameter.name) for parameter in made}
        command(**arguments, **values)

    flat.__doc__ = unwrap(doc or command.__doc__ or "")
    flat.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    flat.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return flat


def unwrap(text: str) -> str:
    """Return a text with each paragraph in one line: the help breaks lines where the terminal ends.

    Indented lines are examples, and stay as they are.
    """
    paragraphs = cleandoc(text).replace("Examples:\n    ", "Examples:\n\n    ").split("\n\n")
    return "\n\n".join(one if one.startswith(" ") else " ".join(one.split()) for one in paragraphs)


def _flattened(group: Any) -> list[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]
