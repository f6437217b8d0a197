"""Trains the weights of the library's ranking: ``python -m tools.train_ranking``.

The same data give the same weights. Questions are split by a hash of their text; only the training
part is used here, the validation part chose the features and the strength of the penalty.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.judged import JUDGED, Judged, load
from benchmarks.shared import split
from countersign.ground.library import Searcher
from countersign.ground.library.features import NAMES
from countersign.ground.library.ranking import Array, gate

OUT = Path("src/countersign/ground/library/ranking.json")
PENALTY, STEPS, RATE = 1e-3, 400, 0.05
CAP = 1_500
"""Training questions of one set."""


def examples(judged: Judged) -> list[tuple[Array, Array]]:
    """Candidates of each training question, and the gain of each of them."""
    searcher = Searcher()
    searcher.add(judged.passages())
    searcher.refresh()
    found = []
    asked = sorted(q for q in judged.grades if split(q) == "train")
    for question in asked[:CAP]:
        rows, ids = searcher.explain(question, judged.reaches)
        gains = np.array([2.0 ** judged.grades[question].get(one, 0) - 1 for one in ids])
        if len(ids) and gains.max() > 0:
            share = gate(rows)
            found.append((np.hstack([rows * (1 - share), rows * share]), gains / gains.sum()))
    return found


def fit(sets: list[list[tuple[Array, Array]]]) -> Array:
    """Listwise softmax regression (Cao et al. 2007, ListNet), each set with the same weight."""
    every = [pair for one in sets for pair in one]
    worth = np.concatenate([np.full(len(one), 1 / len(one) / len(sets)) for one in sets])
    rows = np.concatenate([rows for rows, _ in every])
    wanted = np.concatenate([gains for _, gains in every])
    sizes = np.array([len(gains) for _, gains in every])
    starts, of = (
        np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        np.repeat(np.arange(len(sizes)), sizes),
    )
    spread = rows.std(axis=0) + 1e-9
    scaled = (rows - rows.mean(axis=0)) / spread
    weights = mean = square = np.zeros(rows.shape[1])
    for step in range(1, STEPS + 1):
        score = scaled @ weights
        score = np.exp(score - np.maximum.reduceat(score, starts)[of])
        share = score / np.add.reduceat(score, starts)[of]
        slope = scaled.T @ (worth[of] * (share - wanted)) + PENALTY * weights
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        drift = np.sqrt(square / (1 - 0.99**step)) + 1e-9
        weights = weights - RATE * mean / (1 - 0.9**step) / drift
    return weights / spread


def main() -> None:
    """Writes the weights, the one of ``best`` for long passages set to 1."""
    weights = fit([examples(load(None, name)) for name in JUDGED])
    half = len(NAMES)
    weights = np.round(weights / weights[half + NAMES.index("best")], 4)
    told = {"names": NAMES, "short": weights[:half].tolist(), "long": weights[half:].tolist()}
    OUT.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(told))


if __name__ == "__main__":
    main()
