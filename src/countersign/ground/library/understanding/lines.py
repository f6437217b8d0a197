"""Turns the lines of printed pages into headings, paragraphs, items and rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from . import normal
from .understood import Writing

_ENDS = tuple("。！？；.!?;:：")
_ITEM = re.compile(
    r"([•·▪◦●○■□◆➢✓*–—-]|\(?\d{1,2}[.)、]|[（(][一二三四五六七八九十\d]{1,3}[)）]|[①-⑳])\s*"
)
_CHAPTER = re.compile(
    r"(第[一二三四五六七八九十百\d]+[章节篇部]|[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]"
    r"|\d{1,2}(\.\d{1,2}){0,3}\s+\S)"
)
_LEADERS = re.compile(r"(\.\s?){5}|…{2}|·{5}")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Line:
    """``size`` in points; ``left``, ``right`` and ``top`` in points from the upper left."""

    text: str
    size: float
    left: float
    right: float
    top: float
    cells: tuple[str, ...]
    height: float

    @property
    def mask(self) -> str:
        """What is the same of a running line on every page; empty in the middle of a page."""
        edge = self.top < 0.09 * self.height or self.top > 0.9 * self.height
        return _DIGITS.sub("#", self.text) if edge else ""


def running(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """The headers and footers: at the edge of half the pages or more, of four at least."""
    seen = Counter(mask for lines in pages for mask in {one.mask for one in lines} - {""})
    least = max(4, len(pages) // 2)
    return frozenset(mask for mask, times in seen.items() if times >= least)


def write_lines(
    lines: Sequence[Line], body: float, sizes: Counter[float], writing: Writing, page: int
) -> None:
    """Writes one page. ``body`` is the size of running text, ``sizes`` counts letters by size."""
    larger = sorted((one for one in sizes if one > 1.12 * body), reverse=True)
    width = max((one.right for one in lines), default=0.0)
    said, kind = "", "paragraph"
    before: Line | None = None
    for number, one in enumerate(lines):
        tabled = one.cells and _beside(lines, number)
        heading = 0 if tabled else _heading(one, body, larger)
        item = _ITEM.match(one.text)
        fresh = before is None or heading or tabled or item or _parted(before, one, width)
        if fresh and said:
            writing.add(
                "item" if kind == "item" else "paragraph",
                normal.line(said),
                1 if kind == "item" else 0,
                page,
            )
            said, kind = "", "paragraph"
        if tabled:
            writing.add("row", normal.row(list(one.cells)), page=page)
        elif heading:
            writing.add("heading", normal.line(one.text), heading, page)
        else:
            kind = "item" if item and not said else kind
            said = normal.joined(said, one.text)
        before = None if tabled or heading else one
    if said:
        writing.add(
            "item" if kind == "item" else "paragraph",
            normal.line(said),
            1 if kind == "item" else 0,
            page,
        )


def _beside(lines: Sequence[Line], number: int) -> bool:
    """Whether a neighbour has cells as well: one line with a gap is no table."""
    near = [*lines[max(0, number - 1) : number], *lines[number + 1 : number + 2]]
    return any(len(one.cells) > 1 for one in near)


def _heading(one: Line, body: float, larger: list[float]) -> int:
    """1 to 6 for a heading, 0 for none."""
    text = one.text
    if len(text) > 120 or not any(letter.isalpha() for letter in text) or _LEADERS.search(text):
        return 0
    if one.size in larger:
        return min(4, larger.index(one.size) + 1)
    short = len(text) <= (40 if normal.language(text) == "zh" else 80)
    if short and _CHAPTER.match(text) and not text.endswith(_ENDS):
        return min(6, 4 + text.partition(" ")[0].count("."))
    return 0


def _parted(before: Line, one: Line, width: float) -> bool:
    """Whether a new paragraph begins: a gap, another column, or a line that ended early."""
    if one.top < before.top or one.top - before.top > 2.1 * max(before.size, one.size, 4.0):
        return True
    if one.size != before.size:
        return True
    return before.text.endswith(_ENDS) and before.right < 0.85 * width
