"""A report as HTML for notebooks: a treemap of what is uploaded, with what is excluded and what looks like a secret."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

from peak_build_context.problems import ProblemKind
from peak_build_context.sizes import SizeRow
from peak_build_context.text import format_size, show_name

if TYPE_CHECKING:
    from peak_build_context.report import ArtifactReport

_WIDTH: Final = 640
_HEIGHT: Final = 240
_STRIP_HEIGHT: Final = 24
_MAX_TILES: Final = 200
_MAX_ROWS: Final = 50
_CHARACTER_WIDTH: Final = 7
_COLORS: Final = ("#4e79a7", "#59a14f", "#b07aa1", "#76b7b2", "#9c755f", "#edc948")
_SECRET_COLOR: Final = "#d62728"  # noqa: S105 - the color of one


class _Tile(NamedTuple):
    row: SizeRow
    x: float
    y: float
    width: float
    height: float


def report_html(report: ArtifactReport) -> str:
    """Return a report as HTML. Everything in it that comes from the directory is escaped."""
    secrets = [problem.path for problem in report.problems if problem.kind == ProblemKind.LIKELY_SECRET]
    parts = [f"<p><b>{escape(report.summary)}</b></p>", _treemap(report, secrets)]
    if report.problems:
        parts.append("<p>Problems</p>" + _list(f"{problem.kind}: {problem.message}" for problem in report.problems))
    if report.excluded:
        shown = [str(row) for row in report.excluded[:_MAX_ROWS]]
        if len(report.excluded) > _MAX_ROWS:
            shown.append(f"… and {len(report.excluded) - _MAX_ROWS:,} more")
        parts.append(f"<details><summary>Excluded: {len(report.excluded):,}</summary>{_list(shown)}</details>")
    return "<div>" + "".join(parts) + "</div>"


def _treemap(report: ArtifactReport, secrets: Sequence[str]) -> str:
    rows = [row for row in report.largest if row.size]
    rest = rows[_MAX_TILES:]
    if rest:
        size, count = sum(row.size for row in rest), sum(row.file_count for row in rest)
        rows = [*rows[:_MAX_TILES], SizeRow(f"{count:,} smaller files", size, count)]
    tops = list(dict.fromkeys(row.name.partition("/")[0] for row in rows))
    rows.sort(key=lambda row: tops.index(row.name.partition("/")[0]))
    tiles = [
        _tile(tile, _COLORS[tops.index(tile.row.name.partition("/")[0]) % len(_COLORS)], secrets)
        for tile in _place(rows, 0, 0, _WIDTH, _HEIGHT)
    ]
    strip = list(_excluded_strip([row.name for row in report.excluded[:_MAX_TILES]]))
    height = _HEIGHT + (_STRIP_HEIGHT if strip else 0)
    legend = "Area is size, unzipped. Red: looks like a secret. Dashed: excluded, not to scale."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'style="max-width: 100%; font: 11px sans-serif" role="img" aria-label="Treemap of what is uploaded">'
        f"{''.join(tiles)}{''.join(strip)}</svg><p><small>{legend}</small></p>"
    )


def _place(rows: Sequence[SizeRow], x: float, y: float, width: float, height: float) -> Iterator[_Tile]:
    """Divide a rectangle among rows by their sizes, in halves along its longer side."""
    if len(rows) == 1:
        yield _Tile(rows[0], x, y, width, height)
    if len(rows) < 2:
        return
    total, first, index = sum(row.size for row in rows), rows[0].size, 1
    while index < len(rows) - 1 and first + rows[index].size / 2 < total / 2:
        first += rows[index].size
        index += 1
    share = first / total
    if width >= height:
        yield from _place(rows[:index], x, y, width * share, height)
        yield from _place(rows[index:], x + width * share, y, width * (1 - share), height)
    else:
        yield from _place(rows[:index], x, y, width, height * share)
        yield from _place(rows[index:], x, y + height * share, width, height * (1 - share))


def _tile(tile: _Tile, color: str, secrets: Sequence[str]) -> str:
    name = tile.row.name
    is_secret = any(_overlap(name.rstrip("/"), secret) for secret in secrets)
    text = f"{show_name(name)}: {format_size(tile.row.size)}"
    label = ""
    if tile.height > 14 and tile.width > 4 * _CHARACTER_WIDTH:
        shown = show_name(name)[: int(tile.width / _CHARACTER_WIDTH)]
        label = f'<text x="{tile.x + 3:.1f}" y="{tile.y + 12:.1f}" fill="white">{escape(shown)}</text>'
    return (
        f'<g><title>{escape(text)}{" (looks like a secret)" if is_secret else ""}</title><rect x="{tile.x:.1f}" '
        f'y="{tile.y:.1f}" width="{tile.width:.1f}" height="{tile.height:.1f}" stroke="white" stroke-width="0.5" '
        f'fill="{_SECRET_COLOR if is_secret else color}"/>{label}</g>'
    )


def _overlap(name: str, other: str) -> bool:
    """Return whether two paths are the same, or one is in the other."""
    return f"{name}/".startswith(f"{other}/") or f"{other}/".startswith(f"{name}/")


def _excluded_strip(names: Sequence[str]) -> Iterator[str]:
    width = _WIDTH / max(len(names), 1)
    for index, name in enumerate(names):
        shown = escape(show_name(name)[: int(width / _CHARACTER_WIDTH)]) if width > 4 * _CHARACTER_WIDTH else ""
        left = index * width
        yield (
            f'<g><title>{escape(show_name(name))} (excluded)</title><rect x="{left + 1:.1f}" y="{_HEIGHT + 3}" '
            f'width="{max(width - 2, 1):.1f}" height="{_STRIP_HEIGHT - 5}" fill="none" stroke="gray" '
            f'stroke-dasharray="3 2"/><text x="{left + 4:.1f}" y="{_HEIGHT + 16}" fill="gray">{shown}</text></g>'
        )


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
