"""One consultation under way: what is likely now, and which question is expected to help most."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .cases import Answer, one_hot
from .model import Array, Learnt, softmax

CURIOSITY = 0.3
"""Weight of the expected information (in nats) beside the expected best guess."""


class Consultation:
    """Starts from what the patient told unasked; ``answer`` takes what a question brought out.

    An ``UNSAID`` answer is one too: the patient does not know, or nobody would have spoken of it.
    """

    def __init__(self, learnt: Learnt, told: Mapping[str, Answer]) -> None:
        self._learnt = learnt
        row = one_hot(learnt.words.told_row(told)[None])[0]
        self._logs: Array = learnt.weight + learnt.temper * (learnt.told @ row)
        self._open = np.ones(len(learnt.words.asked), dtype=bool)

    def probabilities(self) -> dict[str, float]:
        """P(diagnosis | everything known so far); they sum to 1."""
        found = softmax(self._logs) @ self._learnt.belongs
        return dict(zip(self._learnt.words.diagnoses, map(float, found), strict=True))

    def next_question(self) -> str | None:
        """The open question with the best expected guess and information; None without any."""
        worth = self._worth()
        if worth is None:
            return None
        return self._learnt.words.asked[int(np.argmax(worth))]

    def answer(self, question: str, answer: Answer) -> None:
        """Records one answer; a question that is not in the vocabulary changes nothing."""
        if question not in self._learnt.words.asked:
            return
        number = self._learnt.words.asked.index(question)
        self._open[number] = False
        self._logs = self._logs + self._learnt.temper * self._learnt.asked[:, number, answer]

    def _worth(self) -> Array | None:
        if not self._open.any():
            return None
        kinds = softmax(self._logs)
        joint = (self._learnt.belongs * kinds[:, None]).T @ self._learnt.chances
        joint = joint.reshape(len(joint), -1, len(Answer))
        guess = joint.max(axis=0).sum(axis=-1)
        known = joint * np.log(joint / joint.sum(axis=0) + 1e-12)
        worth = guess + CURIOSITY * known.sum(axis=(0, 2))
        return np.where(self._open, worth, -np.inf)
