"""Reads a hospital's past questions with the words that answered them, and finds those passages."""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from .errors import BrokenPairs
from .passage import Passage
from .words import fold

LARGEST = 64 * 1024 * 1024
"""Bytes of a file, unpacked."""

MOST = 2_000
"""Pairs that are used, the last of the file; their ridge takes about a second."""

KEY = 12
"""Letters and digits that a quote has at the least: fewer stand in too many places."""

_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question asked before, and quotes of the library's documents that answered it."""

    question: str
    quotes: tuple[str, ...]


class _Line(msgspec.Struct):
    question: str
    quotes: list[str]


def read_pairs(file: Path) -> list[Pair]:
    """Pairs from lines such as ``{"question": "…", "quotes": ["…"]}``, packed by gzip or not.

    Raises BrokenPairs.
    """
    try:
        with (gzip.open if file.suffix == ".gz" else open)(file, "rb") as opened:
            data = opened.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise BrokenPairs(file=file.name)
        decoder: Any = msgspec.json.Decoder(_Line)
        lines = [decoder.decode(line) for line in data.splitlines() if line.strip()]
    except (OSError, EOFError, UnicodeDecodeError, msgspec.MsgspecError) as why:
        raise BrokenPairs(file=file.name) from why
    found = [Pair(one.question, tuple(one.quotes)) for one in lines if one.question.strip()]
    if not found:
        raise BrokenPairs(file=file.name)
    return found[-MOST:]


class Answers:
    """Which passages hold the quotes of which pairs; ``meet`` every passage that is searched."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._keys: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._versions: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.of: dict[int, dict[str, str]] = defaultdict(dict)
        """By the pair's number: the ids of passages that answered it, each with its reach."""
        for number, pair in enumerate(pairs):
            for quote in map(bare, pair.quotes):
                if len(quote) >= KEY:
                    self._keys[quote[:KEY]].append((number, quote))

    def meet(self, passage: Passage) -> bool:
        """Whether the passage holds a quote that nobody knew of."""
        said = bare(passage.text)
        starts = {said[at : at + KEY] for at in range(len(said) - KEY + 1)}
        held = {
            number
            for key in starts & self._keys.keys()
            for number, quote in self._keys[key]
            if quote in said
        }
        fresh = {n for n in held if self.of[n].get(passage.id) != passage.reach}
        for number in fresh:
            self.of[number][passage.id] = passage.reach
            self._versions[passage.version].append((number, passage.id))
        return bool(fresh)

    def forget(self, version: str) -> bool:
        """Whether a passage of this version held one."""
        gone = self._versions.pop(version, [])
        for number, id in gone:
            self.of[number].pop(id, None)
        return bool(gone)

    def permitted(self, reaches: frozenset[str]) -> Iterator[tuple[int, list[str]]]:
        """Pairs that a passage within the reaches answered, with those passages and no others."""
        for number in sorted(self.of):
            seen = [id for id, reach in self.of[number].items() if reach in reaches]
            if seen:
                yield number, seen


def answered(pairs: Sequence[Pair], passages: Iterable[Passage]) -> set[int]:
    """The numbers of the pairs that one of these passages answered."""
    answers = Answers(pairs)
    for passage in passages:
        answers.meet(passage)
    return {number for number, held in answers.of.items() if held}


def bare(text: str) -> str:
    """Letters and digits alone, folded: what is left when marks and spaces do not count."""
    return _MARKS.sub("", fold(text))
