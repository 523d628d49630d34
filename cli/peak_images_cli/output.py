"""Results on stdout: as a table for users, as JSON, YAML or CSV for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from peak_images_cli.options import OutputOptions, OutputType
from peak_images_cli.terminal import escape_control_chars, has_control_chars, safe_text
from peak_images_cli.values import as_csv, flatten

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_WIDE = 10_000
"""The width without a terminal, so that nothing is wrapped for programs."""


def chosen_type(options: OutputOptions) -> OutputType:
    """Return the output format: the one given, else a table on a terminal and JSON elsewhere."""
    return options.output_type or ("table" if sys.stdout.isatty() else "json")


def show(data: Any, options: OutputOptions, table: Callable[[], RenderableType | Iterable[RenderableType]]) -> None:
    """Show a result.

    Args:
        data: The result, made of JSON values.
        options: The output format, and whether to use a pager.
        table: Returns the result as text for users, if that is the format.
    """
    match chosen_type(options):
        case "json":
            write(as_json(data), paging=options.paging)
        case "yaml":
            write(as_yaml(data), paging=options.paging)
        case "csv":
            write(as_csv([data], [path for path, _ in flatten(data)]), paging=options.paging)
        case "table":
            _show_table(table(), paging=options.paging)


def write(text: str, *, paging: bool = False) -> None:
    """Write text to stdout; on a terminal through a pager, if requested."""
    if paging and sys.stdout.isatty():
        import pydoc

        pydoc.pager(text)
        return
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")


def as_json(data: Any, *, indent: int | None = 2) -> str:
    """Return JSON that stdout's encoding can represent."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    return escape_control_chars(json.dumps(data, indent=indent, ensure_ascii=not encoding.startswith("utf")))


def as_yaml(data: Any) -> str:
    """Return YAML, in the order of the data."""
    import yaml

    # The safe dumper doesn't support responses, which are a subclass of dict; JSON makes them plain.
    as_dicts = json.loads(json.dumps(data))
    text: str = yaml.safe_dump(as_dicts, sort_keys=False, allow_unicode=True)
    if has_control_chars(text):  # YAML escapes those that it escapes all else with
        text = yaml.safe_dump(as_dicts, sort_keys=False)
    return text


def stdout_console() -> Console:
    """Return a console for tables on stdout. Where there is no terminal it is as wide as its content."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def _show_table(made: RenderableType | Iterable[RenderableType], *, paging: bool) -> None:
    from rich.console import Capture
    from rich.text import Text

    console = stdout_console()
    parts = made if isinstance(made, (list, tuple)) else [made]
    is_terminal = console.is_terminal
    with (console.pager() if paging else nullcontext()) if is_terminal else console.capture() as captured:
        for part in parts:
            shown = safe_text(part) if isinstance(part, str) else part
            # The terminal wraps a long line without breaking what is copied from it.
            console.print(shown, soft_wrap=isinstance(shown, Text))
    if isinstance(captured, Capture):
        # rich pads cells to the width of their column, even in the last one.
        write("\n".join(line.rstrip() for line in captured.get().splitlines()))
