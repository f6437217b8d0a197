"""Chooses, on the validation part alone, how sure each rung must be to answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from .hashing import Ints
from .rungs import NEVER, Answers, Routed, right, route
from .verdict import MARGIN, Difference, difference

SAFETY = 0.5
"""The part of the margin that may be used up on the validation part.

The best of many thresholds looks better than it is; half a margin is left for that.
"""
STEPS = 40


@dataclass(frozen=True, slots=True)
class Choice:
    """``thresholds`` of a ladder, and what they did on the validation part.

    ``held`` is whether any choice kept to the margin; where none did, everything goes to the
    teacher.
    """

    thresholds: tuple[float, ...]
    routed: Routed
    difference: Difference
    held: bool


def choose(
    rungs: Sequence[Answers],
    truth: Ints,
    chance: np.random.Generator,
    *,
    margin: float = MARGIN,
    safety: float = SAFETY,
) -> Choice:
    """The cheapest thresholds at which the ladder is not inferior to its last rung by the margin.

    The lower bound of the paired difference must lie above minus ``safety`` times the margin.
    ``truth`` (n,) are the labels of the validation part; no other part may be given here.
    """
    top = right(rungs[-1].labels, truth)
    tried = [(at, route(rungs, at)) for at in _grid(rungs[:-1])]
    tried.sort(key=lambda one: (one[1].mean_cost, one[0]))
    seed = int(chance.integers(2**32))
    for at, routed in tried:
        ours = right(routed.labels, truth)
        if ours.mean() < top.mean() - safety * margin:
            continue
        found = difference(ours, top, np.random.default_rng(seed))
        if found.low > -safety * margin:
            return Choice(at, routed, found, held=True)
    nothing = (NEVER,) * (len(rungs) - 1)
    return Choice(nothing, route(rungs, nothing), difference(top, top, chance), held=False)


def _grid(rungs: Sequence[Answers]) -> Iterable[tuple[float, ...]]:
    return product(*(_steps(one) for one in rungs))


def _steps(rung: Answers) -> list[float]:
    """Thresholds worth trying: what its confidences divide evenly, never below them, and none."""
    said = rung.confidence[rung.labels >= 0]
    if not len(said):
        return [NEVER]
    found = np.quantile(said, np.linspace(0, 0.98, STEPS))
    return [*sorted({round(float(one), 6) for one in found}), NEVER]
