"""Finds the standard names that share most of a text's characters, as candidates to offer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np


class Nearest:
    """Dice overlap of characters and of character pairs over a list of names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(dict.fromkeys(name for name in names if name))
        holding: dict[str, list[int]] = defaultdict(list)
        sizes: list[int] = []
        for place, name in enumerate(self._names):
            grams = _grams(name)
            sizes.append(len(grams))
            for gram in grams:
                holding[gram].append(place)
        self._holding = {gram: np.array(places) for gram, places in holding.items()}
        self._sizes = np.array(sizes, dtype=np.float64)

    def to(self, text: str, count: int) -> list[str]:
        """The ``count`` nearest names, the nearest first; fewer where none shares anything."""
        grams = _grams(text)
        shared: np.ndarray = np.zeros(len(self._names))
        for gram in grams:
            places = self._holding.get(gram)
            if places is not None:
                shared[places] += 1
        if not len(shared):
            return []
        dice = 2 * shared / (self._sizes + len(grams))
        best = np.argsort(-dice, kind="stable")[:count]
        return [self._names[place] for place in best if dice[place] > 0]


def _grams(text: str) -> Counter[str]:
    folded = "".join(text.casefold().split())
    return Counter({*folded, *(folded[at : at + 2] for at in range(len(folded) - 1))})
