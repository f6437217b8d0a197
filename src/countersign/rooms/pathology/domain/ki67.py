"""Counts tumour nuclei by the rules that the viewer shows: of a slide as measured and under a
pathologist's corrections. In numpy alone, because a web process compiles nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .hscore import GRADES, h_score
from .ki67_interval import clustered, wilson
from .measured import Nuclei, Region, Ring

OTHER: Final = 4
"""A nucleus that is not a tumour's."""
OUTSIDE: Final = 5
"""A nucleus outside the pathologist's tumour regions, or left out."""
FEWEST: Final = 500
"""Tumour nuclei to be counted at least; below, the answer says so. International Ki67 in Breast
Cancer Working Group: Nielsen TO et al., J Natl Cancer Inst 2021;113:808-819.
That the paper states this very number was not checked."""
CUTOFF: Final = 0.5
"""Probability from which a nucleus is a tumour's."""
FIELD: Final = 500.0
"""Side in µm of the squares over which the spread of the index is taken."""


@dataclass(frozen=True, slots=True)
class Rules:
    """From which optical density a nucleus is positive (1+), 2+ and 3+, and from which probability
    it counts as a tumour's."""

    grades: tuple[float, float, float] = GRADES
    tumour_from: float = CUTOFF


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a pathologist changed. ``flips`` gives for a nucleus's row whether it is positive and
    whether it is a tumour's, None as measured; ``types`` what kind of cell it belongs to."""

    threshold: float | None = None
    regions: tuple[Region, ...] = ()
    flips: Mapping[int, tuple[bool | None, bool | None]] = field(
        default_factory=dict[int, tuple[bool | None, bool | None]]
    )
    types: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True, slots=True)
class Count:
    """Tumour nuclei by grade 0, 1+, 2+, 3+; ``interval`` holds the ends of the index's 95 %
    interval, which allows for neighbours being alike."""

    grades: tuple[int, int, int, int]
    interval: tuple[float, float]

    @property
    def total(self) -> int:
        """All tumour nuclei."""
        return sum(self.grades)

    @property
    def positive(self) -> int:
        """Those of grade 1+ and more."""
        return self.total - self.grades[0]

    @property
    def share(self) -> float | None:
        """The index, 0 to 1; None where there is no tumour nucleus."""
        return self.positive / self.total if self.total else None

    @property
    def hscore(self) -> float | None:
        """H-score, 0 to 300; None where there is no tumour nucleus."""
        return h_score(self.grades)


@dataclass(frozen=True, slots=True)
class Counted:
    """``kinds`` uint8 holds for each nucleus its grade, ``OTHER`` or ``OUTSIDE``; ``regions`` are
    the counts within each region that was drawn, in their order."""

    whole: Count
    regions: tuple[Count, ...]
    kinds: NDArray[np.uint8]


def corrected(kinds_and_values: Sequence[tuple[str, Mapping[str, Any]]]) -> Corrected:
    """The corrections that stand, from their kinds and values in order: a later one wins."""
    threshold: float | None = None
    regions: list[Region] = []
    flips: dict[int, tuple[bool | None, bool | None]] = {}
    types: dict[int, int] = {}
    for kind, value in kinds_and_values:
        if kind == "threshold":
            threshold = float(value["value"])
        elif kind == "region":
            regions.append(region_of(value))
        elif kind == "nuclei":
            for index in value["indices"]:
                positive, tumour = flips.get(int(index), (None, None))
                flips[int(index)] = (value.get("positive", positive), value.get("tumour", tumour))
                if "type" in value:
                    types[int(index)] = int(value["type"])
    return Corrected(threshold, tuple(regions), flips, types)


def retyped(nuclei: Nuclei, types: Mapping[int, int]) -> Nuclei:
    """The same nuclei with the kinds of cells that a pathologist gave them."""
    rows = np.array([one for one in types if one < len(nuclei)], np.intp)
    if not len(rows):
        return nuclei
    made = nuclei.type.copy()
    made[rows] = [types[int(one)] for one in rows]
    return replace(nuclei, type=made)


def region_of(value: Mapping[str, Any]) -> Region:
    """A drawn region from its kept form."""
    return Region(
        str(value["kind"]),
        _ring(value["outline"]),
        tuple(_ring(hole) for hole in value.get("holes", ())),
        str(value.get("name", "")),
        str(value.get("drawn_by") or "person"),
    )


def _ring(points: Any) -> Ring:
    return Ring(np.array([[float(x), float(y)] for x, y in points], np.float32).reshape(-1, 2))


def counted(nuclei: Nuclei, rules: Rules, made: Corrected, mpp: float) -> Counted:
    """Counts. Nuclei count inside the drawn tumour regions, where there are any, and outside what
    was left out; by the classifier's probability and the threshold; a flipped nucleus as said.

    ``mpp`` micrometres of a level-0 pixel.
    """
    within = placed(nuclei, made.regions)
    first, second, third = rules.grades
    stain = nuclei.stain
    positive = stain >= np.float32(first if made.threshold is None else made.threshold)
    higher = (stain >= np.float32(second)).astype(np.uint8) + (stain >= np.float32(third))
    grades = positive * (1 + higher)
    tumour = nuclei.tumour >= np.float32(rules.tumour_from)
    for index, (says_positive, says_tumour) in made.flips.items():
        if index < len(nuclei):
            if says_positive is not None:
                grades[index] = max(1, grades[index]) if says_positive else 0
            if says_tumour is not None:
                tumour[index] = says_tumour
    kinds = np.where(tumour, grades, OTHER).astype(np.uint8)
    kinds[~within] = OUTSIDE
    regions = tuple(_tally(nuclei, kinds, inside(nuclei, one), mpp) for one in made.regions)
    return Counted(_tally(nuclei, kinds, np.ones(len(nuclei), bool), mpp), regions, kinds)


def placed(nuclei: Nuclei, regions: Sequence[Region]) -> NDArray[np.bool_]:
    """Which nuclei count by where they lie: the pathologist's region stands above the program's."""
    tumour = [one for one in regions if one.kind == "tumour"]
    within = np.ones(len(nuclei), bool) if not tumour else np.zeros(len(nuclei), bool)
    for one in tumour:
        within |= inside(nuclei, one)
    for one in regions:
        if one.kind == "excluded":
            within &= ~inside(nuclei, one)
    return within


def inside(nuclei: Nuclei, region: Region) -> NDArray[np.bool_]:
    """Whether each nucleus's centre lies in a region (even-odd rule over all its rings)."""
    x, y = nuclei.x.astype(np.float64), nuclei.y.astype(np.float64)
    found = np.zeros(len(nuclei), bool)
    if not len(region.outline.points):
        return found
    low, high = region.outline.points.min(0), region.outline.points.max(0)
    near = np.flatnonzero((x >= low[0]) & (x <= high[0]) & (y >= low[1]) & (y <= high[1]))
    x, y = x[near], y[near]
    odd = np.zeros(len(near), bool)
    for ring in (region.outline, *region.holes):
        corners = ring.points.astype(np.float64)
        for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if y1 == y2:
                continue
            crosses = (y1 > y) != (y2 > y)
            odd ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    found[near] = odd
    return found


def _tally(nuclei: Nuclei, kinds: NDArray[np.uint8], which: NDArray[np.bool_], mpp: float) -> Count:
    rows = np.flatnonzero(which & (kinds < OTHER))
    if not len(rows):
        return Count((0, 0, 0, 0), (0.0, 1.0))
    grades = kinds[rows]
    many = np.bincount(grades, minlength=OTHER)
    column, line = (
        ((place - place.min()) / (FIELD / mpp)).astype(np.int64)
        for place in (nuclei.x[rows].astype(np.float64), nuclei.y[rows].astype(np.float64))
    )
    field = line * (column.max() + 1) + column
    every = np.bincount(field)
    hot = np.bincount(field, weights=grades > 0, minlength=len(every)).astype(np.int64)
    total = int(many.sum())
    ends = clustered(np.stack([hot, every], axis=1), total - int(many[0]), total)
    return Count((int(many[0]), int(many[1]), int(many[2]), int(many[3])), ends)


def said(found: Count, ends: tuple[float, float], prefix: str = "") -> dict[str, Any]:
    """The index with the ``ends`` of its interval as figures by name, for Findings."""
    low, high = ends if found.total else (None, None)
    return {
        f"{prefix}index": found.share,
        f"{prefix}low": low,
        f"{prefix}high": high,
        f"{prefix}wilson": list(wilson(found.positive, found.total)) if found.total else None,
        f"{prefix}positive": found.positive,
        f"{prefix}tumour_nuclei": found.total,
        f"{prefix}classes": list(found.grades),
        f"{prefix}h_score": found.hscore,
    }


def limits_of(found: Counted, *, drawn: bool = False) -> list[dict[str, Any]]:
    """What limits an index: ``few-tumour-cells`` (cells, least), and that the denominator rests on
    a classifier, with the share of the nuclei that it left out: ``non-tumour-nuclei``, or
    ``non-tumour-nuclei-drawn`` within tumour regions ``drawn`` by hand."""
    limits: list[dict[str, Any]] = []
    if found.whole.total < FEWEST:
        limits.append({"code": "few-tumour-cells", "cells": found.whole.total, "least": FEWEST})
    asked = found.kinds[found.kinds != OUTSIDE]
    if len(asked):
        share = round(float((asked == OTHER).mean()), 3)
        code = "non-tumour-nuclei-drawn" if drawn else "non-tumour-nuclei"
        limits.append({"code": code, "share": share})
    return limits
