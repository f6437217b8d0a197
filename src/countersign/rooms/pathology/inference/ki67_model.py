"""The file of the classifier of nuclei: arrays and a description, no code."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from countersign.rooms.pathology.domain.tumour import FEATURES
from countersign.rooms.pathology.domain.tumour_trees import Trees

MODEL = Path(__file__).with_name("tumour.npz")
"""The shipped one, trained on drawn slides alone; see docs/models/tumour-nuclei.md."""


def save(path: Path, trees: Trees, features: Sequence[str] = FEATURES) -> None:
    """Writes it. The same trees give the same bytes."""
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            features=trees.features,
            limits=trees.limits,
            leaves=trees.leaves,
            bias=np.float32(trees.bias),
            names=np.array(features),
        )


def load(path: Path = MODEL) -> Trees:
    """Reads it; one that asks fewer things, as a hospital's own made by an earlier version does,
    goes on. Raises ValueError where it asks what is not measured."""
    with np.load(path, allow_pickle=False) as held:
        names = [str(name) for name in held["names"]]
        if not set(names) <= set(FEATURES):
            raise ValueError("the model asks other things than are measured")
        places = np.array([FEATURES.index(name) for name in names], np.int8)
        asked = places[held["features"]]
        return Trees(asked, held["limits"], held["leaves"], float(held["bias"]))


@lru_cache(maxsize=4)
def digest(path: Path = MODEL) -> str:
    """Twelve signs of the file's SHA-256: a part of the analysis's version."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
