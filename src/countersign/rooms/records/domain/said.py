"""Finds what people say for symptoms and illnesses in Chinese talk, longest phrase first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

GAP = "[^，。？！,?!；;\n]{0,3}"
"""What may stand between the parts of a phrase."""

FEVER = "发热"
_TEMPERATURE = re.compile(
    r"(?<![\d.])(3[6-9]|4[0-2])(?:[.。点](\d))?(?!\d|天|次|岁|个|周|小时|分|块|元|毫|斤|克|ml|月|床)"
)
_SPOKEN = re.compile(
    "(?<![一二三四五六七八九百])(?P<whole>三十[六七八九]|四十[一二]?)(?:度点|度|点)"
    "(?P<tenths>[一二三四五六七八九半]?)(?!十|[天次岁个周])"
)
_DIGITS = {sign: number for number, sign in enumerate("零一二三四五六七八九")} | {"半": 5}
DEGREES = ((39.0, "高热"), (38.0, "中等度热"), (37.3, "低热"))
"""Axillary temperature in °C from which each name applies."""


@dataclass(frozen=True, slots=True)
class Mention:
    """``name`` is the term, ``phrase`` what matched at ``start`` to ``end``."""

    name: str
    phrase: str
    start: int
    end: int


class Lexicon:
    """``rows`` are a term and the phrases that people use for it; ``~`` leaves room for words.
    With ``degrees`` a temperature is the name of its fever.
    """

    def __init__(self, rows: Iterable[tuple[str, Sequence[str]]], *, degrees: bool = False) -> None:
        self._degrees = degrees
        phrases: dict[str, list[str]] = {}
        for name, said in rows:
            for phrase in dict.fromkeys((*said, name)):
                phrases.setdefault(phrase, []).append(name)
        self.names = frozenset(name for names in phrases.values() for name in names)
        self._rows = [
            (re.compile(GAP.join(map(re.escape, phrase.split("~")))), phrase, tuple(names))
            for phrase, names in phrases.items()
        ]

    @classmethod
    def parsed(cls, text: str) -> Lexicon:
        """Lines of ``term<TAB>phrase|phrase``."""
        rows = (line.split("\t") for line in text.splitlines() if "\t" in line)
        return cls(((name, said.split("|")) for name, said in rows), degrees=True)

    def mentions(self, text: str) -> list[Mention]:
        """Every match, in the order of places; one inside another is given as well."""
        found = [
            Mention(name, phrase, match.start(), match.end())
            for pattern, phrase, names in self._rows
            for match in pattern.finditer(text)
            for name in names
        ]
        for start, end, degrees in temperatures(text) if self._degrees else ():
            name = next((name for least, name in DEGREES if degrees >= least), "")
            found.append(Mention(name or "低热", f"°{name}", start, end))
            if name:
                found.append(Mention(FEVER, "°", start, end))
        return sorted(found, key=lambda one: (one.start, one.end, one.name))


def temperatures(text: str) -> list[tuple[int, int, float]]:
    """Start, end and °C of what a thermometer showed, in figures or in words (三十八度五)."""
    found = [
        (match.start(), match.end(), float(f"{match[1]}.{match[2] or 0}"))
        for match in _TEMPERATURE.finditer(text)
    ]
    for match in _SPOKEN.finditer(text):
        whole = match["whole"]
        tens = 30 if whole[0] == "三" else 40
        degrees = tens + _DIGITS.get(whole[2:], 0) + _DIGITS.get(match["tenths"], 0) / 10
        found.append((match.start(), match.end(), degrees))
    return found


def outermost(mentions: Sequence[Mention]) -> list[Mention]:
    """Those that lie inside no longer one of another name."""
    return [
        one
        for one in mentions
        if not any(
            other.start <= one.start
            and one.end <= other.end
            and other.end - other.start > one.end - one.start
            and other.name != one.name
            for other in mentions
        )
    ]
