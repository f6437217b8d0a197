"""Where the tissue of an H&E slide lies, and the tiles that are worth measuring."""

from __future__ import annotations

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.he_stain import density
from countersign.rooms.pathology.domain.measured import Region, Ring, Tile

Picture = NDArray[np.uint8]
Mask = NDArray[np.bool_]

FAINT = 0.10
"""Mean optical density (natural logarithm) from which a pixel of the overview is tissue."""

BLACK = 1.9
"""… and above which, in all three channels, it is an edge or a pen, not tissue."""

SMALLEST = 0.005
"""Square millimetres: smaller crumbs are not outlined and not measured."""


def tissue_of(overview: Picture, white: tuple[float, float, float], mpp: float) -> Mask:
    """Tissue of an overview (h, w, 3) whose pixels measure ``mpp`` µm."""
    dense = density(overview, white)
    mean = np.asarray(cv2.blur(dense.mean(2), (3, 3)), np.float32)
    mask = (mean > FAINT) & (dense.min(2) < BLACK)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    closed = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    _, parts, stats, _ = cv2.connectedComponentsWithStats(closed, connectivity=8)
    large = np.asarray(stats)[:, cv2.CC_STAT_AREA] * (mpp / 1000) ** 2 >= SMALLEST
    large[0] = False
    return np.asarray(large[np.asarray(parts, np.int32)], np.bool_)


def outlined(mask: Mask, downsample: float) -> tuple[Region, ...]:
    """The parts of a mask as regions with holes, in level-0 pixels, from top to bottom."""
    drawn = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    found, tree = cast("tuple[list[Any], Any]", drawn)
    if tree is None:
        return ()
    family: Any = tree[0]
    holes: dict[int, list[Ring]] = {}
    for number, contour in enumerate(found):
        parent = int(family[number][3])
        if parent >= 0 and len(contour) >= 3:
            holes.setdefault(parent, []).append(_ring(contour, downsample))
    return tuple(
        Region("tissue", _ring(contour, downsample), tuple(holes.get(number, ())))
        for number, contour in reversed(list(enumerate(found)))
        if int(family[number][3]) < 0 and len(contour) >= 3
    )


def _ring(contour: NDArray[Any], downsample: float) -> Ring:
    return Ring(((contour.reshape(-1, 2) + 0.5) * downsample).astype(np.float32))


def tiled(
    mask: Mask, downsample: float, size: tuple[int, int], side: int, margin: int
) -> tuple[Tile, ...]:
    """Squares of ``side`` level-0 pixels, row by row, in which there is tissue.

    ``size`` is the width and height of the slide. They meet without gap or overlap.
    """
    width, height = size
    tiles: list[Tile] = []
    for y in range(0, height, side):
        for x in range(0, width, side):
            right, bottom = min(width, x + side), min(height, y + side)
            rows = slice(int(y / downsample), int(np.ceil(bottom / downsample)))
            columns = slice(int(x / downsample), int(np.ceil(right / downsample)))
            if mask[rows, columns].any():
                tiles.append(Tile(len(tiles), x, y, right - x, bottom - y, margin))
    return tuple(tiles)
