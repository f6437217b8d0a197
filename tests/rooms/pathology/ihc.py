"""A drawn Ki-67 slide with known nuclei, small enough for tests: ellipses on pale stroma."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Associated, Level

WHITE = (243.0, 240.0, 245.0)
BLUE, BROWN = np.array([0.650, 0.704, 0.286]), np.array([0.268, 0.570, 0.776])


@dataclass(frozen=True)
class Drawn:
    """Pixels of ``mpp`` µm and, for each nucleus, its centre and whether it is positive."""

    pixels: NDArray[np.uint8]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    positive: NDArray[np.bool_]
    mpp: float


def drawn(
    width: int, height: int, share: float = 0.3, seed: int = 1, mpp: float = 0.5, tissue: int = 0
) -> Drawn:
    """Nuclei about 13 µm apart, ``share`` of them positive; glass for ``tissue`` pixels around."""
    chance = np.random.default_rng(seed)
    step = 13 / mpp
    columns = np.arange(tissue + step, width - tissue - step, step)
    lines = np.arange(tissue + step, height - tissue - step, step)
    grid = np.stack(np.meshgrid(columns, lines), axis=-1).reshape(-1, 2)
    places = grid + chance.uniform(-2, 2, grid.shape) / mpp
    positive = chance.random(len(places)) < share
    stains = np.zeros((2, height, width), np.float32)
    stains[0, tissue : height - tissue, tissue : width - tissue] = 0.06
    for (x, y), brown in zip(places, positive, strict=True):
        axes = chance.uniform(3.0, 4.5, 2) / mpp
        turn = float(chance.uniform(0, 180))
        _ellipse(stains, (x, y), axes, turn, brown)
    smooth = [cv2.GaussianBlur(one, (0, 0), 0.6 / mpp) for one in stains]
    density = smooth[0][..., None] * BLUE + smooth[1][..., None] * BROWN
    light = np.asarray(WHITE) * 10.0**-density + chance.normal(0, 1.5, density.shape)
    pixels = np.clip(np.rint(light), 0, 255).astype(np.uint8)
    return Drawn(pixels, places[:, 0], places[:, 1], positive, mpp)


def _ellipse(
    stains: NDArray[np.float32],
    centre: tuple[float, float],
    axes: NDArray[np.float64],
    turn: float,
    brown: bool,
) -> None:
    reach = int(axes.max()) + 2
    left, top = int(centre[0]) - reach, int(centre[1]) - reach
    y, x = np.mgrid[top : top + 2 * reach, left : left + 2 * reach]
    angle = np.radians(turn)
    u = (x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)
    v = (y - centre[1]) * np.cos(angle) - (x - centre[0]) * np.sin(angle)
    inside = (u / axes[0]) ** 2 + (v / axes[1]) ** 2 <= 1
    part = stains[:, top : top + 2 * reach, left : left + 2 * reach]
    part[0][inside] = 0.2 if brown else 0.5
    part[1][inside] = 0.6 if brown else 0.0


class Painted:
    """A Slide of a picture in memory, shrunk by the mean of whole blocks."""

    def __init__(self, pixels: NDArray[np.uint8], mpp: float | None, tile: int = 256) -> None:
        self._pixels = pixels
        self._mpp = mpp
        self._tile = tile
        self.read = 0

    @property
    def format(self) -> str:
        return "image"

    @property
    def levels(self) -> tuple[Level, ...]:
        height, width = self._pixels.shape[:2]
        return (Level(width, height, 1.0, self._tile, self._tile),)

    @property
    def mpp(self) -> tuple[float, float] | None:
        return None if self._mpp is None else (self._mpp, self._mpp)

    @property
    def properties(self) -> dict[str, str]:
        return {}

    def region(
        self, x: int, y: int, width: int, height: int, downsample: float = 1.0
    ) -> NDArray[np.uint8]:
        step = round(downsample)
        out = np.full((round(height / step) * step, round(width / step) * step, 3), 255, np.uint8)
        left, top = max(x, 0), max(y, 0)
        part = self._pixels[top : y + out.shape[0], left : x + out.shape[1]]
        out[top - y : top - y + part.shape[0], left - x : left - x + part.shape[1]] = part
        self.read += part.size // 3
        if step == 1:
            return out
        blocks = out.reshape(out.shape[0] // step, step, out.shape[1] // step, step, 3)
        return np.rint(blocks.mean(axis=(1, 3))).astype(np.uint8)

    def stored_tile(self, level: int, column: int, row: int) -> bytes | None:
        return None

    def associated(self, which: Associated) -> NDArray[np.uint8] | None:
        return None

    def close(self) -> None:
        pass
