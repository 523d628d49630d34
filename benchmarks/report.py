"""Tables and bars of what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True)
class Mark:
    """What a row is to reach.

    Attributes:
        text: The mark, with its bound.
        is_reached: Whether what was measured is enough.
        shown: The value as text.
        reason: Why it may fall short.
    """

    text: str
    is_reached: bool
    shown: str
    reason: str = ""

    def __str__(self) -> str:
        if self.is_reached:
            return f"{self.text} ✓"
        return f"{self.text} ✗ ({self.shown})" + (f": {self.reason}" if self.reason else "")


def at_least(bound: float, value: float, reason: str = "") -> Mark:
    """Return the mark of how many times as fast as the SDK this package is to be."""
    return Mark(f"≥ {bound:g} × SDK", value >= bound, f"{value:.2f}", reason)


def at_most(bound: float, value: float, unit: str, reason: str = "") -> Mark:
    """Return the mark of what may not be exceeded."""
    return Mark(f"≤ {bound:g} {unit}", value <= bound, f"{value:.4g}", reason)


@dataclass
class Row:
    """One comparison.

    Attributes:
        what: What was done.
        ours: This package's figure.
        sdk: The SDK's.
        floor: The floor's.
        marks: What is to be reached.
        spread: How far the runs lie apart; 0 for what is counted.
        cells: Further cells of its table.
        label: The text beside its bars; none leaves it out of the picture.
    """

    what: str
    ours: float
    sdk: float | None = None
    floor: float | None = None
    marks: Sequence[Mark] = ()
    spread: float = 0
    cells: Sequence[str] = ()
    label: str = ""

    def texts(self, digits: int) -> list[str]:
        """Return its cells as text; "–" for what there isn't."""

        def number(value: float | None) -> str:
            return "–" if value is None else f"{value:.{digits}f}"

        def ratio(one: float | None, other: float | None) -> str:
            return "–" if one is None or other is None else f"{one / other:.2f}"

        cells = [self.what, number(self.ours), number(self.sdk), number(self.floor)]
        cells += [ratio(self.sdk, self.ours), ratio(self.ours, self.floor), *self.cells]
        return [*cells, " · ".join(map(str, self.marks)) or "–", f"±{self.spread:.0%}" if self.spread else "–"]


@dataclass
class Table:
    """Rows under one heading.

    Attributes:
        title: The heading.
        intro: What the figures are.
        columns: The names of further columns, before the marks.
        digits: How many decimals a figure has.
    """

    title: str
    intro: str
    columns: Sequence[str] = ()
    digits: int = 3
    rows: list[Row] = field(default_factory=list)

    def __str__(self) -> str:
        names = ["what", "this package", "SDK", "floor", "SDK ÷ this", "this ÷ floor"]
        names += [*self.columns, "wanted", "spread"]
        columns = zip(names, *(row.texts(self.digits) for row in self.rows), strict=True)
        # A column that says nothing is left out.
        used = [column for column in columns if set(column[1:]) != {"–"}]
        head, *rows = (f"| {' | '.join(cells)} |" for cells in zip(*used, strict=True))
        lines = [head, "|---" * len(used) + "|", *rows]
        return f"## {self.title}\n\n{self.intro}\n\n" + "\n".join(lines)


def missed(tables: Iterable[Table]) -> list[str]:
    return [
        f"{row.what}: {mark}" for table in tables for row in table.rows for mark in row.marks if not mark.is_reached
    ]


def write_page(page: Path, text: str) -> None:
    """Put the text between the page's marks."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{page} lacks {BEGIN} or {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


_WIDTH, _LEFT, _RIGHT, _ROW = 860, 330, 70, 40
_STYLE = """
  .panel { fill: #ffffff; stroke: #d0d7de; }
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .small { font-size: 11px; fill: #59636e; }
  .sdk { fill: #afb8c1; }
  .ours { fill: #0969da; }
  .floor { stroke: #bc4c00; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    .panel { fill: #151b23; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .small { fill: #9198a1; }
    .sdk { fill: #59636e; }
    .ours { fill: #4493f8; }
    .floor { stroke: #f0883e; }
  }
"""


def bars(rows: Sequence[Row]) -> str:
    """Return an SVG picture: for each row the time of this package beside the SDK's, which is the whole width."""
    height = 52 + _ROW * len(rows)
    room = _WIDTH - _LEFT - _RIGHT
    label = "The time that this package takes, beside that of the SDK"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">',
        f"<style>{_STYLE}</style>",
        f'<rect class="panel" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="8"/>',
        f'<rect class="ours" x="{_LEFT}" y="16" width="12" height="10"/>',
        f'<text class="small" x="{_LEFT + 18}" y="25">this package</text>',
        f'<rect class="sdk" x="{_LEFT + 110}" y="16" width="12" height="10"/>',
        f'<text class="small" x="{_LEFT + 128}" y="25">peak-sdk, the whole width</text>',
        f'<line class="floor" x1="{_LEFT + 290}" y1="14" x2="{_LEFT + 290}" y2="28"/>',
        f'<text class="small" x="{_LEFT + 298}" y="25">floor</text>',
    ]
    for index, row in enumerate(rows):
        assert row.sdk is not None
        top = 40 + _ROW * index
        width = room * min(1, row.ours / row.sdk)
        parts += [
            f'<text x="{_LEFT - 12}" y="{top + 19}" text-anchor="end">{escape(row.label)}</text>',
            f'<rect class="ours" x="{_LEFT}" y="{top + 4}" width="{width:.1f}" height="12"/>',
            f'<rect class="sdk" x="{_LEFT}" y="{top + 17}" width="{room}" height="8"/>',
            f'<text x="{_LEFT + room + 10}" y="{top + 19}">{row.sdk / row.ours:.1f} ×</text>',
        ]
        if row.floor is not None:
            x = _LEFT + room * min(1, row.floor / row.sdk)
            parts.append(f'<line class="floor" x1="{x:.1f}" y1="{top + 2}" x2="{x:.1f}" y2="{top + 27}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
