"""Declare options in groups, which are classes; a command takes one class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


class Options:
    """The options of a command: its attributes are options, and in an instance the values that were given.

    Options that several commands share are a class that theirs inherit from. A class may have a ``panel``, the heading
    of its own options in the help.
    """

    def __init__(self, **values: Any) -> None:
        vars(self).update({name: one["default"] for name, one in self.declared().items()} | values)

    @classmethod
    def declared(cls, without: Sequence[type[Options]] = ()) -> dict[str, dict[str, Any]]:
        """Return the arguments of each option by its attribute, without those of some base classes."""
        found: dict[str, dict[str, Any]] = {}
        for base in (base for base in cls.__mro__ if base not in without):
            for name, one in vars(base).items():
                if isinstance(one, dict) and name[0] != "_":
                    found.setdefault(name, {"panel": vars(base).get("panel", "Options"), **one})
        return found

    @classmethod
    def as_click(cls, without: Sequence[type[Options]] = ()) -> list[Option]:
        """Return the options for click."""
        made = []
        for name, declared in cls.declared(without).items():
            names, more = declared["names"], {key: value for key, value in declared.items() if key != "names"}
            if not any(one.startswith("--") for one in names):
                names = (f"--{name.replace('_', '-')}", *names)
            made.append(Option(name, *names, **more))
        return made


def option(metavar: str, help_text: str, *names: str, default: Any = None, **more: Any) -> Any:
    """Declare an option with a value.

    Args:
        metavar: The name of the value in the help.
        help_text: The help.
        names: Its names besides that of the attribute, or in its place if one of them is long.
        default: The default, which also gives the type of the value.
        more: Further arguments of ``click.Option``.
    """
    return {"names": names, "metavar": metavar, "help": help_text, "default": default, **more}


def flag(help_text: str, *names: str, default: bool = False, **more: Any) -> Any:
    """Declare an option without a value. The arguments are those of ``option``."""
    return {"names": names, "help": help_text, "default": default, "is_flag": True, **more}


def print_and_exit(text_of: Callable[[click.Context], str]) -> dict[str, Any]:
    """Return the arguments for a flag that prints a text in place of running the command."""

    def callback(context: click.Context, _: click.Parameter, given: bool) -> None:
        if given:
            click.echo(text_of(context).rstrip("\n"))
            context.exit()

    return {"is_flag": True, "is_eager": True, "callback": callback}


def command(
    *parameters: click.Parameter, doc: str = "", without: Sequence[type[Options]] = ()
) -> Callable[[Callable[..., None]], HelpfulCommand]:
    """Make a command of a function; the type of its parameter ``options`` declares the options.

    Args:
        parameters: The other arguments and options of the command.
        doc: Its help (default: the docstring of the function).
        without: Base classes whose options have their defaults and aren't shown.
    """

    def decorate(function: Callable[..., None]) -> HelpfulCommand:
        group: type[Options] = get_type_hints(function)["options"]

        def run(**values: Any) -> None:
            options = group(**{name: values.pop(name) for name in group.declared(without)})
            function(options, **values)

        return HelpfulCommand(
            function.__name__.replace("_", "-"),
            callback=run,
            params=[*parameters, *group.as_click(without)],
            help=unwrap(doc or function.__doc__ or ""),
        )

    return decorate


def unwrap(text: str) -> str:
    """Return a text with each paragraph in one line: the help breaks lines where the terminal ends.

    Indented lines are examples, and stay as they are.
    """
    paragraphs = cleandoc(text).replace("Examples:\n    ", "Examples:\n\n    ").split("\n\n")
    return "\n\n".join(one if one.startswith(" ") else " ".join(one.split()) for one in paragraphs)
