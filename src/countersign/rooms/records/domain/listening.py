"""Turns an English conversation into facts, given the findings that others read in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .durations import durations
from .fact import DIALOGUE, Fact, Kind, Link, Status
from .retelling import retold, sentences
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
MOST_TOLD, LONGEST = 40, 300


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
    facts += _told(turns)
    facts += _stated(turns)
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


def _told(turns: Sequence[Turn]) -> list[Fact]:
    """What the patient says of herself, in the third person, sentence by sentence."""
    found: list[Fact] = []
    for turn in turns:
        for said, place in () if turn.staff else sentences(turn.text):
            text = retold(said)
            if text:
                begin = turn.start + place + turn.text[place:].index(said[0])
                link = (Link(DIALOGUE, begin, begin + len(said)),)
                found.append(Fact(Kind.COURSE, text, link, english=text))
    return found[:MOST_TOLD]


def _stated(turns: Sequence[Turn]) -> list[Fact]:
    """What the doctor states of the visit, the examination, results and the plan, in her words."""
    found: dict[Kind, list[Fact]] = {kind: [] for _, kind, _ in _STATED}
    for turn in turns:
        for said, place in sentences(turn.text) if turn.staff else ():
            kind = next((kind for cue, kind, _ in _STATED if cue.search(said)), None)
            if kind is None or said.endswith("?") or not 12 < len(said) <= LONGEST:
                continue
            start = turn.start + place + turn.text[place:].index(said[0])
            words = re.sub(r"\s+([,.;!'])", r"\1", said).strip(" .!,")
            words = _BEGINS.sub("", words)
            link = (Link(DIALOGUE, start, start + len(said)),)
            found[kind].append(Fact(kind, words, link, english=words))
    return [fact for _, kind, most in _STATED for fact in found[kind][:most]]


_STATED = (
    (re.compile(r"\b(?:year-old|year old)\b", re.I), Kind.COURSE, 3),
    (_PLAN, Kind.ADVICE, 14),
    (
        re.compile(
            r"\b(?:x-ray|xray|mri|ct|ekg|echo(?:cardiogram)?|labs?|blood ?work|hemoglobin|a1c|"
            r"creatinine|glucose|cholesterol|results?)\b.*\b(?:show|look|is|was|were|are|normal|came)",
            re.I,
        ),
        Kind.RESULT,
        8,
    ),
    (
        re.compile(
            r"\b(?:exam|lungs?|heart|murmur|tender|tenderness|palpation|range of motion|swelling|"
            r"edema|blood pressure|vital|reflex|strength|pulses?|abdomen|bruising|clear)\b",
            re.I,
        ),
        Kind.SIGN,
        10,
    ),
)
_BEGINS = re.compile(
    r"^(?:(?:okay|ok|so|um|uh|and|all right|alright|yeah|now|then|well)\b[\s,]*)+", re.I
)
