"""A report as HTML for notebooks: a treemap of what is uploaded, with the excluded files and likely secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

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
_DASHED: Final = 'fill="none" stroke="gray" stroke-dasharray="3 2"'
_SECRET_COLOR: Final = "#d62728"  # noqa: S105 - the color of one


_Box = tuple[float, float, float, float]
"""The position and the size of a rectangle: x, y, width and height."""


def report_html(report: ArtifactReport) -> str:
    """Return a report as HTML. Everything in it that comes from the directory is escaped."""
    secrets = [problem.path for problem in report.problems if problem.kind == ProblemKind.LIKELY_SECRET]
    parts = [f"<p><b>{escape(report.summary)}</b></p>", _treemap(report, secrets)]
    if report.problems:
        parts.append("<p>Problems</p>" + _list(map(str, report.problems)))
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
    tiles = []
    for row, box in _place(rows, (0, 0, _WIDTH, _HEIGHT)):
        is_secret = any(_overlap(row.name.rstrip("/"), secret) for secret in secrets)
        color = _SECRET_COLOR if is_secret else _COLORS[tops.index(row.name.partition("/")[0]) % len(_COLORS)]
        title = f"{show_name(row.name)}: {format_size(row.size)}{' (looks like a secret)' * is_secret}"
        tiles.append(_tile(row.name, box, title, f'stroke="white" stroke-width="0.5" fill="{color}"', "white"))
    excluded = report.excluded[:_MAX_TILES]
    width = _WIDTH / max(len(excluded), 1)
    for index, file in enumerate(excluded):
        box = (index * width + 1, _HEIGHT + 3, max(width - 2, 1), _STRIP_HEIGHT - 5)
        tiles.append(_tile(file.name, box, f"{show_name(file.name)} (excluded)", _DASHED, "gray"))
    height = _HEIGHT + (_STRIP_HEIGHT if excluded else 0)
    legend = "Area is size, unzipped. Red: looks like a secret. Dashed: excluded, not to scale."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'style="max-width: 100%; font: 11px sans-serif" role="img" aria-label="Treemap of what is uploaded">'
        f"{''.join(tiles)}</svg><p><small>{legend}</small></p>"
    )


def _tile(name: str, box: _Box, title: str, style: str, text_color: str) -> str:
    """Return a rectangle as SVG, with a name on it where there is room for that."""
    x, y, width, height = box
    shown = show_name(name)[: int(width / _CHARACTER_WIDTH)]
    label = f'<text x="{x + 3:.1f}" y="{y + 12:.1f}" fill="{text_color}">{escape(shown)}</text>'
    has_room = height > 14 and width > 4 * _CHARACTER_WIDTH
    return (
        f'<g><title>{escape(title)}</title><rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" {style}/>{label if has_room else ""}</g>'
    )


def _place(rows: Sequence[SizeRow], box: _Box) -> Iterator[tuple[SizeRow, _Box]]:
    """Divide a rectangle among rows by their sizes, in halves along its longer side."""
    if len(rows) == 1:
        yield rows[0], box
    if len(rows) < 2:
        return
    total, first, index = sum(row.size for row in rows), rows[0].size, 1
    while index < len(rows) - 1 and first + rows[index].size / 2 < total / 2:
        first += rows[index].size
        index += 1
    x, y, width, height = box
    if width >= height:
        cut = width * first / total
        boxes = (x, y, cut, height), (x + cut, y, width - cut, height)
    else:
        cut = height * first / total
        boxes = (x, y, width, cut), (x, y + cut, width, height - cut)
    yield from _place(rows[:index], boxes[0])
    yield from _place(rows[index:], boxes[1])


def _overlap(name: str, other: str) -> bool:
    """Return whether two paths are the same, or one is in the other."""
    return f"{name}/".startswith(f"{other}/") or f"{other}/".startswith(f"{name}/")


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
