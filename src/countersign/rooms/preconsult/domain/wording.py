"""Lets a question be said in other words only where these can be nothing but that question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 120
UNSPACED = frozenset({"zh", "ja"})
"""Languages that are written without spaces."""

MARKS = frozenset(" ,，、;；:：'’\"“”()（）¿-\u200c\u00a0\u202f\u3000")
"""What may stand between words. A full stop, a line break or a digit is not among it."""

ENDS = {"en": "?", "zh": "？?", "ja": "？?。", "ar": "؟?", "fa": "؟?"}
_MARKED = r"[^\W_\d][\u064b-\u0652]*"
_WORD = re.compile(rf"(?:{_MARKED})+(?:[-’'\u200c](?:{_MARKED})+)*")
_CLAUSES = re.compile(r"[,，、،;；:：]")


@dataclass(frozen=True, slots=True)
class PlainWords:
    """``asks`` are signs of a question in one language (none where its mark is enough), ``aside``
    words that set something apart, ``words`` what may be added to a question."""

    asks: frozenset[str]
    aside: frozenset[str]
    words: frozenset[str]


def read_plain_words(content: Mapping[str, Any]) -> Mapping[str, PlainWords]:
    """The lists of a parsed file, by language."""
    return {
        code: PlainWords(*(frozenset(map(_plain, one[n])) for n in ("asks", "aside", "words")))
        for code, one in content.items()
        if code != "version"
    }


def says_only(
    wording: str, signed: str, names: Collection[str], language: str, plain: PlainWords
) -> bool:
    """Whether ``wording`` asks what ``signed`` asks and says nothing else.

    It is one sentence and a question; every word stands in the signed question, in ``names`` (of
    findings that the patient told) or in the list of plain words; and every word of the signed
    question that is not plain stands in its last clause, which sets nothing apart. So it cannot
    name an illness, a cause or a treatment that the question does not, and cannot turn into its
    denial: no plain word denies.
    """
    said, asked = _plain(wording).strip(), _plain(signed).strip()
    if not said or len(said) > LONGEST or said[-1] not in ENDS.get(language, "?"):
        return False
    said = said.rstrip("?？؟。 \u00a0\u202f")
    known = [_plain(name) for name in names]
    parts = len(_CLAUSES.split(asked))
    clause = "，".join(_CLAUSES.split(said)[-parts:])
    if language in UNSPACED:
        kept = _pieces(asked, plain)
        here = all(one in clause for one in kept) and not any(one in clause for one in plain.aside)
        asks = any(sign in clause for sign in plain.asks)
        pieces = plain.words | set(kept) | {name for name in known if name}
        return here and asks and _chain("".join(c for c in said if c not in MARKS), pieces)
    words, own, last = _WORD.findall(said), set(_WORD.findall(asked)), set(_WORD.findall(clause))
    allowed = plain.words | own | {word for name in known for word in _WORD.findall(name)}
    return (
        bool(words)
        and {*words} <= allowed
        and {*_WORD.sub("", said)} <= MARKS
        and own - plain.words <= last
        and last & plain.aside <= own
        and (not plain.asks or words[0] in plain.asks or words[-1].endswith((*plain.asks,)))
    )


def _pieces(asked: str, plain: PlainWords) -> list[str]:
    """What is left of a signed question when marks and plain words at its ends are taken off."""
    found: list[str] = []
    words = sorted(plain.words | plain.asks, key=len, reverse=True)
    for part in re.split(r"[^\w]+", asked):
        left, before = part, ""
        while left != before:
            before = left
            for word in words:
                left = left.removeprefix(word).removesuffix(word)
        if left:
            found.append(left)
    return found


def _chain(text: str, pieces: Collection[str]) -> bool:
    reached = [True] + [False] * len(text)
    longest = max(map(len, pieces))
    for end in range(1, len(text) + 1):
        reached[end] = any(
            reached[start] and text[start:end] in pieces
            for start in range(max(0, end - longest), end)
        )
    return reached[-1]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()
