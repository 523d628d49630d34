"""The message and the hint for a usage error of typer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from peak_images_cli.options import OutputType

_PROBLEMS: Final = {
    "int_parsing": "{input!r} is not a whole number",
    "int_from_float": "{input!r} is not a whole number",
    "float_parsing": "{input!r} is not a number",
    "greater_than_equal": "{input!r} is less than {ge}",
    "less_than_equal": "{input!r} is more than {le}",
}
"""The messages that lack the value, by the type of pydantic's error."""


def explain_usage(error: Any, argv: Sequence[str], path: str) -> tuple[str, str]:
    """Return the message and the hint for a usage error.

    Errors of typer are recognized by their attributes: their classes have moved from one version of it to the next.

    Args:
        error: The error.
        argv: The arguments of the run.
        path: The command, as it is called.
    """
    form = getattr(error, "option_name", "").removeprefix("--")
    if form in tuple(OutputType) and _has_forms(error):
        return error.message, f"-o {form} gives that form"
    given = _first_argument(error, argv)
    if given.isdecimal() and "--image-id" in getattr(getattr(error, "param", None), "opts", ()):
        return error.format_message(), f"give --image-id {given}"
    return _message(error), f"see '{path} --help'"


def _has_forms(error: Any) -> bool:
    command = getattr(getattr(error, "ctx", None), "command", None)
    return any("--output-type" in parameter.opts for parameter in getattr(command, "params", ()))


def _first_argument(error: Any, argv: Sequence[str]) -> str:
    """Return the argument right after the command."""
    name = getattr(getattr(error, "ctx", None), "info_name", None)
    return next(iter(argv[argv.index(name) + 1 :]), "") if name in argv else ""


def _message(error: Any) -> str:
    message: str = error.format_message()
    # From 0.29 on typer lets pydantic check values, whose message is for developers.
    problems = getattr(error.__cause__, "errors", None)
    for problem in problems()[:1] if callable(problems) else ():
        text = _PROBLEMS.get(problem["type"], "")
        if text:
            text = text.format(input=problem["input"], **problem.get("ctx", {}))
            return f"{message.partition(': ')[0]}: {text}"
    return message.replace(": Value error, ", ": ", 1)
