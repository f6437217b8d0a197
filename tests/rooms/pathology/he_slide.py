"""H&E that is drawn: cells of known place and kind on a pale ground, and a slide made of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Associated, Level
from countersign.rooms.pathology.domain.he_stain import EOSIN, HAEMATOXYLIN
from countersign.rooms.pathology.domain.measured import NucleusType

Picture = NDArray[np.uint8]
SHAPES = {
    NucleusType.INFLAMMATORY: (2.8, 2.8, 1.5),
    NucleusType.STROMAL: (9.0, 2.4, 1.2),
    NucleusType.TUMOUR: (6.5, 5.5, 1.0),
}
"""Half axes in µm and optical density of haematoxylin."""


@dataclass(frozen=True)
class Drawn:
    """A picture, the number of each pixel's nucleus, their centres (n, 2) and kinds (n,)."""

    image: Picture
    labels: NDArray[np.int32]
    points: NDArray[np.float32]
    kinds: NDArray[np.uint8]


def drawn(side: int, seed: int, mpp: float = 0.5, cells: int = 60, edge: int = 40) -> Drawn:
    """Nuclei that do not touch, tissue up to ``edge`` pixels from the border."""
    chance = np.random.default_rng(seed)
    labels = np.zeros((side, side), np.int32)
    dark = np.zeros((side, side), np.float32)
    points: list[tuple[float, float]] = []
    kinds: list[int] = []
    for _ in range(40 * cells):
        if len(points) == cells:
            break
        kind = list(SHAPES)[int(chance.integers(len(SHAPES)))]
        long, short, density = SHAPES[kind]
        x, y = chance.uniform(edge + 12 / mpp, side - edge - 12 / mpp, 2)
        if any((x - a) ** 2 + (y - b) ** 2 < (20 / mpp) ** 2 for a, b in points):
            continue
        one = np.zeros((side, side), np.uint8)
        axes = (round(long / mpp), round(short / mpp))
        turn = float(chance.uniform(0, 180))
        cv2.ellipse(one, (round(x), round(y)), axes, turn, 0, 360, 1, -1)
        points.append((round(x), round(y)))
        kinds.append(kind)
        labels[one > 0] = len(points)
        dark[one > 0] = density
    pink = np.zeros((side, side), np.float32)
    pink[edge : side - edge, edge : side - edge] = 0.45
    pink += (pink > 0) * cv2.GaussianBlur(
        chance.normal(0, 0.6, (side, side)).astype(np.float32), (0, 0), 2
    )
    dark = cv2.GaussianBlur(dark, (0, 0), 0.4 / mpp)
    density = dark[..., None] * np.array(HAEMATOXYLIN) + np.maximum(pink, 0)[..., None] * np.array(
        EOSIN
    )
    image = np.clip(245 * np.exp(-density) + chance.normal(0, 2, density.shape), 0, 255)
    return Drawn(
        image.astype(np.uint8),
        labels,
        np.array(points, np.float32).reshape(-1, 2),
        np.array(kinds, np.uint8),
    )


class PictureSlide:
    """A slide held in memory. It stands in for what ``open_slide`` gives."""

    format = "image"
    properties: dict[str, str] = {}

    def __init__(self, image: Picture, mpp: float | None) -> None:
        self._image = image
        self.mpp = None if mpp is None else (mpp, mpp)
        height, width = image.shape[:2]
        self.levels = (Level(width, height, 1.0, 256, 256),)

    def region(self, x: int, y: int, width: int, height: int, downsample: float = 1.0) -> Picture:
        out = np.full((height, width, 3), 255, np.uint8)
        left, top = max(0, x), max(0, y)
        right = min(self.levels[0].width, x + width)
        bottom = min(self.levels[0].height, y + height)
        if left < right and top < bottom:
            out[top - y : bottom - y, left - x : right - x] = self._image[top:bottom, left:right]
        if downsample == 1:
            return out
        size = (round(width / downsample), round(height / downsample))
        return np.asarray(cv2.resize(out, size, interpolation=cv2.INTER_AREA), np.uint8)

    def stored_tile(self, level: int, column: int, row: int) -> bytes | None:
        return None

    def associated(self, which: Associated) -> Picture | None:
        return None

    def close(self) -> None:
        return None
