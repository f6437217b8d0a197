"""Where two texts name other numbers or advise the contrary: a hint for people, no verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .advice import Advice, advice_of, opposites
from .measures import Named, family, interval

_VALUE = re.compile(
    r"(?P<sign>[≥≤<>＜＞]=?|至少|不低于|不超过|低于|高于|大于|小于"
    r"|at least|below|above|under|over|up to)?\s*"
    r"(?P<number>\d+(?:\.\d+)?(?:\s*(?:/|[-–~～至])\s*\d+(?:\.\d+)?)?)\s*"
    r"(?P<unit>mmHg|mmol/L|[μµu]mol/L|mg/dL|mg/kg|mg/d|mg|[μµ]g|g/L|g/d|g"
    r"|mL/min(?:/1\.73\s?m[²2])?|mL|"
    r"IU/L|IU|U/L|℃|°C|%|岁|years?|天|日|days?|周|weeks?|月|months?|小时|hours?|h\b|分|次)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]{2,}|[\u3400-\u9fff]{2,}")
_LOOSE = {
    "the",
    "and",
    "for",
    "with",
    "when",
    "than",
    "from",
    "should",
    "推荐",
    "建议",
    "患者",
    "应当",
}
NEAR = 0.005
"""Share by which a number may miss another in other units, from rounding."""

BEFORE = 24
"""Characters before a number among which its name is looked for."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The same term and unit with different numbers; places are those of the two texts."""

    term: str
    first: Named
    second: Named


def numbers_of(text: str) -> list[Named]:
    """Every number that has a unit and a word before it in the same clause."""
    found: list[Named] = []
    for match in _VALUE.finditer(text):
        before = text[max(0, match.start() - BEFORE) : match.start()]
        clause = re.split(r"[。；;，,.\t\n（(]", before)[-1]
        words = [one for one in _WORD.findall(clause) if one.lower() not in _LOOSE]
        if words:
            number = re.sub(
                r"\s|[~～至–]", lambda one: "-" if one[0].strip() else "", match["number"]
            )
            value = f"{match['sign'] or ''}{number}"
            found.append(Named(words[-1].lower()[-8:], value, _unit(match["unit"]), *match.span()))
    return found


def _unit(text: str) -> str:
    """The micro sign is a Greek letter in some documents and a sign of its own in others."""
    return text.lower().replace("µ", "μ")


def differences(first: str, second: str) -> list[Difference]:
    """What the two name or recommend differently.

    Numbers of the same word are compared in one unit; a word with several numbers in one text
    says nothing, nor does a number within the other's range, nor bounds of opposite directions.
    """
    left, right = _single(numbers_of(first)), _single(numbers_of(second))
    numbers = [
        Difference(key[0], left[key], right[key])
        for key in sorted(left.keys() & right.keys())
        if disagree(left[key], right[key])
    ]
    turned = [
        Difference(one.about, _said(one), _said(other))
        for one, other in opposites(advice_of(first), advice_of(second))
    ]
    return numbers + turned


def disagree(one: Named, other: Named) -> bool:
    """Whether two numbers of the same thing cannot both hold."""
    mine, theirs = interval(one), interval(other)
    if mine is None or theirs is None:
        return one.value != other.value
    if mine.way != theirs.way:
        return False
    if mine.way:
        bounds = (mine.low, theirs.low) if mine.way > 0 else (mine.high, theirs.high)
        return not _same(*bounds)
    return mine.high < theirs.low * (1 - NEAR) or theirs.high < mine.low * (1 - NEAR)


def pairs(groups: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """Every two members of the same group, once, in order."""
    found: set[tuple[str, str]] = set()
    for group in groups:
        members = sorted(set(group))
        found.update((a, b) for n, a in enumerate(members) for b in members[n + 1 :])
    return sorted(found)


def _said(one: Advice) -> Named:
    return Named(one.about, one.words, "", one.start, one.end)


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= NEAR * max(abs(one), abs(other))


def _single(named: Sequence[Named]) -> dict[tuple[str, str], Named]:
    """By word and kind of unit, what has one value in its text; the same value in other units
    is one value.
    """
    values: dict[tuple[str, str], list[Named]] = {}
    for one in named:
        values.setdefault((one.term, family(one.unit)), []).append(one)
    return {
        key: some[0]
        for key, some in values.items()
        if not any(_value(some[0]) != _value(other) for other in some[1:])
    }


def _value(one: Named) -> object:
    return interval(one) or one.value
