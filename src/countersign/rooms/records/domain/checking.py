"""Checks a language model's sentence against the facts that it was given: no more, no other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from countersign.kit.drugs import substances_in

from .contradictions import sides
from .fact import Fact, Status
from .said import Lexicon, outermost

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_CHINESE = {"一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7",
            "八": "8", "九": "9", "十": "10"}  # fmt: skip
_COUNTED = re.compile(r"([一二两三四五六七八九十])(?=(?:个)?[天日周月年次片粒])")
_NEGATED = re.compile(
    r"无|否认|没有|未|不伴|\b(?:no|not|denies|denied|without|nor)\b", re.IGNORECASE
)
_BEFORE = re.compile(
    r"(?:无|否认|没有|未见|未|不伴)[^，。；;]{0,24}$|\b(?:no|denies|without)\b[^.;]{0,60}$", re.I
)
_UNITS = re.compile(
    r"\d+(?:\.\d+)?\s*(mg|g|ml|mmol/L|℃|°C|mmHg|次|天|周|月|年|days?|weeks?|%)", re.I
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """``fault`` is empty where the sentence says what the facts say: else number, denial, side,
    drug, symptom, or empty-handed.
    """

    fault: str = ""

    @property
    def holds(self) -> bool:
        """Whether the sentence may stand."""
        return not self.fault


def judged(sentence: str, facts: Sequence[Fact], lexicon: Lexicon) -> Judgement:
    """The sentence may name only numbers, sides, drugs and symptoms of its facts, each with the
    status that its fact has, and must not deny or affirm what the facts do not.
    """
    if not sentence.strip() or not facts:
        return Judgement("empty-handed")
    given = " ".join(f"{fact.value} {fact.name} {fact.english}" for fact in facts)
    if not _numbers(sentence) <= _numbers(given):
        return Judgement("number")
    if not _measures(sentence) <= _measures(given):
        return Judgement("number")
    if not _same_sides(sentence, given):
        return Judgement("side")
    if not set(substances_in(sentence)) <= set(substances_in(given)):
        return Judgement("drug")
    denied = any(fact.status is Status.ABSENT for fact in facts)
    if bool(_NEGATED.search(sentence)) != denied and not _NEGATED.search(given):
        return Judgement("denial")
    return Judgement(_symptoms(sentence, facts, lexicon))


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text)) | {_CHINESE[one] for one in _COUNTED.findall(text)}


def _measures(text: str) -> set[str]:
    return {"".join(one[0].lower().split()) for one in _UNITS.finditer(text)}


def _same_sides(sentence: str, given: str) -> bool:
    wanted = {side for found in sides(sentence).values() for side in found}
    known = {side for found in sides(given).values() for side in found}
    return wanted <= known


def _symptoms(sentence: str, facts: Sequence[Fact], lexicon: Lexicon) -> str:
    """Every symptom of the sentence is one of a fact, and denied where the fact denies it."""
    statuses = {fact.name: fact.status for fact in facts if fact.name}
    known = {one.name for fact in facts for one in lexicon.mentions(f"{fact.value} {fact.name}")}
    for one in outermost(lexicon.mentions(sentence)):
        if one.name not in known:
            return "symptom"
        denied = bool(_BEFORE.search(sentence[: one.start]))
        status = statuses.get(one.name)
        if status is not None and denied != (status is Status.ABSENT):
            return "denial"
    return ""
