"""Glands: a lumen, a wall of epithelium and its nuclei, tidy where benign and not in a tumour."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .field import Labels
from .layout import Places, Plane, at, scattered

CORNERS = 96


@dataclass(frozen=True, slots=True)
class Drawn:
    """``labels`` each pixel's gland (0 none), ``lumen`` where it is hollow, ``malignant`` which
    are a tumour's; ``depth`` 0 at the lumen to 1 at the outer border; ``places``, ``turn`` and
    ``bad`` of the nuclei in the walls."""

    labels: Labels
    lumen: NDArray[np.bool_]
    malignant: frozenset[int]
    places: Places
    turn: NDArray[np.float32]
    bad: NDArray[np.bool_]


def drawn_glands(
    chance: np.random.Generator,
    tissue: NDArray[np.bool_],
    tumour: NDArray[np.bool_],
    mpp: float,
    wrap: bool,
) -> Drawn:
    """Glands all over the tissue; those whose centre lies in the tumour are malignant. With
    ``wrap`` none reaches the field's edges."""
    shape = tissue.shape
    tissue = tissue.copy()
    if wrap:
        tissue[[0, -1]] = tissue[:, [0, -1]] = False
    room = cv2.distanceTransform(tissue.astype(np.uint8), cv2.DIST_L2, 3) * mpp
    centres = scattered(chance, shape, 128 / mpp, 0.17)
    centres = centres[at(np.asarray(room, np.float32), centres) > 70]
    labels = np.zeros(shape, np.int32)
    hollow = np.zeros(shape, np.uint8)
    malignant: set[int] = set()
    places: list[NDArray[np.float32]] = []
    turns: list[NDArray[np.float32]] = []
    bad: list[NDArray[np.bool_]] = []
    for number, centre in enumerate(centres, start=1):
        is_bad = bool(at(tumour, centre[None, :])[0])
        ring, wall = _outline(chance, centre, is_bad, mpp)
        cv2.fillPoly(labels, [np.round(ring).astype(np.int32)], number)
        for hole in _lumens(chance, ring, centre, wall, is_bad):
            cv2.fillPoly(hollow, [np.round(hole).astype(np.int32)], 1)
        found, turn = _wall(chance, ring, centre, wall, is_bad, mpp)
        places.append(found)
        turns.append(turn)
        bad.append(np.full(len(found), is_bad))
        if is_bad:
            malignant.add(number)
    joined = np.concatenate(places) if places else np.zeros((0, 2), np.float32)
    lumen = (hollow > 0) & (labels > 0)
    inside = (joined >= 0).all(axis=1) & (joined[:, 0] < shape[1]) & (joined[:, 1] < shape[0])
    joined = joined[inside]
    turned = np.concatenate(turns)[inside] if turns else np.zeros(0, np.float32)
    are_bad = np.concatenate(bad)[inside] if bad else np.zeros(0, np.bool_)
    free = at(lumen, joined) < 0.5
    return Drawn(labels, lumen, frozenset(malignant), joined[free], turned[free], are_bad[free])


def _outline(
    chance: np.random.Generator, centre: NDArray[np.float32], bad: bool, mpp: float
) -> tuple[NDArray[np.float64], float]:
    """Outer border in pixels, and how thick the wall is as a share of the radius."""
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    radius = np.ones(CORNERS)
    for wave in range(2, 7 if bad else 4):
        depth = (0.13 if bad else 0.07) * 2 / wave
        radius += chance.normal(0, depth) * np.cos(wave * angle + chance.uniform(0, 2 * np.pi))
    size = chance.uniform(46, 66) if bad else chance.uniform(44, 58)
    radius = np.clip(radius, 0.55, 1.35) * min(size, 62) / mpp
    stretch = chance.uniform(0.8, 1.2) if bad else chance.uniform(0.88, 1.12)
    x = centre[0] + radius * np.cos(angle) * stretch
    y = centre[1] + radius * np.sin(angle) / stretch
    wall = chance.uniform(0.55, 0.85) if bad else chance.uniform(0.42, 0.58)
    return np.stack([x, y], axis=1), wall


def _lumens(
    chance: np.random.Generator,
    ring: NDArray[np.float64],
    centre: NDArray[np.float32],
    wall: float,
    bad: bool,
) -> list[NDArray[np.float64]]:
    """One lumen, or several where a tumour grows cribriform."""
    if not bad or chance.random() < 0.45:
        ragged = chance.normal(1, 0.05 if bad else 0.015, (len(ring), 1))
        return [centre + (ring - centre) * (1 - wall) * ragged]
    holes: list[NDArray[np.float64]] = []
    for turn in chance.uniform(0, 2 * np.pi, int(chance.integers(2, 6))):
        away = np.array([np.cos(turn), np.sin(turn)])
        reach = float(np.abs((ring - centre) @ away).max())
        middle = centre + away * reach * chance.uniform(0.2, 0.5)
        holes.append(middle + (ring - centre) * chance.uniform(0.10, 0.2))
    return holes


def _wall(
    chance: np.random.Generator,
    ring: NDArray[np.float64],
    centre: NDArray[np.float32],
    wall: float,
    bad: bool,
    mpp: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Nuclei along the border, one row where benign, in several rows that jostle in a tumour."""
    closed = np.concatenate([ring, ring[:1]])
    steps = np.hypot(*np.diff(closed, axis=0).T)
    length = float(steps.sum())
    spacing = (7.4 if bad else 5.6) / mpp
    reach = float(np.hypot(*(ring - centre).T).mean())
    rows = max(2, int(wall * reach * mpp / 9.5)) if bad else 1
    found: list[NDArray[np.float64]] = []
    turn: list[NDArray[np.float64]] = []
    for row in range(rows):
        depth = (6.0 + row * 9.2) / mpp / reach
        if depth > wall * 0.95:
            break
        count = max(6, int(length * (1 - depth) / spacing))
        along = (np.arange(count) + chance.uniform(0, 1) + chance.normal(0, 0.12, count)) / count
        at_step = np.mod(along, 1) * length
        reached = np.concatenate([[0.0], np.cumsum(steps)])
        x = np.interp(at_step, reached, closed[:, 0])
        y = np.interp(at_step, reached, closed[:, 1])
        out = np.stack([x, y], axis=1) - centre
        jitter = chance.normal(0, 0.055 if bad else 0.02, (count, 1))
        found.append(centre + out * (1 - depth + jitter))
        turn.append(
            np.arctan2(out[:, 1], out[:, 0]) + chance.normal(0, 0.5 if bad else 0.12, count)
        )
    return (
        np.concatenate(found).astype(np.float32),
        np.concatenate(turn).astype(np.float32),
    )


def apical(labels: Labels, lumen: NDArray[np.bool_], mpp: float) -> Plane:
    """How far each pixel of a gland's wall is from the lumen (µm); 0 outside glands."""
    away = cv2.distanceTransform((~lumen).astype(np.uint8), cv2.DIST_L2, 3) * mpp
    return np.where(labels > 0, away, 0).astype(np.float32)
