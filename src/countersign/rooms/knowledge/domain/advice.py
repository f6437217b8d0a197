"""Sentences that advise for or against something, and pairs of them that advise the contrary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_SENTENCE: Final = re.compile(r"[^。；！？;!?\n]+?(?=[。；！？;!?\n]|\.\s|\.$|$)")
_AGAINST: Final = re.compile(
    r"不(?:再)?(?:推荐|建议|主张|应|宜|可|得|需要|需)(?:常规)?(?:使用|应用|给予|采用)?"
    r"|禁用|禁忌(?:使用)?|禁止(?:使用)?|避免(?:使用|应用|给予)?|无需(?:常规)?|勿(?:用)?"
    r"|\b(?:(?:is|are) )?(?:not (?:routinely )?(?:recommended|advised|indicated|used|given|needed)"
    r"|contraindicated)\b|\b(?:should|must) not(?: be (?:used|given))?\b"
    r"|\bdo not (?:use|give)\b|\bavoid(?:ed|ing)?\b",
    re.IGNORECASE,
)
_FOR: Final = re.compile(
    r"(?:强烈)?推荐(?:常规)?(?:使用|应用|给予|采用)?|建议(?:常规)?(?:使用|应用|给予|采用)?|首选|优先(?:选用|使用)?"
    r"|应(?:当|该)?(?:常规)?(?:使用|应用|给予|采用)?|(?:作为)?一线(?:用药|治疗|药物)?|可(?:以)?(?:使用|给予)"
    r"|\b(?:(?:is|are) )?(?:recommended|advised|indicated|preferred)\b"
    r"|\bfirst[- ]line(?: (?:drug|treatment|therapy))?\b"
    r"|\bshould(?: be (?:used|given))?\b|\b(?:drug|treatment) of choice\b|\buse\b|\bgive\b",
    re.IGNORECASE,
)
_LOOSE: Final = frozenset(
    re.findall(
        r"\w+",
        "the and for with when than from should are was were is be in of to a an or on as by not",
    )
)
_MARK: Final = re.compile(r"\[[^\]]{0,40}\]|[（(][^）)]{0,40}[）)]")
_RUN: Final = re.compile(r"[\u3400-\u9fff]+|[a-z][a-z0-9-]+|\d+(?:\.\d+)?")

ALIKE: Final = 0.7
"""Share of the terms of both that two sentences must have in common to be about the same."""

LEAST: Final = 3
"""Terms that they have in common at least."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence: ``words`` that advise ``against`` or for; ``terms`` of what it is about."""

    words: str
    against: bool
    terms: frozenset[str]
    about: str
    start: int
    end: int


def advice_of(text: str) -> list[Advice]:
    """The sentences that say something for or against; one that says both is left out."""
    found: list[Advice] = []
    for match in _SENTENCE.finditer(text):
        said = match.group()
        against = _AGAINST.search(said)
        rest = _AGAINST.sub(" ", said)
        speaks = _FOR.search(rest)
        if (against is None) == (speaks is None) and not _weak(against, rest):
            continue
        chosen = against or speaks
        if chosen is None:
            continue
        kept = _MARK.sub(" ", _FOR.sub(" ", rest)).lower()
        terms = _terms(kept)
        if len(terms) >= LEAST:
            about = " ".join(kept.split()).strip(" ，,、-：:")[:40]
            place = match.start() + chosen.start(), match.start() + chosen.end()
            found.append(Advice(chosen.group().strip(), against is not None, terms, about, *place))
    return found


def opposites(first: Sequence[Advice], second: Sequence[Advice]) -> list[tuple[Advice, Advice]]:
    """Sentences of the two about the same thing, one for it and one against."""
    found: list[tuple[Advice, Advice]] = []
    for one in first:
        for other in second:
            if one.against != other.against:
                common = len(one.terms & other.terms)
                if common >= LEAST and common / len(one.terms | other.terms) >= ALIKE:
                    found.append((one, other))
    return found


def _weak(against: re.Match[str] | None, rest: str) -> bool:
    """Words against that stand beside a rank (not recommended as first line) are still against."""
    return against is not None and re.search(r"一线|首选|first[- ]line", rest, re.I) is not None


def _terms(text: str) -> frozenset[str]:
    """Pairs of Chinese characters, words and numbers."""
    found: set[str] = set()
    for run in _RUN.findall(text):
        if "\u3400" <= run[0] <= "\u9fff":
            found.update(run[at : at + 2] for at in range(len(run) - 1))
        elif run not in _LOOSE:
            found.add(run)
    return frozenset(found)
