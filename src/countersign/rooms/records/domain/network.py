"""A network of two hidden layers in NumPy, which weighs what is known about a candidate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_WIDE, _NARROW, _BATCH, _RATE, _ROUNDS, _PENALTY = 48, 24, 512, 2e-3, 12, 1e-5
_STEPS, _MOST = 600, 400
"""A small set is gone through more often, so that it is learnt at all."""


class Network:
    """``parameters`` are three layers' weights and biases, then mean and spread of the inputs."""

    def __init__(self, parameters: Sequence[Array]) -> None:
        self.parameters = [np.asarray(one, dtype=np.float64) for one in parameters]

    def probability(self, given: Array) -> Array:
        """(rows, inputs) to (rows,)."""
        *_, mean, spread = self.parameters
        *_, scores = _forward(self.parameters, (given - mean) / spread)
        return 1 / (1 + np.exp(-np.clip(scores, -30, 30)))


def fitted(given: Array, wanted: Array, seed: int) -> Network:
    """Logistic loss by Adam (Kingma and Ba 2015); the same data and seed give the same weights."""
    chance = np.random.default_rng(seed)
    inputs = given.shape[1]
    weights = [
        chance.normal(0, (2 / inputs) ** 0.5, (inputs, _WIDE)), np.zeros(_WIDE),
        chance.normal(0, (2 / _WIDE) ** 0.5, (_WIDE, _NARROW)), np.zeros(_NARROW),
        chance.normal(0, 0.2, (_NARROW, 1)), np.zeros(1),
    ]  # fmt: skip
    mean, spread = given.mean(axis=0), given.std(axis=0)
    # What never varied here must not swing the answer when it does elsewhere.
    spread = np.where(spread < 1e-3, 1.0, spread)
    even = (given - mean) / spread
    first, second = ([np.zeros_like(one) for one in weights] for _ in range(2))
    step = 0
    rounds = max(_ROUNDS, min(_MOST, _STEPS * _BATCH // len(even)))
    for turn in range(rounds):
        rate = _RATE * (1 - turn / rounds) + 1e-4
        order = chance.permutation(len(even))
        for start in range(0, len(even), _BATCH):
            batch = order[start : start + _BATCH]
            slopes = _slopes(weights, even[batch], wanted[batch])
            step += 1
            for place, slope in enumerate(slopes):
                pull = slope + _PENALTY * weights[place]
                first[place] = 0.9 * first[place] + 0.1 * pull
                second[place] = 0.999 * second[place] + 0.001 * pull * pull
                moved = first[place] / (1 - 0.9**step)
                size = np.sqrt(second[place] / (1 - 0.999**step)) + 1e-8
                weights[place] = weights[place] - rate * moved / size
    return Network([*weights, mean, spread])


def _forward(weights: Sequence[Array], given: Array) -> tuple[Array, Array, Array]:
    w1, b1, w2, b2, w3, b3 = weights[:6]
    wide = np.maximum(given @ w1 + b1, 0)
    narrow = np.maximum(wide @ w2 + b2, 0)
    return wide, narrow, (narrow @ w3 + b3)[:, 0]


def _slopes(weights: Sequence[Array], given: Array, wanted: Array) -> list[Array]:
    wide, narrow, scores = _forward(weights, given)
    error = ((1 / (1 + np.exp(-scores)) - wanted) / len(given))[:, None]
    _, _, w2, _, w3, _ = weights[:6]
    back_narrow = error @ w3.T * (narrow > 0)
    back_wide = back_narrow @ w2.T * (wide > 0)
    return [
        given.T @ back_wide, back_wide.sum(axis=0),
        wide.T @ back_narrow, back_narrow.sum(axis=0),
        narrow.T @ error, error.sum(axis=0),
    ]  # fmt: skip
