"""Nuclei: outlines that are not quite ellipses, drawn with a rim, chromatin and nucleoli."""

from __future__ import annotations

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from .field import Cells, Kind, Labels
from .layout import Places, Plane, noise

CORNERS = 28
SHIFT = 4
"""Bits of a fraction of a pixel, in which OpenCV draws."""

Column = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Nucleus:
    """How the nuclei of one kind look. Lengths in µm: half axes (mean, deviation), how long one
    axis is beside the other, how uneven the outline; haematoxylin in optical density."""

    kind: Kind
    radius: tuple[float, float]
    length: tuple[float, float]
    uneven: float
    haematoxylin: tuple[float, float]
    pale: float
    """How much paler the middle is than the rim."""
    grain: tuple[float, float] = (0.16, 0.0)
    clumps: tuple[float, float] = (0.14, 0.0)
    """Chromatin, fine and coarse (mean, deviation over nuclei): by what part the stain varies."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Nuclei before they are drawn, as columns: centre in pixels, half axes in µm, direction."""

    x: Column
    y: Column
    across: Column
    along: Column
    turn: Column
    uneven: Column
    haematoxylin: Column
    dab: Column
    pale: Column
    grain: Column
    clumps: Column
    kind: NDArray[np.uint8]

    @classmethod
    def joined(cls, parts: list[Planned]) -> Planned:
        return cls(
            **{
                one.name: np.concatenate([getattr(part, one.name) for part in parts])
                for one in fields(cls)
            }
        )


def planned(
    chance: np.random.Generator,
    looks: Nucleus,
    places: Places,
    turn: NDArray[np.floating] | None = None,
    dab: Column | None = None,
) -> Planned:
    """Nuclei of one look at these places; ``turn`` in radians, by chance where not given."""
    count = len(places)

    def drawn(mean: float, deviation: float, least: float) -> Column:
        return np.maximum(chance.normal(mean, deviation, count), least).astype(np.float32)

    across = drawn(*looks.radius, 1.2)
    along = across * drawn(*looks.length, 1.0)
    if turn is None:
        turn = chance.uniform(0, np.pi, count)

    def varied(mean: float, deviation: float) -> Column:
        """No chance is asked where nothing varies."""
        return drawn(mean, deviation, 0.02) if deviation else np.full(count, mean, np.float32)

    return Planned(
        x=places[:, 0].astype(np.float32),
        y=places[:, 1].astype(np.float32),
        across=across,
        along=np.asarray(along, np.float32),
        turn=np.asarray(turn, np.float32),
        uneven=np.full(count, looks.uneven, np.float32),
        haematoxylin=drawn(*looks.haematoxylin, 0.08),
        dab=np.zeros(count, np.float32) if dab is None else dab.astype(np.float32),
        pale=np.full(count, looks.pale, np.float32),
        grain=varied(*looks.grain),
        clumps=varied(*looks.clumps),
        kind=np.full(count, looks.kind, np.uint8),
    )


def outlines(chance: np.random.Generator, nuclei: Planned, mpp: float) -> NDArray[np.float32]:
    """Shape (n, CORNERS, 2), pixels."""
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)[None, :]
    size = np.ones((len(nuclei.x), CORNERS))
    for wave in (2, 3, 4, 5):
        phase = chance.uniform(0, 2 * np.pi, (len(nuclei.x), 1))
        depth = chance.normal(0, 1, (len(nuclei.x), 1)) * nuclei.uneven[:, None] / wave
        size += depth * np.cos(wave * angle + phase)
    size = np.clip(size, 0.6, 1.5) / mpp
    u = nuclei.along[:, None] * np.cos(angle) * size
    v = nuclei.across[:, None] * np.sin(angle) * size
    cosine, sine = np.cos(nuclei.turn)[:, None], np.sin(nuclei.turn)[:, None]
    x = nuclei.x[:, None] + u * cosine - v * sine
    y = nuclei.y[:, None] + u * sine + v * cosine
    return np.stack([x, y], axis=2).astype(np.float32)


def labelled(rings: NDArray[np.float32], shape: tuple[int, int], pad: int, wrap: bool) -> Labels:
    """Each pixel's nucleus; later ones lie above. With ``wrap`` what leaves one edge comes in at
    the opposite one."""
    high, wide = shape
    canvas = np.zeros((high + 2 * pad, wide + 2 * pad), np.int32)
    scaled = np.round((rings + pad) * (1 << SHIFT)).astype(np.int32)
    low, top = rings.min(axis=1), rings.max(axis=1)
    for number, ring in enumerate(scaled):
        for x in _turns(low[number, 0], top[number, 0], wide, wrap):
            for y in _turns(low[number, 1], top[number, 1], high, wrap):
                moved = ring + np.array([x * wide, y * high], np.int32) * (1 << SHIFT)
                cv2.fillPoly(canvas, [moved], number + 1, lineType=cv2.LINE_8, shift=SHIFT)
    return np.ascontiguousarray(canvas[pad : pad + high, pad : pad + wide])


def _turns(low: float, high: float, size: int, wrap: bool) -> tuple[int, ...]:
    if not wrap:
        return (0,)
    return (0, *((1,) if low < 0 else ()), *((-1,) if high > size else ()))


def cells_of(nuclei: Planned, labels: Labels, mpp: float, hidden: float) -> tuple[Cells, Labels]:
    """What can be seen: nuclei of which less than ``hidden`` of their area shows are taken out of
    the truth and of the labels; the others are numbered anew, and centred on what shows."""
    seen = np.bincount(labels.ravel(), minlength=len(nuclei.x) + 1)[1:]
    whole = np.pi * nuclei.across * nuclei.along / mpp**2
    keep = seen >= np.maximum(hidden * whole, 4)
    renumbered = np.zeros(len(keep) + 1, np.int32)
    renumbered[1:][keep] = np.arange(1, int(keep.sum()) + 1, dtype=np.int32)
    cells = Cells(
        x=nuclei.x[keep],
        y=nuclei.y[keep],
        area=(seen[keep] * mpp**2).astype(np.float32),
        kind=nuclei.kind[keep],
        positive=nuclei.dab[keep] > 0,
        dab=nuclei.dab[keep],
    )
    return cells, renumbered[labels]


def densities(
    chance: np.random.Generator, nuclei: Planned, labels: Labels, mpp: float
) -> tuple[Plane, Plane, Plane]:
    """Haematoxylin and DAB of the nuclei, and how far each pixel is from one (µm)."""
    inside = labels > 0
    core = inside & (cv2.erode(labels.astype(np.float32), np.ones((3, 3), np.uint8)) == labels)
    depth = np.asarray(cv2.distanceTransform(core.astype(np.uint8), cv2.DIST_L2, 3), np.float32)
    rim = np.asarray(np.exp(depth * np.float32(-mpp / 0.8)), np.float32)

    def spread(values: Column) -> Plane:
        return np.concatenate([np.zeros(1, np.float32), values])[labels]

    grain = noise(chance, labels.shape, max(1.1 / mpp, 1.5))
    clumps = noise(chance, labels.shape, max(2.4 / mpp, 2.0))
    grain, clumps = spread(nuclei.grain) * grain, spread(nuclei.clumps) * clumps
    chromatin = np.clip(1 + grain + clumps, 0.45, 1.7)
    body = (1 - spread(nuclei.pale) * (1 - rim)) * chromatin
    dab = np.asarray(
        spread(nuclei.dab) * np.clip(1 + 0.65 * grain + 0.65 * clumps, 0.6, 1.5), np.float32
    )
    masked = np.where(dab > 0, np.float32(0.55), np.float32(1))
    haematoxylin = np.asarray(spread(nuclei.haematoxylin) * body * masked, np.float32)
    outside = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 3) * mpp
    return haematoxylin, dab, np.asarray(outside, np.float32)
