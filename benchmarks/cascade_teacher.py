"""The teacher of the benchmark: a kernel machine over every training item beside linear models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.measured import Unmeasurable
from countersign.rooms.modelbench.domain.cascade import Floats, Ints, hard, softmax, train

SHARPNESS = 8.0
"""Scores of ridge regression are so many times steeper as logits, about what fits them best."""
FOLDS = 4


class Teacher:
    """Kernel ridge classification with exp(cosine - 1) over TF–IDF of characters and pairs of
    characters, exact over all training items, averaged with softmax regression.

    For pairs of texts the kernel is the product of three: of the first texts, of the second
    texts, and of a Gaussian over measures of what the two share.
    """

    def __init__(self, texts: Sequence[str], labels: Ints, count: int, ridge: float) -> None:
        try:
            from scipy.linalg import cho_factor, cho_solve
        except ImportError:
            raise Unmeasurable("Install the tools: pip install -e '.[dev]'.") from None
        self.count = count
        self.views = _views(texts)
        kernel = np.ones((len(texts), len(texts)), np.float32)
        for view in self.views:
            kernel *= view.against(view.train)
        kernel[np.diag_indices(len(texts))] += ridge
        target = hard(labels, count) - np.float32(1 / count)
        factor = cho_factor(kernel, lower=True, overwrite_a=True, check_finite=False)
        self.weights = cho_solve(factor, target, check_finite=False).astype(np.float32)
        self.linear = train(texts, hard(labels, count), np.random.default_rng(7))
        self._kept_out = target - self.weights / _inverse_diagonal(factor[0])[:, None]

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """(n, k), in batches of 64."""
        parts = [self._batch(texts[at : at + 64]) for at in range(0, len(texts), 64)]
        return np.concatenate(parts)

    def _batch(self, texts: Sequence[str]) -> Floats:
        kernel: Any = 1
        for view in self.views:
            kernel = kernel * view.against(view.of(texts))
        near = softmax(SHARPNESS * (kernel @ self.weights))
        return (near + softmax(self.linear.scores(texts))) / 2

    def lessons(self, texts: Sequence[str], labels: Ints) -> Floats:
        """What it says of its own training items without having seen each of them (n, k).

        The kernel's part by the closed form of leaving one out (y - weight / inverse diagonal),
        the linear part by folds.
        """
        said = np.zeros((len(texts), self.count), np.float32)
        folds = np.arange(len(texts)) % FOLDS
        for fold in range(FOLDS):
            there, held = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            taught = hard(labels[there], self.count)
            one = train([texts[row] for row in there], taught, np.random.default_rng(fold))
            said[held] = softmax(one.scores([texts[row] for row in held]))
        return (softmax(SHARPNESS * self._kept_out) + said) / 2


def _inverse_diagonal(lower: Any) -> Floats:
    """The diagonal of the inverse of L·Lᵀ: the sums of squares of the columns of L⁻¹."""
    from scipy.linalg.lapack import strtri

    inverse, _ = strtri(lower, lower=1, overwrite_c=1)
    return np.asarray((np.tril(inverse) ** 2).sum(axis=0), np.float32)


class _Words:
    """Cosine of TF–IDF of one text of each item."""

    def __init__(self, texts: Sequence[str], side: int) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self.side = side
        self.model: Any = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
        self.train = self.model.fit_transform(_side(texts, side)).astype(np.float32)
        self._turned = self.train.T.tocsr()

    def of(self, texts: Sequence[str]) -> Any:
        return self.model.transform(_side(texts, self.side)).astype(np.float32)

    def against(self, rows: Any) -> Floats:
        return np.exp((rows @ self._turned).toarray() - 1)


class _Overlap:
    """A Gaussian over shares of characters, pairs and triples that two texts have in common."""

    def __init__(self, texts: Sequence[str]) -> None:
        first = self._measured(texts)
        self.mean, self.spread = first.mean(axis=0), first.std(axis=0) + 1e-6
        self.train = (first - self.mean) / self.spread

    def of(self, texts: Sequence[str]) -> Floats:
        return np.asarray((self._measured(texts) - self.mean) / self.spread, np.float32)

    def against(self, rows: Floats) -> Floats:
        apart = (
            (rows**2).sum(axis=1)[:, None] + (self.train**2).sum(axis=1) - 2 * rows @ self.train.T
        )
        return np.exp(-0.04 * np.maximum(apart, 0))

    @staticmethod
    def _measured(texts: Sequence[str]) -> Floats:
        rows: list[list[float]] = []
        for text in texts:
            one, _, two = text.partition("\t")
            row = [float(len(one)), float(len(two))]
            for size in (1, 2, 3):
                a = {one[at : at + size] for at in range(len(one) - size + 1)}
                b = {two[at : at + size] for at in range(len(two) - size + 1)}
                both = len(a & b)
                row += [both / max(len(a), 1), both / max(len(b), 1), float(len(a) - both)]
            rows.append(row)
        return np.array(rows, np.float32)


def _views(texts: Sequence[str]) -> list[Any]:
    if not any("\t" in text for text in texts):
        return [_Words(texts, 0)]
    return [_Words(texts, 0), _Words(texts, 2), _Overlap(texts)]


def _side(texts: Sequence[str], side: int) -> list[str]:
    return [text.partition("\t")[side] for text in texts]
