"""Where things lie in a drawn field: soft noise, woven fibres and places that keep a distance."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Places = NDArray[np.float32]
"""Shape (n, 2): x, y."""


def noise(chance: np.random.Generator, shape: tuple[int, int], size: float) -> Plane:
    """Smooth noise of about zero mean and unit deviation, with lumps of ``size`` pixels, that
    goes on at the opposite edge."""
    return stretched_noise(chance, shape, (size, size))


def stretched_noise(
    chance: np.random.Generator, shape: tuple[int, int], sizes: tuple[float, float]
) -> Plane:
    """The same with lumps of two lengths (across x, along y)."""
    high, wide = shape
    columns, rows = (
        max(2, round(side / size)) for side, size in zip((wide, high), sizes, strict=True)
    )
    coarse = chance.standard_normal((rows, columns), dtype=np.float32)
    padded = np.pad(coarse, 2, mode="wrap")
    at_x = (np.arange(wide, dtype=np.float32) + 0.5) * (columns / wide) + 1.5
    at_y = (np.arange(high, dtype=np.float32) + 0.5) * (rows / high) + 1.5
    found = _sampled(padded, at_x, at_y)
    return np.asarray(found / max(float(found.std()), 1e-6), np.float32)


def _sampled(coarse: Plane, at_x: Plane, at_y: Plane) -> Plane:
    """Separable smooth interpolation, rows then columns."""
    rows = _along(coarse, at_y)
    return _along(np.ascontiguousarray(rows.T), at_x).T


def _along(values: Plane, at: Plane) -> Plane:
    low = np.floor(at).astype(np.intp)
    part = (at - low).astype(np.float32)
    part = (part * part * (3 - 2 * part))[:, None]
    upper = values[np.minimum(low + 1, len(values) - 1)]
    return np.asarray(values[low] * (1 - part) + upper * part, np.float32)


def layered(chance: np.random.Generator, shape: tuple[int, int], size: float, layers: int) -> Plane:
    """Noise of halving sizes, each half as strong."""
    found = np.zeros(shape, np.float32)
    for layer in range(layers):
        found += noise(chance, shape, size / 2**layer) * 0.5**layer
    return np.asarray(found / float(found.std()), np.float32)


def fibres(chance: np.random.Generator, shape: tuple[int, int], mpp: float) -> tuple[Plane, Plane]:
    """Wavy bundles of collagen, 0 to 1, and the direction in which they run (radians): noise
    drawn out along x, then bent."""
    bent = noise(chance, shape, 110 / mpp) * (26 / mpp)
    fine = stretched_noise(chance, shape, (45 / mpp, 2.4 / mpp))
    coarse = stretched_noise(chance, shape, (120 / mpp, 8 / mpp))
    high, wide = shape
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    woven = cv2.remap(
        np.asarray(fine + coarse, np.float32),
        x,
        np.mod(y + bent, high - 1).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )
    along_y, along_x = np.gradient(bent)
    direction = np.arctan2(-along_x, 1 + along_y)
    direction[np.abs(direction) > 1.6] = 0
    return (
        np.asarray(1 / (1 + np.exp(-1.1 * woven)), np.float32),
        np.asarray(direction, np.float32),
    )


def scattered(
    chance: np.random.Generator, shape: tuple[int, int], spacing: float, jitter: float = 0.3
) -> Places:
    """Places about ``spacing`` pixels apart over the whole field, in rows that are shifted
    against each other, each moved by chance by up to ``jitter`` of the spacing."""
    high, wide = shape
    rows = max(2, 2 * round(high / (spacing * 0.87) / 2))
    columns = max(1, round(wide / spacing))
    row, column = np.mgrid[0:rows, 0:columns]
    x = (column + 0.25 + 0.5 * (row % 2)) * (wide / columns)
    y = (row + 0.5) * (high / rows)
    places = np.stack([x.ravel(), y.ravel()], axis=1)
    places += chance.uniform(-jitter, jitter, places.shape) * spacing
    return np.mod(places, (wide, high)).astype(np.float32)


def kept(chance: np.random.Generator, places: Places, likely: Plane | NDArray[np.bool_]) -> Places:
    """Those that chance keeps, by how likely the plane says it is there (0 to 1)."""
    here = at(likely, places)
    return places[chance.random(len(places)) < here]


def at(plane: NDArray[np.generic], places: Places) -> NDArray[np.float32]:
    """The plane's value at each place."""
    high, wide = plane.shape
    x = np.minimum(places[:, 0].astype(np.intp), wide - 1)
    y = np.minimum(places[:, 1].astype(np.intp), high - 1)
    return plane[y, x].astype(np.float32)
