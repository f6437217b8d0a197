"""The lowest rung: phrases that name a label by themselves, proposed to people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .hashing import Floats, Ints

SHORTEST, LONGEST = 2, 6
SUPPORT = 12
"""Texts that must hold a phrase before it is proposed."""
SURE = 0.97
MOST = 150


@dataclass(frozen=True, slots=True)
class Rules:
    """``phrases`` in the order in which they are looked for, each with a label's number and
    how often it was right where it was learnt, in 0–1."""

    phrases: tuple[tuple[str, int, float], ...]

    def answers(self, texts: Sequence[str]) -> tuple[Ints, Floats]:
        """Labels (n,), -1 where no phrase stands in the text, and confidences (n,)."""
        labels = np.full(len(texts), -1)
        said = np.zeros(len(texts), np.float32)
        for row, text in enumerate(texts):
            low = text.casefold()
            for phrase, label, share in self.phrases:
                if phrase in low:
                    labels[row], said[row] = label, share
                    break
        return labels, said


def proposed(texts: Sequence[str], labels: Ints, count: int) -> Rules:
    """Phrases of 2–6 characters that stand in enough texts and nearly always with one label.

    The share that was right has Laplace's correction: (hits + 1) / (all + ``count``).
    """
    seen: dict[str, Counter[int]] = defaultdict(Counter)
    for text, label in zip(texts, labels.tolist(), strict=True):
        low = text.casefold()
        for phrase in _phrases(low):
            seen[phrase][label] += 1
    found: list[tuple[str, int, float]] = []
    for phrase, labelled in seen.items():
        label, hits = labelled.most_common(1)[0]
        share = (hits + 1) / (labelled.total() + min(count, 2))
        if labelled.total() >= SUPPORT and share >= SURE:
            found.append((phrase, label, share))
    found.sort(key=lambda one: (-seen[one[0]].total(), len(one[0]), one[0]))
    return Rules(tuple(_distinct(found)[:MOST]))


def _phrases(text: str) -> set[str]:
    return {
        text[at : at + size]
        for size in range(SHORTEST, LONGEST + 1)
        for at in range(len(text) - size + 1)
    }


def _distinct(found: list[tuple[str, int, float]]) -> list[tuple[str, int, float]]:
    """Without phrases in which a commoner one of the same label stands already."""
    kept: list[tuple[str, int, float]] = []
    for phrase, label, share in found:
        if not any(label == other and short in phrase for short, other, _ in kept):
            kept.append((phrase, label, share))
        if len(kept) >= MOST:
            break
    return kept
