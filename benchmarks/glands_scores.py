"""How alike outlines of glands are: by pixel, by field and by gland."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Scored:
    """``dice`` mean over fields of the pixels' Dice; ``pooled`` the Dice of all pixels together;
    ``by_object`` mean over fields of the challenge's object Dice; ``right`` share of the grades."""

    dice: float
    pooled: float
    by_object: float
    right: float


def scored(found: list[Mask], true: list[Mask], grades: list[bool], told: list[bool]) -> Scored:
    """Over fields in the same order."""
    both = [int((one & other).sum()) for one, other in zip(found, true, strict=True)]
    sizes = [int(one.sum()) + int(other.sum()) for one, other in zip(found, true, strict=True)]
    return Scored(
        float(np.mean([2 * one / max(1, size) for one, size in zip(both, sizes, strict=True)])),
        2 * sum(both) / max(1, sum(sizes)),
        float(np.mean([object_dice(one, other) for one, other in zip(found, true, strict=True)])),
        float(np.mean([one == other for one, other in zip(told, grades, strict=True)])),
    )


def object_dice(found: Mask, true: Mask) -> float:
    """The challenge's (Sirinukunwattana et al., Medical Image Analysis 2017; 35: 489–502): each
    gland beside the one that it overlaps most, weighted by area, both ways round.

    Glands are connected areas: where two touch, this set's masks hold one, and so must ours.
    """
    ours, theirs = _labels(found), _labels(true)
    return (_one_way(ours, theirs) + _one_way(theirs, ours)) / 2


def _labels(mask: Mask) -> NDArray[np.int32]:
    _, labels = cv2.connectedComponents(mask.astype(np.uint8))
    return np.asarray(labels, np.int32)


def _one_way(ours: NDArray[np.int32], theirs: NDArray[np.int32]) -> float:
    many, others = int(ours.max()) + 1, int(theirs.max()) + 1
    if many == 1:
        return 1.0 if others == 1 else 0.0
    table = np.bincount((ours * others + theirs).ravel(), minlength=many * others)
    table = table.reshape(many, others)
    size, other_size = table.sum(axis=1), table.sum(axis=0)
    total = 0.0
    for one in range(1, many):
        most = int(table[one, 1:].argmax()) + 1 if others > 1 else 0
        overlap = int(table[one, most]) if most else 0
        if overlap:
            total += size[one] * 2 * overlap / (size[one] + other_size[most])
    return float(total / size[1:].sum())
