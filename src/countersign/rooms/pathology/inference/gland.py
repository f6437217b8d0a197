"""Outlines glands on H&E with a small network that was learnt by the room's training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Slide
from countersign.kit import graphs
from countersign.rooms.pathology.domain.gland import Gland, gland_mask, glands
from countersign.rooms.pathology.domain.gland_pixels import MPP, STEP, Floats, prepared
from countersign.rooms.pathology.domain.measured import Region, Ring, Tile
from countersign.rooms.pathology.domain.tissue_grid import Grid, Mask, area_mm2


class Outlining(Protocol):
    """What outlines glands, see ``GlandNetwork.probabilities``."""

    def probabilities(self, pixels: NDArray[np.uint8], strength: Floats | None = None) -> Floats:
        """RGB (h, w, 3) at 1.24 µm a pixel to probabilities (2, h, w)."""
        ...


MARGIN = 160
"""Pixels of 1.24 µm around a tile: a gland cut by its edge is seen whole, as far as 200 µm."""


MIRRORED: Final = ((), (2,), (3,), (2, 3))
"""Ways in which a picture is turned; the mean over them is steadier, and takes as many times as
long."""

LUMEN_MM2 = 0.1
"""Holes of tissue up to this area may be a gland's lumen; larger ones are bare glass."""

SHIPPED = Path(__file__).with_name("glands.npz")
"""Learnt from generated slides alone; docs/models/glands.md says what it is worth on real ones."""


class GlandNetwork:
    """An ONNX graph from ``pixels`` float32 (n, 3, h, w) to ``logits`` (n, 2, h, w).

    One thread: a worker has other work beside it. The runtime is loaded at the first picture.
    """

    def __init__(self, graph: bytes, turns: Sequence[tuple[int, ...]] = MIRRORED) -> None:
        self.graph = graph
        self._turns = tuple(turns)
        self._session: Any = None

    @classmethod
    def of(cls, file: Path = SHIPPED, turns: Sequence[tuple[int, ...]] = MIRRORED) -> GlandNetwork:
        """From the file that ``training.glands.train`` wrote; without one, the shipped."""
        with np.load(file, allow_pickle=False) as held:
            return cls(held["graph"].tobytes(), turns)

    def probabilities(self, pixels: NDArray[np.uint8], strength: Floats | None = None) -> Floats:
        """RGB (h, w, 3) at 1.24 µm a pixel to probabilities (2, h, w): gland; malignant if gland.

        The mean over the mirrorings. ``strength`` is that of the whole slide, see ``prepared``.
        """
        seen = prepared(pixels, strength)
        height, width = seen.shape[1:]
        pad = ((0, 0), (0, -height % STEP), (0, -width % STEP))
        whole = np.pad(seen, pad, mode="symmetric")[None]
        total = np.zeros((2, *whole.shape[2:]), np.float32)
        session = self._ready()
        for axes in self._turns:
            turned = np.ascontiguousarray(np.flip(whole, axes))
            (logits,) = session.run(None, {"pixels": turned})
            total += np.flip(1 / (1 + np.exp(-np.asarray(logits, np.float32))), axes)[0]
        return np.asarray(total / len(self._turns), np.float32)[:, :height, :width]

    def _ready(self) -> Any:
        if self._session is None:
            self._session = graphs.opened(self.graph)
        return self._session


def glands_of(
    slide: Slide,
    mpp: float,
    tile: Tile,
    network: Outlining,
    strength: Floats | None = None,
    tissue: Sequence[Region] = (),
) -> tuple[Gland, ...]:
    """The glands whose middle lies in the tile, outlined in level-0 pixels.

    ``mpp`` are micrometres of a level-0 pixel. Bare glass beside the ``tissue`` is covered with
    the tissue's own colours: it would pass for a lumen, and much of it changes what the network,
    which scales each picture by itself, sees of the rest. Raises SlideDamaged.
    """
    downsample = MPP / mpp
    edge = round(MARGIN * downsample)
    width, height = tile.width + 2 * edge, tile.height + 2 * edge
    pixels = slide.region(tile.x - edge, tile.y - edge, width, height, downsample)
    cell = width / pixels.shape[1]
    grid = Grid(
        float(tile.x - edge), float(tile.y - edge), cell, pixels.shape[0], pixels.shape[1], mpp
    )
    bare = ~_covered(tissue, grid) if tissue else np.zeros(pixels.shape[:2], np.bool_)
    if bare.all():
        return ()
    if bare.any():
        pixels = pixels.copy()
        pixels[bare] = np.resize(pixels[~bare], (int(bare.sum()), 3))
    gland, malignant = network.probabilities(pixels, strength)
    gland = np.where(bare, np.float32(0), gland)
    found = glands(gland_mask(gland, MPP), malignant, grid)
    return tuple(one for one in found if _in(one, tile))


def _covered(tissue: Sequence[Region], grid: Grid) -> Mask:
    """The cells inside the outlines; holes as small as a lumen are inside."""
    found = np.zeros((grid.rows, grid.columns), np.uint8)
    for region in tissue:
        cv2.fillPoly(found, [_cells(region.outline, grid)], 1)
        holes = [one for one in region.holes if area_mm2([Region("", one)], grid.mpp) > LUMEN_MM2]
        if holes:
            cv2.fillPoly(found, [_cells(one, grid) for one in holes], 0)
    return found > 0


def _cells(ring: Ring, grid: Grid) -> NDArray[np.int32]:
    places = (ring.points.astype(np.float64) - (grid.x, grid.y)) / grid.cell
    return np.round(places).astype(np.int32).reshape(-1, 1, 2)


def _in(one: Gland, tile: Tile) -> bool:
    """By the middle of its box, so that a gland on a border belongs to one tile alone."""
    points = one.region.outline.points
    x, y = ((points.min(axis=0) + points.max(axis=0)) / 2).tolist()
    inside = tile.x <= x < tile.x + tile.width and tile.y <= y < tile.y + tile.height
    return bool(inside)
