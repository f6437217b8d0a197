"""The two labelled Ki-67 fields of DeepLIIF, and how nuclei found are set against them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.measured import Unmeasurable
from benchmarks.shared import FOLDER

NAMES = ("Lung1", "Bladder1")
MPP = 0.5
"""µm of a pixel as measured; the files have half of that."""

FEW = "only two labelled fields, 244 nuclei: every figure is uncertain by several points"


@dataclass(frozen=True)
class Field:
    """``rgb`` at 0.5 µm; ``labels`` of the nuclei at 0.25 µm; whether each is positive."""

    rgb: NDArray[np.uint8]
    labels: NDArray[np.int32]
    centres: NDArray[np.float64]
    positive: NDArray[np.bool_]

    @property
    def index(self) -> float:
        return float(self.positive.mean())


@dataclass(frozen=True)
class Nuclei:
    """Found nuclei: centres in pixels of 0.5 µm, optical density of DAB."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    dab: NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    hits: int
    found: int
    true: int
    right: int
    index: float
    true_index: float

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(self.found + self.true, 1)

    @property
    def error(self) -> float:
        return abs(self.index - self.true_index)


def field(name: str, data: Path | None) -> Field:
    """Raises Unmeasurable where the files are absent."""
    folder = (data or FOLDER) / "imaging" / "ihc" / "deepliif"
    if not (folder / f"{name}_ihc.png").is_file():
        raise Unmeasurable(
            f"There is no {name}_ihc.png. Give DATA= the folder of development data."
        )
    rgb = _read(folder / f"{name}_ihc.png")
    truth = _read(folder / f"{name}_truth.png")
    inner = ((truth[..., 0] > 128) | (truth[..., 2] > 128)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(inner, connectivity=4)
    keep = np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= 40) + 1
    numbers = np.zeros(count, np.int32)
    numbers[keep] = np.arange(1, len(keep) + 1)
    labels = numbers[labels]
    red = np.bincount(labels.ravel(), (truth[..., 0] > 128).ravel(), len(keep) + 1)[1:]
    positive = red / np.bincount(labels.ravel(), minlength=len(keep) + 1)[1:] > 0.5
    grown = cv2.dilate(labels.astype(np.float32), np.ones((7, 7), np.uint8)).astype(np.int32)
    edge = (labels == 0) & (truth[..., 1] > 128)
    labels = np.where(edge, grown, labels)
    centres = np.array(
        [np.argwhere(labels == one).mean(axis=0)[::-1] for one in range(1, len(keep) + 1)]
    )
    small = cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return Field(np.asarray(small, np.uint8), labels, centres, positive)


def _read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)


def score(truth: Field, nuclei: Nuclei, threshold: float) -> Score:
    """A nucleus is hit by a centre inside its outline, the nearest to its own where there are
    several; each once. ``right`` counts hits whose class is that of the truth."""
    x, y = nuclei.x * 2 + 0.5, nuclei.y * 2 + 0.5
    high, wide = truth.labels.shape
    row = np.clip(np.rint(y), 0, high - 1).astype(np.intp)
    column = np.clip(np.rint(x), 0, wide - 1).astype(np.intp)
    whose = truth.labels[row, column]
    far = np.hypot(x - truth.centres[whose - 1, 0], y - truth.centres[whose - 1, 1])
    pairs: dict[int, int] = {}
    for one in np.argsort(far, kind="stable"):
        if whose[one] and int(whose[one]) not in pairs:
            pairs[int(whose[one])] = int(one)
    positive = nuclei.dab > threshold
    right = sum(
        bool(positive[one]) == bool(truth.positive[label - 1]) for label, one in pairs.items()
    )
    index = float(positive.mean()) if len(positive) else 0.0
    return Score(len(pairs), len(x), len(truth.positive), right, index, truth.index)
