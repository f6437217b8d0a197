"""What findings say once each, however many of them say it, and what a disease was seen without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .knowledge import Floats, Ints, Knowledge, Rows
from .matching import Alterations, Kind, Match

Array = NDArray[Any]


def newness(terms: Sequence[int], information: Floats, above: Rows) -> dict[int, float]:
    """The part of each term, 0 to 1, that no more telling one of them has said already.

    The most telling counts in full; of every other what it shares with those before it, by the
    information of the most telling ancestor in common (Resnik), is taken off.
    """
    said = set[int]()
    found: dict[int, float] = {}
    for term in sorted(terms, key=lambda one: (-float(information[one]), one)):
        ups: list[int] = above.of(term)[0].tolist()
        most = max((float(information[up]) for up in ups if up in said), default=0.0)
        found[term] = 1 - max(most, 0.0) / max(float(information[term]), 1e-3)
        said.update(ups)
    return found


def once(weights: Sequence[float], matches: Sequence[Match], chosen: Ints) -> dict[str, Array]:
    """Sums of both ratios, and the findings that are there, each counted by its ``newness``."""
    worth = np.array(weights, np.float32)
    plain = worth @ np.stack([one.plain[chosen] for one in matches])
    wide = worth @ np.stack([one.wide[chosen] for one in matches])
    there = worth @ np.stack([one.kind[chosen] != Kind.ANCESTOR for one in matches])
    whole = worth.sum()
    return {
        "once_plain": plain - plain.max(),
        "once_plain_mean": plain / whole,
        "once_wide": wide - wide.max(),
        "once_wide_mean": wide / whole,
        "once_there": there / whole,
    }


def seen_without(
    known: Knowledge,
    present: Sequence[int],
    absent: Sequence[int],
    chosen: Ints,
    altered: Alterations,
) -> dict[str, Array]:
    """Findings that the annotations deny: those the patient has, and those she lacks as well.

    Who lacks a term lacks every form of it.
    """
    rows = [
        _denied(altered[one].denied) if one in altered else known.denied.of(one)
        for one in chosen.tolist()
    ]
    owner = np.repeat(np.arange(len(rows)), [len(terms) for terms, _ in rows])
    terms = np.concatenate([terms for terms, _ in rows])
    patients = np.concatenate([patients for _, patients in rows])
    has = np.zeros(len(known.terms), np.bool_)
    for term in present:
        has[known.above.of(term)[0]] = True
    agree = np.zeros(len(rows), np.float32)
    above = [known.above.of(term)[0] for term in absent]
    lacks = np.zeros(len(known.terms), np.bool_)
    for ups in above:
        lacks[ups] = True
    some = lacks[terms]
    for ups in above if some.any() else ():
        agree[np.unique(owner[some][np.isin(terms[some], ups)])] += 1
    return {
        "never": np.bincount(owner, has[terms], minlength=len(rows)),
        "never_of": np.bincount(owner, has[terms] * np.log1p(patients), minlength=len(rows)),
        "agree": agree,
        "agree_part": agree / max(1, len(absent)),
    }


def _denied(told: Mapping[int, int]) -> tuple[Ints, Floats]:
    return np.array(list(told), np.int32), np.array(list(told.values()), np.float32)
