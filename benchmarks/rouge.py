"""ROUGE-L over any units, exact and fast: the longest common subsequence by bits of one number."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def common(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Length of the longest common subsequence (Hyyrö 2004, bit-parallel)."""
    places: dict[Hashable, int] = {}
    for number, unit in enumerate(first):
        places[unit] = places.get(unit, 0) | 1 << number
    every = (1 << len(first)) - 1
    row = every
    for unit in second:
        hit = row & places.get(unit, 0)
        row = ((row + hit) | (row - hit)) & every
    return len(first) - row.bit_count()


def rouge_l(said: Sequence[Hashable], wanted: Sequence[Hashable]) -> float:
    """F1 of precision and recall by the longest common subsequence (Lin 2004)."""
    if not said or not wanted:
        return float(not said and not wanted)
    return 2 * common(said, wanted) / (len(said) + len(wanted))
