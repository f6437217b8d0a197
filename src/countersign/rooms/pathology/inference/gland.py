"""Outlines glands on H&E with a small network that was learnt by the room's training."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Slide
from countersign.rooms.pathology.domain.gland import Gland, gland_mask, glands
from countersign.rooms.pathology.domain.gland_pixels import MPP, STEP, Floats, prepared
from countersign.rooms.pathology.domain.measured import Tile
from countersign.rooms.pathology.domain.tissue_grid import Grid


class Outlining(Protocol):
    """What outlines glands, see ``GlandNetwork.probabilities``."""

    def probabilities(self, pixels: NDArray[np.uint8], strength: Floats | None = None) -> Floats:
        """RGB (h, w, 3) at 1.24 µm a pixel to probabilities (2, h, w)."""
        ...


MARGIN = 160
"""Pixels of 1.24 µm around a tile: a gland cut by its edge is seen whole, as far as 200 µm."""


SHIPPED = Path(__file__).with_name("glands.npz")
"""Learnt from generated slides alone; docs/models/glands.md says what it is worth on real ones."""


class GlandNetwork:
    """An ONNX graph from ``pixels`` float32 (n, 3, h, w) to ``logits`` (n, 2, h, w).

    One thread: a worker has other work beside it. The runtime is loaded at the first picture.
    """

    def __init__(self, graph: bytes) -> None:
        self.graph = graph
        self._session: Any = None

    @classmethod
    def of(cls, file: Path = SHIPPED) -> GlandNetwork:
        """From the file that ``training.glands.train`` wrote; without one, the shipped."""
        with np.load(file, allow_pickle=False) as held:
            return cls(held["graph"].tobytes())

    def probabilities(self, pixels: NDArray[np.uint8], strength: Floats | None = None) -> Floats:
        """RGB (h, w, 3) at 1.24 µm a pixel to probabilities (2, h, w): gland; malignant if gland.

        The mean over four mirrorings. ``strength`` is that of the whole slide, see ``prepared``.
        """
        seen = prepared(pixels, strength)
        height, width = seen.shape[1:]
        pad = ((0, 0), (0, -height % STEP), (0, -width % STEP))
        whole = np.pad(seen, pad, mode="symmetric")[None]
        total = np.zeros((2, *whole.shape[2:]), np.float32)
        session = self._ready()
        for axes in ((), (2,), (3,), (2, 3)):
            turned = np.ascontiguousarray(np.flip(whole, axes))
            (logits,) = session.run(None, {"pixels": turned})
            total += np.flip(1 / (1 + np.exp(-np.asarray(logits, np.float32))), axes)[0]
        return (total / 4)[:, :height, :width]

    def _ready(self) -> Any:
        if self._session is None:
            import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

            runtime: Any = onnxruntime
            options = runtime.SessionOptions()
            options.intra_op_num_threads = 1
            options.inter_op_num_threads = 1
            self._session = runtime.InferenceSession(
                self.graph, options, providers=["CPUExecutionProvider"]
            )
        return self._session


def glands_of(
    slide: Slide, mpp: float, tile: Tile, network: Outlining, strength: Floats | None = None
) -> tuple[Gland, ...]:
    """The glands whose middle lies in the tile, outlined in level-0 pixels.

    ``mpp`` are micrometres of a level-0 pixel. Raises SlideDamaged.
    """
    downsample = MPP / mpp
    edge = round(MARGIN * downsample)
    width, height = tile.width + 2 * edge, tile.height + 2 * edge
    pixels = slide.region(tile.x - edge, tile.y - edge, width, height, downsample)
    gland, malignant = network.probabilities(pixels, strength)
    cell = width / pixels.shape[1]
    grid = Grid(
        float(tile.x - edge), float(tile.y - edge), cell, gland.shape[0], gland.shape[1], mpp
    )
    found = glands(gland_mask(gland, MPP), malignant, grid)
    return tuple(one for one in found if _in(one, tile))


def _in(one: Gland, tile: Tile) -> bool:
    """By the middle of its box, so that a gland on a border belongs to one tile alone."""
    points = one.region.outline.points
    x, y = ((points.min(axis=0) + points.max(axis=0)) / 2).tolist()
    inside = tile.x <= x < tile.x + tile.width and tile.y <= y < tile.y + tile.height
    return bool(inside)
