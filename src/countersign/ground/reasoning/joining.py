"""One disease that two catalogues know stands in the list once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from countersign.kit.words import Words

from .candidate import Candidate, Weight
from .diseases import Disease, DiseaseNames

MISSING = 5
"""Findings not yet known that a joined candidate names."""

_PRONE = re.compile(r",?\s+(?:susceptibility|proneness)(?: to)?(?:,?\s*\d+)?$", re.IGNORECASE)
_LOOSE = re.compile(r"[\W_]+")


def twins(
    common: Sequence[Disease], said: Mapping[str, str], rare: Iterable[tuple[str, Words]]
) -> Mapping[str, str]:
    """Which diseases of the rare catalogues are a common condition, by identifier.

    ``said`` is what the files of the common conditions say themselves and goes before names; a
    name counts without “susceptibility to”, by which OMIM means those who get the disease easily.
    """
    names = DiseaseNames(common)
    found = dict(said)
    for identifier, name in rare:
        if identifier in found:
            continue
        known = names.find(_PRONE.sub("", name.en)) or names.find(name.zh)
        if known is not None:
            found[identifier] = known.id
    return found


def joined(
    candidates: Iterable[Candidate], same: Mapping[str, str] | None = None
) -> tuple[Candidate, ...]:
    """Each disease once, the likeliest first.

    Two entries of one disease exclude each other in the list that they come from, so that their
    probabilities and priors add up. The entry that comes first keeps its name, its identifier and
    its weights; the other's weights stand beside them where they are of other findings.
    """
    groups: dict[str, list[Candidate]] = {}
    for one in candidates:
        groups.setdefault(_key(one, same or {}), []).append(one)
    made = [_one(group) for group in groups.values()]
    return tuple(sorted(made, key=lambda one: (-one.probability, one.disease)))


def _key(one: Candidate, same: Mapping[str, str]) -> str:
    """The common condition that it is, else its English name: OMIM and Orphanet share many."""
    twin = same.get(one.disease)
    if twin is not None or one.disease.startswith(("ICD10:", "local:")):
        return twin or one.disease
    return f"name:{_LOOSE.sub('', one.name.en).casefold()}"


def _one(group: list[Candidate]) -> Candidate:
    if len(group) == 1:
        return group[0]
    first, *others = sorted(
        group, key=lambda one: (not one.disease.startswith("ICD10:"), -one.probability)
    )
    weights: dict[str, Weight] = {weight.term: weight for weight in first.weights}
    missing = list(first.missing)
    for other in others:
        for weight in other.weights:
            weights.setdefault(weight.term, weight)
        missing += other.missing
    known = set(weights)
    return replace(
        first,
        probability=min(1.0, sum(one.probability for one in group)),
        prior=min(1.0, sum(one.prior for one in group)),
        prior_source="; ".join(
            dict.fromkeys(f"{one.disease}: {one.prior_source}" for one in (first, *others))
        ),
        weights=tuple(weights.values()),
        missing=tuple(dict.fromkeys(one for one in missing if one not in known))[:MISSING],
        cannot_miss=any(one.cannot_miss for one in group),
        supported=any(one.supported for one in group),
    )
