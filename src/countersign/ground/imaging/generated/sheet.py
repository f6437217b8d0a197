"""What is written to a file: tiles of every level, from a picture or from a field repeated."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging.slide import Pixels

from .field import Cells, Field
from .layout import layered

SIDE = 256
"""Pixels of a tile's side."""

GRAIN = 16
"""Pixels of level 0 for each of the mask that says where there is tissue."""

Tile = tuple[Hashable | None, Pixels]
"""A key, equal for equal tiles (None: this one comes once), and the pixels."""


class Sheet(Protocol):
    """``sizes`` (width, height) of each level, level 0 first, ``downsamples`` of each."""

    @property
    def mpp(self) -> float: ...

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]: ...

    @property
    def downsamples(self) -> tuple[int, ...]: ...

    def tiles(self, level: int) -> Iterator[Tile]:
        """Row by row, all of them SIDE × SIDE, white beyond the edge."""
        ...


@dataclass(frozen=True)
class Picture:
    """A sheet of one picture in memory."""

    pixels: Pixels
    mpp: float
    downsamples: tuple[int, ...] = (1, 4, 16)

    @property
    def sizes(self) -> tuple[tuple[int, int], ...]:
        height, width = self.pixels.shape[:2]
        return tuple((max(1, width // one), max(1, height // one)) for one in self.downsamples)

    def tiles(self, level: int) -> Iterator[Tile]:
        width, height = self.sizes[level]
        step = self.downsamples[level]
        used = self.pixels[: height * step, : width * step]
        small = cv2.resize(used, (width, height), interpolation=cv2.INTER_AREA)
        for y in range(0, height, SIDE):
            for x in range(0, width, SIDE):
                tile = np.full((SIDE, SIDE, 3), 255, np.uint8)
                part = small[y : y + SIDE, x : x + SIDE]
                tile[: part.shape[0], : part.shape[1]] = part
                yield None, tile


class Repeated:
    """A slide of any size: one field, drawn with edges that fit, again and again where there is
    tissue, which has a smooth outline and takes a given share of the glass.

    Memory grows with the field and with the mask (a 256th of the slide's pixels, a bit each).
    """

    def __init__(
        self,
        field: Field,
        width: int,
        height: int,
        share: float = 0.25,
        seed: int = 0,
        downsamples: tuple[int, ...] = (1, 4, 16, 64),
    ) -> None:
        """The field's sides must be whole numbers of tiles and of the largest downsample; raises
        ValueError where they are not."""
        high, wide = field.pixels.shape[:2]
        if any(side % one for side in (high, wide) for one in (SIDE, *downsamples)):
            raise ValueError("the field must be made of whole tiles")
        self.mpp = field.mpp
        self.downsamples = downsamples
        self.sizes = tuple((width // one, height // one) for one in downsamples)
        self._field = field
        chance = np.random.default_rng([seed, 25])
        self._mask = _outline(chance, -(-width // GRAIN), -(-height // GRAIN), share)
        blank = np.random.default_rng([seed, 26]).normal(field.white, 0.8, (SIDE, SIDE, 3))
        self._blank = np.clip(np.round(blank), 0, 255).astype(np.uint8)
        self._blocks: list[Pixels] = [
            np.asarray(
                cv2.resize(field.pixels, (wide // one, high // one), interpolation=cv2.INTER_AREA),
                np.uint8,
            )
            for one in downsamples
        ]

    def tiles(self, level: int) -> Iterator[Tile]:
        width, height = self.sizes[level]
        step = self.downsamples[level]
        block = self._blocks[level]
        high, wide = block.shape[:2]
        for y in range(0, height, SIDE):
            for x in range(0, width, SIDE):
                mask = self._part(x * step, y * step, SIDE * step)
                if not mask.any():
                    yield "blank", self._blank
                    continue
                rows = np.arange(y, y + SIDE) % high
                columns = np.arange(x, x + SIDE) % wide
                tissue = block[rows[:, None], columns[None, :]]
                if mask.all():
                    yield (x % wide, y % high), tissue
                else:
                    yield None, _laid(tissue, self._blank, mask)

    def _part(self, x: int, y: int, size: int) -> NDArray[np.bool_]:
        """The mask of a square, none beyond the glass."""
        first_x, first_y = x // GRAIN, y // GRAIN
        count = size // GRAIN
        found = np.zeros((count, count), np.bool_)
        part = self._mask[first_y : first_y + count, first_x : first_x + count]
        found[: part.shape[0], : part.shape[1]] = part
        return found

    @property
    def share(self) -> float:
        """Of the glass that is tissue."""
        return float(self._mask.mean())

    def cells(self, x: int, y: int, width: int, height: int) -> Cells:
        """The truth of a rectangle of level 0: nuclei whose centres lie in it and on tissue."""
        field = self._field
        high, wide = field.pixels.shape[:2]
        parts: list[Cells] = []
        for top in range(y - y % high, y + height, high):
            for left in range(x - x % wide, x + width, wide):
                at_x, at_y = field.cells.x + left, field.cells.y + top
                inside = (at_x >= x) & (at_x < x + width) & (at_y >= y) & (at_y < y + height)
                row = np.minimum((at_y / GRAIN).astype(np.intp), self._mask.shape[0] - 1)
                column = np.minimum((at_x / GRAIN).astype(np.intp), self._mask.shape[1] - 1)
                chosen = field.cells.only(inside & self._mask[row, column])
                parts.append(_moved(chosen, left, top))
        return _together(parts)


def _moved(cells: Cells, left: int, top: int) -> Cells:
    return Cells(
        (cells.x + left).astype(np.float32),
        (cells.y + top).astype(np.float32),
        cells.area,
        cells.kind,
        cells.positive,
        cells.dab,
    )


def _together(parts: list[Cells]) -> Cells:
    return Cells(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("x", "y", "area", "kind", "positive", "dab")
        )
    )


def _outline(chance: np.random.Generator, wide: int, high: int, share: float) -> NDArray[np.bool_]:
    """A few smooth islands that take exactly this share, away from the glass's edges."""
    if share >= 1:
        return np.ones((high, wide), np.bool_)
    small = (min(high, 512), min(wide, 512))
    noise = layered(chance, small, max(small) / 2.5, 3)
    y = np.linspace(-1, 1, small[0])[:, None]
    x = np.linspace(-1, 1, small[1])[None, :]
    height = noise - 2.2 * (np.abs(x) ** 4 + np.abs(y) ** 4)
    smooth = cv2.resize(height.astype(np.float32), (wide, high), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth > np.quantile(smooth, 1 - share), np.bool_)


def _laid(tissue: Pixels, blank: Pixels, mask: NDArray[np.bool_]) -> Pixels:
    soft = cv2.resize(mask.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    full = np.clip((soft[:, :, None] - 0.35) / 0.3, 0, 1)
    return np.round(tissue * full + blank * (1 - full)).astype(np.uint8)
