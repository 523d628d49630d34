"""Results on stdout: as a table for people, as JSON or YAML for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from peak_images_cli.options import OutputOptions, OutputType
from peak_images_cli.terminal import escape_control_chars, has_control_chars, safe_text
from peak_images_cli.values import as_csv, flatten

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_WIDE = 10_000
"""The width where there is no terminal: nothing is wrapped that a program may read."""


def chosen_type(options: OutputOptions) -> OutputType:
    """The form of the output: the one asked for, else a table on a terminal and JSON elsewhere."""
    return options.output_type or (OutputType.TABLE if sys.stdout.isatty() else OutputType.JSON)


def show(data: Any, options: OutputOptions, table: Callable[[], RenderableType | Iterable[RenderableType]]) -> None:
    """Show a result.

    Args:
        data: The result, made of JSON values.
        options: In which form.
        table: Makes its form for people, if that is asked for.
    """
    match chosen_type(options):
        case OutputType.JSON:
            write(as_json(data), paging=options.paging)
        case OutputType.YAML:
            write(as_yaml(data), paging=options.paging)
        case OutputType.CSV:
            fields = dict(flatten(data))
            write(as_csv([fields], list(fields), nested=False), paging=options.paging)
        case OutputType.TABLE:
            _show_table(table(), paging=options.paging)


def write(text: str, *, paging: bool = False) -> None:
    """Write text to stdout, through a pager where one was asked for and there is a terminal."""
    if paging and sys.stdout.isatty():
        import pydoc

        pydoc.pager(text)
        return
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def as_json(data: Any, *, indent: int | None = 2) -> str:
    """JSON that stdout's encoding can hold."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    return escape_control_chars(json.dumps(data, indent=indent, ensure_ascii=not encoding.startswith("utf")))


def as_yaml(data: Any) -> str:
    """YAML, in the order of the data."""
    import yaml

    # A response is a subclass of dict, which the safe dumper doesn't know; a round through JSON makes it plain.
    as_dicts = json.loads(json.dumps(data))
    text: str = yaml.safe_dump(as_dicts, sort_keys=False, allow_unicode=True)
    if has_control_chars(text):  # YAML escapes those that it escapes all else with
        text = yaml.safe_dump(as_dicts, sort_keys=False)
    return text


def stdout_console() -> Console:
    """A console for tables on stdout. Where there is no terminal it is as wide as its content."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def _show_table(made: RenderableType | Iterable[RenderableType], *, paging: bool) -> None:
    console = stdout_console()
    given = made if isinstance(made, (list, tuple)) else [made]
    parts = [safe_text(part) if isinstance(part, str) else part for part in given]
    if paging and console.is_terminal:
        with console.pager():
            console.print(*parts, sep="\n")
        return
    if console.is_terminal:
        console.print(*parts, sep="\n")
        return
    with console.capture() as captured:
        console.print(*parts, sep="\n")
    # rich pads cells to the width of their column, the last one too.
    write("\n".join(line.rstrip() for line in captured.get().splitlines()))
