"""Tables and CSV for users: columns that fit the terminal, ages, durations."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from peak_images_cli.exit_codes import CommandError, ExitCode
from peak_images_cli.options import OutputOptions
from peak_images_cli.output import chosen_type, show, stdout_console, write
from peak_images_cli.terminal import echo_err, safe_text
from peak_images_cli.values import (
    DURATION,
    age_of,
    as_csv,
    as_text,
    flatten,
    parse_time,
    readable_duration,
    value_at,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "Image": (
        *("id", "name", "type", "scope", "latestVersion.version", "latestVersion.status"),
        *("latestVersion.lastBuildStatus", "latestVersion.createdAt", "latestVersion.id", "latestVersion.tags"),
    ),
    "Version": (
        *("id", "version", "status", "lastBuildStatus", "createdAt", "buildDetails.source", "description", "tags"),
        "createdBy",
    ),
    "Build": ("buildId", "version", "status", "startedAt", DURATION, "versionId", "useCache", "finishedAt"),
}
"""The columns of a list by the model of its elements, the most important first."""

_TITLES: Final = {"latestVersion.version": "LATEST", "latestVersion.id": "LATEST ID"}

_UNKNOWN_COLUMNS: Final = 8
_MIN_WIDTH: Final = 12
_GAP: Final = 2

_STYLES: Final = {
    "ready": "green",
    "in-use": "green",
    "success": "green",
    "building": "yellow",
    "stopping": "yellow",
    "deleting": "yellow",
    "failed": "red",
    "stopped": "red",
    "delete-failed": "red",
}


def columns_of(model: str, fields: Mapping[str, str]) -> list[str]:
    """Return the columns of a list, as paths such as ``latestVersion.status``.

    Args:
        model: The model of its elements.
        fields: The fields that the contract gives them.
    """
    return list(_COLUMNS.get(model) or list(fields)[:_UNKNOWN_COLUMNS])


def show_page(page: Mapping[str, Any], key: str, output: OutputOptions, columns: Sequence[str]) -> None:
    """Show a page of a list, and report on stderr if there are more."""
    rows = elements_of(page, key)
    chosen = _chosen(output, rows, columns)
    match chosen_type(output):
        case "csv":
            write(as_csv(rows, chosen or columns), paging=output.paging)
        case "table":
            show(page, output, lambda: _page_table(page, key, rows, chosen, columns))
        case _:
            reduced = [{path: value_at(row, path) for path in chosen} for row in rows] if chosen else rows
            show({**page, key: reduced}, output, list)
    number, count = page.get("pageNumber"), page.get("pageCount")
    if isinstance(number, int) and isinstance(count, int) and count > 1 and rows:
        total = page.get(f"{key.removesuffix('s')}Count")
        which = f"{len(rows)} of {total} {key}" if isinstance(total, int) else f"{len(rows)} {key}"
        following = f"--page-number {number + 1} shows the next, " if number < count else ""
        echo_err(f"page {number} of {count}: {which}; {following}--all shows all")


def elements_of(page: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the elements of a page, or the entries of a log.

    Raises:
        CommandError: The response has no list of them.
    """
    elements = page.get(key) or []
    if not isinstance(elements, list) or not all(isinstance(element, Mapping) for element in elements):
        raise CommandError(f"the service's response has no list of {key}", code=ExitCode.FAILED)
    return elements


def rows_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], *, may_drop: bool = True) -> Table:
    """Return a table with a row for each element, as wide as the terminal at most.

    Columns that don't fit are dropped from the right; then texts are truncated, except ids, states and times.

    Args:
        rows: The elements.
        columns: The paths of the values in an element.
        may_drop: Whether columns may be dropped.
    """
    from rich.table import Table

    cells = {path: [_cell(row, path) for row in rows] for path in columns}
    shown = list(columns)
    widths = {path: max(len(title_of(path)), *(cell.cell_len for cell in cells[path]), 1) for path in columns}
    least = {path: min(widths[path], _MIN_WIDTH) if _may_cut(path) else widths[path] for path in columns}
    # Older versions of Rich pad the last column too.
    while may_drop and len(shown) > 1 and sum(least[path] + _GAP for path in shown) > stdout_console().width:
        shown.pop()
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for path in shown:
        # Rich only narrows columns that may be wrapped; the cells are truncated instead.
        table.add_column(title_of(path), no_wrap=not _may_cut(path), min_width=least[path])
    for number in range(len(rows)):
        table.add_row(*(cells[path][number] for path in shown))
    return table


def fields_table(fields: Mapping[str, Any]) -> list[Text]:
    """Return a line for each field of an object and of the objects in it.

    Values are wrapped between words only, so that an address can be copied.
    """
    from rich.text import Text

    flat = dict(flatten(fields))
    width = max(map(len, flat), default=0) + _GAP
    room = max(_MIN_WIDTH, stdout_console().width - width)
    lines = []
    for name, value in flat.items():
        text = as_text(value)
        if isinstance(value, str) and (at := parse_time(value)):
            text = f"{text} UTC ({age_of(at)})"
        elif name.rpartition(".")[2] == "size" and isinstance(value, (int, float)):
            text = f"{text} MB"
        wrapped = [
            part
            for line in text.splitlines()
            for part in textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False) or [""]
        ]
        shown = safe_text(f"\n{' ' * width}".join(wrapped), _STYLES.get(text, ""))
        lines.append(Text.assemble(safe_text(f"{name:{width}}", "bold"), shown))
    return lines


def title_of(path: str) -> str:
    """Return the title of a column: the field's name in words, without ``AT`` and ``STATUS`` at its end."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", path.rpartition(".")[2]).upper().split()
    if len(words) > 1 and words[-1] in ("AT", "STATUS"):
        words.pop()
    return _TITLES.get(path) or " ".join(words)


def _chosen(output: OutputOptions, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """Return the columns that were asked for."""
    chosen = [path.strip() for path in (output.columns or "").split(",") if path.strip()]
    known = {*columns, *(name for row in rows for name in row), *(name for row in rows for name, _ in flatten(row))}
    for path in chosen:
        if rows and path not in known and not any(one.startswith(f"{path}.") for one in known):
            raise CommandError(f"--columns: there is no field {path!r}", f"fields: {', '.join(sorted(known))}")
    return chosen


def _page_table(
    page: Mapping[str, Any], key: str, rows: Sequence[Any], chosen: Sequence[str], columns: Sequence[str]
) -> list[RenderableType]:
    if rows:
        table = rows_table(rows, chosen or columns, may_drop=not chosen)
        dropped = [] if chosen else columns[len(table.columns) :]
        note = f"Hidden: {', '.join(map(title_of, dropped))}; see --columns."
        return [table, *([safe_text(note, "dim")] if dropped else [])]
    number, count = page.get("pageNumber"), page.get("pageCount")
    beyond = f" on page {number} of {count}" if isinstance(number, int) and number > 1 else ""
    return [safe_text(f"No {key}{beyond}.", "dim")]


def _cell(row: Mapping[str, Any], path: str) -> Text:
    value = value_at(row, path)
    if path == DURATION and isinstance(value, (int, float)):
        value = timedelta(seconds=value)
    if isinstance(value, timedelta):
        return safe_text(readable_duration(value))
    if isinstance(value, str) and (at := parse_time(value)):
        return safe_text(age_of(at))
    text = " ".join(as_text(value).split())
    cell = safe_text(text, _STYLES.get(text, ""))
    cell.no_wrap, cell.overflow = True, "ellipsis"
    return cell


def _may_cut(path: str) -> bool:
    last = path.rpartition(".")[2]
    return last != DURATION and not last.lower().endswith(("id", "status", "at", "version", "type", "scope"))
