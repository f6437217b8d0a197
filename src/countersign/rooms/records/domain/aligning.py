"""Learns which runs of signs stand for which: what physicians write against what a list says.

IBM model 1 (Brown et al. 1993), fitted by expectation maximisation over pairs of a mention and a
name, with runs of one and two signs as words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .grams import grams

_ROUNDS, _LEAST, _UNKNOWN = 5, 0.01, 0.9
_NOTHING = "∅"


class Alignment:
    """``pairs`` are (mention, name), both even."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._table: dict[str, dict[str, float]] = defaultdict(dict)
        if not pairs:
            return
        from_: dict[str, int] = {}
        to: dict[str, int] = {}
        sources: list[NDArray[np.int64]] = []
        targets: list[NDArray[np.int64]] = []
        slots: list[NDArray[np.int64]] = []
        slot = 0
        for mention, name in pairs:
            a = [
                from_.setdefault(g, len(from_))
                for g in dict.fromkeys([_NOTHING, *grams(mention, 2)])
            ]
            b = [to.setdefault(g, len(to)) for g in dict.fromkeys(grams(name, 2))]
            sources.append(np.tile(np.array(a, dtype=np.int64), len(b)))
            targets.append(np.repeat(np.array(b, dtype=np.int64), len(a)))
            slots.append(np.repeat(np.arange(slot, slot + len(b)), len(a)))
            slot += len(b)
        self._fit(list(from_), list(to), *map(np.concatenate, (sources, targets, slots)))

    def _fit(
        self,
        from_: list[str],
        to: list[str],
        source: NDArray[np.int64],
        target: NDArray[np.int64],
        slot: NDArray[np.int64],
    ) -> None:
        keys, back = np.unique(source * len(to) + target, return_inverse=True)
        first, second = keys // len(to), keys % len(to)
        pairs = zip(first.tolist(), second.tolist(), strict=True)
        same: NDArray[np.bool_] = np.array([from_[a] == to[b] for a, b in pairs], dtype=np.bool_)
        chance = np.where(same, 20.0, 1.0)
        for _ in range(_ROUNDS):
            shares = chance[back]
            shares = shares / np.bincount(slot, shares)[slot]
            counts = np.bincount(back, shares) + np.where(same, 0.5, 0)
            chance = counts / (np.bincount(first, counts, minlength=len(from_))[first] + 0.3)
        for a, b, share in zip(first, second, chance, strict=True):
            if share > _LEAST:
                self._table[from_[a]][to[b]] = float(share)

    def likely(self, text: str) -> dict[str, float]:
        """For each run of a name, how likely one of the text's runs stands for it."""
        found: dict[str, float] = {}
        for gram in set(grams(text, 2)):
            known = self._table.get(gram)
            if known is None:
                found[gram] = max(found.get(gram, 0.0), _UNKNOWN)
                continue
            for other, share in known.items():
                if share > found.get(other, 0.0):
                    found[other] = share
        return found
