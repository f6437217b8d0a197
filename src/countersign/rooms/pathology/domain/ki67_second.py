"""A second opinion on the index, by another method: local threshold, shape, hue."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from .stain import Colours, Vector

NUCLEUS = 8.0
"""µm across, about."""

DARKER = 0.09
"""Of the white point's red by which a nucleus is darker than what lies around it."""

BROWN = 0.02
"""Of white, by which red exceeds blue in a positive nucleus's middle."""


class Opinion(NamedTuple):
    """Nuclei counted, positive and in all, tumour's or not."""

    positive: int
    total: int


def opinion(rgb: Colours, white: Vector, um: float) -> Opinion:
    """What the second method counts on a picture whose pixels are ``um`` micrometres wide.

    It shares neither the stain vectors nor the basins of the first: the red channel, which both
    stains darken, is set against its own neighbourhood, centres are the deepest places of the
    mask, and brown is red above blue.
    """
    light = rgb.astype(np.float32) / np.asarray(white, np.float32)
    red = cv2.GaussianBlur(light[:, :, 0], (0, 0), 0.7 / um)
    around = cv2.blur(red, (_odd(4 * NUCLEUS / um),) * 2)
    mask = ((around - red) > DARKER).astype(np.uint8)
    mask |= (red < 0.45).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    depth = cv2.GaussianBlur(cv2.distanceTransform(mask, cv2.DIST_L2, 5), (0, 0), 1.0 / um)
    peak = cv2.dilate(depth, np.ones((_odd(0.55 * NUCLEUS / um),) * 2, np.uint8))
    seeds = ((depth >= peak) & (depth * um > 1.3)).astype(np.uint8)
    count, _, _, centres = cv2.connectedComponentsWithStats(seeds, connectivity=8)
    hue = cv2.blur(light[:, :, 0] - light[:, :, 2], (_odd(3.0 / um),) * 2)
    at = np.rint(centres[1:]).astype(np.intp)
    brown = hue[at[:, 1], at[:, 0]] > BROWN if count > 1 else np.zeros(0, np.bool_)
    return Opinion(int(brown.sum()), count - 1)


def _odd(size: float) -> int:
    return max(3, round(size) | 1)


def sharpness(rgb: Colours) -> float:
    """How much of the local contrast lies in the finest detail, 0 (blurred) to about 1: standard
    deviation of the picture less its 3 × 3 mean, over that of the picture."""
    red, green, blue = (rgb[..., channel].astype(np.float32) for channel in range(3))
    grey = (red + green + blue) / np.float32(3)
    fine = grey - np.asarray(cv2.blur(grey, (3, 3)), np.float32)
    return float(fine.std() / max(float(grey.std()), 1.0))
