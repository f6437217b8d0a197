"""Makes a rung's probabilities mean what they say, from answers that it did not learn from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .hashing import Floats, Ints
from .linear import softmax

Curve = NDArray[np.float64]
TEMPERATURES = np.geomspace(0.05, 20, 241)
LEAST = 100
"""Answers below which only a temperature is fitted: a curve would learn the noise."""


class Method(StrEnum):
    """How a confidence was made."""

    TEMPERATURE = "temperature"
    PLATT = "platt"
    ISOTONIC = "isotonic"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logits are divided by ``temperature``; then the greatest probability may be bent.

    ``knots`` and ``values`` are a rising curve from that probability to the share that was
    right (float64, same length); both empty for a temperature alone.
    """

    method: Method
    temperature: float
    knots: Curve
    values: Curve

    def probabilities(self, scores: Floats) -> Floats:
        """Of logits (n, k), probabilities (n, k) by temperature."""
        return softmax(scores / np.float32(self.temperature))

    def confidence(self, scores: Floats) -> Floats:
        """How likely the first answer of each is right (n,), in 0–1."""
        top = self.probabilities(scores).max(axis=1)
        if not len(self.knots):
            return top
        return np.asarray(np.interp(top, self.knots, self.values), np.float32)


def fit(scores: Floats, labels: Ints) -> Calibration:
    """The method whose Brier score of right and wrong is least, judged across five folds.

    ``scores`` are logits (n, k) of items that the rung did not learn from, ``labels`` (n,).
    """
    methods = list(Method) if len(labels) >= LEAST else [Method.TEMPERATURE]
    right = (scores.argmax(axis=1) == labels).astype(np.float64)
    folds = np.arange(len(labels)) % 5
    losses: dict[Method, float] = {}
    for method in methods:
        said = np.empty(len(labels))
        for fold in range(min(5, len(labels))):
            held = folds == fold
            if held.all() or not held.any():
                continue
            said[held] = fitted(scores[~held], labels[~held], method).confidence(scores[held])
        losses[method] = float(((said - right) ** 2).mean()) if len(methods) > 1 else 0.0
    return fitted(scores, labels, min(methods, key=lambda method: losses[method]))


def fitted(scores: Floats, labels: Ints, method: Method) -> Calibration:
    """One method. Temperature: Guo et al. 2017, arXiv:1706.04599. Platt 1999. Isotonic:
    Zadrozny and Elkan 2002, by pooling adjacent violators."""
    temperature = _temperature(scores, labels)
    plain = Calibration(Method.TEMPERATURE, temperature, np.empty(0), np.empty(0))
    if method is Method.TEMPERATURE:
        return plain
    top = plain.confidence(scores).astype(np.float64)
    right = (scores.argmax(axis=1) == labels).astype(np.float64)
    knots, values = (_platt if method is Method.PLATT else isotonic)(top, right)
    return Calibration(method, temperature, knots, values)


def _temperature(scores: Floats, labels: Ints) -> float:
    rows = np.arange(len(labels))
    losses = [
        -np.log(np.maximum(softmax(scores / np.float32(one))[rows, labels], 1e-12)).mean()
        for one in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmin(losses))])


def _platt(top: Curve, right: Curve) -> tuple[Curve, Curve]:
    """A logistic curve over the log-odds, with Platt's smoothed targets, by Newton's steps."""
    x = _log_odds(top)
    good = float(right.sum())
    bad = len(right) - good
    target: Curve = right * ((good + 1) / (good + 2)) + (1 - right) / (bad + 2)
    slope, shift = 1.0, 0.0
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(slope * x + shift, -30, 30)))
        error, spread = p - target, np.maximum(p * (1 - p), 1e-6)
        hessian = np.array([[(spread * x * x).sum(), (spread * x).sum()], [0.0, spread.sum()]])
        hessian[1, 0] = hessian[0, 1]
        step = np.linalg.solve(hessian + 1e-3 * np.eye(2), [(error * x).sum(), error.sum()])
        slope, shift = slope - step[0], shift - step[1]
        if np.abs(step).max() < 1e-9:
            break
    knots = np.linspace(0, 1, 201)
    bent = 1 / (1 + np.exp(-np.clip(max(slope, 0.0) * _log_odds(knots) + shift, -30, 30)))
    return knots, bent


def _log_odds(share: Curve) -> Curve:
    inside = np.clip(share, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


def isotonic(x: Curve, y: Curve) -> tuple[Curve, Curve]:
    """The rising step curve nearest to the points in least squares, as knots and values."""
    order = np.argsort(x, kind="stable")
    means: list[float] = []
    sizes: list[int] = []
    places: list[float] = []
    for at, value in zip(x[order], y[order], strict=True):
        means.append(float(value))
        sizes.append(1)
        places.append(float(at))
        while len(means) > 1 and means[-2] >= means[-1]:
            size = sizes[-2] + sizes[-1]
            mean = (means[-2] * sizes[-2] + means[-1] * sizes[-1]) / size
            place = (places[-2] * sizes[-2] + places[-1] * sizes[-1]) / size
            means[-2:], sizes[-2:], places[-2:] = [mean], [size], [place]
    return np.array(places), np.array(means)


def calibration_error(confidence: Floats, right: NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error (Naeini et al. 2015) over bins of equal width, in 0–1."""
    if not len(right):
        return 0.0
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    total = 0.0
    for place in range(bins):
        inside = places == place
        if inside.any():
            total += inside.mean() * abs(float(confidence[inside].mean() - right[inside].mean()))
    return float(total)
