"""Where two texts name different numbers for the same thing: a hint for people, no verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_VALUE = re.compile(
    r"(?P<sign>[≥≤<>＜＞]=?|至少|不低于|不超过|低于|高于|大于|小于"
    r"|at least|below|above|under|over|up to)?\s*"
    r"(?P<number>\d+(?:\.\d+)?(?:\s*(?:/|[-–~～至])\s*\d+(?:\.\d+)?)?)\s*"
    r"(?P<unit>mmHg|mmol/L|μmol/L|umol/L|mg/dL|mg/kg|mg/d|mg|μg|g/L|g/d|g"
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
BEFORE = 24
"""Characters before a number among which its name is looked for."""


@dataclass(frozen=True, slots=True)
class Named:
    """A number with the words before it: ``term`` in small letters."""

    term: str
    value: str
    unit: str
    start: int
    end: int


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
            found.append(Named(words[-1].lower()[-8:], value, match["unit"].lower(), *match.span()))
    return found


def differences(first: str, second: str) -> list[Difference]:
    """What the two name differently; a term with several numbers in one text says nothing."""
    left, right = _single(numbers_of(first)), _single(numbers_of(second))
    return [
        Difference(key[0], left[key], right[key])
        for key in sorted(left.keys() & right.keys())
        if left[key].value != right[key].value
    ]


def pairs(groups: Iterable[Sequence[str]]) -> list[tuple[str, str]]:
    """Every two members of the same group, once, in order."""
    found: set[tuple[str, str]] = set()
    for group in groups:
        members = sorted(set(group))
        found.update((a, b) for n, a in enumerate(members) for b in members[n + 1 :])
    return sorted(found)


def _single(named: Sequence[Named]) -> dict[tuple[str, str], Named]:
    values: dict[tuple[str, str], set[str]] = {}
    first: dict[tuple[str, str], Named] = {}
    for one in named:
        key = (one.term, one.unit)
        values.setdefault(key, set()).add(one.value)
        first.setdefault(key, one)
    return {key: one for key, one in first.items() if len(values[key]) == 1}
