"""The levels that a viewer is offered: every halving, on the file's own grid where it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from countersign.ground.imaging.pyramid import CLOSE
from countersign.ground.imaging.slide import Level, Slide

SIDE = 256
"""Pixels of a made tile's side."""

SMALLEST, LARGEST = 128, 1024
"""Sides of stored tiles that a viewer can do with."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One level for the viewer. ``stored`` is the slide's level on whose grid its tiles lie."""

    width: int
    height: int
    downsample: int
    tile_width: int
    tile_height: int
    stored: int | None

    @property
    def columns(self) -> int:
        return -(-self.width // self.tile_width)

    @property
    def rows(self) -> int:
        return -(-self.height // self.tile_height)

    def size(self, column: int, row: int) -> tuple[int, int]:
        """Width and height of a tile: those at the edge are smaller. Overlap there is none."""
        return (
            min(self.tile_width, self.width - column * self.tile_width),
            min(self.tile_height, self.height - row * self.tile_height),
        )


@dataclass(frozen=True, slots=True)
class Ladder:
    """``rungs`` from the smallest, as viewers count their levels, to the slide itself."""

    rungs: tuple[Rung, ...]
    mpp: tuple[float, float] | None

    def description(self) -> dict[str, Any]:
        """JSON for a custom tile source of OpenSeadragon: ``width``, ``height``, ``mpp`` (x, y,
        or null), ``overlap`` 0, and ``levels`` with what ``getLevelScale`` (1 / downsample),
        ``getNumTiles`` and ``getTileWidth`` answer."""
        whole = self.rungs[-1]
        return {
            "width": whole.width,
            "height": whole.height,
            "mpp": None if self.mpp is None else list(self.mpp),
            "overlap": 0,
            "levels": [
                {
                    "width": rung.width,
                    "height": rung.height,
                    "downsample": rung.downsample,
                    "tile_width": rung.tile_width,
                    "tile_height": rung.tile_height,
                    "columns": rung.columns,
                    "rows": rung.rows,
                }
                for rung in self.rungs
            ],
        }


def ladder_of(slide: Slide) -> Ladder:
    """Halvings from level 0 until one tile shows the whole slide."""
    levels = slide.levels
    rungs: list[Rung] = []
    downsample = 1
    while True:
        rung = _rung(levels, downsample)
        rungs.append(rung)
        if max(rung.width, rung.height) <= SIDE:
            return Ladder(tuple(reversed(rungs)), slide.mpp)
        downsample *= 2


def _rung(levels: tuple[Level, ...], downsample: int) -> Rung:
    for number, level in enumerate(levels):
        sides = level.tile_width, level.tile_height
        near = abs(level.downsample / downsample - 1) < CLOSE
        if near and min(sides) >= SMALLEST and max(sides) <= LARGEST:
            return Rung(level.width, level.height, downsample, *sides, number)
    base = levels[0]
    width, height = (max(1, -(-side // downsample)) for side in (base.width, base.height))
    return Rung(width, height, downsample, SIDE, SIDE, None)
