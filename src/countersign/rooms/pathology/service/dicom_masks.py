"""Draws outlines as masks, in the pixels of the picture that they will lie on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain.measured import Region, Ring

from .dicom_source import Source

LINES = 4096
"""Lines along which an outline is measured that may cross itself."""

SHIFT = 4
"""Binary digits below a pixel that outlines are drawn with."""


def mask(source: Source, regions: Iterable[Region]) -> NDArray[np.uint8]:
    """1 within the outlines and outside of their holes, else 0; shape (rows, columns)."""
    columns, rows = source.size
    made = np.zeros((rows, columns), np.uint8)
    for region in regions:
        if not region.holes:
            cv2.fillPoly(made, [_drawn(source, region.outline)], (1,), shift=SHIFT)
            continue
        own = np.zeros_like(made)
        cv2.fillPoly(own, [_drawn(source, region.outline)], (1,), shift=SHIFT)
        for hole in region.holes:
            cv2.fillPoly(own, [_drawn(source, hole)], (0,), shift=SHIFT)
        made |= own
    return made


def masks(source: Source, regions: Sequence[Region], kinds: Sequence[str]) -> NDArray[np.uint8]:
    """One mask for each kind, shape (rows, columns, kinds)."""
    return np.stack(
        [mask(source, [one for one in regions if one.kind == kind]) for kind in kinds], axis=-1
    )


def area(source: Source, region: Region) -> float:
    """Square millimetres within the outline, without its holes. Of an outline that crosses itself
    those that nuclei count in (even-odd), along ``LINES`` lines."""
    exact = _shoelace(region.outline) - sum(_shoelace(one) for one in region.holes)
    counted, doubt = _even_odd([region.outline, *region.holes])
    return (exact if abs(exact - counted) <= doubt else counted) * source.square_mm


def _even_odd(rings: Sequence[Ring]) -> tuple[float, float]:
    """Square pixels on the lines through the middles of ``LINES`` bands of the same height, and by
    how many these may be off: half a band along each edge."""
    edges = np.concatenate(
        [np.hstack([one.points, np.roll(one.points, -1, 0)]) for one in rings]
    ).astype(np.float64)
    top, bottom = edges[:, (1, 3)].min(), edges[:, (1, 3)].max()
    high = (bottom - top) / LINES
    doubt = float(np.abs(edges[:, 2] - edges[:, 0]).sum() * high / 2)
    if high == 0:
        return 0.0, 0.0
    low, up = (end(edges[:, 1], edges[:, 3]) for end in (np.minimum, np.maximum))
    first, last = (np.ceil((one - top) / high - 0.5).astype(np.int64) for one in (low, up))
    many = last - first  # lines that each edge crosses, its upper end left out
    edge = np.repeat(np.arange(len(edges)), many)
    before: NDArray[np.int64] = np.repeat(np.cumsum(many) - many, many)
    line: NDArray[np.int64] = np.arange(len(edge)) - before + first[edge]
    x1, y1, x2, y2 = edges[edge].T
    at: NDArray[np.float64] = x1 + (x2 - x1) * (top + (line + 0.5) * high - y1) / (y2 - y1)
    at = at[np.lexsort((at, line))]  # of each line an even number
    return float((at[1::2] - at[::2]).sum() * high), doubt


def _shoelace(ring: Ring) -> float:
    x, y = np.asarray(ring.points, np.float64).T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


def _drawn(source: Source, ring: Ring) -> NDArray[np.int32]:
    """OpenCV puts a pixel's centre at its whole number."""
    return np.round((source.pixels(ring.points) - 0.5) * 2**SHIFT).astype(np.int32)
