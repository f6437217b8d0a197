"""Which diseases speak for one another: the same by another number, by a gene, by a series."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .knowledge import Floats, Ints, Knowledge

WIDEST_SERIES = 400
"""A series with more members says nothing about any of them."""

_ASIDE = re.compile(r"\(.*?\)|[^a-z0-9 ]")
_SERIES_ASIDE = re.compile(r"\(.*?\)")
_MODE = re.compile(
    r"(,|\b)\s*(autosomal|dominant|recessive|x-linked|type|with.*|without.*|susceptibility to)\b"
)
_NUMBER = re.compile(r"\b\d+[a-z]{0,2}\b|\b[ivx]+[a-z]?\b|\b[a-z]\b")


def same_name(title: str) -> str:
    """Titles that differ in order, case or signs alone come out alike."""
    return " ".join(sorted(_ASIDE.sub(" ", title.lower()).split()))


def series(title: str) -> str:
    """The title without its number and mode: “Leber congenital amaurosis 6” is of that series."""
    text = _SERIES_ASIDE.sub(" ", title.lower().split(";")[0])
    text = _NUMBER.sub(" ", _MODE.sub(" ", text))
    return " ".join(re.sub(r"[^a-z0-9 ]", " ", text).split())


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of positions: what stands in ``other`` from ``starts`` on speaks for ``disease``.

    ``disease`` holds each of those that have others once, in order; ``count`` how many they have.
    """

    disease: Ints
    starts: Ints
    count: Ints
    other: Ints

    def best(self, scores: Floats, default: float) -> Floats:
        """For each disease the highest score among its others, ``default`` without any."""
        found = np.full(len(scores), default, np.float32)
        if len(self.disease):
            found[self.disease] = np.maximum.reduceat(scores[self.other], self.starts)
        return found

    def mean(self, scores: Floats) -> Floats:
        """For each disease the mean score of its others, 0 without any."""
        found = np.zeros(len(scores), np.float32)
        if len(self.disease):
            total = np.add.reduceat(scores[self.other], self.starts)
            found[self.disease] = total / self.count
        return found


@dataclass(frozen=True, slots=True)
class Relations:
    """``twins``: Orphanet's entries for an OMIM disease, by gene or name; ``kin``: other OMIM
    diseases of the same gene; ``line``: the others of its series.

    ``ranked`` marks what is a candidate of its own: OMIM diseases, and what Orphanet or DECIPHER
    alone describe. An entry of Orphanet that stands for OMIM diseases is evidence for them.
    """

    twins: Links
    kin: Links
    line: Links
    ranked: NDArray[np.bool_]


def relations(known: Knowledge) -> Relations:
    """Works them out from genes and titles, for Orphanet's own table of numbers is not carried."""
    genes, names, lines = (defaultdict[str, list[int]](list) for _ in range(3))
    for at, title in enumerate(known.titles):
        for gene in known.genes[at]:
            genes[gene].append(at)
        names[same_name(title)].append(at)
        if _is_omim(known, at):
            lines[series(title)].append(at)
    twins, kin, line = (list[list[int]]() for _ in range(3))
    for at, title in enumerate(known.titles):
        near = set(names[same_name(title)]).union(*(genes[gene] for gene in known.genes[at]))
        near = near - {at} if _is_omim(known, at) else set[int]()
        twins.append(sorted(one for one in near if known.diseases[one].startswith("ORPHA:")))
        kin.append(sorted(one for one in near if _is_omim(known, one)))
        others = lines[series(title)] if _is_omim(known, at) and series(title) else []
        line.append([one for one in others if one != at] if len(others) < WIDEST_SERIES else [])
    stands_for = np.zeros(len(known.diseases), np.bool_)
    stands_for[[one for group in twins for one in group]] = True
    omim = np.array([_is_omim(known, at) for at in range(len(known.diseases))], np.bool_)
    annotated = np.diff(known.annotated.at) > 0
    return Relations(_links(twins), _links(kin), _links(line), (omim | ~stands_for) & annotated)


def _is_omim(known: Knowledge, at: int) -> bool:
    return known.diseases[at].startswith("OMIM:")


def _links(groups: Sequence[Sequence[int]]) -> Links:
    count = np.array([len(group) for group in groups if group], np.int32)
    return Links(
        disease=np.array([at for at, group in enumerate(groups) if group], np.int32),
        starts=(np.cumsum(count) - count).astype(np.int32),
        count=count,
        other=np.array([one for group in groups for one in group], np.int32),
    )
