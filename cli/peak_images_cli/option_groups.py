"""Options in groups: a command names the groups it takes, and the command line shows their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, field, fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, cleandoc, signature
from typing import Annotated, Any, Final, get_type_hints

import typer

VALUES: Final = "values"
"""The parameter of a command that gets the values of the options that are made from the contract."""


def option(metavar: str, help_text: str, *names: str, default: Any = None, **more: Any) -> Any:
    """Return a field of a group: an option with a value.

    Args:
        metavar: What the help calls the value.
        help_text: What it means.
        names: Its names besides that of the field, or in its place if the first one is long.
        default: The default; ``MISSING`` if it is required.
        more: Further arguments of ``typer.Option``.
    """
    return field(default=default, metadata={"names": names, "metavar": metavar, "help": help_text, **more})


def flag(help_text: str, *names: str, default: bool = False, **more: Any) -> Any:
    """Return a field of a group: an option without a value. The arguments are those of ``option``."""
    return field(default=default, metadata={"names": names, "help": help_text, **more})


def flatten_options(
    command: Callable[..., None], made: Sequence[Parameter] = (), doc: str | None = None, without: Sequence[str] = ()
) -> Callable[..., None]:
    """Turn each parameter of a command that is a dataclass into options, one for each field.

    Several commands take the same twenty options; as fields of dataclasses they are written once.

    Args:
        command: The function.
        made: What stands in place of its parameter ``values``, which gets a dictionary of them.
        doc: Its help (default: its docstring).
        without: Parameters that are dataclasses and get their defaults, without options.
    """
    hints = get_type_hints(command, include_extras=True)
    parameters: list[Parameter] = []
    groups: dict[str, Any] = {}
    for parameter in signature(command).parameters.values():
        hint = hints[parameter.name]
        if parameter.name == VALUES:
            parameters += made
        elif is_dataclass(hint):
            groups[parameter.name] = hint
            parameters += () if parameter.name in without else _flattened(hint)
        else:
            parameters.append(parameter.replace(kind=Parameter.KEYWORD_ONLY, annotation=hint))

    @wraps(command)
    def flat(**values: Any) -> None:
        arguments: dict[str, Any] = {
            name: group(**{one.name: values.pop(one.name) for one in fields(group) if name not in without})
            for name, group in groups.items()
        }
        if VALUES in hints:
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


def option_names(group: Any) -> set[str]:
    """Return the names that the options of a group take, without dashes."""
    return {
        name.partition("/")[0].removeprefix("--")
        for one in fields(group)
        for name in _names(one)
        if name.startswith("--")
    }


def _names(one: Any) -> Sequence[str]:
    names: Sequence[str] = one.metadata.get("names", ())
    return names if any(name.startswith("--") for name in names) else (f"--{one.name.replace('_', '-')}", *names)


def _flattened(group: Any) -> Iterator[Parameter]:
    hints = get_type_hints(group)
    for one in fields(group):
        more = {"rich_help_panel": getattr(group, "panel", None), **one.metadata}
        more.pop("names", None)
        hint: Any = hints[one.name]
        yield Parameter(
            one.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if one.default is MISSING else one.default,
            annotation=Annotated[hint, typer.Option(*_names(one), **more)],
        )
