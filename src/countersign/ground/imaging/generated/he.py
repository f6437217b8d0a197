"""Draws haematoxylin and eosin: glands, stroma, lymphocytes, and a tumour that invades them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .colour import EOSIN, HAEMATOXYLIN_EOSIN, Scanner, seen
from .field import Field, Kind, Mask
from .glands import Drawn, apical, drawn_glands
from .layout import Places, Plane, at, fibres, kept, layered, noise, scattered
from .nuclei import Nucleus, Planned, cells_of, densities, labelled, outlines, planned

EPITHELIAL = Nucleus(Kind.EPITHELIAL, (2.3, 0.25), (1.75, 0.22), 0.05, (0.50, 0.06), 0.22)
TUMOUR = Nucleus(Kind.TUMOUR, (3.3, 0.65), (1.5, 0.3), 0.10, (0.48, 0.10), 0.36)
SOLID = Nucleus(Kind.TUMOUR, (4.9, 0.5), (1.25, 0.12), 0.06, (0.50, 0.07), 0.30)
IMMUNE = Nucleus(Kind.IMMUNE, (2.7, 0.25), (1.08, 0.06), 0.05, (0.72, 0.09), 0.08)
STROMAL = Nucleus(Kind.STROMAL, (1.6, 0.3), (3.6, 0.8), 0.07, (0.50, 0.09), 0.15)
PAD = 64


def draw_he(
    seed: int,
    width: int,
    height: int,
    mpp: float = 0.5,
    invaded: float = 0.4,
    til: float = 0.15,
    tissue: Mask | None = None,
    wrap: bool = False,
    solid: bool = False,
) -> Field:
    """A field of which about ``invaded`` of the tissue is tumour, whose stroma holds about
    ``til`` of the densest packing of lymphocytes. The tumour forms glands, or ``solid`` nests of
    large cells. See ``draw_ihc`` for the rest."""
    chance = np.random.default_rng([seed, 41])
    shape = (height, width)
    tissue = np.ones(shape, np.bool_) if tissue is None else tissue
    tumour = _tumour(chance, shape, mpp, invaded) & tissue
    nests = _nests(seed, tumour, mpp) if solid else np.zeros(shape, np.bool_)
    glands = drawn_glands(chance, tissue & ~tumour if solid else tissue, tumour, mpp, wrap)
    woven, direction = fibres(chance, shape, mpp)
    nuclei = _nuclei(chance, mpp, til, (tissue & ~nests, tumour), glands, direction)
    if solid:
        nuclei = Planned.joined([nuclei, _packed(seed, nests, mpp)])
    labels = labelled(outlines(chance, nuclei, mpp), shape, round(PAD / mpp), wrap)
    haematoxylin, _, _ = densities(chance, nuclei, labels, mpp)
    ground = _ground(chance, mpp, tissue, glands, np.where(nests, np.float32(0.35), woven))
    cells, labels = cells_of(nuclei, labels, mpp, 0.35)
    blood = _blood(chance, mpp, tissue & (glands.labels == 0) & (labels == 0), wrap)
    free = labels == 0
    planes = [
        ground[0] * free + haematoxylin,
        np.where(blood > 0, blood, ground[1] * np.where(free, np.float32(1), np.float32(0.45))),
    ]
    scanner = Scanner.by_chance(chance, (HAEMATOXYLIN_EOSIN, EOSIN))
    pixels = seen(chance, scanner, [np.asarray(one, np.float32) for one in planes], mpp)
    return Field(
        pixels, mpp, cells, labels, tissue, tumour, glands.labels, glands.malignant, scanner.white
    )


def _tumour(
    chance: np.random.Generator, shape: tuple[int, int], mpp: float, invaded: float
) -> Mask:
    """One body with a ragged front, not specks: where slow noise is highest."""
    if invaded <= 0:
        return np.zeros(shape, np.bool_)
    body = layered(chance, shape, max(900 / mpp, max(shape) / 3), 3)
    return body > np.quantile(body, 1 - min(invaded, 1.0))


def _nests(seed: int, tumour: Mask, mpp: float) -> Mask:
    """Where a solid tumour's cells lie: cords and islands with stroma between them."""
    cords = noise(np.random.default_rng([seed, 43]), tumour.shape, 45 / mpp)
    return tumour & (cords > -0.35)


def _packed(seed: int, nests: Mask, mpp: float) -> Planned:
    """Cells beside one another, each with its own cytoplasm."""
    chance = np.random.default_rng([seed, 44])
    places = kept(chance, scattered(chance, nests.shape, 15 / mpp, 0.3), nests * np.float32(1))
    return planned(chance, SOLID, places)


def _nuclei(
    chance: np.random.Generator,
    mpp: float,
    til: float,
    masks: tuple[Mask, Mask],
    glands: Drawn,
    direction: Plane,
) -> Planned:
    tissue, tumour = masks
    shape = tissue.shape
    side = 2 * max(1, round(4 / mpp)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    covered = cv2.dilate((glands.labels > 0).astype(np.uint8), disc) > 0
    stroma = tissue & ~covered
    crowd = np.clip(0.5 + 0.8 * noise(chance, shape, 90 / mpp), 0, 2)
    likely = np.where(tumour, til, 0.05) * crowd * stroma
    places = kept(chance, scattered(chance, shape, 6.6 / mpp, 0.4), np.asarray(likely, np.float32))
    immune = planned(chance, IMMUNE, places)
    places = kept(chance, scattered(chance, shape, 16 / mpp, 0.6), stroma * np.float32(0.8))
    turn = at(direction, places) + chance.normal(0, 0.2, len(places))
    stromal = planned(chance, STROMAL, places, turn)
    walls = [
        planned(chance, looks, glands.places[which], glands.turn[which])
        for looks, which in ((EPITHELIAL, ~glands.bad), (TUMOUR, glands.bad))
    ]
    return Planned.joined([stromal, *walls, immune, _budding(chance, mpp, stroma & tumour)])


def _budding(chance: np.random.Generator, mpp: float, where: Mask) -> Planned:
    """Single tumour cells between the glands."""
    places = kept(chance, scattered(chance, where.shape, 30 / mpp, 0.5), where * np.float32(0.25))
    return planned(chance, TUMOUR, places)


def _ground(
    chance: np.random.Generator,
    mpp: float,
    tissue: Mask,
    glands: Drawn,
    woven: Plane,
) -> tuple[Plane, Plane]:
    """Haematoxylin and eosin of everything but the nuclei."""
    shape = tissue.shape
    fine = noise(chance, shape, max(1.5 / mpp, 1.5))
    soft = noise(chance, shape, 16 / mpp)
    wall = glands.labels > 0
    bad = np.isin(glands.labels, list(glands.malignant)) & wall
    depth = apical(glands.labels, glands.lumen, mpp)
    mucin = _goblets(chance, mpp, wall & ~bad & ~glands.lumen, depth)
    collagen = (0.16 + 0.22 * woven + 0.02 * fine + 0.03 * soft) * np.clip(2.4 * woven, 0.25, 1)
    epithelium = 0.20 + 0.02 * fine + 0.03 * soft
    eosin = np.where(wall, np.where(bad, epithelium * 0.95, epithelium), collagen)
    blue = np.where(
        wall, np.where(bad, np.float32(0.115), np.float32(0.06)) + 0.012 * soft, 0.02 + 0.012 * fine
    )
    eosin = eosin * (1 - 0.8 * mucin)
    blue = blue * (1 - mucin) + 0.05 * mucin
    debris = bad & glands.lumen & (noise(chance, shape, 9 / mpp) > 0.9)
    hollow = glands.lumen & ~debris
    eosin[hollow], blue[hollow] = 0.012, 0.008
    eosin[debris] = 0.26
    there = cv2.GaussianBlur(tissue.astype(np.float32), (0, 0), 1.5 / mpp)
    blurred = [
        cv2.GaussianBlur(np.clip(one, 0, None).astype(np.float32), (0, 0), 0.5 / mpp)
        for one in (blue, eosin)
    ]
    return (
        np.asarray(blurred[0] * there, np.float32),
        np.asarray(blurred[1] * there, np.float32),
    )


def _goblets(chance: np.random.Generator, mpp: float, wall: Mask, depth: Plane) -> Plane:
    """Drops of mucin between lumen and nuclei, 0 to 1."""
    here = wall & (depth > 3) & (depth < 17)
    places = kept(chance, scattered(chance, wall.shape, 9.5 / mpp, 0.25), here * np.float32(0.7))
    return _drops(chance, wall.shape, places, 3.1 / mpp) * wall


def _drops(
    chance: np.random.Generator, shape: tuple[int, ...], places: Places, radius: float
) -> Plane:
    canvas = np.zeros(shape, np.float32)
    for (x, y), size in zip(places, chance.normal(radius, radius * 0.18, len(places)), strict=True):
        centre = round(float(x) * 16), round(float(y) * 16)
        cv2.circle(canvas, centre, max(16, round(size * 16)), 1.0, -1, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), radius / 5), np.float32)


def _blood(chance: np.random.Generator, mpp: float, free: NDArray[np.bool_], wrap: bool) -> Plane:
    """Red cells lying in small vessels: strong eosin, no nucleus. None where edges must fit."""
    canvas = np.zeros(free.shape, np.float32)
    if wrap:
        return canvas
    for centre in kept(
        chance, scattered(chance, free.shape, 300 / mpp, 0.5), free * np.float32(0.6)
    ):
        count = int(chance.integers(8, 40))
        around = centre + chance.normal(0, 9 / mpp, (count, 2)) * (1.6, 0.7)
        for x, y in around:
            place = round(float(x) * 16), round(float(y) * 16)
            amount = float(chance.uniform(0.38, 0.55))
            cv2.circle(canvas, place, round(3.1 / mpp * 16), amount, -1, cv2.LINE_AA, 4)
    return canvas * free
