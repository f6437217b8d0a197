"""ROUGE-L over any units, exact and fast: the longest common subsequence by bits of one number."""

from __future__ import annotations

from collections import Counter
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


def rouge_l_sum(said: Sequence[Sequence[Hashable]], wanted: Sequence[Sequence[Hashable]]) -> float:
    """F1 by the union of each wanted sentence's common subsequences with all said (Lin 2004, 3.2).

    A unit counts at most as often as either text holds it.
    """
    left = Counter(unit for one in said for unit in one)
    open_ = Counter(unit for one in wanted for unit in one)
    sizes = left.total() + open_.total()
    hits = 0
    for sentence in wanted:
        places = set[int]().union(*(_places(sentence, one) for one in said))
        for unit in (sentence[place] for place in sorted(places)):
            if left[unit] and open_[unit]:
                hits += 1
                left[unit] -= 1
                open_[unit] -= 1
    return 2 * hits / sizes if sizes else 1.0


def _places(first: Sequence[Hashable], second: Sequence[Hashable]) -> set[int]:
    """Places in ``first`` of one longest common subsequence."""
    table = [[0] * (len(second) + 1)]
    for unit in first:
        row, above = [0], table[-1]
        for column, other in enumerate(second):
            best = above[column] + 1 if unit == other else max(above[column + 1], row[column])
            row.append(best)
        table.append(row)
    found = set[int]()
    at, column = len(first), len(second)
    while at and column:
        if first[at - 1] == second[column - 1]:
            found.add(at - 1)
            at, column = at - 1, column - 1
        elif table[at - 1][column] >= table[at][column - 1]:
            at -= 1
        else:
            column -= 1
    return found
