"""Show payloads, iterators and builds in notebooks. Values from the service are escaped, secrets are masked."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from html import escape
from itertools import accumulate
from typing import Any, Final
from unicodedata import east_asian_width

from peak_images._secrets import redact
from peak_images_api import operations

MAX_CELL_LENGTH: Final = 120
"""The longest text of a cell, in characters; a longer one is truncated."""

MAX_ROWS: Final = 100
"""The largest number of rows; the number of further ones is shown below the table."""

LIVE_LINES: Final = 8
"""The number of log lines in the card of a running build."""

_STYLE: Final = 'style="text-align: left"'
"""The style of each cell: Jupyter's own rule for cells overrides what they inherit."""

_TIME_STYLE: Final = 'style="text-align: left; white-space: nowrap"'
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")

_LISTS: Final = {
    "images": ("id", "name", "type", "scope", "latestVersion"),
    "versions": ("id", "version", "status", "lastBuildStatus", "createdAt", "description"),
    "builds": ("buildId", "version", "versionId", "status", "startedAt", "finishedAt", "useCache"),
    "logs": ("timestamp", "message"),
}
"""Lists with the columns of their tables, in order. A list that isn't here has a column for each field."""


def payload_html(fields: Mapping[str, Any]) -> str:
    """Return a payload as HTML.

    A page of a list, or a chunk of a log, is a table of its elements, with the other fields in one line below.
    Any other response is a table of two columns, name and value.

    Args:
        fields: The payload.
    """
    fields = redact(dict(fields))
    pages = [page["items"] for one in operations.table()["operations"].values() if (page := one["pagination"])]
    for key in (*_LISTS, *pages):
        elements = fields.get(key)
        if isinstance(elements, list) and all(isinstance(element, Mapping) for element in elements):
            rest = ", ".join(f"{name}: {_text(value)}" for name, value in fields.items() if name != key)
            return _elements(key, elements, rest)
    return _table(("field", "value"), [(name, _text(value)) for name, value in fields.items()])


def iterator_html(items: str, summary: str, elements: Sequence[Mapping[str, Any]]) -> str:
    """Return an iterator over elements as HTML: the page that was fetched last. Nothing is fetched for it.

    Args:
        items: The name of the elements, such as ``images``.
        summary: The iterator in one line.
        elements: The elements of its last page.
    """
    return _elements(items, redact(list(elements), items), summary) if elements else f"<p>{escape(summary)}</p>"


def _elements(key: str, elements: Sequence[Mapping[str, Any]], note: str) -> str:
    if not elements:
        note = f"no {key}; {note}" if note else f"no {key}"
        return f"<p>{escape(note)}</p>"
    shown = elements[:MAX_ROWS]
    present = dict.fromkeys(name for element in shown for name in element)
    columns = [name for name in _LISTS.get(key, ()) if name in present] or list(present)
    rows = [[_text(element[name]) if name in element else "" for name in columns] for element in shown]
    if len(elements) > len(shown):
        note = "; ".join(filter(None, (f"… and {len(elements) - len(shown)} more", note)))
    return _table(columns, rows) + (f"<p>{escape(note)}</p>" if note else "")


def _table(columns: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = _row("th", columns)
    body = "".join(_row("td", row) for row in rows)
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _row(tag: str, cells: Iterable[str]) -> str:
    styled = ((_TIME_STYLE if _TIME.fullmatch(cell) else _STYLE, _cell(cell)) for cell in cells)
    return f"<tr>{''.join(f'<{tag} {style}>{content}</{tag}>' for style, content in styled)}</tr>"


def _text(value: Any) -> str:
    """Return a value as the text of a cell: text unchanged, a version by its name, the rest as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and isinstance(value.get("version"), str):
        return " ".join(str(part) for part in (value["version"], value.get("status")) if part)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return repr(value)


def _cell(text: str) -> str:
    return escape(text if len(text) <= MAX_CELL_LENGTH else text[: MAX_CELL_LENGTH - 1] + "…")


def is_notebook() -> bool:
    """Return whether the code runs in a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and hasattr(shell, "kernel")


def is_terminal() -> bool:
    """Return whether standard error is a terminal."""
    # Standard error may be None, closed, or an object without isatty().
    with suppress(Exception):
        return sys.stderr.isatty()
    return False


@contextmanager
def live_build(title: str, *, show: bool) -> Iterator[_LiveBuild | None]:
    """Show a build while it runs: a card in a notebook, a line on a terminal, nothing elsewhere.

    Args:
        title: What is built.
        show: Whether to show anything.
    """
    if show and is_notebook():
        display: Any = importlib.import_module("IPython.display")
        handle = display.display(display.HTML(""), display_id=True)
        yield _LiveBuild(title, lambda live: handle.update(display.HTML(live.as_html())))
    elif show and is_terminal():
        try:
            yield _LiveBuild(title, lambda live: _write_line(live.as_line()))
        finally:
            with suppress(Exception):
                _write_line("")
    else:
        yield None


class _LiveBuild:
    """A running build: its status, the time since the start and the last lines of its log."""

    def __init__(self, title: str, show: Callable[[_LiveBuild], object]) -> None:
        self._title = title
        self._show = show
        self._started = time.monotonic()
        self._status = ""
        self._lines: deque[str] = deque(maxlen=LIVE_LINES)

    def set_status(self, status: str) -> None:
        self._status = printable(status)

    def add_entry(self, entry: Mapping[str, Any]) -> None:
        self._lines.append(printable(str(entry.get("message"))))

    def refresh(self) -> None:
        # An error of the display must not end the wait for the build.
        with suppress(Exception):
            self._show(self)

    def as_line(self) -> str:
        last = self._lines[-1] if self._lines else ""
        return f"{self._title}: {self._status}, {self._elapsed()} s  {last}"

    def as_html(self) -> str:
        log = escape("\n".join(self._lines))
        head = f"<b>{escape(self._title)}</b>: {escape(self._status)}, {self._elapsed()} s"
        return f"<div {_STYLE}>{head}<pre>{log}</pre></div>"

    def _elapsed(self) -> int:
        return round(time.monotonic() - self._started)


def printable(text: str) -> str:
    """Return a text on one line without control characters, which a terminal would act on."""
    return "".join(char if char.isprintable() else " " for char in text)


def _write_line(text: str) -> None:
    width = shutil.get_terminal_size().columns - 1
    # A wide character takes two columns; a wrapped line couldn't be erased.
    columns = accumulate(2 if east_asian_width(char) in "WF" else 1 for char in text)
    sys.stderr.write("\r\x1b[2K" + text[: sum(column <= width for column in columns)])
    sys.stderr.flush()
