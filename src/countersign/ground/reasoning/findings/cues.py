"""A word that changes what a finding near it means, and how far it reaches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

HOLE, REST = "\ue000", "\ue001"
"""Stand in a sentence for the first sign of a finding and for its others.

No cue is read inside a finding, and a run of findings is matched in one way only.
"""

ITEM = f"{HOLE}{REST}*"


class Kind(StrEnum):
    """What a cue does to a finding in its reach."""

    DENY = "deny"
    DOUBT = "doubt"
    FAMILY = "family"
    PAST = "past"
    UNREAL = "unreal"
    """Spoken of, but of nobody: if it comes, to prevent it, side effects."""
    STOP = "stop"
    """Ends what a cue before it denies or doubts."""
    OWN = "own"
    """The patient again: ends what is said of a relative."""
    NOW = "now"
    """The present again: ends what is over."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """``back`` cues change what stands before them; their pattern begins with that finding.

    ``near`` is how many signs may lie between a cue and the first finding that it changes;
    ``clause`` cues never reach over a comma.
    """

    kind: Kind
    of: re.Pattern[str]
    back: bool = False
    near: int = 200
    clause: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """The cues of one language.

    ``mask`` are words that only look like cues; ``chain`` is what may stand between the items of
    a list; ``goes_on`` tells whether a denial goes on after a comma.
    In conversations, staff ask where ``asks`` is found and ``yes`` and ``no`` open an answer; what
    they state where ``opines`` is found is a view or a lesson, not what was seen.
    """

    mask: re.Pattern[str]
    patterns: tuple[Pattern, ...]
    chain: str
    goes_on: re.Pattern[str]
    asks: re.Pattern[str]
    yes: re.Pattern[str]
    no: re.Pattern[str]
    opines: re.Pattern[str]


def pattern(words: str) -> re.Pattern[str]:
    """In the words, ``▪`` is where a finding begins and ``◆`` a whole one."""
    return re.compile(words.replace("▪", HOLE).replace("◆", ITEM), re.IGNORECASE)


def forward(
    kind: Kind, words: str, *, near: int = 200, then: str = "", clause: bool = False
) -> Pattern:
    """A cue before the finding; ``then`` are further words that belong to it."""
    return Pattern(kind, pattern(f"(?:{words}){then}"), near=near, clause=clause)


def backward(kind: Kind, words: str, chain: str) -> Pattern:
    """A cue behind the last of a list of findings; it changes the whole list.

    The list is matched without going back, or a long one would take for ever.
    """
    return Pattern(kind, pattern(f"(?:(?>◆{chain})(?=▪))*+◆{words}"), back=True)
