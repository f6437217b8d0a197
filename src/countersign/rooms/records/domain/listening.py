"""Turns an English conversation into facts, given the findings that others read in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .durations import durations
from .fact import DIALOGUE, Fact, Kind, Link, Status
from .retelling import retold, sentences
from .stating import stated, tidied, written
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
    """Symptoms in the order in which they were named, the first two present ones as the chief.

    What brings the patient here goes first, then what the patient names, then what the doctor does.
    """
    turns = turns_of(text)
    facts: list[Fact] = []
    by_name: dict[str, list[tuple[int, Named]]] = {}
    for one in named:
        by_name.setdefault(one.english, []).append(_placed(one, turns))
    chief = 0
    for name, placed in sorted(by_name.items(), key=lambda pair: min(rank for rank, _ in pair[1])):
        ones = [one for _, one in placed]
        kind = min(placed, key=lambda pair: pair[0])[1].kind
        statuses = [one.status for one in ones]
        status = next(s for s in (Status.PRESENT, Status.ABSENT, Status.UNSURE) if s in statuses)
        links = tuple(one.link for one in ones if one.status is status)[:4]
        section = ""
        if kind is Kind.SYMPTOM:
            found = min(rank for rank, _ in placed) == _FOUND
            section = "none" if found or status is Status.UNSURE else "present"
            if status is Status.PRESENT and not found and chief < 2:
                section, chief = "chief", chief + 1
        facts.append(Fact(kind, ones[0].chinese, links, status, name, section, name.lower()))
    for one in durations(turns)[:1]:
        facts.append(Fact(Kind.ONSET, one.words, (Link(DIALOGUE, one.start, one.end),)))
    facts += _taken(turns)
    facts += _told(turns)
    facts += _stated(turns)
    facts += _thought(turns)
    return tuple(facts)


def _placed(one: Named, turns: Sequence[Turn]) -> tuple[int, Named]:
    """Its rank, and what it is by the words before it in the doctor's sentence."""
    turn = next((t for t in turns if t.start <= one.link.start < t.end), None)
    if turn is None or not turn.staff:
        return _TOLD, one
    before = turn.text[: one.link.start - turn.start]
    before = re.split(r"[.?!]", before)[-1]
    cues = [(match.end(), rank) for cue, rank in _LEADS for match in cue.finditer(before)]
    rank = max(cues)[1] if cues else _NAMED
    if rank == _VISIT:
        return rank, replace(one, kind=Kind.SYMPTOM)
    return (rank, replace(one, kind=Kind.HISTORY)) if rank == _BEFORE else (rank, one)


_VISIT, _TOLD, _NAMED, _BEFORE, _FOUND = range(5)
_LEADS = (
    (
        re.compile(r"\b(?:presents?|here|comes? in|came in|seen)\b[^.,]{0,20}\b(?:with|for)\b"),
        _VISIT,
    ),
    (re.compile(r"\bhistory\b[^.,]{0,20}\b(?:of|for)\b"), _BEFORE),
    (re.compile(r"\b(?:exam|examination|appreciate|palpation|listening|auscultation)\b"), _FOUND),
)


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
            text = retold(tidied(said))
            if text:
                text = written(text)
                begin = turn.start + place + turn.text[place:].index(said[0])
                link = (Link(DIALOGUE, begin, begin + len(said)),)
                found.append(Fact(Kind.COURSE, text, link, english=text))
    return found[:MOST_TOLD]


def _thought(turns: Sequence[Turn]) -> list[Fact]:
    """What the doctor thinks that it is, in her words, where they end in the name of an illness."""
    found: dict[str, Fact] = {}
    for turn in turns:
        for match in _THINKS.finditer(turn.text) if turn.staff else ():
            link = (
                Link(DIALOGUE, turn.start + match.start("what"), turn.start + match.end("what")),
            )
            what = written(match["what"].strip().lower())
            found.setdefault(what, Fact(Kind.DIAGNOSIS, what, link, english=what))
    return list(found.values())[:MOST_DIAGNOSES]


MOST_DIAGNOSES = 4
_THINKS = re.compile(
    r"\b(?:i think|it looks like|consistent with|diagnosis (?:is|of)|diagnosed (?:you )?with)"
    r"(?: that)?(?: (?:you|she|he)(?: do)? ha(?:ve|s)| this is| it's| it is| that's)?"
    r"(?: probably| likely| just| had| got)* (?:an? |the )?"
    r"(?P<what>(?:(?!you\b|i\b|it\b|to\b|that\b|and\b|because\b|not\b|no\b)[\w'-]+ ){0,5}?"
    r"(?:[a-z]*itis|[a-z]+osis|sprain|strain|fracture|tear|infection|disease|syndrome|pneumonia|hernia|"
    r"cancer|ulcers?|anemia|migraines?|asthma|hypertension|diabetes|failure|neuropathy|reflux|"
    r"stones?|contusion|flu|covid|depression|anxiety|deficiency|impingement|cyst|gout))\b",
    re.IGNORECASE,
)


def _stated(turns: Sequence[Turn]) -> list[Fact]:
    """What the doctor states of the visit, the examination, results and the plan, in her words."""
    found: dict[Kind, list[Fact]] = {kind: [] for _, kind, _ in _STATED}
    for turn in turns:
        for said, place in sentences(turn.text) if turn.staff else ():
            kind = next((kind for cue, kind, _ in _STATED if cue.search(said)), None)
            if kind is None or said.endswith("?") or not 12 < len(said) <= LONGEST:
                continue
            start = turn.start + place + turn.text[place:].index(said[0])
            words = stated(said)
            if not words:
                continue
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
