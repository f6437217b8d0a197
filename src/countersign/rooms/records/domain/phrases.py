"""Completes what is being typed, from the room's own words and from what this person signed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

_CUT = re.compile(r"[。；;\n.]+")
LEAST, LONGEST = 2, 40


def phrases(texts: Iterable[str]) -> Counter[str]:
    """Sentences and clauses of signed texts with how often each was written."""
    found: Counter[str] = Counter()
    for text in texts:
        for sentence in _CUT.split(text):
            for part in (sentence, *re.split(r"[，,]", sentence)):
                bare = part.strip()
                if LEAST <= len(bare) <= LONGEST and not any(sign.isdigit() for sign in bare):
                    found[bare] += 1
    return found


def completed(typed: str, own: Counter[str], words: Iterable[str], most: int = 8) -> list[str]:
    """What begins as typed: one's own phrases first, the most used first, then known words."""
    begun = typed.strip().lower()
    if not begun:
        return []
    mine = [one for one, _ in own.most_common() if one.lower().startswith(begun)]
    known = sorted(
        (one for one in words if one.lower().startswith(begun)), key=lambda w: (len(w), w)
    )
    return [one for one in dict.fromkeys((*mine, *known)) if one.lower() != begun][:most]
