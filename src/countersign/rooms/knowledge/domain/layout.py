"""Lays a text out for reading: headings, paragraphs, lists and tables, with what is marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from countersign.kit.marking import Run, marked

PART = 300
"""Blocks that one page shows."""

Shown = Literal["heading", "paragraph", "items", "table"]


class Block(Protocol):
    """A block of the library: ``kind`` is heading, paragraph, item or row."""

    @property
    def kind(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def level(self) -> int: ...
    @property
    def page(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Laid:
    """One thing on the page. ``lines`` are items or rows, each of cells, each of runs."""

    shown: Shown
    level: int
    page: int | None
    lines: tuple[tuple[tuple[Run, ...], ...], ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """Of a heading or a paragraph."""
        return self.lines[0][0]


def part_of(blocks: Sequence[Block], place: int) -> int:
    """On which part (from 1) the character at ``place`` is shown."""
    for number, block in enumerate(blocks):
        if place < block.end:
            return number // PART + 1
    return 1


def laid_out(
    text: str, blocks: Sequence[Block], marks: Iterable[tuple[int, int]] = ()
) -> list[Laid]:
    """These blocks for reading; ``marks`` are places of the whole text."""
    wanted = sorted(marks)
    found: list[Laid] = []
    for block in blocks:
        cells = _cells(text, block, wanted)
        if block.kind in ("item", "row"):
            shown: Shown = "items" if block.kind == "item" else "table"
            last = found[-1] if found else None
            if last is not None and last.shown == shown and last.page == block.page:
                found[-1] = Laid(shown, last.level, last.page, (*last.lines, cells))
            else:
                found.append(Laid(shown, block.level, block.page, (cells,)))
        else:
            kind: Shown = "heading" if block.kind == "heading" else "paragraph"
            found.append(Laid(kind, block.level, block.page, (cells,)))
    return found


def _cells(
    text: str, block: Block, marks: Sequence[tuple[int, int]]
) -> tuple[tuple[Run, ...], ...]:
    said = text[block.start : block.end]
    here = marks[0][0] if marks else -1
    near = [one for one in marks if one[0] < block.end and one[1] > block.start]
    if block.kind != "row":
        return (marked(said, near, block.start, here),)
    cells: list[tuple[Run, ...]] = []
    at = block.start
    for cell in said.split("\t"):
        cells.append(marked(cell, near, at, here))
        at += len(cell) + 1
    return tuple(cells)
