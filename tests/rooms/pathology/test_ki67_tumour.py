"""Tumour or not: texture is asked for without asking how dark; earlier models go on."""

from __future__ import annotations

import numpy as np

from countersign.rooms.pathology.domain.kernel import COLUMNS, Found
from countersign.rooms.pathology.domain.tumour import FEATURES, features
from countersign.rooms.pathology.domain.tumour_trees import Trees
from countersign.rooms.pathology.inference.ki67_model import load, save

CHANCE = np.random.default_rng(6)


def found(**columns: float) -> Found:
    """Forty nuclei by chance, some columns as given."""
    rows = CHANCE.uniform(1, 10, (40, len(COLUMNS))).astype(np.float32)
    rows[:, :2] = CHANCE.uniform(0, 80, (40, 2))
    for name, value in columns.items():
        rows[:, COLUMNS.index(name)] = value
    return Found(rows, np.zeros(1, np.int32), np.zeros((90, 90), np.int32))


def scaled(one: Found, **factors: float) -> Found:
    rows = one.rows.copy()
    for name, factor in factors.items():
        rows[:, COLUMNS.index(name)] *= np.float32(factor)
    return one._replace(rows=rows)


def test_a_slide_twice_as_dark_has_the_same_features() -> None:
    one = found(contrast=20.0)
    dark = scaled(one, contrast=2, chromatin=2, grain=2, dab=3, haematoxylin=2)
    assert np.allclose(features(one, 1.0), features(dark, 1.0), rtol=1e-5)


def test_coarser_chromatin_is_seen_on_the_nucleus_and_around() -> None:
    one = found(contrast=20.0)
    rough = scaled(one, chromatin=1.5, grain=1.5)
    before, after = features(one, 1.0), features(rough, 1.0)
    changed = ("grain", "chromatin_around", "grain_around")
    for number, name in enumerate(FEATURES):
        factor = 1.5 if name in changed else 1.0
        assert np.allclose(after[:, number], before[:, number] * factor, rtol=1e-4), name


def test_trees_say_what_each_of_them_says_one_after_the_other() -> None:
    asked = CHANCE.integers(0, len(FEATURES), (9, 7)).astype(np.int8)
    limits = CHANCE.normal(0, 1, (9, 7)).astype(np.float32)
    leaves = CHANCE.normal(0, 1, (9, 8)).astype(np.float32)
    rows = CHANCE.normal(0, 1, (2100, len(FEATURES))).astype(np.float32)
    chances = Trees(asked, limits, leaves, 0.25).chances(rows)
    for row, chance in zip(rows[::50], chances[::50], strict=True):
        odds = np.float32(0.25)
        for tree in range(9):
            node = 0
            while node < 7:
                node = 2 * node + 1 + int(row[asked[tree, node]] > limits[tree, node])
            odds += leaves[tree, node - 7]
        assert abs(1 / (1 + np.exp(-odds)) - chance) < 1e-6


def test_a_model_that_asks_fewer_things_by_name_goes_on(tmp_path) -> None:  # noqa: ANN001
    names = [name for name in FEATURES if name != "nearest"][::-1]
    asked = CHANCE.integers(0, len(names), (5, 7)).astype(np.int8)
    limits = CHANCE.uniform(0, 9, (5, 7)).astype(np.float32)
    trees = Trees(asked, limits, CHANCE.normal(0, 1, (5, 8)).astype(np.float32), 0.0)
    save(tmp_path / "earlier.npz", trees, names)
    rows = features(found(), 1.0)
    own = rows[:, [FEATURES.index(name) for name in names]]
    again = load(tmp_path / "earlier.npz").chances(rows)
    assert again.tobytes() == trees.chances(own).tobytes()
