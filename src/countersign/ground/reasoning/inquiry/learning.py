"""Expectation and maximisation: hidden kinds of consultation inside every diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .cases import Answer, Case, Vocabulary, one_hot
from .model import Array, Learnt, softmax

FLOOR = 0.3
"""Invented cases of each answer, in all consultations, so that no answer is impossible."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``kinds`` of each diagnosis; ``toward_diagnosis`` and ``toward_all`` are the cases that the
    diagnosis as a whole, and all consultations, count for; ``seeds`` mixtures are averaged."""

    kinds: int = 8
    toward_diagnosis: float = 8.0
    toward_all: float = 6.0
    temper: float = 0.7
    seeds: int = 3
    rounds: int = 25
    least_told: int = 5
    least_asked: int = 8


def learn(cases: Sequence[Case], settings: Settings, chance: np.random.Generator) -> Learnt:
    """A model of these cases.

    Answers are independent given the hidden kind (latent class analysis, Lazarsfeld and Henry
    1968), with Dirichlet smoothing of a kind toward its diagnosis and of that toward all.
    """
    words = Vocabulary.of(cases, settings.least_told, settings.least_asked)
    told = np.array([words.told_row(case.told) for case in cases])
    asked = np.array([words.asked_row(case.asked) for case in cases])
    answers = np.concatenate([one_hot(told), one_hot(asked)], axis=1)
    labels = np.array([words.diagnoses.index(case.diagnosis) for case in cases])
    width = (len(words.told) + len(words.asked)) * len(Answer)
    even: Array = np.ones(width) / len(Answer)
    usual = _smoothed(answers.sum(axis=0), even, FLOOR * len(Answer))
    weights: list[Array] = []
    logs: list[Array] = []
    owners: list[int] = []
    for _ in range(settings.seeds):
        for diagnosis in range(len(words.diagnoses)):
            own = answers[labels == diagnosis]
            share, probability = _kinds(own, usual, settings, chance)
            weights.append(share + np.log(len(own) / len(cases) / settings.seeds))
            logs.append(probability)
            owners += [diagnosis] * len(share)
    every = np.concatenate(logs)
    split = len(words.told) * len(Answer)
    return Learnt(
        words=words,
        weight=np.concatenate(weights),
        told=every[:, :split],
        asked=every[:, split:].reshape(len(every), len(words.asked), len(Answer)),
        belongs=np.eye(len(words.diagnoses))[owners],
        temper=settings.temper,
    )


def _kinds(
    own: npt.NDArray[np.float32], usual: Array, settings: Settings, chance: np.random.Generator
) -> tuple[Array, Array]:
    """Log shares (kinds) and log-probabilities (kinds, findings × 4) of one diagnosis."""
    whole = _smoothed(own.sum(axis=0), usual, settings.toward_all)
    belief = chance.dirichlet(np.full(settings.kinds, 0.5), len(own))
    share, logs = np.zeros(settings.kinds), np.log(np.tile(whole, (settings.kinds, 1)))
    for _ in range(settings.rounds):
        share = np.log((belief.sum(axis=0) + 1) / (len(own) + settings.kinds))
        counts = belief.T @ own
        logs = np.log(_smoothed(counts, whole, settings.toward_diagnosis))
        belief = softmax(own @ logs.T + share)
    return share, logs


def _smoothed(counts: npt.NDArray[np.floating], toward: Array, cases: float) -> Array:
    """Shares of the four answers, as if ``cases`` more had answered as in ``toward``."""
    parts = counts.reshape(*counts.shape[:-1], -1, len(Answer)).astype(np.float64)
    ahead = toward.reshape(-1, len(Answer))
    shares = (parts + cases * ahead) / (parts.sum(axis=-1, keepdims=True) + cases)
    return shares.reshape(counts.shape)
