"""Draws Ki-67 immunohistochemistry: nests of tumour in stroma, haematoxylin and nuclear DAB."""

from __future__ import annotations

import cv2
import numpy as np
from cv2.typing import MatLike

from .colour import DAB, HAEMATOXYLIN, Scanner, seen
from .field import Field, Kind, Mask
from .layout import Plane, at, fibres, kept, layered, noise, scattered
from .nuclei import Column, Nucleus, Planned, cells_of, densities, labelled, outlines, planned

COARSE, DENSE, EVEN = (
    {"grain": (0.19, 0.05), "clumps": (0.22, 0.06)},
    {"grain": (0.12, 0.04), "clumps": (0.15, 0.05)},
    {"grain": (0.10, 0.04), "clumps": (0.07, 0.03)},
)
"""Chromatin: open and coarse in tumour, dense in lymphocytes, fine and even in fibroblasts. The
order is what pathologists look for; the amounts are guesses, and those of nuclei overlap."""

TUMOUR = Nucleus(Kind.TUMOUR, (3.9, 0.65), (1.22, 0.16), 0.11, (0.40, 0.08), 0.42, **COARSE)
IMMUNE = Nucleus(Kind.IMMUNE, (2.75, 0.28), (1.08, 0.06), 0.05, (0.66, 0.09), 0.10, **DENSE)
STROMAL = Nucleus(Kind.STROMAL, (1.75, 0.35), (3.3, 0.8), 0.07, (0.46, 0.09), 0.15, **EVEN)

POSITIVE_IMMUNE, POSITIVE_STROMAL = 0.14, 0.02
"""Immune and stromal cells divide too: whoever counts them is off."""

PAD = 64


def draw_ihc(
    seed: int,
    width: int,
    height: int,
    mpp: float = 0.5,
    share: float = 0.3,
    tissue: Mask | None = None,
    wrap: bool = False,
) -> Field:
    """A field with ``share`` of the tumour nuclei positive, unevenly over it, as hotspots are.

    ``tissue`` says where there is any (everywhere without it). With ``wrap`` its edges fit each
    other. The same seed and sizes give the same field on every machine of one NumPy and OpenCV.
    """
    chance = np.random.default_rng([seed, 67])
    shape = (height, width)
    tissue = np.ones(shape, np.bool_) if tissue is None else tissue
    nests = layered(chance, shape, 230 / mpp, 3)
    tumour = (nests > -0.15) & tissue
    woven, direction = fibres(chance, shape, mpp)
    nuclei = _nuclei(chance, mpp, share, (tissue, tumour), direction)
    rings = outlines(chance, nuclei, mpp)
    labels = labelled(rings, shape, round(PAD / mpp), wrap)
    haematoxylin, dab, away = densities(chance, nuclei, labels, mpp)
    planes = _ground(chance, mpp, (tissue, tumour), woven, away)
    cells, labels = cells_of(nuclei, labels, mpp, 0.35)
    scanner = Scanner.by_chance(chance, (HAEMATOXYLIN, DAB))
    pixels = seen(chance, scanner, [planes[0] * (labels == 0) + haematoxylin, planes[1] + dab], mpp)
    return Field(
        pixels, mpp, cells, labels, tissue, tumour, np.zeros(shape, np.int32), white=scanner.white
    )


def _nuclei(
    chance: np.random.Generator,
    mpp: float,
    share: float,
    masks: tuple[Mask, Mask],
    direction: Plane,
) -> Planned:
    tissue, tumour = masks
    shape = tissue.shape
    inner = _shrunk(tumour, 4 / mpp)
    outer = tissue & ~_grown(tumour, 3 / mpp)
    crowd = noise(chance, shape, 120 / mpp)
    places = kept(chance, scattered(chance, shape, 10.4 / mpp), inner * np.float32(0.9))
    hot = noise(chance, shape, 260 / mpp)
    dab = _positive(chance, share, at(hot, places))
    parts = [planned(chance, TUMOUR, places, dab=dab)]
    near = np.clip(0.12 + 0.9 * (crowd > 1.1), 0, 1).astype(np.float32)
    places = kept(chance, scattered(chance, shape, 7.6 / mpp, 0.45), outer * near)
    parts.append(planned(chance, IMMUNE, places, dab=_some(chance, len(places), POSITIVE_IMMUNE)))
    places = kept(chance, scattered(chance, shape, 15 / mpp, 0.6), outer * np.float32(0.75))
    turn = at(direction, places) + chance.normal(0, 0.15, len(places))
    dab = _some(chance, len(places), POSITIVE_STROMAL)
    parts.insert(0, planned(chance, STROMAL, places, turn, dab))
    within = kept(chance, scattered(chance, shape, 26 / mpp), inner * np.float32(0.12))
    parts.append(planned(chance, IMMUNE, within, dab=_some(chance, len(within), 0.05)))
    return Planned.joined(parts)


def _positive(chance: np.random.Generator, share: float, hot: Column) -> Column:
    """DAB of each nucleus: exactly the share is positive, more of them where it is hot; the
    strengths run from faint to strong."""
    count = round(share * len(hot))
    order = np.argsort(-(0.8 * hot + chance.gumbel(0, 1, len(hot))))
    dab = np.zeros(len(hot), np.float32)
    strength = np.exp(chance.normal(-0.55, 0.45, count))
    dab[order[:count]] = np.clip(strength, 0.18, 1.5)
    return dab


def _some(chance: np.random.Generator, count: int, share: float) -> Column:
    strength = np.clip(np.exp(chance.normal(-0.6, 0.4, count)), 0.18, 1.4)
    return np.where(chance.random(count) < share, strength, 0).astype(np.float32)


def _ground(
    chance: np.random.Generator,
    mpp: float,
    masks: tuple[Mask, Mask],
    woven: Plane,
    away: Plane,
) -> tuple[Plane, Plane]:
    """Haematoxylin and DAB of everything but the nuclei."""
    tissue, tumour = masks
    shape = tissue.shape
    fine = noise(chance, shape, max(1.6 / mpp, 1.5))
    soft = noise(chance, shape, 14 / mpp)
    body = 0.115 * np.exp(-away / 5.5) + 0.045 + 0.012 * soft + 0.010 * fine
    collagen = 0.045 + 0.09 * woven + 0.012 * fine + 0.008 * soft
    collagen *= np.clip(2.2 * woven + 0.15, 0.35, 1)
    edge = cv2.GaussianBlur(tumour.astype(np.float32), (0, 0), 1.2 / mpp)
    there = cv2.GaussianBlur(tissue.astype(np.float32), (0, 0), 1.5 / mpp)
    haematoxylin = np.clip(edge * body + (1 - edge) * collagen, 0, None) * there
    dab = np.clip(0.012 + 0.010 * soft + 0.02 * woven * (1 - edge), 0, None) * there
    return np.asarray(haematoxylin, np.float32), np.asarray(dab, np.float32)


def _shrunk(mask: Mask, by: float) -> Mask:
    return cv2.erode(mask.astype(np.uint8), _disc(by)).astype(np.bool_)


def _grown(mask: Mask, by: float) -> Mask:
    return cv2.dilate(mask.astype(np.uint8), _disc(by)).astype(np.bool_)


def _disc(radius: float) -> MatLike:
    side = 2 * max(1, round(radius)) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
