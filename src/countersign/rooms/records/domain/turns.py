"""Cuts a conversation into turns, so that a question and its answer can be told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPEAKER = re.compile(
    r"^\s*[\[【(]?(?P<who>医生|医师|大夫|护士|doctor|dr|physician|nurse|clinician|guest_clinician"
    r"|患者|病人|家属|家长|母亲|父亲|patient|family|guest_family|pt|mother|father)[^\S\n]*[\])】]?"
    r"[^\S\n]*[:：]?[^\S\n]*",
    re.IGNORECASE,
)
_STAFF = frozenset(
    ("医生", "医师", "大夫", "护士", "doctor", "dr",
     "physician", "nurse", "clinician", "guest_clinician")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said: ``start`` and ``end`` are those of its words in the whole text."""

    staff: bool
    text: str
    start: int
    end: int


def unmarked(text: str) -> int:
    """How many lines say something and bear no speaker."""
    lines = [line for line in text.split("\n") if line.strip()]
    return sum(_SPEAKER.match(line) is None for line in lines)


def turns_of(text: str) -> tuple[Turn, ...]:
    """One for each line that says anything; a line without a speaker goes on with the last one."""
    found: list[Turn] = []
    place, staff = 0, False
    for line in text.split("\n"):
        said = _SPEAKER.match(line)
        begin = said.end() if said else 0
        if said:
            staff = said["who"].lower() in _STAFF
        words = line[begin:]
        bare = words.strip()
        if bare:
            start = place + begin + words.index(bare[0])
            found.append(Turn(staff, bare, start, start + len(bare)))
        place += len(line) + 1
    return tuple(found)
