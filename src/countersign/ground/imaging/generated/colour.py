"""From amounts of stain to the colours that a scanner sees."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from countersign.ground.imaging.slide import Pixels

from .layout import Plane

HAEMATOXYLIN = (0.650, 0.704, 0.286)
DAB = (0.268, 0.570, 0.776)
HAEMATOXYLIN_EOSIN = (0.600, 0.715, 0.360)
EOSIN = (0.170, 0.890, 0.420)
"""Optical densities of red, green and blue for a unit of stain: Ruifrok and Johnston, Anal Quant
Cytol Histol 2001;23:291-299. The two of a section with eosin are moved towards each other, as
they look when scanned, where dyes mix and light is not of one colour."""


@dataclass(frozen=True)
class Scanner:
    """White point (RGB, 0–255), how far the stains are from the book, how sharp the picture is
    (µm), how noisy (grey levels)."""

    white: tuple[float, float, float]
    vectors: tuple[tuple[float, ...], ...]
    sharpness: float = 0.30
    noise: float = 1.6

    @classmethod
    def by_chance(
        cls, chance: np.random.Generator, vectors: tuple[tuple[float, float, float], ...]
    ) -> Scanner:
        """Another laboratory and another scanner: stains a little off, light a little tinted."""
        white = chance.normal((243, 242, 240), (2.5, 2.5, 3.5))
        turned = [np.asarray(one) + chance.normal(0, 0.018, 3) for one in vectors]
        lengths = [float(np.linalg.norm(one)) for one in turned]
        red, green, blue = np.clip(white, 225, 252).tolist()
        return cls(
            (red, green, blue),
            tuple(
                tuple(np.clip(one / length, 0.02, 1).tolist())
                for one, length in zip(turned, lengths, strict=True)
            ),
        )


def seen(chance: np.random.Generator, scanner: Scanner, planes: list[Plane], mpp: float) -> Pixels:
    """The picture of a plane of stain each (amounts as optical density, base 10)."""
    found = np.empty((*planes[0].shape, 3), np.float32)
    sigma = scanner.sharpness / mpp
    blurred = [
        cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_REFLECT) for plane in planes
    ]
    for channel in range(3):
        density = np.zeros(planes[0].shape, np.float32)
        for plane, vector in zip(blurred, scanner.vectors, strict=True):
            density += np.asarray(plane, np.float32) * vector[channel]
        found[:, :, channel] = scanner.white[channel] * np.exp(density * np.float32(-2.302585))
    found += chance.standard_normal(found.shape, dtype=np.float32) * scanner.noise
    return np.clip(np.round(found), 0, 255).astype(np.uint8)
