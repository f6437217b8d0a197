"""Common and rare diseases in one list, so that neither hides the other."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from countersign.kit.words import Words

from .candidate import Candidate, Ranking, Weight
from .joining import joined

RARE_PRIOR = 0.02
"""Share of visits, before anything is known, whose cause is a rare disease: an assumption, below
the 3.5 to 5.9 % of people who live with one (Nguengang Wakap S et al., Eur J Hum Genet
2020;28:165-173), since few of their visits are for it."""

UNLISTED_PRIOR = 0.15
"""Share of visits whose cause no table of common conditions lists; rare diseases are part of it."""

MOST_EVIDENCE = 1000.0
"""Phenotype terms alone move the odds of "a rare disease" by no more than this: an assumption. Only
findings that common causes do not explain reach it."""

SPEAKS = 1.5
"""From this likelihood ratio on a common condition explains a finding, as in its danger rule."""


USUAL = 0.25
"""Share of those who come that have one or more of the results which a common chronic disease
explains, such as a high creatinine or glucose: an assumption, high on purpose. They come in groups
whose members tell little that the first did not, so that all of them count as one finding."""


@dataclass(frozen=True, slots=True)
class Everyday:
    """What is seen without any rare disease.

    ``usual`` are terms that some common chronic disease explains; ``seen`` is the share (0 to
    1) of those who come for something else that have a finding; ``wider`` gives, for a term that
    ``seen`` lacks, the nearest wider ones that it has.
    """

    usual: frozenset[str] = frozenset()
    seen: Mapping[str, float] = field(default_factory=dict[str, float])
    wider: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


NOTHING_KNOWN = Everyday()


def fuse(
    common: Ranking,
    rare: Ranking,
    unlisted: float,
    rare_prior: float = RARE_PRIOR,
    limit: int = 20,
    same: Mapping[str, str] | None = None,
    everyday: Everyday = NOTHING_KNOWN,
) -> Ranking:
    """One list whose probabilities sum to 1 with that of whatever neither list names.

    ``unlisted`` is the probability, from the common engine, that none of its conditions is the
    cause. Rare diseases take their share of it in proportion to ``rare_prior`` and to how far the
    findings speak for those listed beyond what common causes explain: the mean over their priors of
    the product of their likelihood ratios, over the part of them that is listed, at most
    ``MOST_EVIDENCE``. In it a finding counts to the power of the chance that no common condition
    explains it, and its ratio is at most one over the share of others who have it, which no
    likelihood ratio can exceed: those of the annotations compare rare diseases with each other, and
    a blood test is seldom written down in them. What speaks against a rare disease counts in full.

    At most ``limit`` are kept, and every one that must not be missed on top. The ratios of the two
    engines rest on different baselines, so the split between the lists is rougher than the order
    inside either. A disease that both lists hold (``same``, by identifier) or that two catalogues
    of rare ones hold stands in the list once.
    """
    if not 0 <= unlisted <= 1:
        raise ValueError("a probability lies between 0 and 1")
    if not 0 < rare_prior < UNLISTED_PRIOR:
        raise ValueError("rare diseases are a part of what is not listed")
    part = rare_prior / UNLISTED_PRIOR
    odds = unlisted * part * _evidence(rare, _counting(common, everyday))
    total = (1 - unlisted) + odds + unlisted * (1 - part)
    scale = 1 / total
    candidates = [
        replace(one, probability=one.probability * scale) for one in common.candidates
    ] + [_among_visits(one, odds * scale, rare_prior) for one in rare.candidates]
    listed = joined(candidates, same)
    kept = tuple(one for number, one in enumerate(listed) if number < limit or one.cannot_miss)
    return Ranking(kept, _unanswerable(common, rare), common.silent)


def _counting(common: Ranking, everyday: Everyday) -> Callable[[Candidate], float]:
    """For a rare disease, how far (a logarithm) its weights tell it from common ones."""
    explained: dict[str, float] = {}
    for one in common.candidates:
        for weight in one.weights:
            if weight.ratio >= SPEAKS:
                explained[weight.term] = explained.get(weight.term, 0.0) + one.probability

    def part(weight: Weight) -> float:
        whole = math.log(max(weight.ratio, 1e-9))
        if whole <= 0:
            return whole
        rows = (weight.term, *everyday.wider.get(weight.term, ()))
        by_common = max(explained.get(term, 0.0) for term in rows)
        most = -math.log(everyday.seen.get(weight.term, 1e-9))
        return min(whole, most) * max(0.0, 1 - by_common)

    def counted(one: Candidate) -> float:
        usual = sum(part(weight) for weight in one.weights if weight.term in everyday.usual)
        others = sum(part(weight) for weight in one.weights if weight.term not in everyday.usual)
        return min(usual, -math.log(USUAL)) + others

    return counted


def _evidence(rare: Ranking, counted: Callable[[Candidate], float]) -> float:
    """How many times likelier the findings are in the listed rare diseases than otherwise."""
    if not rare.candidates:
        return 1.0
    logs = [math.log(one.prior) + counted(one) for one in rare.candidates if one.prior > 0]
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
