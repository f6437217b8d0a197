"""Cuts a text into passages: along its headings, then at the ends of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .normal import language
from .understood import Block, Piece, Understood

BEST, MOST = 300, 600
"""Characters at which a passage is complete, and which it does not exceed unless one sentence
or one row does. A Chinese character counts as two, since it says about twice as much."""

_END = re.compile(
    r"(?:[。！？；!?][”’」』）)\]]*|[.;][”’)\]]*(?=\s))(?:\s?\[[\w ,;.-]{1,60}\])*"
    r"(?<!\b[A-Z]\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bal\.)(?<!\bNo\.)(?<!\bFig\.)"
)


def cut(understood: Understood) -> list[Piece]:
    """The passages in order; none overlaps another, and each is one unbroken piece of the text.

    Headings stand above passages and are no passages themselves.
    """
    pieces: list[Piece] = []
    above: list[tuple[int, str]] = []
    for group in _groups(understood.blocks):
        if group[0].kind == "heading":
            one = group[0]
            above = [known for known in above if known[0] < one.level]
            above.append((one.level, understood.text[one.start : one.end][:200]))
            continue
        path = tuple(text for _, text in above)
        for start, end in _packed(understood.text, _units(understood.text, group)):
            page = next(one.page for one in group if start < one.end)
            spoken = language(understood.text[start:end] + " ".join(path[-1:]))
            pieces.append(Piece(start, end, path, page, "zh" if spoken == "zh" else "en"))
    return pieces


def _groups(blocks: tuple[Block, ...]) -> Iterator[list[Block]]:
    """Headings one by one; what stands between two of them together."""
    group: list[Block] = []
    for block in blocks:
        if block.kind == "heading":
            if group:
                yield group
            yield [block]
            group = []
        else:
            group.append(block)
    if group:
        yield group


def _units(text: str, group: list[Block]) -> list[tuple[int, int, bool]]:
    """Sentences and rows as (start, end, whether a new block begins here)."""
    units: list[tuple[int, int, bool]] = []
    for block in group:
        if block.kind == "row":
            units.append((block.start, block.end, True))
            continue
        start, fresh = block.start, True
        for found in _END.finditer(text, block.start, block.end):
            end = found.end()
            if text[start:end].strip():
                units.append((start, end, fresh))
                start, fresh = end + (text[end : end + 1] == " "), False
        if start < block.end:
            units.append((start, block.end, fresh))
    return units


def _packed(text: str, units: list[tuple[int, int, bool]]) -> Iterator[tuple[int, int]]:
    """Puts units together until a passage is complete; prefers to end where a block ends."""
    begun: int | None = None
    last = weight = 0
    for start, end, fresh in units:
        own = _weight(text, start, end)
        if begun is not None and (weight + own > MOST or (fresh and weight >= BEST)):
            yield begun, last
            begun, weight = None, 0
        for piece in _split(text, start, end) if own > 2 * MOST else [(start, end)]:
            if begun is not None and weight + _weight(text, *piece) > MOST:
                yield begun, last
                begun, weight = None, 0
            begun = piece[0] if begun is None else begun
            last, weight = piece[1], weight + _weight(text, *piece)
    if begun is not None:
        yield begun, last


def _split(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """One endless sentence in parts, at a space or a comma where there is one."""
    while end - start > MOST:
        edge = max(text.rfind(mark, start + MOST // 2, start + MOST) for mark in "\t ,，、")
        stop = edge + 1 if edge > 0 else start + MOST
        yield start, stop
        start = stop
    if start < end:
        yield start, end


def _weight(text: str, start: int, end: int) -> int:
    wide = sum("\u2e80" <= character <= "\u9fff" for character in text[start:end])
    return end - start + wide
