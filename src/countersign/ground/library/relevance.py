"""Judges whether a passage speaks of what was asked, so that “nothing found” can be an answer."""

from __future__ import annotations

import re
from typing import Final

from .passage import Hit

LEAST: Final = {"zh": 0.45, "en": 0.7}
"""Share of a question's own terms, by its language, that a passage, its headings or its title must
hold. Chosen on held-apart questions, ``make bench NAME=no_support``.
"""

_WORD = re.compile(r"[a-z][a-z0-9-]+|\d+(?:\.\d+)?")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_EMPTY_EN = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been by can do does for from had has have how i if in into is it "
        "its may me must my no not of on or should than that the their them then there these "
        "this those to was we what when where which who whom whose why will with would you your "
        "give given use used patient patients case about please",
    )
)
_EMPTY_ZH = re.compile(
    r"什么|怎么样|怎么办|怎么|怎样|如何|是否|可以|能否|应该|应当|需要|哪些|哪种|多少|为什么|请问|一下|患者"
    r"|病人|的|了|吗|呢|吧|和|与|或|在|有|是|对|时|后|前|应|该|请|我|您|他|她|它|这|那|个|及"
)


def terms(question: str) -> frozenset[str]:
    """What of a question means something: words, numbers, and pairs of Chinese characters."""
    folded = question.lower()
    words = {one for one in _WORD.findall(folded) if one not in _EMPTY_EN and len(one) > 1}
    for run in _HAN.findall(_EMPTY_ZH.sub(" ", folded)):
        words.update(run[at : at + 2] for at in range(len(run) - 1))
        if len(run) == 1:
            words.add(run)
    return frozenset(words)


def supports(question: str, hit: Hit, title: str) -> bool:
    """Whether enough of the question's terms stand in the passage or above it, or people confirmed
    that it answers questions like this one.
    """
    if hit.before:
        return True
    least = LEAST["zh" if _HAN.search(question) else "en"]
    return share_of(question, hit, title) >= least


def share_of(question: str, hit: Hit, title: str) -> float:
    """The share, 0 to 1, of the question's terms that stand in the passage or above it.

    What is asked in both languages at once is judged by the terms of the passage's own, where
    there are two of them.
    """
    asked = terms(question)
    if not asked:
        return 0.0
    passage = hit.passage
    said = " ".join((title, *passage.headings, passage.text)).lower()
    held = {one for one in asked if _holds(said, one)}
    own = {one for one in asked if one.isascii() == (passage.language == "en")}
    shares = [len(held) / len(asked)]
    if 2 <= len(own) < len(asked):
        shares.append(len(held & own) / len(own))
    return max(shares)


def _holds(said: str, term: str) -> bool:
    """An English word counts by its stem's beginning: hypertension, hypertensive."""
    if not term.isascii() or len(term) < 7:
        return term in said
    return term[:-3] in said
