"""Reads of each finding in a sentence whether it is there, whose it is and whether it is over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from countersign.ground.reasoning.finding import Holder, Status

from . import cues_en, cues_zh
from .cues import HOLE, REST, Kind, Pattern, Rules

_COMMA = re.compile(r"[，,]")
_CLAUSE_BOUND = {Kind.DENY, Kind.DOUBT}
_ENDS = {Kind.FAMILY: Kind.OWN, Kind.PAST: Kind.NOW}


@dataclass(frozen=True, slots=True)
class Span:
    """A finding's place in its sentence, and whether its own words deny it."""

    start: int
    end: int
    denied: bool = False


@dataclass(slots=True)
class Reading:
    """What the sentence says of one finding; ``real`` is False for what is said of nobody."""

    status: Status = Status.PRESENT
    holder: Holder = Holder.PATIENT
    past: bool = False
    real: bool = True


@dataclass(frozen=True, slots=True)
class _Cue:
    pattern: Pattern
    start: int
    end: int


def rules_of(chinese: bool) -> Rules:
    """The cues of the language."""
    return cues_zh.RULES if chinese else cues_en.RULES


def readings(sentence: str, spans: Sequence[Span], chinese: bool) -> list[Reading]:
    """One reading for each span of the sentence, in the same order."""
    rules = rules_of(chinese)
    shown = holed(sentence, spans, rules)
    found = [Reading(Status.ABSENT if span.denied else Status.PRESENT) for span in spans]
    cues = [
        _Cue(pattern, match.start(), match.end())
        for pattern in rules.patterns
        for match in pattern.of.finditer(shown)
    ]
    taken = [cue for cue in cues if cue.pattern.kind in _CLAUSE_BOUND and not cue.pattern.back]
    stops = [cue for cue in cues if cue.pattern.kind is Kind.STOP and not _inside(cue, taken)]
    ends = [cue for cue in cues if cue.pattern.kind in _ENDS.values()]
    for cue in sorted(cues, key=lambda one: _ORDER[one.pattern.kind]):
        low, high = _reach(cue, shown, rules, stops, ends)
        first = True
        for span, reading in zip(spans, found, strict=True):
            if not low <= span.start < high:
                continue
            if first and not cue.pattern.back and span.start - cue.end > cue.pattern.near:
                break
            first = False
            _apply(cue.pattern.kind, reading)
    return found


_ORDER = {
    Kind.DENY: 0,
    Kind.DOUBT: 1,
    Kind.FAMILY: 2,
    Kind.PAST: 3,
    Kind.UNREAL: 4,
    Kind.STOP: 5,
    Kind.OWN: 6,
    Kind.NOW: 7,
}


def holed(sentence: str, spans: Sequence[Span], rules: Rules) -> str:
    """The sentence, as long as it was, with findings made holes and false cues blank."""
    signs = list(sentence.replace(HOLE, " ").replace(REST, " "))
    for span in spans:
        signs[span.start : span.end] = HOLE + REST * (span.end - span.start - 1)
    shown = "".join(signs)
    return rules.mask.sub(lambda match: " " * len(match.group()), shown)


def _reach(
    cue: _Cue, shown: str, rules: Rules, stops: Sequence[_Cue], ends: Sequence[_Cue]
) -> tuple[int, int]:
    kind = cue.pattern.kind
    if cue.pattern.back:
        return cue.start, cue.end
    end = len(shown)
    if kind in _CLAUSE_BOUND:
        end = min([end, *(stop.start for stop in stops if stop.start >= cue.end)])
        for comma in _COMMA.finditer(shown, cue.end, end):
            if cue.pattern.clause or rules.goes_on.match(shown, comma.end()) is None:
                return cue.end, comma.start()
    elif kind in _ENDS:
        later = (one for one in ends if one.pattern.kind is _ENDS[kind])
        end = min([end, *(one.start for one in later if one.start >= cue.end)])
    return cue.end, end


def _apply(kind: Kind, reading: Reading) -> None:
    match kind:
        case Kind.DENY:
            reading.status = Status.ABSENT
        case Kind.DOUBT:
            reading.status = Status.UNCERTAIN
        case Kind.FAMILY:
            reading.holder = Holder.FAMILY
        case Kind.PAST:
            reading.past = reading.status is not Status.ABSENT
        case Kind.UNREAL:
            reading.real = False
        case Kind.STOP | Kind.OWN | Kind.NOW:
            pass


def _inside(cue: _Cue, others: Sequence[_Cue]) -> bool:
    return any(one.start <= cue.start < one.end for one in others)
