"""Options in groups: a command names the groups it takes, and the command line shows their fields."""

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
    """A group of options: its attributes are options, and in an instance the values that were given.

    Several commands take the same twenty options; here they are written once.
    """

    panel = "Options"
    """The heading that the help shows them under."""

    def __init__(self, **values: Any) -> None:
        vars(self).update({name: one["default"] for name, one in self.declared().items()} | values)

    @classmethod
    def declared(cls) -> dict[str, dict[str, Any]]:
        """Return the arguments of each option, by its attribute."""
        attributes = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
        return {name: value for name, value in attributes.items() if isinstance(value, dict) and name[0] != "_"}

    @classmethod
    def as_click(cls) -> list[Option]:
        """Return the options for click."""
        made = []
        for name, more in cls.declared().items():
            names = more["names"]
            if not any(one.startswith("--") for one in names):
                names = (f"--{name.replace('_', '-')}", *names)
            made.append(Option(name, *names, panel=cls.panel, **{key: more[key] for key in more if key != "names"}))
        return made


def option(metavar: str, help_text: str, *names: str, default: Any = None, **more: Any) -> Any:
    """Declare an option with a value.

    Args:
        metavar: What the help calls the value.
        help_text: What it means.
        names: Its names besides that of the attribute, or in its place if one of them is long.
        default: The default, which also gives the type of the value.
        more: Further arguments of ``click.Option``.
    """
    return {"names": names, "metavar": metavar, "help": help_text, "default": default, **more}


def flag(help_text: str, *names: str, default: bool = False, **more: Any) -> Any:
    """Declare an option without a value. The arguments are those of ``option``."""
    return {"names": names, "help": help_text, "default": default, "is_flag": True, **more}


def print_and_exit(text_of: Callable[[click.Context], str]) -> dict[str, Any]:
    """Return the further arguments of a flag that prints a text in place of running the command."""

    def callback(context: click.Context, _: click.Parameter, given: bool) -> None:
        if given:
            click.echo(text_of(context).rstrip("\n"))
            context.exit()

    return {"is_flag": True, "is_eager": True, "callback": callback}


def command(
    *parameters: click.Parameter, doc: str = "", without: Sequence[str] = ()
) -> Callable[[Callable[..., None]], HelpfulCommand]:
    """Make a command of a function, with the options of the groups that it takes.

    Args:
        parameters: The other arguments and options of the command.
        doc: Its help (default: the docstring of the function).
        without: Groups that get their defaults, without options.
    """

    def decorate(function: Callable[..., None]) -> HelpfulCommand:
        hints = get_type_hints(function)
        groups = {name: hint for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, Options)}
        shown = {name: group for name, group in groups.items() if name not in without}

        def run(**values: Any) -> None:
            made = {name: group(**{key: values.pop(key) for key in group.declared()}) for name, group in shown.items()}
            defaults = {name: groups[name]() for name in without}
            function(**made, **defaults, **values)

        return HelpfulCommand(
            function.__name__.replace("_", "-"),
            callback=run,
            params=[*parameters, *(option for group in shown.values() for option in group.as_click())],
            help=unwrap(doc or function.__doc__ or ""),
        )

    return decorate


def unwrap(text: str) -> str:
    """Return a text with each paragraph in one line: the help breaks lines where the terminal ends.

    Indented lines are examples, and stay as they are.
    """
    paragraphs = cleandoc(text).replace("Examples:\n    ", "Examples:\n\n    ").split("\n\n")
    return "\n\n".join(one if one.startswith(" ") else " ".join(one.split()) for one in paragraphs)
