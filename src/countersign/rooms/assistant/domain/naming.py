"""Finds where a text names something or ages, whatever its spaces, hyphens and capitals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_HAN = re.compile(r"[\u3400-\u9fff]")
_AGES = re.compile(
    r"(?<![\d.])(\d{1,3})\s*[-–~～至]\s*(\d{1,3})\s*岁"
    r"|\baged (\d{1,3})\s*(?:-|–|to)\s*(\d{1,3}) years"
)


def places(words: Iterable[str], text: str) -> list[tuple[int, int]]:
    """Where one of the words stands in the text: characters from, to (exclusive), in order.

    A Latin word begins where a word begins: PSA is not found in CAPSA, and finasteride is in
    finasterides.
    """
    found = {match.span() for word in words for match in _pattern(word).finditer(text)}
    return sorted(found)


def names(words: Iterable[str], text: str) -> bool:
    """Whether the text names it at all."""
    return any(_pattern(word).search(text) for word in words)


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    if _HAN.search(word):
        signs = [re.escape(sign) for sign in word if not sign.isspace()]
        return re.compile(r"\s*".join(signs), re.IGNORECASE)
    parts = [re.escape(part) for part in re.split(r"[\s-]+", word) if part]
    return re.compile(r"(?<![A-Za-z0-9])" + r"[\s-]*".join(parts), re.IGNORECASE)


def of_another_age(text: str, age: int | None) -> bool:
    """Whether a text names ages from–to, and this age lies within none of them."""
    ranges = [[int(one) for one in found if one] for found in _AGES.findall(text)]
    return age is not None and bool(ranges) and not any(a <= age <= b for a, b in ranges)
