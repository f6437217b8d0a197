"""Measures of an answer beside its reference: exact labels, sets of terms, overlap of texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

LONGEST_TEXT = 4000
"""Characters of a text that are compared; longer ones are cut, and a set says so."""


def characters(text: str) -> list[str]:
    """Chinese by characters, other scripts by words, without punctuation; as CBLUE's reports."""
    return re.findall(r"[a-z0-9]+(?:\.[0-9]+)?|[\u3400-\u9fff]", text.casefold())[:LONGEST_TEXT]


def rouge_l(said: str, reference: str) -> float:
    """F1 of the longest common subsequence of characters (Lin 2004, with beta = 1), 0 to 1."""
    ours, theirs = characters(said), characters(reference)
    if not ours or not theirs:
        return float(ours == theirs)
    common = _longest_common(ours, theirs)
    return 2 * common / (len(ours) + len(theirs))


def best_rouge_l(said: str, references: Sequence[str]) -> float:
    """Against the reference that it is nearest to: physicians differ in style."""
    return max((rouge_l(said, one) for one in references), default=0.0)


def _longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence, a row of the table at a time in numpy."""
    codes = {sign: place for place, sign in enumerate(dict.fromkeys((*one, *other)))}
    right = np.array([codes[sign] for sign in other])
    row = np.zeros(len(right) + 1, dtype=np.int64)
    for sign in one:
        hit = np.where(right == codes[sign], row[:-1] + 1, row[1:])
        row[1:] = np.maximum.accumulate(hit)
    return int(row[-1])


def set_f1(said: Sequence[str], gold: Sequence[str]) -> float:
    """F1 of two sets of terms, compared without spaces, case and full-width signs."""
    ours, theirs = {_folded(one) for one in said}, {_folded(one) for one in gold}
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def soft_set_f1(said: Sequence[str], gold: Sequence[str]) -> float:
    """F1 of two sets of phrases, each worth its best ROUGE-L with the other side.

    Advice is written freely, so that exact matching would count wording, not medicine.
    """
    if not said or not gold:
        return float(not said and not gold)
    precision = sum(best_rouge_l(one, gold) for one in said) / len(said)
    recall = sum(best_rouge_l(one, said) for one in gold) / len(gold)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def macro_f1(gold: np.ndarray, said: np.ndarray, classes: int) -> float:
    """Mean F1 over the classes that occur in ``gold``; ``said`` is -1 for unreadable.

    Both are whole numbers below ``classes``, shape (n,).
    """
    right = np.bincount(gold[gold == said], minlength=classes)
    wanted = np.bincount(gold, minlength=classes)
    given = np.bincount(said[said >= 0], minlength=classes)
    there = wanted > 0
    if not there.any():
        return 0.0
    return float(np.mean(2 * right[there] / (wanted + given)[there]))


def _folded(term: str) -> str:
    return re.sub(r"[\s\u3000]+", "", term).casefold().replace("（", "(").replace("）", ")")
