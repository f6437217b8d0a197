"""One way to cut a text into words, so that the index, the ranking and the marks agree.

Chinese is cut into characters and pairs of neighbouring characters: on every Chinese set
tried this beat segmentation by a dictionary (docs/decisions/0029). English words are stemmed.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from typing import Any, cast

import snowballstemmer  # pyright: ignore[reportMissingTypeStubs]

_SIGNS = [*range(0x41, 0x5B), *range(0xFF01, 0xFF5F)]
_NARROW = {sign: chr(sign - 0xFEE0 if sign > 0xFF00 else sign).lower() for sign in _SIGNS}
_NARROW[0x3000] = " "
_WIDE = re.compile("[A-Z\uff01-\uff5e\u3000]")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PIECE = re.compile(rf"[{_HAN}]+|\d+(?:\.\d+)?|[^\W\d_{_HAN}]+")
_STOP_TEXT = """
a about am an and any are as at be been but by can could did do does for from had has have he
her him his how i if in is it its me my of on or our she should so such than that the their them
then there these they this those to us was we were what when where which who why will with would
you your
"""
STOP = frozenset(_STOP_TEXT.split())
"""English words that carry nothing; negations are not among them."""

_STEMMER = cast("Any", snowballstemmer).stemmer("english")
_STEMMING = threading.Lock()
"""The stemmer keeps the word that it works on; two threads must not share it."""


@dataclass(frozen=True, slots=True)
class Word:
    """A searchable word and the characters ``start`` to ``end`` (end exclusive) it stands at."""

    text: str
    start: int
    end: int


def fold(text: str) -> str:
    """The text with narrow forms and small Latin letters, sign for sign: offsets stay."""
    return _WIDE.sub(_narrow, text)


def _narrow(match: re.Match[str]) -> str:
    return _NARROW[ord(match.group())]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a folded word; what is not English comes back as it is."""
    if not word.isascii():
        return word
    with _STEMMING:
        return str(_STEMMER.stemWord(word))


def is_han(word: str) -> bool:
    """Whether a word of ``words`` is a Chinese character or a pair of them."""
    return "\u3400" <= word[0] <= "\u9fff" or "\uf900" <= word[0] <= "\ufaff"


def words(text: str) -> list[str]:
    """The searchable words of a text in order, repeats included."""
    found: list[str] = []
    for piece in _PIECE.findall(fold(text)):
        if is_han(piece):
            found += piece
            found += map(add, piece, piece[1:])
        elif piece not in STOP:
            found.append(stem(piece))
    return found


def placed(text: str) -> list[Word]:
    """The words of ``words``, in the same order, each with its place in the text."""
    found: list[Word] = []
    for match in _PIECE.finditer(fold(text)):
        piece, at = match.group(), match.start()
        if is_han(piece):
            found.extend(Word(sign, at + n, at + n + 1) for n, sign in enumerate(piece))
            found.extend(Word(piece[n : n + 2], at + n, at + n + 2) for n in range(len(piece) - 1))
        elif piece not in STOP:
            found.append(Word(stem(piece), at, match.end()))
    return found
