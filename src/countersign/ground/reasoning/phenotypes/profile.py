"""What the annotations of one disease say together: each term once, with how often it occurs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .annotations import Annotation

UNSAID = -1
"""In ``of``: nobody stated a frequency. 0: it was estimated and not counted."""

DEFAULT = 0.5
"""The frequency of an annotation that states none: half of HPO's counted ones lie above it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """``terms`` by position in the ontology, ``shares`` (0 to 1) and ``of``, all of one length."""

    terms: NDArray[np.int32]
    shares: NDArray[np.float32]
    of: NDArray[np.int32]


def profile(rows: Iterable[Annotation], place: Mapping[str, int]) -> Profile:
    """Pools the lines of one disease; terms that the ontology lost, and 0 of n, are left out."""
    gathered: dict[int, list[Annotation]] = {}
    for row in rows:
        if row.aspect == "P" and not row.negated and row.term in place:
            gathered.setdefault(place[row.term], []).append(row)
    kept = [(term, *_pooled(found)) for term, found in sorted(gathered.items())]
    kept = [one for one in kept if one[1] > 0]
    return Profile(
        np.array([term for term, _, _ in kept], np.int32),
        np.array([share for _, share, _ in kept], np.float32),
        np.array([of for _, _, of in kept], np.int32),
    )


def denials(rows: Iterable[Annotation], place: Mapping[str, int]) -> dict[int, int]:
    """Terms that the disease was seen without, each with the number of patients, at least 1.

    A term that some line says it has is not among them.
    """
    found, had = dict[int, int](), set[int]()
    for row in rows:
        if row.aspect != "P" or row.term not in place:
            continue
        if row.negated or row.frequency == 0:
            found[place[row.term]] = max(found.get(place[row.term], 1), row.of)
        else:
            had.add(place[row.term])
    return {term: of for term, of in sorted(found.items()) if term not in had}


def _pooled(rows: Sequence[Annotation]) -> tuple[float, int]:
    """Counts are added up; without any the highest estimate holds."""
    counted = [(row.frequency or 0.0, row.of) for row in rows if row.of > 0]
    if counted:
        of = sum(n for _, n in counted)
        return sum(share * n for share, n in counted) / of, of
    stated = [row.frequency for row in rows if row.frequency is not None]
    return (max(stated), 0) if stated else (DEFAULT, UNSAID)


def spread(one: Profile, closure: Sequence[frozenset[int]]) -> dict[int, float]:
    """The share of each term and of whatever stands above it: who has the one has the other.

    A counted share is drawn towards one half as if one more patient had been half seen, so that
    1 of 1 is not taken for always.
    """
    found: dict[int, float] = {}
    terms: list[int] = one.terms.tolist()
    for term, share, of in zip(terms, one.shares.tolist(), one.of.tolist(), strict=True):
        held = (share * of + 0.5) / (of + 1) if of > 0 else share
        for above in closure[term]:
            if found.get(above, 0.0) < held:
                found[above] = held
    return found
