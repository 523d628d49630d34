"""Payloads and iterators as the tables that Jupyter shows. Everything that comes from the service is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

MAX_CELL_LENGTH: Final = 120
"""Longest text of a cell, in characters; the end of a longer one is cut off."""

MAX_ROWS: Final = 100
"""Most rows of a table; how many more there are is said below it."""

_STYLE: Final = 'style="text-align: left"'
"""On each cell: Jupyter has a rule of its own for cells, which goes before what they inherit."""

_LISTS: Final = {
    "images": ("id", "name", "type", "scope", "latestVersion"),
    "versions": ("id", "version", "status", "lastBuildStatus", "createdAt", "description"),
    "builds": ("buildId", "version", "versionId", "status", "startedAt", "finishedAt", "useCache"),
    "logs": ("timestamp", "message"),
}
"""The lists that a response may have, each with the columns of its table, in order."""


def payload_html(fields: Mapping[str, Any]) -> str:
    """A payload as HTML.

    A response with a list of images, versions, builds or log entries is a table of these, with the other fields in one
    line below. Any other is a table of two columns, name and value.

    Args:
        fields: The payload.
    """
    for key in _LISTS:
        elements = fields.get(key)
        if isinstance(elements, list) and all(isinstance(element, Mapping) for element in elements):
            rest = ", ".join(f"{name}: {_text(value)}" for name, value in fields.items() if name != key)
            return _elements(key, elements, rest)
    return _table(("field", "value"), [(name, _text(value)) for name, value in fields.items()])


def iterator_html(items: str, summary: str, elements: Sequence[Mapping[str, Any]]) -> str:
    """Return an iterator over elements as HTML: the page that was fetched last. Nothing is fetched for it.

    Args:
        items: What it iterates over, such as ``images``.
        summary: The iterator in one line.
        elements: The elements of its last page.
    """
    return _elements(items, elements, summary) if elements else f"<p>{escape(summary)}</p>"


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
    return "<tr>" + "".join(f"<{tag} {_STYLE}>{_cell(cell)}</{tag}>" for cell in cells) + "</tr>"


def _text(value: Any) -> str:
    """A value as a cell shows it: text as it is, what has a version by that, the rest as JSON."""
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
