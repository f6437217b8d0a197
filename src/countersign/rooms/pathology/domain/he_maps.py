"""What a network is to draw of nuclei on H&E: foreground, centres, ways to the centre, types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

MPP = 0.5
"""Micrometres of a pixel of the maps."""

FINER = 2
"""Pixels of the picture as the network sees it along a pixel of the maps."""

SIGHT = MPP / FINER
"""Micrometres of a pixel as the network sees it."""

WAY = 8.0
"""Pixels for which a way of 1.0 stands."""

TYPES = 5
"""Classes of nuclei: NucleusType 1 to 5."""

CHANNELS = 4 + TYPES
"""Foreground logit, centre logit, way to the centre in y and in x, logits of the types."""

SPREAD = 2.0
"""Pixels: the standard deviation of the hill that stands for a centre."""

DISC = 3.5
"""Pixels round a point of which only centre and type are known that are surely the nucleus."""

SOLID = 0.92
"""A connected foreground fills so much of its convex hull: then it is taken for one nucleus."""

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is true of a crop and where that is known; each float32 or uint8, shape (h, w).

    ``way`` has shape (2, h, w), y then x, in pixels / WAY; ``type`` 0 where unknown.
    The ``…_known`` are 0 or 1 and weigh the loss.
    """

    foreground: Plane
    foreground_known: Plane
    centre: Plane
    centre_known: Plane
    way: Plane
    way_known: Plane
    type: NDArray[np.uint8]


def lesson(
    inside: NDArray[np.bool_],
    instances: NDArray[np.int32] | None,
    foreground: NDArray[np.bool_] | None,
    points: NDArray[np.float32] | None,
    types: NDArray[np.uint8] | None,
) -> Lesson:
    """From whatever is known of a picture; nothing is known where not ``inside``.

    Outlines of touching nuclei are not known from a foreground: there only connected parts that
    are convex count as nuclei.
    """
    shape = inside.shape
    known = inside.astype(np.float32)
    kind = np.zeros(shape, np.uint8)
    way = np.zeros((2, *shape), np.float32)
    none = np.zeros(shape, np.float32)
    if instances is None and foreground is not None:
        instances, sure = _convex(foreground)
        nuclei, fore = instances, foreground
        apart = known * sure
    elif instances is not None:
        nuclei, fore, apart = instances, instances > 0, known
    else:
        if points is None:
            points = np.zeros((0, 2), np.float32)
        nuclei, near = _discs(shape, points)
        if types is not None:
            _paint_types(kind, nuclei, types)
        centre = _hills(shape, points)
        _ways(way, nuclei, points)
        return Lesson(none, none, centre, known, way, known * near, kind)
    middles = _middles(nuclei)
    centre = _hills(shape, middles[np.isfinite(middles[:, 0])])
    _ways(way, nuclei, middles)
    if points is not None and types is not None:
        _types_of_points(kind, nuclei, points, types)
    return Lesson(fore.astype(np.float32), known, centre, apart, way, apart * (nuclei > 0), kind)


def _convex(foreground: NDArray[np.bool_]) -> tuple[NDArray[np.int32], Plane]:
    """Convex parts, numbered from 1, and where it is known whether there is a centre."""
    count, parts = cv2.connectedComponents(foreground.astype(np.uint8), connectivity=4)
    labels = np.asarray(parts, np.int32)
    sure = np.ones(labels.shape, np.float32)
    keep = np.zeros(count, np.int32)
    outlines, _ = cv2.findContours(
        foreground.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    for outline in outlines:
        x, y = outline[0, 0]
        hull = float(cv2.contourArea(cv2.convexHull(outline)))
        if hull > 20 and cv2.contourArea(outline) >= SOLID * hull:
            keep[labels[y, x]] = labels[y, x]
    kept = keep[labels]
    doubtful = foreground & (kept == 0)
    sure[np.asarray(cv2.dilate(doubtful.astype(np.uint8), np.ones((5, 5), np.uint8))) > 0] = 0
    return kept, sure


def _middles(nuclei: NDArray[np.int32]) -> Plane:
    """Centres by number − 1, float32 (n, 2), x and y; NaN where there is no such number."""
    flat = nuclei.ravel()
    count = np.bincount(flat)
    rows, columns = np.indices(nuclei.shape, np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.bincount(flat, columns.ravel()) / count
        y = np.bincount(flat, rows.ravel()) / count
    return np.stack([x, y], 1)[1:].astype(np.float32)


def _discs(shape: tuple[int, ...], points: NDArray[np.float32]) -> tuple[NDArray[np.int32], Plane]:
    """The number + 1 of the nearest point within DISC, and 1 there."""
    seeds = np.full(shape, 255, np.uint8)
    spots = np.rint(points).astype(np.int64)
    inside = (spots >= 0).all(1) & (spots[:, 0] < shape[1]) & (spots[:, 1] < shape[0])
    seeds[spots[inside, 1], spots[inside, 0]] = 0
    if not inside.any():
        return np.zeros(shape, np.int32), np.zeros(shape, np.float32)
    far, nearest = cv2.distanceTransformWithLabels(
        seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    label = np.asarray(nearest, np.int32)
    numbers = np.zeros(int(label.max()) + 1, np.int32)
    for number in np.flatnonzero(inside):
        numbers[label[spots[number, 1], spots[number, 0]]] = number + 1
    near = np.asarray(far, np.float32) <= DISC
    return np.where(near, numbers[label], 0).astype(np.int32), near.astype(np.float32)


def _hills(shape: tuple[int, ...], points: NDArray[np.float32]) -> Plane:
    out = np.zeros(shape, np.float32)
    reach = int(3 * SPREAD) + 1
    height, width = shape
    for x, y in points:
        left, top = max(0, int(x) - reach), max(0, int(y) - reach)
        right, bottom = min(width, int(x) + reach + 1), min(height, int(y) + reach + 1)
        if left >= right or top >= bottom:
            continue
        across = np.exp(-((np.arange(left, right) - x) ** 2) / (2 * SPREAD**2))
        down = np.exp(-((np.arange(top, bottom) - y) ** 2) / (2 * SPREAD**2))
        part = out[top:bottom, left:right]
        np.maximum(part, (down[:, None] * across).astype(np.float32), out=part)
    return out


def _ways(way: Plane, nuclei: NDArray[np.int32], middles: NDArray[np.float32]) -> None:
    rows, columns = np.nonzero(nuclei)
    to = middles[nuclei[rows, columns] - 1]
    way[0, rows, columns] = (to[:, 1] - rows) / WAY
    way[1, rows, columns] = (to[:, 0] - columns) / WAY


def _paint_types(
    kind: NDArray[np.uint8], nuclei: NDArray[np.int32], types: NDArray[np.uint8]
) -> None:
    kind[:] = np.concatenate([np.zeros(1, np.uint8), types])[nuclei]


def _types_of_points(
    kind: NDArray[np.uint8],
    nuclei: NDArray[np.int32],
    points: NDArray[Any],
    types: NDArray[np.uint8],
) -> None:
    """Every pixel of the nucleus in which a typed point lies."""
    spots = np.rint(points).astype(np.int64)
    height, width = nuclei.shape
    inside = (spots >= 0).all(1) & (spots[:, 0] < width) & (spots[:, 1] < height)
    table = np.zeros(int(nuclei.max()) + 1, np.uint8)
    table[nuclei[spots[inside, 1], spots[inside, 0]]] = types[inside]
    table[0] = 0
    kind[:] = table[nuclei]
