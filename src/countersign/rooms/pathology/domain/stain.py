"""Which colours are light and which are stain: white point, stain vectors, optical density."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint8]
"""Shape (…, 3), RGB."""

Vector = tuple[float, float, float]
"""Optical densities of one stain in red, green and blue, of length 1."""

HAEMATOXYLIN: Vector = (0.650, 0.704, 0.286)
DAB: Vector = (0.268, 0.570, 0.776)
EOSIN: Vector = (0.072, 0.990, 0.105)
"""Ruifrok AC, Johnston DA. Quantification of histochemical staining by color deconvolution. Anal
Quant Cytol Histol 2001;23:291-299; the rows as published there and used by most programs."""

STAINED = 0.15
"""Optical density in every channel together (length) above which a pixel counts as stained; the
threshold of Macenko M et al., ISBI 2009:1107-1110."""

EXTREME = 1.0
"""Percentile of angles taken as a pure stain, as there."""

FEWEST = 400
"""Stained pixels below which nothing is estimated."""

STRAY = 0.965
"""Cosine (15°) between an estimated vector and the published one below which the estimate is not
believed."""

SCALE, ZERO = 100.0, 40
"""A table's byte for optical density v is round(v × SCALE) + ZERO: −0.40 to 2.15 by 0.01."""

KNEE, SIGNAL = 0.2, 460.0
"""The signal is log(1 + density / KNEE) × KNEE × SIGNAL: pale and dark nuclei stand out alike."""


@dataclass(frozen=True, slots=True)
class Stains:
    """``white`` RGB of empty glass; ``first`` haematoxylin, ``second`` DAB or eosin; ``limits``
    as in Findings."""

    white: Vector
    first: Vector
    second: Vector
    limits: tuple[dict[str, Any], ...] = ()


def white_point(pixels: Colours) -> Vector:
    """The commonest bright colour, channel by channel; not the brightest, which is noise or a
    highlight. (255, 255, 255) where nothing is bright."""
    colours = pixels.reshape(-1, 3)
    red, green, blue = colours.T.astype(np.uint16)
    grey = red + green + blue
    counts = np.bincount(grey, minlength=766).astype(np.float64)
    counts[766 - 3 :] *= 0.0 if counts[: 766 - 3].sum() > counts.sum() / 2 else 1.0
    counts[: 3 * 140] = 0.0
    if not counts.any():
        return (255.0, 255.0, 255.0)
    counts = np.convolve(counts, np.ones(9) / 9, mode="same")
    centre = int(counts.argmax())
    near = colours[np.abs(grey.astype(np.int32) - centre) <= 12].astype(np.float64)
    found = np.median(near, axis=0)
    return (float(found[0]), float(found[1]), float(found[2]))


def density(pixels: Colours, white: Vector) -> NDArray[np.float64]:
    """Optical density to base 10, shape as ``pixels``; 0 where brighter than ``white``."""
    light = np.maximum(pixels.astype(np.float64), 1.0) / np.asarray(white)
    return np.maximum(-np.log10(light), 0.0)


def unit(vector: NDArray[np.float64] | Vector) -> Vector:
    """The vector at length 1."""
    whole = np.asarray(vector, np.float64)
    whole = whole / max(float(np.linalg.norm(whole)), 1e-9)
    return (float(whole[0]), float(whole[1]), float(whole[2]))


def estimated(pixels: Colours, white: Vector, second: Vector = DAB) -> Stains:
    """The stains of these pixels, each estimated or, where that fails, as published.

    Macenko's method: the plane that holds most of the stained pixels' densities, and the extreme
    angles in it. An estimate more than 15° from the published vector is not believed: a slide
    with hardly any DAB has no such extreme. Limits: ``few-pixels`` (value: stained pixels),
    ``stain-out-of-range`` (stain, degrees between estimate and publication).
    """
    published = (unit(HAEMATOXYLIN), unit(second))
    densities = density(pixels, white).reshape(-1, 3)
    stained = densities[np.linalg.norm(densities, axis=1) > STAINED]
    if len(stained) < FEWEST:
        limit = {"code": "few-pixels", "value": len(stained), "least": FEWEST}
        return Stains(white, *published, (limit,))
    found = _extremes(stained)
    first = max(found, key=lambda one: float(np.dot(one, published[0]) - np.dot(one, published[1])))
    other = found[1] if first is found[0] else found[0]
    limits: list[dict[str, Any]] = []
    kept: list[Vector] = []
    for name, guess, book in zip(("first", "second"), (first, other), published, strict=True):
        cosine = float(np.clip(np.dot(guess, book), -1.0, 1.0))
        believed = cosine >= STRAY and not (name == "second" and _blue(guess))
        kept.append(guess if believed else book)
        if not believed:
            degrees = round(float(np.degrees(np.arccos(cosine))), 1)
            limits.append({"code": "stain-out-of-range", "stain": name, "degrees": degrees})
    return Stains(white, kept[0], kept[1], tuple(limits))


def _blue(guess: Vector) -> bool:
    """Whether a supposed second stain absorbs red as haematoxylin does."""
    return guess[0] >= guess[2]


def _extremes(stained: NDArray[np.float64]) -> tuple[Vector, Vector]:
    # Sums are taken here, not by a library of linear algebra: it would wake a thread on each core
    # for them, and give other last digits on a machine with more of them.
    columns = [np.ascontiguousarray(one) for one in stained.T]
    apart = [one - one.mean() for one in columns]
    spread = [[float((one * other).sum()) for other in apart] for one in apart]
    _, axes = np.linalg.eigh(np.array(spread) / (len(stained) - 1))
    plane = axes[:, [2, 1]]
    plane = plane * np.where(plane.sum(axis=0) < 0, -1.0, 1.0)
    across, along = (
        columns[0] * one[0] + columns[1] * one[1] + columns[2] * one[2] for one in plane.T
    )
    angles = np.arctan2(along, across)
    low, high = np.percentile(angles, [EXTREME, 100 - EXTREME])
    ends = [plane @ np.array([np.cos(angle), np.sin(angle)]) for angle in (low, high)]
    return unit(np.abs(ends[0])), unit(np.abs(ends[1]))


def unmixing(stains: Stains) -> NDArray[np.float64]:
    """The matrix, shape (3, 2), by which densities turn into amounts of both stains; the third
    direction, at right angles to both, is what neither explains."""
    first, second = np.asarray(stains.first), np.asarray(stains.second)
    rest = np.asarray(unit(np.cross(first, second)))
    return np.linalg.inv(np.array([first, second, rest]))[:, :2]


def table(stains: Stains) -> NDArray[np.uint32]:
    """For each colour of six bits a channel, three bytes ten bits apart: signal, second stain,
    first stain. Shape (262144,).

    Four entries can be added without one running into the next.
    """
    levels = np.minimum(np.arange(64) * 4 + 1.5, 255.0)
    along = -np.log10(np.maximum(levels, 1.0)[:, None] / np.asarray(stains.white))
    along = np.maximum(along, 0.0)
    red, green, blue = along.T[:, :, None] * unmixing(stains)[:, None, :]
    amounts = (red[:, None, None] + green[:, None] + blue).reshape(-1, 2)
    both = np.maximum(amounts, 0.0).sum(axis=1)
    signal = np.log1p(both / KNEE) * KNEE * SIGNAL
    return _packed(signal, amounts[:, 1] * SCALE + ZERO, amounts[:, 0] * SCALE + ZERO)


def _packed(*columns: NDArray[np.float64]) -> NDArray[np.uint32]:
    packed = np.zeros(len(columns[0]), np.uint32)
    for place, column in enumerate(columns):
        packed |= np.clip(np.rint(column), 0, 255).astype(np.uint32) << np.uint32(10 * place)
    return packed
