"""The light of a slide: its white point, and optical densities over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Colour = tuple[float, float, float]

HAEMATOXYLIN: Colour = (0.650, 0.704, 0.286)
EOSIN: Colour = (0.072, 0.990, 0.105)
DAB: Colour = (0.268, 0.570, 0.776)
"""Optical densities of pure stains in red, green, blue (Ruifrok and Johnston, Analytical and
Quantitative Cytology and Histology 2001; 23: 291–299)."""

BRIGHT = 0.82
"""Share of the brightest level from which a pixel may be bare glass."""


def white_point(pixels: NDArray[np.uint8]) -> Colour:
    """RGB (0 to 255) of bare glass: the median of what is bright and has little colour.

    Where hardly any glass is in the picture (less than 1 in 200 pixels), the brightest level of
    each channel that 1 pixel in 200 exceeds, at least 200.
    """
    flat = pixels.reshape(-1, 3)
    low, high = flat.min(axis=1), flat.max(axis=1)
    top = float(np.percentile(low, 99.5))
    glass = (low >= BRIGHT * top) & (high - low < 40) & (top > 150)
    # Scanners write pure white where they did not scan; it says nothing of the lamp.
    scanned = glass & (low < 255)
    if scanned.sum() > len(flat) / 200:
        glass = scanned
    if glass.sum() >= max(1, len(flat) / 200):
        red, green, blue = (float(one) for one in np.median(flat[glass], axis=0))
    else:
        red, green, blue = (max(200.0, float(one)) for one in np.percentile(flat, 99.5, axis=0))
    return red, green, blue


def densities(pixels: NDArray[np.uint8], white: Colour) -> Floats:
    """Optical densities (base 10) of RGB over a white point (0 to 255), at least 0."""
    levels = np.arange(1, 257, dtype=np.float32)
    tables = [np.maximum(np.log10(np.float32(one + 1) / levels), 0) for one in white]
    return np.stack([tables[at][pixels[..., at]] for at in range(3)], axis=-1)


def amounts(density: Floats, first: Colour, second: Colour) -> tuple[Floats, Floats]:
    """Of two stains (vectors of any length) in each pixel, least squares, at least 0; (h, w)."""
    rows = np.array([first, second], np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    inverse: Floats = np.asarray(np.linalg.pinv(rows), np.float32)
    solved: Floats = density @ inverse
    return np.maximum(solved[..., 0], 0), np.maximum(solved[..., 1], 0)


def angle(first: Colour, second: Colour) -> float:
    """Degrees between two stain vectors."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    cosine = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return float(np.degrees(np.arccos(min(1.0, max(-1.0, cosine)))))
