"""Turns an English conversation into facts, given the findings that others read in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .durations import durations
from .fact import DIALOGUE, Fact, Kind, Link, Status
from .turns import Turn, turns_of

_TAKES = re.compile(
    r"\b(?:taking|take|took|on|tried|use|using)\s+(?:some |the |my |a |an )?"
    r"(?P<drug>[a-z]{4,}(?:pril|sartan|statin|olol|pine|azole|cillin|mycin|formin|profen|fen|nol"
    r"|in|ide|one|ate|am|xone))\b",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"\b(?:i'm going to|i am going to|we'll|we will|i'll|let's|i want you to|i would like you to|"
    r"i'd like you to|i recommend|you should|follow up|refer you|prescribe|order)\b",
    re.IGNORECASE,
)
MOST_PLANNED, LONGEST = 8, 240


@dataclass(frozen=True, slots=True)
class Named:
    """A finding as plain data: what it is called, whose and whether it is there."""

    chinese: str
    english: str
    kind: Kind
    status: Status
    link: Link


def listen(text: str, named: Sequence[Named]) -> tuple[Fact, ...]:
    """Symptoms in the order in which they were named, the first two present ones as the chief."""
    turns = turns_of(text)
    facts: list[Fact] = []
    by_name: dict[str, list[Named]] = {}
    for one in named:
        by_name.setdefault(one.english, []).append(one)
    chief = 0
    for name, ones in by_name.items():
        kind = ones[0].kind
        statuses = [one.status for one in ones]
        status = next(s for s in (Status.PRESENT, Status.ABSENT, Status.UNSURE) if s in statuses)
        links = tuple(one.link for one in ones if one.status is status)[:4]
        section = ""
        if kind is Kind.SYMPTOM:
            section = "present" if status is not Status.UNSURE else "none"
            if status is Status.PRESENT and chief < 2:
                section, chief = "chief", chief + 1
        facts.append(Fact(kind, ones[0].chinese, links, status, name, section, name.lower()))
    for one in durations(turns)[:1]:
        facts.append(Fact(Kind.ONSET, one.words, (Link(DIALOGUE, one.start, one.end),)))
    facts += _taken(turns)
    facts += _planned(turns)
    return tuple(facts)


def _taken(turns: Sequence[Turn]) -> list[Fact]:
    found: dict[str, Fact] = {}
    for turn in turns:
        for match in () if turn.staff else _TAKES.finditer(turn.text):
            name = match["drug"].lower()
            start = turn.start + match.start("drug")
            link = (Link(DIALOGUE, start, start + len(name)),)
            found.setdefault(name, Fact(Kind.MEDICINE, name, link, name=name, english=name))
    return list(found.values())


def _planned(turns: Sequence[Turn]) -> list[Fact]:
    """What the doctor says will be done, in her own words."""
    found: list[Fact] = []
    for turn in turns:
        if not turn.staff:
            continue
        for match in re.finditer(r"[^.?!]+[.?!]?", turn.text):
            said = match[0].strip()
            if _PLAN.search(said) and not said.endswith("?") and 12 < len(said) <= LONGEST:
                start = turn.start + match.start() + match[0].index(said[0])
                link = (Link(DIALOGUE, start, start + len(said)),)
                found.append(Fact(Kind.ADVICE, said, link, english=said.rstrip(" .!")))
    return found[:MOST_PLANNED]
