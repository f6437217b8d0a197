"""A quote stands at its place or it does not: no judgement, only text, offsets and a hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class Quote:
    """``words`` that stand at characters ``start`` to ``end`` (0-based, end exclusive).

    ``sha256`` is that of the version's whole text in UTF-8, in hexadecimal.
    """

    document: str
    version: str
    start: int
    end: int
    words: str
    sha256: str


class Standing(StrEnum):
    """How a quote stands to the text of its version."""

    EXACT = "exact"
    OTHER_TEXT = "other-text"
    NO_SUCH_PLACE = "no-such-place"
    ELSEWHERE = "elsewhere"
    ABSENT = "absent"

    @property
    def words(self) -> Words:
        """What a person reads."""
        return _SAID[self]


_SAID = {
    Standing.EXACT: Words("The quote stands at its place.", "引文与原文该处完全一致。"),
    Standing.OTHER_TEXT: Words(
        "The text is not the one that was quoted.", "该文本不是所引用的那个版本。"
    ),
    Standing.NO_SUCH_PLACE: Words("The text has no such place.", "原文中没有这个位置。"),
    Standing.ELSEWHERE: Words(
        "These words stand in the text, but not at this place.", "原文中有这些字句，但不在该处。"
    ),
    Standing.ABSENT: Words("These words do not stand in the text.", "原文中没有这些字句。"),
}


def sha256_of(text: str) -> str:
    """The SHA-256 of a version's text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def quote_of(document: str, version: str, text: str, start: int, end: int) -> Quote:
    """The quote of these characters; what it says is what stands there."""
    return Quote(document, version, start, end, text[start:end], sha256_of(text))


def check_quote(quote: Quote, text: str) -> Standing:
    """How ``quote`` stands to ``text``, the whole text of the version that it names."""
    if quote.sha256 != sha256_of(text):
        return Standing.OTHER_TEXT
    if not 0 <= quote.start < quote.end <= len(text):
        return Standing.NO_SUCH_PLACE
    if text[quote.start : quote.end] == quote.words:
        return Standing.EXACT
    return Standing.ELSEWHERE if quote.words and quote.words in text else Standing.ABSENT
