"""Glands of a whole H&E slide, square by square, as far as the time for one slide reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from countersign.ground.imaging import Slide
from countersign.rooms.pathology.domain.gland import Gland
from countersign.rooms.pathology.domain.gland_pixels import density, strength
from countersign.rooms.pathology.domain.measured import Plan, Region, Tile
from countersign.rooms.pathology.domain.tissue_grid import area_mm2, grid_over, raster

from .gland import SHIPPED, GlandNetwork, Outlining, glands_of

SIDE: Final = 1536.0
"""Micrometres of a square that is looked at in one go."""

MOST_MM2: Final = 100.0
"""Area of a slide that is looked at: some twenty seconds of a core. What holds the tumour comes
first; what is left out is said."""

OVERVIEW: Final = 8.0


@dataclass(frozen=True, slots=True)
class GlandsFound:
    """The glands of the squares that were looked at, in the order of the squares; ``left_out``
    mm² were not; ``own`` says that the network was trained in this hospital."""

    glands: tuple[Gland, ...]
    left_out: float
    own: bool = False

    @property
    def regions(self) -> tuple[Region, ...]:
        """Their outlines."""
        return tuple(one.region for one in self.glands)

    def figures(self, mpp: float) -> dict[str, Any]:
        """How many, and the area inside their outlines in mm²."""
        return {
            "glands": len(self.glands),
            "gland_mm2": round(area_mm2(self.regions, mpp), 3),
        }

    def limits(self) -> tuple[dict[str, Any], ...]:
        """What limits the outlines: what the network learnt from."""
        code = "glands-by-own-network" if self.own else "glands-not-validated"
        found: list[dict[str, Any]] = [{"code": code}] if self.glands else []
        if self.left_out:
            found.append({"code": "glands-in-part", "mm2": round(self.left_out, 1)})
        return tuple(found)


def glands_on(
    slide: Slide,
    plan: Plan,
    tumour: Sequence[Region],
    network: Outlining | None = None,
    *,
    own: bool = False,
) -> GlandsFound:
    """Outlines the glands. ``tumour`` are the program's regions of it; ``own`` says that
    ``network``, without which the shipped one is taken, was trained here. Raises SlideDamaged."""
    level = slide.levels[0]
    side = max(1, round(SIDE / plan.mpp))
    squares = sorted({(one.y // side, one.x // side) for one in plan.tiles})
    grid = grid_over(level.width, level.height, plan.mpp, SIDE / 16)
    inside = raster(tumour, grid) if tumour else np.zeros((grid.rows, grid.columns), np.bool_)

    def held(square: tuple[int, int]) -> int:
        row, column = square
        return int(inside[16 * row : 16 * row + 16, 16 * column : 16 * column + 16].sum())

    area = (SIDE / 1000) ** 2
    most = int(MOST_MM2 / area)
    chosen = sorted(sorted(squares, key=lambda one: -held(one))[:most])
    overview = slide.region(0, 0, level.width, level.height, max(1.0, OVERVIEW / plan.mpp))
    of_all = strength(density(overview))
    found: list[Gland] = []
    for row, column in chosen:
        tile = Tile(0, column * side, row * side, side, side, 0)
        found += glands_of(
            slide, plan.mpp, tile, network or network_of(SHIPPED), of_all, plan.tissue
        )
    return GlandsFound(tuple(found), (len(squares) - len(chosen)) * area, own)


@cache
def network_of(file: Path) -> GlandNetwork:
    """A network for whole slides, opened once in a process. Raises ValueError, OSError."""
    return GlandNetwork.of(file, turns=((),))
