"""Tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from peak_images_cli.output import value_at
from peak_images_cli.terminal import safe_text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

IMAGES: Final = {
    "id": "ID",
    "name": "NAME",
    "type": "TYPE",
    "scope": "SCOPE",
    "latestVersion.version": "LATEST",
    "latestVersion.status": "STATUS",
    "latestVersion.lastBuildStatus": "LAST BUILD",
    "latestVersion.createdAt": "CREATED (UTC)",
}
VERSIONS: Final = {
    "id": "ID",
    "version": "VERSION",
    "status": "STATUS",
    "lastBuildStatus": "LAST BUILD",
    "buildDetails.source": "SOURCE",
    "tags": "TAGS",
    "createdAt": "CREATED (UTC)",
    "createdBy": "BY",
}
BUILDS: Final = {
    "buildId": "BUILD",
    "versionId": "VERSION ID",
    "version": "VERSION",
    "status": "STATUS",
    "useCache": "CACHE",
    "startedAt": "STARTED (UTC)",
    "finishedAt": "FINISHED (UTC)",
}
PROFILES: Final = {"name": "NAME", "where": "SERVICE", "token": "TOKEN", "default": "DEFAULT"}

_COLOURS: Final = {
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


def rows_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> Table:
    """A table with a row for each element.

    Args:
        rows: The elements.
        columns: The titles, by the path of the value in an element.
    """
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for path, title in columns.items():
        table.add_column(title, no_wrap=path in ("id", "buildId", "versionId"), overflow="fold")
    for row in rows:
        table.add_row(*(cell(value_at(row, path)) for path in columns))
    return table


def page_table(page: Mapping[str, Any], key: str, columns: Mapping[str, str]) -> list[RenderableType]:
    """A page of a list, and how to get to the next one."""
    rows = page[key]
    number, count = page.get("pageNumber"), page.get("pageCount")
    if not rows:
        beyond = f" on page {number} of {count}" if isinstance(number, int) and number > 1 else ""
        return [safe_text(f"No {key}{beyond}.", "dim")]
    parts: list[RenderableType] = [rows_table(rows, columns)]
    if isinstance(number, int) and isinstance(count, int) and count > 1:
        more = f"; --page-number {number + 1} shows the next, --all shows all" if number < count else ""
        parts.append(safe_text(f"Page {number} of {count}{more}.", "dim"))
    return parts


def fields_table(fields: Mapping[str, Any]) -> Table:
    """A table with a row for each field of one thing, those of the things in it included."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _flat(fields):
        table.add_row(safe_text(name), cell(value))
    return table


def cell(value: Any) -> Text:
    """A value as a table shows it."""
    text = as_text(value)
    return safe_text(text, _COLOURS.get(text, ""))


def as_text(value: Any) -> str:
    """A value as people read it."""
    match value:
        case bool():
            text = "yes" if value else "no"
        case list():
            text = ", ".join(map(as_text, value))
        case {"name": name, "value": argument}:
            text = f"{as_text(name)}={as_text(argument)}"
        case {"name": name}:
            text = as_text(name)
        case Mapping():
            text = ", ".join(f"{key}={as_text(inner)}" for key, inner in value.items())
        case str():
            text = readable_time(value) or value
        case _:
            text = "" if value is None else str(value)
    return text or "-"


def readable_time(text: str) -> str:
    """A time of the service to the second, such as ``2023-06-01 18:00:00``; empty if the text isn't one."""
    day, at, time = text.partition("T")
    is_time = at and text.endswith("Z") and len(day) == 10 and time[2:3] == time[5:6] == ":"
    return f"{day} {time[:8]}" if is_time else ""


def _flat(fields: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
