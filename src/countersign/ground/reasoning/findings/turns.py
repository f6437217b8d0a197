"""Divides a text into who says what, and that into sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_TURN = re.compile(
    r"^[ \t]*(?:\[\s*)?(?P<who>医生|医师|大夫|护士|主任|医|患者|病人|家属|家长|患|doctor"
    r"|physician|clinician|nurse"
    r"|provider|dr\.?|patient|pt|parent|family|guest_family|guest_clinician|caregiver)(?: ?\d"
    r"| [a-z]+)?"
    r"\s*(?:\]\s*:?|:)[ \t]*",
    re.IGNORECASE | re.MULTILINE,
)
_STAFF = re.compile(
    r"医生|医师|大夫|护士|主任|医|doctor|physician|clinician|nurse|provider|dr\.?"
    r"|guest_clinician",
    re.I,
)
_END = re.compile(
    r"[。!?;\n]+"
    r"|(?<!\d)(?<!\b[Dd]r)(?<!\b[Mm]r)(?<!\b[Mm]s)(?<!\bMrs)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)"
    r"\.(?=\s|$)|(?<=\d)\.(?=\s|$)|(?<=[\u4e00-\u9fff])\.(?!\d)"
)
_LONGEST = 300
"""Signs of a sentence that are read together; a longer one is cut at a comma."""


class Voice(StrEnum):
    """Who speaks in a conversation; NOTE where nobody does."""

    NOTE = "note"
    STAFF = "staff"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class Turn:
    """``start`` to ``end`` is what was said, without the name of who said it."""

    voice: Voice
    start: int
    end: int


def turns_of(text: str) -> list[Turn]:
    """The turns of a conversation, or the whole text as a note; the text as ``even`` gives it."""
    heads = list(_TURN.finditer(text))
    if len(heads) < 2:
        return [Turn(Voice.NOTE, 0, len(text))]
    turns = [Turn(Voice.NOTE, 0, heads[0].start())] if heads[0].start() else []
    ends = [*(head.start() for head in heads[1:]), len(text)]
    for head, end in zip(heads, ends, strict=True):
        staff = _STAFF.fullmatch(head["who"])
        turns.append(Turn(Voice.STAFF if staff else Voice.PATIENT, head.end(), end))
    return turns


def sentences_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Places of the sentences, each with the sign that ends it, long ones cut.

    The text is as ``even`` gives it.
    """
    at = start
    for found in _END.finditer(text, start, end):
        yield from _cut(text, at, found.end())
        at = found.end()
    yield from _cut(text, at, end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _LONGEST:
        comma = max(text.rfind(sign, start, start + _LONGEST) for sign in ",、 ")
        middle = comma + 1 if comma > start else start + _LONGEST
        yield start, middle
        start = middle
    if start < end:
        yield start, end
