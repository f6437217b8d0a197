"""What may stand on a slide's label: numbers to look up in the chart, and the stain."""

from __future__ import annotations

import re

STAINS: dict[str, str] = {
    "ki67": r"ki[\s_-]?67|mib[\s_-]?1",
    "her2": r"her[\s_-]?2|c[\s_-]?erbb[\s_-]?2",
    "pdl1": r"pd[\s_-]?l1",
    "er": r"er",
    "pr": r"pr",
    "he": r"h\s?&\s?e|h\s?\+\s?e|he|h\.e\.?|h[\s_-]e|hematoxylin|haematoxylin|苏木精.{0,6}|he染色",
    "other-stain": r"other[\s_-]stain|其他染色",
}
"""Codes of stains and what people write for them; a stain without an analysis is kept as well."""

_NAMES = {
    code: re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])", re.IGNORECASE)
    for code, words in STAINS.items()
}
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z/.-]{3,39}")
_LETTER_O = re.compile(r"(?<=[0-9/.-])[OoQ](?=[0-9OoQIl|])|(?<=[0-9])[OoQ](?![A-Za-z])")
_LETTER_S = re.compile(r"[$§](?=[0-9])")
_LETTER_I = re.compile(r"(?<=[0-9/.-])[Il|](?=[0-9OoQIl|])|(?<=[0-9])[Il|](?![A-Za-z])")
MOST = 24


def stain_of(*texts: str) -> str | None:
    """The code of the only stain that the texts name; None for none or for several."""
    found = {code for text in texts for code, pattern in _NAMES.items() if pattern.search(text)}
    return found.pop() if len(found) == 1 else None


def numbers_of(text: str) -> list[str]:
    """Words that may be the number of a case, a specimen or a patient, the longest first.

    A number has a digit. Where hyphens join more than one word, each beginning of it counts too:
    ``S26-01234-A-1`` is block A, slide 1 of S26-01234.
    """
    found: dict[str, None] = {}
    for word in re.split(r"[\s;,|^_:()\[\]]+", text):
        for piece in _NUMBER.findall(word):
            for candidate in _beginnings(piece.strip("-./")):
                if any(sign.isdigit() for sign in candidate) and len(candidate) >= 4:
                    found[candidate] = None
    return sorted(found, key=len, reverse=True)[:MOST]


def put_right(read: str) -> str:
    """A text that was recognised, with what is often taken for a digit or a letter put right."""
    return _LETTER_O.sub("0", _LETTER_I.sub("1", _LETTER_S.sub("S", read)))


def likely_numbers(read: str) -> list[str]:
    """The numbers of a text that was recognised: as it is, then put right."""
    return list(dict.fromkeys([*numbers_of(read), *numbers_of(put_right(read))]))[:MOST]


def block_of(text: str, number: str) -> str:
    """What stands behind the number of the case: the block, such as ``A1``; empty for none."""
    place = text.find(number)
    if place < 0:
        return ""
    rest = re.match(
        r"[\s;,|^_:/-]+([A-Z]?\d{0,2}[A-Z]?)(?![0-9A-Za-z])", text[place + len(number) :]
    )
    return rest.group(1) if rest else ""


def _beginnings(piece: str) -> list[str]:
    parts = re.split(r"([-/.])", piece)
    return ["".join(parts[:end]) for end in range(len(parts), 0, -2)]
