"""Where two quoted documents name different numbers for the same thing: a hint, no verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .selecting import Chosen

_NUMBER = re.compile(
    r"(?P<number>\d+(?:\.\d+)?(?:\s*[-–~～至/]\s*\d+(?:\.\d+)?)?)\s*"
    r"(?P<unit>mmHg|mmol/L|[μµ]mol/L|mg/dL|mg/kg|mg/d|mg|[μµ]g/L|ng/mL|g/L|g/d|g|mL/min|mL|mm|cm"
    r"|IU/L|U/L|℃|°C|%|岁|years?|天|日|days?|周|weeks?|月|months?|小时|hours?|h\b|年)",
    re.IGNORECASE,
)
_TERM = re.compile(r"[A-Za-z][A-Za-z0-9-]{2,}|[\u3400-\u9fff]{2,}")
_REFERENCE = re.compile(r"\[[^\]]*\]")
BEFORE = 20
"""Characters before a number among which its name is looked for."""
_LOOSE = frozenset(
    [
        "the",
        "and",
        "for",
        "with",
        "when",
        "than",
        "from",
        "should",
        "within",
        "about",
        "least",
        "most",
        "after",
        "before",
        "over",
        "under",
        "above",
        "below",
        "推荐",
        "建议",
        "患者",
        "应当",
        "大于",
        "小于",
        "低于",
        "高于",
        "至少",
        "不超过",
        "以上",
        "以下",
        "一般",
    ]
)


@dataclass(frozen=True, slots=True)
class Differing:
    """``term`` stands with ``unit`` in both sentences, before another number in each."""

    term: str
    unit: str
    first: tuple[Chosen, str]
    second: tuple[Chosen, str]


def differing(chosen: Sequence[Chosen]) -> list[Differing]:
    """Pairs of sentences of different documents in the same language, each term once.

    A term that a sentence gives several numbers says nothing and is left out.
    """
    numbers = [(one, _numbers(one.point.words)) for one in chosen]
    found: list[Differing] = []
    for place, (one, mine) in enumerate(numbers):
        for other, theirs in numbers[place + 1 :]:
            if one.point.source.document == other.point.source.document:
                continue
            if one.point.source.language != other.point.source.language:
                continue
            for key in sorted(mine.keys() & theirs.keys()):
                if mine[key] != theirs[key]:
                    found.append(Differing(*key, (one, mine[key]), (other, theirs[key])))
    return found


def _numbers(text: str) -> dict[tuple[str, str], str]:
    """From the word before a number and its unit to the number, where it is the only one."""
    said = _REFERENCE.sub(" ", text)
    found: dict[tuple[str, str], set[str]] = {}
    for match in _NUMBER.finditer(said):
        before = re.split(r"[。；;，,：:]", said[max(0, match.start() - BEFORE) : match.start()])[
            -1
        ]
        terms = [one.lower() for one in _TERM.findall(before) if one.lower() not in _LOOSE]
        if terms:
            key = (terms[-1], match["unit"].lower())
            found.setdefault(key, set()).add(re.sub(r"\s", "", match["number"]))
    return {key: numbers.pop() for key, numbers in found.items() if len(numbers) == 1}
