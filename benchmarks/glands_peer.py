"""A peer without a network: trees over colour and texture of each pixel at several scales."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesClassifier

from countersign.rooms.pathology.domain.gland import gland_mask
from countersign.rooms.pathology.domain.gland_pixels import MPP, prepared
from countersign.rooms.pathology.training.gland_fields import Labelled

SCALES = (1.5, 3.0, 6.0, 12.0, 24.0)
"""Standard deviations in pixels of 2.5 µm."""

SAMPLED = 600
"""Pixels of a field that the trees learn from."""

Floats = NDArray[np.float32]


def features(field: Labelled) -> Floats:
    """(h/2, w/2, 53): densities, hue, fineness, glass and nuclei, and their means around."""
    seen = prepared(field.pixels).transpose(1, 2, 0)
    fine = np.abs(cv2.Laplacian(seen.mean(axis=2), cv2.CV_32F))
    size = (seen.shape[1] // 2, seen.shape[0] // 2)
    small = cv2.resize(np.dstack([seen, fine]), size, interpolation=cv2.INTER_AREA)
    red, green, blue, fineness = (np.ascontiguousarray(small[..., at]) for at in range(4))
    mean = (red + green + blue) / 3
    pink, warm = (red - green) / (mean + 0.1), (blue - green) / (mean + 0.1)
    base = [red, green, blue, fineness, pink, warm]
    base += [(mean < 0.3).astype(np.float32), (red > 1.4).astype(np.float32)]
    planes = base[:5]
    for scale in SCALES:
        around = [cv2.GaussianBlur(one, (0, 0), scale) for one in base]
        spread = cv2.GaussianBlur(red * red, (0, 0), scale) - around[0] ** 2
        planes = [*planes, *around, np.sqrt(np.maximum(spread, 0))]
    soft = cv2.GaussianBlur(red, (0, 0), 1.0)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    for scale in SCALES[1:4]:
        xx, yy, xy = (
            cv2.GaussianBlur(one, (0, 0), scale)
            for one in (across * across, down * down, across * down)
        )
        planes.append(np.sqrt((xx - yy) ** 2 + 4 * xy * xy) / (xx + yy + 1e-4))
    return np.stack(planes, -1).astype(np.float32)


def by_trees(
    fields: list[Labelled], looks: list[Floats], learnt: list[int], tested: list[int]
) -> list[tuple[NDArray[np.bool_], bool]]:
    """For each tested field its glands and whether it is called malignant."""
    chance = np.random.default_rng(1)
    rows: list[Floats] = []
    truth: list[NDArray[np.bool_]] = []
    for number in learnt:
        flat = looks[number].reshape(-1, looks[number].shape[-1])
        size = (looks[number].shape[1], looks[number].shape[0])
        mask = cv2.resize(fields[number].glands.astype(np.uint8), size, interpolation=0) > 0
        chosen = chance.integers(0, len(flat), SAMPLED)
        rows.append(flat[chosen])
        truth.append(mask.ravel()[chosen])
    trees = ExtraTreesClassifier(
        60, min_samples_leaf=10, max_features=12, n_jobs=1, random_state=1
    ).fit(np.concatenate(rows), np.concatenate(truth))
    grader = ExtraTreesClassifier(300, n_jobs=1, random_state=1, class_weight="balanced").fit(
        [_whole(looks[number]) for number in learnt], [fields[one].malignant for one in learnt]
    )
    return [
        (_mask(trees, looks[one], fields[one]), bool(grader.predict([_whole(looks[one])])[0]))
        for one in tested
    ]


def _whole(look: Floats) -> Floats:
    return np.concatenate([look.mean(axis=(0, 1)), look.std(axis=(0, 1))])


def _mask(trees: ExtraTreesClassifier, look: Floats, field: Labelled) -> NDArray[np.bool_]:
    share = trees.predict_proba(look.reshape(-1, look.shape[-1]))[:, 1]
    small = cv2.GaussianBlur(share.reshape(look.shape[:2]).astype(np.float32), (0, 0), 1.0)
    height, width = field.glands.shape
    return gland_mask(np.asarray(cv2.resize(small, (width, height)), np.float32), MPP)
