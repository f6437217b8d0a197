"""What the pages show of drafted sentences and of shares: plain rows, nothing to decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from countersign.ground.signoff import Kept
from countersign.rooms.records.domain.fact import DIALOGUE, KEY, Link

from .content import Content, Said

WIDE = 60
"""Latin signs of a line in the box of a section; a Chinese one counts twice."""

AROUND = 30
"""Signs of a line that are shown on either side of the words."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one sentence comes from: words of a source within their line, or a resource of the
    chart, which has no words here.
    """

    source: str
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A drafted sentence for the page."""

    text: str
    by: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Signed records of one kind, department or person; ``seconds`` is the median to signature."""

    name: str
    records: int
    signed: int
    kept: int
    seconds: float

    @property
    def share(self) -> float:
        """Of the signed characters, those drafted and left."""
        return self.kept / self.signed


def pieces(said: Iterable[Said], content: Content) -> list[Piece]:
    """Sentences with the words that they rest on."""
    texts = {DIALOGUE: content.dialogue, KEY: content.lines}
    return [
        Piece(
            one.text,
            one.by,
            tuple(_origin(link, texts.get(link.source, "")) for link in one.links),
        )
        for one in said
    ]


def _origin(link: Link, text: str) -> Origin:
    begin = text.rfind("\n", 0, link.start) + 1
    end = text.find("\n", link.end)
    before = text[begin : link.start]
    after = text[link.end : end if end >= 0 else len(text)]
    return Origin(link.source, before[-AROUND:], text[link.start : link.end], after[:AROUND])


def rows_of(text: str) -> int:
    """Rows of the box that shows a section: all of a usual one, without scrolling inside it."""
    wide = sum(1 if ord(one) < 0x2E80 else 2 for one in text)
    return min(16, max(3, wide // WIDE + text.count("\n") + 2))


def group(kept: Sequence[Kept], by: Callable[[Kept], str]) -> list[Group]:
    """Shares by something, the most records first."""
    rows: dict[str, list[Kept]] = defaultdict(list)
    for one in kept:
        rows[by(one)].append(one)
    found = [
        Group(
            name,
            len(ones),
            sum(one.signed_all for one in ones),
            sum(one.kept_all for one in ones),
            median(one.seconds for one in ones),
        )
        for name, ones in rows.items()
    ]
    return sorted(found, key=lambda one: (-one.records, one.name))
