"""Where a sentence repeats a quote almost word for word and yet changes something in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from .polarity import denials
from .quantity import amounts

_TOKEN = re.compile(
    r"#[^\s]+|[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|\d+(?:[.,]\d+)*|[^\W\d_\u3400-\u9fff]+|[<>≤≥%‰℃]"
)
REPEATED = 0.75
"""Share of a sentence that must stand in a quote in the same order to count as repeating it."""

_SHORT = 4
"""Tokens that a repeating sentence may leave out at one place before it is a new clause."""

_LIGHT_TEXT = """
的 了 者 等 应 可 为 是 在 与 和 及 或 并 其 该 此 将 the a an of to in is are be and or for this
that these those it its as by with may can should must will has have was were who which
"""
_LIGHT = frozenset(_LIGHT_TEXT.split())


def altered(sentence: str, quotes: Sequence[str]) -> list[str]:
    """What a sentence puts in, exchanges or drops where it otherwise repeats one of the quotes.

    Sentence and quotes are ``polarity.plain`` text.
    """
    mine = _TOKEN.findall(amounts(sentence))
    found: list[list[str]] = []
    for quote in quotes:
        theirs = _TOKEN.findall(amounts(quote))
        matcher = SequenceMatcher(None, theirs, mine, autojunk=False)
        blocks = [block for block in matcher.get_matching_blocks() if block.size]
        if sum(block.size for block in blocks) < REPEATED * max(len(mine), 1):
            continue
        found.append(_changes(theirs, mine, matcher))
    return min(found, key=len) if found else []


def _changes(theirs: list[str], mine: list[str], matcher: SequenceMatcher[str]) -> list[str]:
    codes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    left = Counter(token for _, start, end, _, _ in codes for token in theirs[start:end])
    come = Counter(token for *_, first, last in codes for token in mine[first:last])
    changes: list[str] = []
    for what, start, end, first, last in codes:
        was, now = theirs[start:end], mine[first:last]
        if what == "replace":
            was = was[-len(now) - 2 :] if first == 0 else was
            changed = _exchanged(was, now) or (_tells(_new(was, come)) and _tells(_new(now, left)))
        elif what == "delete":
            edge = first in (0, len(mine))
            changed = not edge and len(was) <= _SHORT and _weighs(_new(was, come))
        else:
            changed = _weighs(_new(now, left))
        if changed:
            changes.append(" ".join(now or was))
    return changes


def _new(tokens: list[str], moved: Counter[str]) -> list[str]:
    """The tokens that did not merely move; a denial that stands nearly alone has not moved."""
    alone = len(tokens) < _SHORT
    return [one for one in tokens if not moved[one] or (alone and denials(one))]


def _exchanged(was: list[str], now: list[str]) -> bool:
    """Whether a number stands where another one stood."""
    old = {token for token in was if not token[0].isalpha()}
    new = {token for token in now if not token[0].isalpha()}
    return bool(old) and bool(new - old)


def _tells(tokens: list[str]) -> bool:
    """Whether anything but light words is among them."""
    return any(token not in _LIGHT for token in tokens)


def _weighs(tokens: list[str]) -> bool:
    """Whether a number, a sign of comparison or a denial is among them."""
    if not tokens:
        return False
    figures = any(not token[0].isalpha() for token in tokens)
    return figures or denials(" ".join(tokens)) > 0 or denials("".join(tokens)) > 0
