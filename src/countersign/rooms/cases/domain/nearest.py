"""Finds the cases nearest to one among those that the reader may see, and among no others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .case import Case, Item, Kind

WEIGHT: Final[dict[Kind, float]] = {
    "problem": 3.0, "result": 2.0, "procedure": 1.5, "medicine": 1.0,
}  # fmt: skip
"""What an item counts beside its rarity: our own starting point, to be reviewed."""
FAMILY: Final = 0.5
"""The part of a problem's weight that its ICD-10 category of three characters carries."""
AGE, SEX = 0.15, 0.05
"""Added to a likeness between 0 and 1 for the same age (falling to nothing at 30 years) and sex."""
SPAN: Final = 30.0
ICD10: Final = "icd-10"


@dataclass(frozen=True, slots=True)
class Near:
    """A case with its likeness (0 and up) and what it shares and does not share.

    Each list begins with what is rarest among the cases that the reader may see.
    """

    shelf: str
    place: int
    case: Case
    likeness: float
    alike: tuple[Item, ...]
    only_here: tuple[Item, ...]
    only_there: tuple[Item, ...]


class Shelf:
    """The cases of one collection, ready to be searched; it never changes."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = tuple(cases)
        rows: defaultdict[str, list[int]] = defaultdict(list)
        sizes = np.ones(len(self.cases), np.float32)
        for place, case in enumerate(self.cases):
            found = features(case)
            sizes[place] = sqrt(sum(found.values())) or 1.0
            for feature in found:
                rows[feature].append(place)
        self.rows = {feature: np.array(places, np.int32) for feature, places in rows.items()}
        self.sizes = sizes
        unknown = -1
        self.ages = np.array(
            [unknown if one.age is None else one.age for one in self.cases], np.int16
        )
        self.sexes = np.array([one.sex for one in self.cases], np.str_)


def features(case: Case) -> dict[str, float]:
    """What a case is found by, each with its weight."""
    found: dict[str, float] = {}
    for item in case.items:
        found[item.key] = WEIGHT[item.kind]
        if item.kind == "problem" and item.system.endswith(ICD10):
            family = f"family|{item.code[:3]}"
            found[family] = WEIGHT["problem"] * FAMILY
    return found


def nearest(
    wanted: Case,
    shelves: dict[str, Shelf],
    limit: int = 10,
    without: Iterable[tuple[str, int]] = (),
) -> list[Near]:
    """The nearest cases on these shelves, the likest first.

    Rarity is counted on these shelves alone, so that no likeness tells of another.
    ``without`` names cases (shelf, place) that are left out. A case that shares nothing is
    never near.
    """
    asked = features(wanted)
    weights = {name: weight * _rarity(name, shelves) for name, weight in asked.items()}
    norm = sqrt(sum(asked.values())) or 1.0
    left_out = set(without)
    found: list[tuple[float, str, int]] = []
    for name in sorted(shelves):
        shelf = shelves[name]
        scores = _scores(wanted, weights, shelf, norm)
        best = _best(scores, limit + len(left_out))
        found += [
            (float(scores[place]), name, int(place))
            for place in best
            if scores[place] > 0 and (name, int(place)) not in left_out
        ]
    found.sort(key=lambda one: (-one[0], one[1], one[2]))
    return [_near(wanted, shelves, *one) for one in found[:limit]]


def _rarity(feature: str, shelves: dict[str, Shelf]) -> float:
    """log(1 + N / n), with N cases of which n have the feature; 0 where none has."""
    number = sum(len(shelf.rows.get(feature, ())) for shelf in shelves.values())
    total = sum(len(shelf.cases) for shelf in shelves.values())
    return log(1 + total / number) if number else 0.0


def _scores(
    wanted: Case, weights: dict[str, float], shelf: Shelf, norm: float
) -> NDArray[np.float32]:
    scores = np.zeros(len(shelf.cases), np.float32)
    for feature, weight in weights.items():
        places = shelf.rows.get(feature)
        if places is not None:
            scores[places] += weight
    shared = scores > 0
    scores /= shelf.sizes * np.float32(norm)
    if wanted.age is not None:
        apart = np.abs(shelf.ages - wanted.age).astype(np.float32)
        near = np.clip(1 - apart / SPAN, 0, 1) * np.float32(AGE)
        scores += np.where(shelf.ages >= 0, near, 0)
    scores += np.where(shelf.sexes == wanted.sex, np.float32(SEX), np.float32(0))
    scores[~shared] = 0
    return scores


def _best(scores: NDArray[np.float32], limit: int) -> NDArray[np.intp]:
    """The places of the highest scores; of equal ones the first."""
    if len(scores) <= limit:
        return np.argsort(-scores, kind="stable")
    least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
    candidates = np.flatnonzero(scores >= max(least, np.float32(1e-9)))
    return candidates[np.argsort(-scores[candidates], kind="stable")][:limit]


def _near(wanted: Case, shelves: dict[str, Shelf], likeness: float, shelf: str, place: int) -> Near:
    case = shelves[shelf].cases[place]
    here = {one.key: one for one in wanted.items}
    there = {one.key: one for one in case.items}

    def weight(item: Item) -> float:
        return WEIGHT[item.kind] * _rarity(item.key, shelves)

    def ordered(keys: Iterable[str], side: dict[str, Item]) -> tuple[Item, ...]:
        return tuple(sorted((side[key] for key in keys), key=lambda one: (-weight(one), one.key)))

    return Near(
        shelf,
        place,
        case,
        likeness,
        ordered(here.keys() & there.keys(), there),
        ordered(here.keys() - there.keys(), here),
        ordered(there.keys() - here.keys(), there),
    )
