"""A second way to count nuclei on H&E: round dark spots of a nucleus' size, without outlines."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

RADIUS = 7.0
"""Pixels of 0.5 µm: the radius of the spots looked for."""

ABOVE = 0.06
"""A spot's answer, as a share of the slide's contrast."""


def blobs(haematoxylin: Plane, contrast: float) -> Plane:
    """Centres (n, 2), x and y, of dark spots on a density (h, w), in reading order.

    The scale-normalised Laplacian of a Gaussian (Lindeberg 1998, doi:10.1023/A:1008045108935),
    as the difference of two Gaussians.
    """
    sigma = RADIUS / np.sqrt(2)
    narrow = cv2.GaussianBlur(haematoxylin, (0, 0), sigma)
    wide = cv2.GaussianBlur(haematoxylin, (0, 0), 1.6 * sigma)
    answer = np.asarray(narrow - wide, np.float32)
    reach = int(RADIUS)
    around = cv2.dilate(answer, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    rows, columns = np.nonzero((answer >= around) & (answer > ABOVE * contrast))
    return np.stack([columns, rows], 1).astype(np.float32)
