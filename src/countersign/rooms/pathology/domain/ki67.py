"""The Ki-67 index from the columns of nuclei: at once, for any threshold, regions and flips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .hscore import GRADES, Classes
from .ki67_interval import clustered, wilson
from .ki67_place import inside, tally
from .measured import Nuclei, Region

FEWEST = 500
"""Tumour nuclei to be counted at least; below, the answer says so. International Ki67 in Breast
Cancer Working Group: Nielsen TO et al., J Natl Cancer Inst 2021;113:808-819.
That the paper states this very number was not checked."""

CUTOFF = 0.5
"""Probability from which a nucleus is a tumour's."""

FIELD = 500.0
"""Side in µm of the squares over which the spread of the index is taken."""

Mask = NDArray[np.uint8]


class Flip(IntEnum):
    """What a pathologist said of one nucleus."""

    NEGATIVE = 0
    POSITIVE = 1
    NOT_TUMOUR = 2


@dataclass(frozen=True, slots=True)
class Index:
    """Positive tumour nuclei of all tumour nuclei. ``low`` and ``high`` are a 95 % interval that
    allows for nuclei of one neighbourhood being alike (None of no nuclei); ``wilson`` the
    narrower one of independent nuclei, which cells in clusters are not."""

    classes: Classes
    index: float | None
    low: float | None
    high: float | None
    wilson: tuple[float, float] | None
    others: int
    """Nuclei in the same place that count as no tumour's."""

    @property
    def positive(self) -> int:
        return self.classes.positive

    @property
    def total(self) -> int:
        return self.classes.total

    @property
    def few(self) -> bool:
        return self.total < FEWEST


def counted(
    nuclei: Nuclei,
    regions: Sequence[Region] = (),
    flips: Mapping[int, Flip] | None = None,
    cutoff: float = CUTOFF,
) -> Mask:
    """For each nucleus: 0 elsewhere, 1 no tumour's, 2 tumour's, 3 and 4 tumour's and said to be
    negative or positive. Compute once; ``index_from`` follows a moving threshold.

    Regions that a person drew as ``tumour`` (or ``drawn``) stand above any that a program made:
    with one of them, nothing outside counts. ``excluded`` regions never count.
    """
    kinds = np.where(nuclei.tumour >= np.float32(cutoff), 2, 1).astype(np.uint8)
    wanted = [one for one in regions if one.kind in ("tumour", "drawn")]
    wanted = [one for one in wanted if one.drawn_by is not None] or wanted
    if wanted:
        kinds[inside(nuclei.x, nuclei.y, wanted) == 0] = 0
    without = [one for one in regions if one.kind == "excluded"]
    if without:
        kinds[inside(nuclei.x, nuclei.y, without) != 0] = 0
    for row, said in (flips or {}).items():
        if 0 <= row < len(kinds) and kinds[row]:
            kinds[row] = 1 if said is Flip.NOT_TUMOUR else 3 + int(said)
    return kinds


def index_from(
    nuclei: Nuclei,
    kinds: Mask,
    threshold: float = GRADES[0],
    mpp: float = 0.25,
    grades: Sequence[float] = GRADES,
) -> Index:
    """The index where ``threshold`` is the optical density of DAB from which a nucleus is
    positive; ``mpp`` micrometres of a level-0 pixel. A million nuclei take milliseconds."""
    at = np.array([threshold, max(threshold, grades[1]), max(threshold, grades[2])], np.float32)
    whole, fields = tally(nuclei.x, nuclei.y, nuclei.stain, kinds, at, np.float64(FIELD / mpp))
    classes = Classes(int(whole[0]), int(whole[1]), int(whole[2]), int(whole[3]))
    if not classes.total:
        return Index(classes, None, None, None, None, int(whole[4]))
    share = classes.positive / classes.total
    low, high = clustered(fields, classes.positive, classes.total)
    plain = wilson(classes.positive, classes.total)
    return Index(classes, share, low, high, plain, int(whole[4]))


def index_of(
    nuclei: Nuclei,
    threshold: float = GRADES[0],
    regions: Sequence[Region] = (),
    flips: Mapping[int, Flip] | None = None,
    mpp: float = 0.25,
    cutoff: float = CUTOFF,
) -> Index:
    """Both steps at once: which nuclei count, then the index."""
    return index_from(nuclei, counted(nuclei, regions, flips, cutoff), threshold, mpp)


def said(found: Index, prefix: str = "") -> dict[str, Any]:
    """The index as figures by name, for Findings."""
    classes = found.classes
    return {
        f"{prefix}index": found.index,
        f"{prefix}low": found.low,
        f"{prefix}high": found.high,
        f"{prefix}wilson": list(found.wilson) if found.wilson else None,
        f"{prefix}positive": found.positive,
        f"{prefix}tumour_nuclei": found.total,
        f"{prefix}classes": [classes.none, classes.weak, classes.moderate, classes.strong],
        f"{prefix}h_score": classes.h_score,
    }


def limits_of(found: Index, nuclei: int) -> list[dict[str, Any]]:
    """What limits an index: ``few-tumour-cells`` (cells, least) and ``non-tumour-nuclei``: that
    the denominator rests on a classifier, with the share of ``nuclei`` it left out."""
    limits: list[dict[str, Any]] = []
    if found.few:
        limits.append({"code": "few-tumour-cells", "cells": found.total, "least": FEWEST})
    if nuclei:
        share = round(found.others / nuclei, 3)
        limits.append({"code": "non-tumour-nuclei", "share": share})
    return limits
