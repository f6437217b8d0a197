"""Trains the shipped classifier of nuclei on slides that the project draws, and tells how it does.

``python -m tools.train_tumour`` writes the model; it is measured on slides drawn with other seeds.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from countersign.rooms.pathology.domain import stain
from countersign.rooms.pathology.domain.kernel import detect
from countersign.rooms.pathology.domain.tumour import FEATURES, features
from countersign.rooms.pathology.domain.tumour_trees import Trees
from countersign.rooms.pathology.inference.ki67_model import MODEL, save
from countersign.rooms.pathology.training.tumour import train

TAUGHT, HELD = range(100, 124), range(950, 958)
SIDE, MPP = 1024, 0.5

Rows = tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]


def labelled(seed: int) -> Rows:
    """Features of the nuclei found on one drawn field, whether they are a tumour's, and whether
    they are positive; nuclei that the truth does not know are left out."""
    from countersign.ground.imaging.generated.field import Kind
    from countersign.ground.imaging.generated.ihc import draw_ihc

    chance = np.random.default_rng(seed)
    field = draw_ihc(seed, SIDE, SIDE, MPP, float(chance.uniform(0.02, 0.7)))
    white = tuple(float(one) for one in field.white)
    stains = stain.estimated(field.pixels, (white[0], white[1], white[2]))
    found = detect(field.pixels, stain.table(stains), MPP)
    asked = features(found, 2 * MPP)
    x = np.clip(np.rint((found.column("x") + 0.5) * 2 - 0.5), 0, SIDE - 1).astype(np.intp)
    y = np.clip(np.rint((found.column("y") + 0.5) * 2 - 0.5), 0, SIDE - 1).astype(np.intp)
    whose = field.labels[y, x]
    known = whose > 0
    cells = field.cells
    tumour = np.asarray(cells.kind)[whose[known] - 1] == Kind.TUMOUR
    return asked[known], tumour, np.asarray(cells.positive)[whose[known] - 1]


def gathered(seeds: range) -> Rows:
    parts = [labelled(seed) for seed in seeds]
    rows, tumour, positive = (np.concatenate(column) for column in zip(*parts, strict=True))
    return rows, tumour, positive


def told(trees: Trees, seeds: range) -> dict[str, float]:
    """Accuracy, sensitivity and specificity on fields that were not taught, also of positive and
    of negative nuclei alone, and the error of the index of tumour nuclei that wrong classes alone
    make, beside counting all nuclei."""
    rows, tumour, positive = gathered(seeds)
    said = trees.chances(rows) >= 0.5
    truth = positive[tumour].mean()
    browns = {"positive": positive, "negative": ~positive}
    return {
        "nuclei": len(rows),
        "accuracy": float((said == tumour).mean()),
        "sensitivity": float(said[tumour].mean()),
        "specificity": float((~said[~tumour]).mean()),
        **{f"sensitivity_{name}": float(said[tumour & one].mean()) for name, one in browns.items()},
        **{
            f"specificity_{name}": float((~said[~tumour & one]).mean())
            for name, one in browns.items()
        },
        "index_error": float(abs(positive[said].mean() - truth)),
        "index_error_all_nuclei": float(abs(positive.mean() - truth)),
    }


def main() -> int:
    rows, tumour, _ = gathered(TAUGHT)
    trees = train(rows, tumour)
    save(Path(MODEL), trees, FEATURES)
    print(f"{len(rows):,} nuclei of {len(TAUGHT)} drawn fields → {MODEL.name}")
    for name, value in told(trees, HELD).items():
        print(f"{name:24s}{value:,.4g}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
