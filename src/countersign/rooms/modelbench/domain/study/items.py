"""One question of a medical set: what fills its prompt, and what a good answer is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, slots=True)
class Item:
    """``values`` fill the prompt; ``gold`` holds the references as the set's scorer reads them.

    ``choices`` are the labels that may be answered, empty for free text. Texts of patients and
    of licensed sets are here and in no table: what is kept is ``id``, the label and the score.
    """

    id: str
    values: Mapping[str, str] = field(repr=False)
    gold: tuple[str, ...] = field(repr=False)
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """What an answer was worth: ``score`` from 0 to 1, ``label`` where labels are answered.

    ``unreadable`` is whether the answer broke the form that was asked for; it then scores 0
    and is counted apart, because a format can be repaired where knowledge cannot.
    """

    score: float
    label: str = ""
    unreadable: bool = False


def sampled(items: Sequence[Item], count: int, seed: int) -> list[Item]:
    """``count`` of the items (0: all), by the seed alone, in an order that never changes."""
    ordered = sorted(items, key=lambda one: one.id)
    if count == 0 or count >= len(ordered):
        return ordered
    drawn = np.random.default_rng(seed).permutation(len(ordered))[:count]
    return [ordered[int(place)] for place in sorted(drawn)]
