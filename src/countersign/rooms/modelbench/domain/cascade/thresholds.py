"""Chooses, on the validation part alone, how sure each rung must be to answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from .calibration import isotonic
from .hashing import Floats, Ints
from .rungs import NEVER, Answers, Routed, right, route
from .verdict import MARGIN, Difference, Right, difference

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

    Both the paired bootstrap's lower bound and the bound with expected losses (see ``_losses``)
    must lie above minus ``safety`` times the margin. ``truth`` (n,) are the labels of the
    validation part; no other part may be given here.
    """
    top = right(rungs[-1].labels, truth)
    losses = [_losses(one, truth, top) for one in rungs[:-1]]
    tried = [(at, route(rungs, at)) for at in _grid(rungs[:-1])]
    tried.sort(key=lambda one: (one[1].mean_cost, one[0]))
    seed, least = int(chance.integers(2**32)), -safety * margin
    for at, routed in tried:
        ours = right(routed.labels, truth)
        if _expected(routed, losses, ours, top) <= least:
            continue
        found = difference(ours, top, np.random.default_rng(seed))
        if found.low > least:
            return Choice(at, routed, found, held=True)
    nothing = (NEVER,) * (len(rungs) - 1)
    return Choice(nothing, route(rungs, nothing), difference(top, top, chance), held=False)


def _losses(rung: Answers, truth: Ints, top: Right) -> Floats:
    """What is lost on each item (n,) where this rung answers in the last one's place, expected
    from its confidence: less the surer it is, and never below nothing.

    Of many thresholds the cheapest that looks harmless is often one where the last rung was
    unlucky; a curve that only falls, and stays above zero, leaves such luck out.
    """
    lost = np.zeros(len(truth), np.float32)
    spoke = rung.labels >= 0
    if spoke.any():
        apart = top[spoke].astype(np.float64) - right(rung.labels, truth)[spoke]
        doubt = -rung.confidence[spoke].astype(np.float64)
        knots, values = isotonic(doubt, apart)
        lost[spoke] = np.maximum(np.interp(doubt, knots, values), 0)
    return lost


def _expected(routed: Routed, losses: Sequence[Floats], ours: Right, top: Right) -> float:
    """The lower 95 % bound of the difference, with expected losses in place of those seen."""
    n = len(ours)
    mean = sum(float(lost[routed.by == rung].sum()) for rung, lost in enumerate(losses)) / n
    spread = float((ours.astype(np.float64) - top).std()) / n**0.5
    return -mean - 1.96 * spread


def _grid(rungs: Sequence[Answers]) -> Iterable[tuple[float, ...]]:
    return product(*(_steps(one) for one in rungs))


def _steps(rung: Answers) -> list[float]:
    """Thresholds worth trying: what its confidences divide evenly, never below them, and none."""
    said = rung.confidence[rung.labels >= 0]
    if not len(said):
        return [NEVER]
    found = np.quantile(said, np.linspace(0, 0.98, STEPS))
    return [*sorted({round(float(one), 6) for one in found}), NEVER]
