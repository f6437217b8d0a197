"""Cuts a text into the units that a vocabulary is matched by: words, numbers and single signs."""

from __future__ import annotations

import re
from typing import NamedTuple

_WIDE = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **{ord(sign): "'" for sign in "’‘"},
    **{ord(sign): "-" for sign in "—–－"},
}
_UNIT = re.compile(r"[A-Za-zÀ-ɏ]+(?:'[A-Za-z]+)?|\d+(?:\.\d+)?|\n|[^\s]")
_HYPHEN = re.compile(r"(?<=[A-Za-z])-(?=[A-Za-z])")
_CAPITALS = frozenset({"AF", "ASD", "MI", "SOB", "TB", "VSD"})
"""Short forms that mean something else, or nothing, in small letters."""

_KEPT = ("ss", "us", "is")


class Unit(NamedTuple):
    """``key`` is what is compared; ``start`` and ``end`` are places in the text."""

    key: str
    start: int
    end: int


def even(text: str) -> str:
    """The text with wide signs made narrow and hyphens inside words made spaces.

    As long as the text, sign for sign, so that every place stays true.
    """
    return _HYPHEN.sub(" ", text.translate(_WIDE))


def units_of(text: str) -> list[Unit]:
    """Each word in small letters and without its plural s, each number, each other sign."""
    return [
        Unit(_key(found.group()), found.start(), found.end())
        for found in _UNIT.finditer(even(text))
    ]


def keys_of(text: str) -> tuple[str, ...]:
    """The keys alone, of a phrase of a vocabulary."""
    return tuple(unit.key for unit in units_of(text))


def _key(word: str) -> str:
    if word in _CAPITALS:
        return word
    small = word.lower()
    if small.endswith("'s"):
        small = small[:-2]
    if len(small) > 3 and small.endswith("s") and not small.endswith(_KEPT):
        return small[:-1]
    return small


def is_chinese(text: str) -> bool:
    """Whether the text is mostly Chinese: a third of its letters are ideographs."""
    ideographs = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    letters = sum(sign.isalpha() for sign in text)
    return ideographs * 3 >= letters > 0 and ideographs > 0
