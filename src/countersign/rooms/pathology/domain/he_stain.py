"""Haematoxylin and eosin apart: white point, stain vectors of a slide, densities of its pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Plane = NDArray[np.float32]

HAEMATOXYLIN = (0.65, 0.70, 0.29)
EOSIN = (0.07, 0.99, 0.11)
"""Optical densities in red, green, blue: Ruifrok and Johnston 2001."""

STAINED = 0.15
"""Optical density from which a pixel is counted as stained: Macenko et al. 2009
(doi:10.1109/ISBI.2009.5193250)."""

FEWEST = 500
"""Stained pixels without which no stain vector is estimated."""

ANGLES = (1.0, 99.0)
"""Percentiles of the angle that stand for the two stains, after Macenko et al. 2009."""

NEAR = 0.90
"""Cosine to the reference under which an estimated vector is not believed."""

UNSCANNED = 255
"""Level of the darkest channel of a pixel that was not scanned, or by a lamp of pure white."""

ALIKE, COLOURLESS = 4.0, 40.0
"""Levels within which glass lies around its own colour, and by which its channels differ at most
(as in ``tissue_light``)."""


@dataclass(frozen=True, slots=True)
class Stain:
    """``white`` RGB 0–255 of the bare glass; ``vectors`` two rows of optical densities in RGB,
    haematoxylin then eosin, each of length 1; ``estimated`` False where the reference stands in."""

    white: tuple[float, float, float]
    vectors: tuple[tuple[float, float, float], tuple[float, float, float]]
    estimated: bool


def reference(white: tuple[float, float, float] = (245.0, 245.0, 245.0)) -> Stain:
    """The vectors of the literature."""
    return Stain(white, (_unit(np.array(HAEMATOXYLIN)), _unit(np.array(EOSIN))), False)


def _unit(vector: NDArray[Any]) -> tuple[float, float, float]:
    one = vector / np.linalg.norm(vector)
    return float(one[0]), float(one[1]), float(one[2])


def white_point(image: Picture) -> tuple[float, float, float]:
    """RGB of the glass: per channel the median of the lightest fiftieth of an overview
    (h, w, 3), never darker than 200 (a picture full of tissue shows no glass).

    Scanners write pure white where they did not scan, which says nothing of the lamp: such pixels
    are left out where glass is found among the others.
    """
    flat = image.reshape(-1, 3)
    light = _lightest(flat)
    scanned = flat[flat.min(1) < UNSCANNED]
    if 0 < len(scanned) < len(flat):
        rest = _lightest(scanned)
        light = rest if _is_glass(rest) else light
    found = np.maximum(np.median(light, 0), 200.0)
    return float(found[0]), float(found[1]), float(found[2])


def _lightest(flat: Picture) -> Picture:
    """The lightest fiftieth of the pixels (n, 3), by the darkest channel."""
    low = flat.min(1)
    return flat[low >= np.percentile(low, 98)]


def _is_glass(light: Picture) -> bool:
    """Whether most of the pixels (n, 3) have one colour, and hardly any: pale tissue below a lamp
    of pure white has many."""
    found = np.median(light, 0)
    alike = (np.abs(light - found) <= ALIKE).all(1)
    return bool(alike.mean() > 0.5 and np.ptp(found) < COLOURLESS)


def density(image: Picture, white: tuple[float, float, float]) -> Plane:
    """Optical density, natural logarithm, float32 (h, w, 3): never below 0."""
    level = np.arange(256, dtype=np.float64)
    table = np.stack([-np.log((level + 1) / (channel + 1)) for channel in white], 1)
    return np.asarray(cv2.LUT(image, np.maximum(table, 0).astype(np.float32)[None]), np.float32)


def estimate(image: Picture, white: tuple[float, float, float] | None = None) -> Stain:
    """The stain of a slide from pixels (h, w, 3), by the plane that its stained pixels span.

    The white point is that of the pixels where none is given. The reference where too little is
    stained or the vectors found are too far from it.
    """
    white = white or white_point(image)
    pixels = density(image, white).reshape(-1, 3)
    pixels = pixels[(pixels.min(1) > STAINED / 3) & (pixels.mean(1) > STAINED)]
    if len(pixels) < FEWEST:
        return reference(white)
    _, axes = np.linalg.eigh(np.cov(pixels.astype(np.float64).T))
    plane = axes[:, [2, 1]]
    plane = plane * np.where(plane.sum(0) < 0, -1.0, 1.0)
    along = pixels @ plane
    angle = np.arctan2(along[:, 1], along[:, 0])
    low, high = np.percentile(angle, ANGLES)
    ends = [plane @ np.array([np.cos(at), np.sin(at)]) for at in (low, high)]
    ends.sort(key=lambda one: float(np.dot(one, HAEMATOXYLIN) - np.dot(one, EOSIN)), reverse=True)
    vectors = (_unit(np.maximum(ends[0], 0.01)), _unit(np.maximum(ends[1], 0.01)))
    near = (
        float(np.dot(vectors[0], _unit(np.array(HAEMATOXYLIN)))) >= NEAR
        and float(np.dot(vectors[1], _unit(np.array(EOSIN)))) >= NEAR
        and float(np.dot(vectors[0], vectors[1])) < 0.98
    )
    return Stain(white, vectors, True) if near else reference(white)


def separated(image: Picture, stain: Stain) -> tuple[Plane, Plane]:
    """Haematoxylin and eosin of each pixel as optical densities, float32 (h, w), never below 0.

    The third vector stands upright on the two, as by Ruifrok and Johnston 2001.
    """
    first, second = (np.array(one) for one in stain.vectors)
    third = np.cross(first, second)
    third = third / np.linalg.norm(third)
    apart = np.linalg.inv(np.stack([first, second, third])).astype(np.float32)
    amounts = cv2.transform(density(image, stain.white), apart[:, :2].T)
    amounts = np.maximum(amounts, 0)
    return np.ascontiguousarray(amounts[..., 0]), np.ascontiguousarray(amounts[..., 1])
