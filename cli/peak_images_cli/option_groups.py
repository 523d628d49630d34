"""Options in groups: a command names the groups it takes, and the command line shows their fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field, fields, is_dataclass
from inspect import cleandoc
from typing import Any, get_type_hints

import click

from peak_images_cli.help import HelpfulCommand


class Option(click.Option):
    """An option, with the heading that the help shows it under."""

    def __init__(self, *names: str, panel: str = "Options", **more: Any) -> None:
        super().__init__(names, **more)
        self.panel = panel


class Argument(click.Argument):
    """An argument by position, with a help text."""

    def __init__(self, name: str, metavar: str, help_text: str, *, required: bool = False, **more: Any) -> None:
        super().__init__([name], metavar=metavar, required=required, **more)
        self.help = help_text


def option(metavar: str, help_text: str, *names: str, default: Any = None, **more: Any) -> Any:
    """Return a field of a group: an option with a value.

    Args:
        metavar: What the help calls the value.
        help_text: What it means.
        names: Its names besides that of the field, or in its place if one of them is long.
        default: The default, which also gives the type of the value.
        more: Further arguments of ``click.Option``.
    """
    return field(default=default, metadata={"names": names, "metavar": metavar, "help": help_text, **more})


def flag(help_text: str, *names: str, default: bool = False, **more: Any) -> Any:
    """Return a field of a group: an option without a value. The arguments are those of ``option``."""
    return field(default=default, metadata={"names": names, "is_flag": True, "help": help_text, **more})


def options_of(group: Any) -> Iterator[Option]:
    """Yield the options of a group."""
    for one in fields(group):
        more = {"panel": getattr(group, "panel", "Options"), "default": one.default, **one.metadata}
        names = more.pop("names")
        if not any(name.startswith("--") for name in names):
            names = (f"--{one.name.replace('_', '-')}", *names)
        yield Option(one.name, *names, **more)


def command(
    *parameters: click.Parameter, doc: str = "", without: Sequence[str] = ()
) -> Callable[[Callable[..., None]], HelpfulCommand]:
    """Make a command of a function, with an option for each field of its parameters that are dataclasses.

    Several commands take the same twenty options; as fields of dataclasses they are written once.

    Args:
        parameters: The other arguments and options of the command.
        doc: Its help (default: the docstring of the function).
        without: Parameters that are dataclasses and get their defaults, without options.
    """

    def decorate(function: Callable[..., None]) -> HelpfulCommand:
        groups: dict[str, Any] = {name: hint for name, hint in get_type_hints(function).items() if is_dataclass(hint)}

        def run(**values: Any) -> None:
            made: dict[str, Any] = {
                name: group(**{one.name: values.pop(one.name) for one in fields(group) if name not in without})
                for name, group in groups.items()
            }
            function(**made, **values)

        shown = [option for name, group in groups.items() if name not in without for option in options_of(group)]
        return HelpfulCommand(
            function.__name__.replace("_", "-"),
            callback=run,
            params=[*parameters, *shown],
            help=unwrap(doc or function.__doc__ or ""),
        )

    return decorate


def unwrap(text: str) -> str:
    """Return a text with each paragraph in one line: the help breaks lines where the terminal ends.

    Indented lines are examples, and stay as they are.
    """
    paragraphs = cleandoc(text).replace("Examples:\n    ", "Examples:\n\n    ").split("\n\n")
    return "\n\n".join(one if one.startswith(" ") else " ".join(one.split()) for one in paragraphs)
