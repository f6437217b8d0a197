"""The linear rung: softmax regression over hashed n-grams, learnt from hard and soft labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .hashing import Bags, Floats, Ints, bags

BUCKETS = 1 << 16
EPOCHS = 12
BATCH = 64


@dataclass(frozen=True, slots=True)
class Linear:
    """``weights`` float32 (buckets, k) and ``bias`` float32 (k,), for k labels."""

    weights: Floats
    bias: Floats

    def scores(self, texts: Sequence[str]) -> Floats:
        """Logits (n, k). A bag counts by the square root of its size."""
        return logits(bags(texts, len(self.weights)), self.weights, self.bias)


def logits(bag: Bags, weights: Floats, bias: Floats) -> Floats:
    """Sums of the weights of each bag over the square root of its size, and the bias."""
    sums = np.add.reduceat(weights[bag.buckets], bag.starts[:-1], axis=0)
    return sums * _scale(bag)[:, None] + bias


def softmax(scores: Floats) -> Floats:
    """Probabilities (n, k) of logits (n, k)."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def hard(labels: Ints, count: int) -> Floats:
    """Certain targets (n, k) of labels (n,)."""
    return np.eye(count, dtype=np.float32)[labels]


def train(
    texts: Sequence[str],
    targets: Floats,
    chance: np.random.Generator,
    *,
    buckets: int = BUCKETS,
    epochs: int = EPOCHS,
    rate: float = 0.5,
    decay: float = 1e-6,
    drop: float = 0.0,
    tell: Callable[[int, int], None] | None = None,
) -> Linear:
    """Fits the cross-entropy to ``targets`` (n, k), which may be a teacher's probabilities.

    The cross-entropy to soft targets is the Kullback–Leibler divergence of distillation up to a
    constant (Hinton, Vinyals, Dean 2015, arXiv:1503.02531). Steps by AdaGrad (Duchi, Hazan,
    Singer 2011), each bucket with a rate of its own.
    """
    bag, count = bags(texts, buckets), targets.shape[1]
    weights, bias = np.zeros((buckets, count), np.float32), np.zeros(count, np.float32)
    grown, grown_bias = np.full(buckets, 1e-3, np.float32), np.full(count, 1e-3, np.float32)
    mean_weights, mean_bias, averaged = np.zeros_like(weights), np.zeros_like(bias), 0
    for epoch in range(epochs):
        order = chance.permutation(len(texts))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            part = bag.of(rows).without(chance.random, drop)
            error = softmax(logits(part, weights, bias)) - targets[rows]
            touched, step = _gradient(part, error)
            step += decay * len(texts) / BATCH * weights[touched] / epochs
            grown[touched] += (step**2).mean(axis=1)
            weights[touched] -= rate * step / np.sqrt(grown[touched])[:, None]
            mean = error.mean(axis=0)
            grown_bias += mean**2
            bias -= 0.1 * mean / np.sqrt(grown_bias)
        if epoch >= epochs // 3:
            mean_weights, mean_bias, averaged = (
                mean_weights + weights,
                mean_bias + bias,
                averaged + 1,
            )
        if tell is not None:
            tell(epoch + 1, epochs)
    scale = np.float32(1 / averaged)
    return Linear(mean_weights * scale, mean_bias * scale)


def _gradient(bag: Bags, error: Floats) -> tuple[Ints, Floats]:
    """The buckets that a batch touches, and the mean gradient of each."""
    owners = np.repeat(np.arange(len(bag)), np.diff(bag.starts))
    order = np.argsort(bag.buckets, kind="stable")
    touched, first = np.unique(bag.buckets[order], return_index=True)
    scaled = error * (_scale(bag) / len(bag))[:, None]
    return touched, np.add.reduceat(scaled[owners[order]], first, axis=0)


def _scale(bag: Bags) -> Floats:
    return (1 / np.sqrt(np.diff(bag.starts))).astype(np.float32)
