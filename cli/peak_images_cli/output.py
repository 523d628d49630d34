"""Results on stdout: as a table for people, as JSON or YAML for programs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from peak_images_cli.options import OutputOptions, OutputType

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_WIDE = 10_000
"""The width where there is no terminal: nothing is wrapped that a program may read."""

_COLOURING: Final = re.compile(r"\x1b\[[0-9;]*m")
_STEERING: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but for the tab, those that turn the direction of text, and what isn't Unicode."""


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
    return json.dumps(data, indent=indent, ensure_ascii=not encoding.startswith("utf"))


def as_yaml(data: Any) -> str:
    """YAML, in the order of the data."""
    import yaml

    # An answer is a subclass of dict, which the safe dumper doesn't know; a round through JSON makes it plain.
    text: str = yaml.safe_dump(json.loads(json.dumps(data)), sort_keys=False, allow_unicode=True)
    return text


def stdout_console() -> Console:
    """A console for tables on stdout. Where there is no terminal it is as wide as its content."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def stderr_console() -> Console:
    """A console for what goes on, on stderr, so that stdout holds nothing but the result."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def note(text: str) -> None:
    """Tell something that is not the result, in one line on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


@contextmanager
def logging_undone() -> Iterator[None]:
    """Leave the logging of the process as it was, for whoever runs the command line in their own."""
    import logging

    logger = logging.getLogger("peak_images")
    handlers, level = list(logger.handlers), logger.level
    try:
        yield
    finally:
        logger.handlers = handlers
        logger.setLevel(level)


def log_to_stderr() -> None:
    """Show what the client logs: each try of a request, and why there is another one."""
    import logging

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            note(plain(self.format(record)))

    handler = Handler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    logger = logging.getLogger("peak_images")
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)


def plain(text: str) -> str:
    """Text that comes from elsewhere, for a terminal: without colours, and without what would steer it."""
    return _STEERING.sub("�", _COLOURING.sub("", text))


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """The value at a path such as ``latestVersion.status``; ``None`` where there is nothing."""
    value: Any = row
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def _show_table(made: RenderableType | Iterable[RenderableType], *, paging: bool) -> None:
    console = stdout_console()
    parts = [made] if isinstance(made, str) or not isinstance(made, (list, tuple)) else made
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
