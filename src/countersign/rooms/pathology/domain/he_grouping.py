"""Nuclei out of what a network drew: every foreground pixel goes to the centre it points to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numba import njit  # type: ignore[import-untyped]
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.he_maps import SPREAD, TYPES, WAY

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Grouping:
    """When a pixel is foreground (probability), what share of a perfect hill a centre has at least,
    seen through a blur (pixels), how near two centres may be and how far a pixel may miss its
    centre (pixels), the smallest nucleus (square pixels).

    Blurred by its own width, a hill counts for what lies in it, however sure of its place the
    network is. Chosen on nine held-out tiles of MoNuSeg and twenty held-out fields of CRCHisto.
    """

    foreground: float = 0.55
    centre: float = 0.5
    blur: float = SPREAD
    apart: int = 3
    miss: float = 8.0
    smallest: int = 20

    @classmethod
    def by_height(cls, lowest: float) -> Grouping:
        """For networks of the versions before, whose cards say how high a hill is a centre."""
        return cls(centre=lowest * _full(0.8), blur=0.8, apart=4)


def _full(blur: float) -> float:
    """How much lower a perfect hill is after the blur."""
    return 1 + (blur / SPREAD) ** 2


@dataclass(frozen=True, slots=True)
class Found:
    """Nuclei of a picture: ``labels`` int32 (h, w), 0 or the number + 1 of a centre; ``centres``
    float32 (n, 2), x and y; ``scores`` float32 (n,), shares of a perfect hill, at most 1;
    ``types`` float32 (n, TYPES), probabilities."""

    labels: NDArray[np.int32]
    centres: Plane
    scores: Plane
    types: Plane


def sigmoid(logits: Plane) -> Plane:
    """1 / (1 + e^-x), float32."""
    return (1 / (1 + np.exp(-np.clip(logits, -40, 40)))).astype(np.float32)


def centres(hill: Plane, way: Grouping) -> tuple[Plane, Plane]:
    """Tops of the map of centres (h, w): places (n, 2), x and y, in reading order, and shares
    of a perfect hill.

    A top is the highest within ``way.apart`` pixels of the blurred map; its place is weighted by
    its eight neighbours.
    """
    smooth = np.asarray(cv2.GaussianBlur(hill, (0, 0), way.blur), np.float32) * _full(way.blur)
    around = cv2.dilate(smooth, np.ones((2 * way.apart + 1, 2 * way.apart + 1), np.uint8))
    rows, columns = np.nonzero((smooth >= around) & (smooth >= way.centre))
    keep = _first_of_level(rows, columns, way.apart)
    rows, columns = rows[keep], columns[keep]
    padded = np.pad(smooth, 1)
    weight = np.stack(
        [padded[rows + dy, columns + dx] for dy in range(3) for dx in range(3)]
    ).reshape(3, 3, -1)
    total = weight.sum((0, 1)) + 1e-9
    x = columns + (weight[:, 2].sum(0) - weight[:, 0].sum(0)) / total
    y = rows + (weight[2].sum(0) - weight[0].sum(0)) / total
    return np.stack([x, y], 1).astype(np.float32), smooth[rows, columns].clip(0, 1)


def _first_of_level(
    rows: NDArray[np.int64], columns: NDArray[np.int64], apart: int
) -> NDArray[np.bool_]:
    """Of tops of the same height beside each other, the first in reading order alone."""
    keep = np.ones(len(rows), np.bool_)
    for number in range(len(rows)):
        before = number - 1
        while before >= 0 and rows[number] - rows[before] <= apart:
            if keep[before] and abs(int(columns[number]) - int(columns[before])) <= apart:
                keep[number] = False
                break
            before -= 1
    return keep


@njit(cache=True)  # type: ignore[misc]
def _assigned(
    fore: Any, down: Any, across: Any, nearest: Any, far: Any, numbers: Any, miss: float
) -> Any:
    height, width = fore.shape
    out = np.zeros((height, width), np.int32)
    for y in range(height):
        for x in range(width):
            if not fore[y, x]:
                continue
            to_y = min(height - 1, max(0, int(np.rint(y + down[y, x]))))
            to_x = min(width - 1, max(0, int(np.rint(x + across[y, x]))))
            if far[to_y, to_x] <= miss:
                out[y, x] = numbers[nearest[to_y, to_x]]
    return out


@njit(cache=True)  # type: ignore[misc]
def _largest_parts(labels: Any, count: int, smallest: int) -> Any:
    """Of each number only the largest connected part, if it has so many pixels."""
    height, width = labels.shape
    part = np.zeros((height, width), np.int32)
    size = np.zeros(height * width + 1, np.int32)
    best = np.zeros(count + 1, np.int32)
    stack = np.zeros(height * width, np.int32)
    parts = 0
    for start in range(height * width):
        y, x = start // width, start % width
        number = labels[y, x]
        if number == 0 or part[y, x] != 0:
            continue
        parts += 1
        part[y, x] = parts
        stack[0] = start
        depth = 1
        while depth > 0:
            depth -= 1
            here = stack[depth]
            size[parts] += 1
            row, column = here // width, here % width
            for way in range(4):
                to_y = row + (way == 0) - (way == 1)
                to_x = column + (way == 2) - (way == 3)
                if to_y < 0 or to_x < 0 or to_y >= height or to_x >= width:
                    continue
                if labels[to_y, to_x] == number and part[to_y, to_x] == 0:
                    part[to_y, to_x] = parts
                    stack[depth] = to_y * width + to_x
                    depth += 1
        if size[parts] >= smallest and (best[number] == 0 or size[parts] > size[best[number]]):
            best[number] = parts
    out = np.zeros((height, width), np.int32)
    for y in range(height):
        for x in range(width):
            number = labels[y, x]
            if number != 0 and best[number] == part[y, x]:
                out[y, x] = number
    return out


def grouped(maps: Plane, way: Grouping, zoom: int = 1) -> Found:
    """Nuclei of the CHANNELS maps (c, h, w); ``labels`` is ``zoom`` times as large as they are.

    After Cheng et al. 2020 (Panoptic-DeepLab, arXiv:1911.10194). ``centres`` are in pixels of
    the maps. A centre to which no sufficient area points keeps its number, but has no pixels.
    """
    places, heights = centres(sigmoid(maps[1]), way)
    kinds = kinds_at(maps, places)
    height, width = maps.shape[1:]
    size = (width * zoom, height * zoom)
    if not len(places):
        return Found(np.zeros((size[1], size[0]), np.int32), places, heights, kinds)
    fore, down, across = (
        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.float32)
        for plane in (maps[0], maps[2], maps[3])
    )
    seeds = np.full((size[1], size[0]), 255, np.uint8)
    spots = np.rint(places * zoom + (zoom - 1) / 2).astype(np.int64)
    spots[:, 0] = spots[:, 0].clip(0, size[0] - 1)
    spots[:, 1] = spots[:, 1].clip(0, size[1] - 1)
    seeds[spots[:, 1], spots[:, 0]] = 0
    far, near = cv2.distanceTransformWithLabels(
        seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.asarray(near, np.int32)
    numbers = np.zeros(int(nearest.max()) + 1, np.int32)
    numbers[nearest[spots[:, 1], spots[:, 0]]] = np.arange(1, len(spots) + 1)
    level = float(np.log(way.foreground / (1 - way.foreground)))
    steps = np.float32(WAY * zoom)
    labels = _assigned(
        fore > level, down * steps, across * steps, nearest, far, numbers, way.miss * zoom
    )
    labels = _largest_parts(labels, len(places), way.smallest * zoom * zoom)
    return Found(labels, places, heights, kinds)


def with_discs(found: Found, radius: int = 3) -> Found:
    """A disc for each centre that has no pixels, where nothing else is: its outline is unknown,
    as after training from points alone."""
    there = np.zeros(len(found.centres) + 1, np.bool_)
    there[found.labels.ravel()] = True
    bare = np.flatnonzero(~there[1:])
    if not len(bare):
        return found
    labels = found.labels.copy()
    height, width = labels.shape
    down, across = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    round_ = down**2 + across**2 <= radius**2
    for number in bare:
        x, y = (int(np.rint(one)) for one in found.centres[number])
        rows, columns = (y + down[round_]), (x + across[round_])
        inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        rows, columns = rows[inside], columns[inside]
        free = labels[rows, columns] == 0
        labels[rows[free], columns[free]] = number + 1
    return Found(labels, found.centres, found.scores, found.types)


def kinds_at(maps: Plane, places: Plane) -> Plane:
    """Probabilities (n, TYPES) of the types at places (n, 2), x and y: the softmax of the logits
    averaged over 5 × 5 pixels."""
    logits = maps[4 : 4 + TYPES]
    if not len(places):
        return np.zeros((0, TYPES), np.float32)
    spots = np.rint(places).astype(np.int64)
    rows = spots[:, 1].clip(0, logits.shape[1] - 1)
    columns = spots[:, 0].clip(0, logits.shape[2] - 1)
    blurred = [np.asarray(cv2.blur(plane, (5, 5)), np.float32) for plane in logits]
    return softmax(np.stack([plane[rows, columns] for plane in blurred], 1))


def softmax(said: Plane) -> Plane:
    """Probabilities of rows of logits, float32."""
    raised = np.exp(said - said.max(1, keepdims=True))
    return (raised / raised.sum(1, keepdims=True)).astype(np.float32)
