"""A linear model over character n-grams that a hospital trains on its own bookings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

WIDTH = 1 << 16
GRAMS = (1, 2, 3)
ROUNDS, RATE, DECAY = 12, 0.5, 1e-6
TEMPERS = tuple(np.linspace(0.2, 6.0, 117))


@dataclass(frozen=True)
class Model:
    """``weight`` is (WIDTH, labels), ``bias`` (labels); ``temper`` divides before the softmax."""

    labels: tuple[str, ...]
    weight: Array
    bias: Array
    temper: float

    def probabilities(self, text: str) -> Array:
        """P(label | text), calibrated by ``temper``; they sum to 1."""
        return softmax(self.scores(text) / self.temper)

    def scores(self, text: str) -> Array:
        """What the softmax is made of; every n-gram counts alike, whatever the length."""
        places = grams(text)
        if not len(places):
            return self.bias
        return self.bias + self.weight[places].sum(axis=0) / np.float32(np.sqrt(len(places)))


def grams(text: str) -> Places:
    """The places of the text's different n-grams, in (WIDTH)."""
    even = "".join(text.lower().split())
    found = {
        crc32(even[start : start + size].encode()) % WIDTH
        for size in GRAMS
        for start in range(len(even) - size + 1)
    }
    return np.fromiter(sorted(found), dtype=np.int64, count=len(found))


def softmax(scores: Array) -> Array:
    """Probabilities over the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def learn(texts: Sequence[str], labels: Sequence[str], random: np.random.Generator) -> Model:
    """Logistic regression by AdaGrad (Duchi, JMLR 2011;12:2121), not calibrated yet."""
    names = tuple(sorted(set(labels)))
    target = np.array([names.index(one) for one in labels])
    rows = [grams(text) for text in texts]
    weight = np.zeros((WIDTH, len(names)), dtype=np.float32)
    bias = np.zeros(len(names), dtype=np.float32)
    seen, seen_bias = np.full_like(weight, 1e-3), np.full_like(bias, 1e-3)
    for _ in range(ROUNDS):
        for number in map(int, random.permutation(len(rows))):
            places = rows[number]
            if not len(places):
                continue
            scale = np.float32(1 / np.sqrt(len(places)))
            wrong = softmax(bias + weight[places].sum(axis=0) * scale)
            wrong[target[number]] -= 1
            step = wrong * scale + np.float32(DECAY) * weight[places]
            seen[places] += step**2
            weight[places] -= np.float32(RATE) * step / np.sqrt(seen[places])
            seen_bias += wrong**2
            bias -= np.float32(RATE) * wrong / np.sqrt(seen_bias)
    return Model(names, weight, bias, 1.0)


def calibrated(model: Model, texts: Sequence[str], labels: Sequence[str]) -> Model:
    """The same with the temper that fits texts it has not seen best (Guo, ICML 2017)."""
    known = [
        (text, label) for text, label in zip(texts, labels, strict=True) if label in model.labels
    ]
    if not known:
        return model
    scores = np.stack([model.scores(text) for text, _ in known])
    target = np.array([model.labels.index(label) for _, label in known])
    row = np.arange(len(target))
    losses = [-np.log(softmax(scores / one)[row, target] + 1e-12).mean() for one in TEMPERS]
    return Model(model.labels, model.weight, model.bias, float(TEMPERS[int(np.argmin(losses))]))
