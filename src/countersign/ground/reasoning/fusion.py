"""Common and rare diseases in one list, so that neither hides the other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from countersign.kit.words import Words

from .candidate import Candidate, Ranking
from .joining import joined

RARE_PRIOR = 0.02
"""Share of visits, before anything is known, whose cause is a rare disease: an assumption, below
the 3.5 to 5.9 % of people who live with one (Nguengang Wakap S et al., Eur J Hum Genet
2020;28:165-173), since few of their visits are for it."""

UNLISTED_PRIOR = 0.15
"""Share of visits whose cause no table of common conditions lists; rare diseases are part of it."""

MOST_EVIDENCE = 1000.0
"""Phenotype terms alone move the odds of "a rare disease" by no more than this: an assumption."""


def fuse(
    common: Ranking,
    rare: Ranking,
    unlisted: float,
    rare_prior: float = RARE_PRIOR,
    limit: int = 20,
    same: Mapping[str, str] | None = None,
) -> Ranking:
    """One list whose probabilities sum to 1 with that of whatever neither list names.

    ``unlisted`` is the probability, from the common engine, that none of its conditions is the
    cause. Rare diseases take their share of it in proportion to ``rare_prior`` and to how far the
    findings speak for those listed: the mean over their priors of the product of their likelihood
    ratios, over the part of them that is listed, at most ``MOST_EVIDENCE``. At most ``limit`` are
    kept, and every one that must not be missed on top. The ratios of the two engines rest on
    different baselines, so the split between the lists is rougher than the order inside either.
    A disease that both lists hold (``same``, by identifier) or that two catalogues of rare ones
    hold stands in the list once.
    """
    if not 0 <= unlisted <= 1:
        raise ValueError("a probability lies between 0 and 1")
    if not 0 < rare_prior < UNLISTED_PRIOR:
        raise ValueError("rare diseases are a part of what is not listed")
    part = rare_prior / UNLISTED_PRIOR
    odds = unlisted * part * _evidence(rare)
    total = (1 - unlisted) + odds + unlisted * (1 - part)
    scale = 1 / total
    candidates = [
        replace(one, probability=one.probability * scale) for one in common.candidates
    ] + [_among_visits(one, odds * scale, rare_prior) for one in rare.candidates]
    listed = joined(candidates, same)
    kept = tuple(one for number, one in enumerate(listed) if number < limit or one.cannot_miss)
    return Ranking(kept, _unanswerable(common, rare))


def _evidence(rare: Ranking) -> float:
    """How many times likelier the findings are in the listed rare diseases than otherwise."""
    if not rare.candidates:
        return 1.0
    logs = [
        math.log(one.prior) + sum(math.log(max(weight.ratio, 1e-9)) for weight in one.weights)
        for one in rare.candidates
        if one.prior > 0
    ]
    if not logs:
        return 1.0
    highest = max(logs)
    total = highest + math.log(sum(math.exp(value - highest) for value in logs))
    shown = sum(one.probability for one in rare.candidates)
    total -= math.log(max(shown, 1 / MOST_EVIDENCE))
    bound = math.log(MOST_EVIDENCE)
    return math.exp(min(max(total, -bound), bound))


def _among_visits(one: Candidate, scale: float, rare_prior: float) -> Candidate:
    return replace(
        one,
        probability=one.probability * scale,
        prior=one.prior * rare_prior,
        prior_source=f"{one.prior_source}; all rare diseases {rare_prior:g} of visits, assumed",
    )


def _unanswerable(common: Ranking, rare: Ranking) -> Words | None:
    """Silent as long as one of the two lists has an answer."""
    if common.unanswerable is None or rare.unanswerable is None:
        return None
    return common.unanswerable
