"""A file's text as one string, with the places of its headings, tables and pages in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from .unreadable import NOTES, NotUnderstood

Kind = Literal["heading", "paragraph", "item", "row"]
LONGEST = 20_000_000
"""Characters that one version may have."""


@dataclass(frozen=True, slots=True)
class Block:
    """Characters ``start`` to ``end`` (end exclusive, without line breaks) of the text.

    ``level`` is 1 to 6 for a heading and the depth for an item; the cells of a row are parted
    by tabs, and rows that follow one another are one table. ``page`` counts from 1.
    """

    kind: Kind
    start: int
    end: int
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class PageSpan:
    """What of the text stands on one page, and whether it was recognised from a picture."""

    number: int
    start: int
    end: int
    recognised: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """One passage: its place, the headings above it (outermost first) and its page."""

    start: int
    end: int
    headings: tuple[str, ...]
    page: int | None
    language: Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Understood:
    """What a reader made of a file. ``front`` is the front matter of Markdown, as it was."""

    text: str
    blocks: tuple[Block, ...]
    pages: tuple[PageSpan, ...] = ()
    title: str = ""
    front: dict[str, object] = field(default_factory=dict[str, object])
    notes: tuple[str, ...] = ()

    def checked(self) -> Understood:
        """Itself. Raises NotUnderstood where places do not fit, which no reader writes."""
        if len(self.text) > LONGEST:
            raise NotUnderstood("too-large")
        end = 0
        for block in self.blocks:
            if not end <= block.start < block.end <= len(self.text):
                raise NotUnderstood("broken")
            end = block.end
        for page in self.pages:
            if not 0 <= page.start <= page.end <= len(self.text):
                raise NotUnderstood("broken")
        if not set(self.notes) <= set(NOTES):
            raise NotUnderstood("broken")
        return self


class Writing:
    """Puts blocks one below the other; every block ends with a line break."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.blocks: list[Block] = []

    @property
    def length(self) -> int:
        return self._length

    def add(self, kind: Kind, text: str, level: int = 0, page: int | None = None) -> None:
        """``text`` is normalised already; nothing is added where it is empty."""
        if not text:
            return
        start = self._length
        self._parts.append(text + "\n")
        self._length += len(text) + 1
        if self._length > LONGEST:
            raise NotUnderstood("too-large")
        self.blocks.append(Block(kind, start, start + len(text), level, page))

    def text(self) -> str:
        return "".join(self._parts)


def finish(
    writing: Writing,
    *,
    pages: Sequence[PageSpan] = (),
    title: str = "",
    front: dict[str, object] | None = None,
    notes: Sequence[str] = (),
) -> Understood:
    """What was written, checked. Raises NotUnderstood for a text without a letter in it."""
    text = writing.text()
    if not any(character.isalnum() for character in text):
        raise NotUnderstood("empty")
    if not title:
        tops = [one for one in writing.blocks if one.kind == "heading"]
        best = min(tops, key=lambda one: (one.level, one.start), default=None)
        title = text[best.start : best.end] if best else ""
    return Understood(
        text, tuple(writing.blocks), tuple(pages), title[:300], front or {}, tuple(notes)
    ).checked()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Understood)


def encoded(understood: Understood) -> bytes:
    """As it travels between processes and is sealed."""
    return _encoder.encode(understood)


def decoded(raw: bytes) -> Understood:
    """The opposite. Raises NotUnderstood for anything that is no such thing."""
    try:
        return _decoder.decode(raw).checked()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotUnderstood("broken") from None
