"""Slides that are drawn for tests: tissue of two stains, with pen, folds and blur where asked."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from countersign.ground.imaging import Associated, Level
from countersign.rooms.pathology.domain.tissue_light import EOSIN, HAEMATOXYLIN

Picture = NDArray[np.uint8]

PENS = {
    "blue": (35, 60, 175),
    "green": (25, 135, 70),
    "black": (30, 28, 30),
    "red": (200, 35, 45),
}


def tissue(height: int, width: int, seed: int = 1, white: float = 242.0) -> Picture:
    """Stroma with nuclei of 7 µm at 1 µm a pixel on the middle of a white ground."""
    chance = np.random.default_rng(seed)
    noise = chance.normal(0, 1, (height, width)).astype(np.float32)
    eosin = 0.30 + 0.10 * cv2.GaussianBlur(noise, (0, 0), 3) * 6 + 0.03 * noise
    blue = np.zeros((height, width), np.float32)
    many = height * width // 250
    for x, y in zip(chance.integers(0, width, many), chance.integers(0, height, many), strict=True):
        size = (int(chance.integers(3, 5)), int(chance.integers(2, 5)))
        cv2.ellipse(blue, (int(x), int(y)), size, float(chance.uniform(0, 180)), 0, 360, 0.7, -1)
    blue *= 1 + 0.15 * chance.normal(0, 1, blue.shape).astype(np.float32)
    inside = np.zeros((height, width), np.float32)
    cv2.ellipse(
        inside, (width // 2, height // 2), (width * 2 // 5, height * 2 // 5), 0, 0, 360, 1, -1
    )
    first, second = np.maximum(blue, 0) * inside, np.maximum(eosin, 0) * inside
    return light(first[..., None] * HAEMATOXYLIN + second[..., None] * EOSIN, white)


def light(density: NDArray[np.float32] | NDArray[np.float64], white: float = 242.0) -> Picture:
    """Optical densities as RGB."""
    return np.clip(white * 10.0 ** -np.asarray(density), 0, 255).round().astype(np.uint8)


def folded(picture: Picture, start: tuple[int, int], end: tuple[int, int], wide: int) -> Picture:
    """The picture with a band in which the light passes the tissue twice."""
    band = np.zeros(picture.shape[:2], np.uint8)
    cv2.line(band, start, end, 1, wide)
    density = -np.log10(np.maximum(picture.astype(np.float32), 1) / 242)
    around = cv2.GaussianBlur(density, (0, 0), 4)
    return light(np.where(band[..., None] > 0, density + around * 1.05, density))


def inked(picture: Picture, pen: str, start: tuple[int, int], end: tuple[int, int]) -> Picture:
    """A stroke of 120 µm."""
    drawn = picture.copy()
    cv2.line(drawn, start, end, PENS[pen], 120)
    return drawn


@dataclass
class Drawn:
    """A slide of one picture at ``micrometres`` a pixel."""

    picture: Picture
    micrometres: float = 1.0
    format: str = "image"

    @property
    def levels(self) -> tuple[Level, ...]:
        height, width = self.picture.shape[:2]
        return (Level(width, height, 1.0, 256, 256),)

    @property
    def mpp(self) -> tuple[float, float]:
        return self.micrometres, self.micrometres

    @property
    def properties(self) -> dict[str, str]:
        return {}

    def region(self, x: int, y: int, width: int, height: int, downsample: float = 1.0) -> Picture:
        full = self.picture.shape
        out = np.full((height, width, 3), 255, np.uint8)
        left, top = max(0, x), max(0, y)
        right, below = min(full[1], x + width), min(full[0], y + height)
        if right > left and below > top:
            out[top - y : below - y, left - x : right - x] = self.picture[top:below, left:right]
        size = (round(width / downsample), round(height / downsample))
        return np.asarray(cv2.resize(out, size, interpolation=cv2.INTER_AREA), np.uint8)

    def stored_tile(self, level: int, column: int, row: int) -> bytes | None:
        del level, column, row
        return None

    def associated(self, which: Associated) -> Picture | None:
        del which
        return None

    def close(self) -> None:
        return None
