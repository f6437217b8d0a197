"""What spoils a slide: a stroke of a pen, a fold, a part out of focus; drawn with their truth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from countersign.ground.imaging.slide import Pixels

from .field import Field, Mask


@dataclass(frozen=True, slots=True)
class Spoiled:
    """The picture, and where each artefact lies in it."""

    pixels: Pixels
    pen: Mask
    fold: Mask
    blur: Mask


def spoiled(field: Field, seed: int) -> Spoiled:
    """The field with one of each, at places that the seed chooses."""
    chance = np.random.default_rng([seed, 13])
    pixels = field.pixels.astype(np.float32)
    shape = field.tissue.shape
    blur = _patch(chance, shape)
    soft = cv2.GaussianBlur(pixels, (0, 0), 5.0 / field.mpp)
    share = cv2.GaussianBlur(blur.astype(np.float32), (0, 0), 12 / field.mpp)[:, :, None]
    pixels = pixels * (1 - share) + soft * share
    fold = _band(chance, shape, 34 / field.mpp) & field.tissue
    twice = pixels * pixels / np.asarray(field.white, np.float32) * 0.9
    edge = cv2.GaussianBlur(fold.astype(np.float32), (0, 0), 2 / field.mpp)[:, :, None]
    pixels = pixels * (1 - edge) + twice * edge
    pen = _band(chance, shape, 150 / field.mpp)
    ink = np.asarray([(40, 60, 150), (30, 110, 60), (25, 25, 30)][int(chance.integers(3))])
    edge = cv2.GaussianBlur(pen.astype(np.float32), (0, 0), 3 / field.mpp)[:, :, None] * 0.82
    pixels = pixels * (1 - edge) + ink * edge
    return Spoiled(np.clip(np.round(pixels), 0, 255).astype(np.uint8), pen, fold, blur)


def _patch(chance: np.random.Generator, shape: tuple[int, ...]) -> Mask:
    high, wide = shape
    canvas = np.zeros(shape, np.uint8)
    centre = int(chance.uniform(0.25, 0.75) * wide), int(chance.uniform(0.25, 0.75) * high)
    axes = int(0.12 * wide), int(0.14 * high)
    cv2.ellipse(canvas, centre, axes, float(chance.uniform(0, 180)), 0, 360, 1, -1)
    return canvas > 0


def _band(chance: np.random.Generator, shape: tuple[int, ...], thick: float) -> Mask:
    """A curved stroke across a third of the field."""
    high, wide = shape
    canvas = np.zeros(shape, np.uint8)
    start = chance.uniform(0.15, 0.85, 2) * (wide, high)
    turn = chance.uniform(0, 2 * np.pi)
    steps = np.linspace(0, 0.35 * min(wide, high), 24)
    bend = turn + chance.uniform(-1.2, 1.2) * np.linspace(0, 1, 24)
    line = start + np.stack([steps * np.cos(bend), steps * np.sin(bend)], axis=1)
    cv2.polylines(canvas, [np.round(line).astype(np.int32)], False, 1, max(1, round(thick)))
    return canvas > 0
