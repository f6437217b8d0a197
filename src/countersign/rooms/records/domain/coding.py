"""Proposes names of a classification for what physicians write as a diagnosis or a procedure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .aligning import Alignment
from .grams import NameIndex, even, grams, pieces
from .network import Array, Network, fitted

Example = tuple[str, tuple[str, ...]]
"""A mention with the names that coders gave it."""

_OTHER = re.compile("未特指|其他|未明确|不可归类")
ENOUGH = 0.3
"""Where a trained coder proposes; below it only the likeliest is shown, as unsure."""

_NEAR, _LIKE, _PARTS = 12, 10, 5


@dataclass(frozen=True, slots=True)
class Proposed:
    """``sure`` is a probability where a trained coder gave it, else a likeness of words."""

    name: str
    sure: float
    trained: bool


class Memory:
    """What earlier mentions were coded as, over an index of all names."""

    def __init__(self, index: NameIndex, examples: Sequence[Example]) -> None:
        self.index = index
        place = {name: number for number, name in enumerate(index.names)}
        self.coded = [
            (even(text), tuple(place[name] for name in names if name in place))
            for text, names in examples
        ]
        self.alignment = Alignment(
            [(text, even(index.names[one])) for text, ones in self.coded for one in ones]
        )
        self.mentions = NameIndex([text for text, _ in self.coded])
        self.prior = Counter(one for _, ones in self.coded for one in ones)
        self.alone = Counter(ones[0] for _, ones in self.coded if len(ones) == 1)
        self.words: dict[int, Counter[str]] = defaultdict(Counter)
        self.seen: Counter[str] = Counter()
        for text, ones in self.coded:
            held = set(grams(text))
            self.seen.update(held)
            for one in ones:
                self.words[one].update(held)
        self.names_of: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for one, words in self.words.items():
            for gram, count in words.items():
                self.names_of[gram].append((one, count))


@dataclass(slots=True)
class _Found:
    """What speaks for one candidate."""

    raw: float = 0.0
    meant: float = 0.0
    whole: float = 0.0
    like: float = 0.0
    votes: float = 0.0
    hint: float = 0.0
    rank: int = 99


def candidates(memory: Memory, mention: str) -> tuple[list[int], Array]:
    """Places of names that may be meant, and (candidates, features) of each."""
    text = even(mention)
    parts = pieces(text)
    found: dict[int, _Found] = defaultdict(_Found)
    for number, part in enumerate(parts):
        _by_words(memory, part, number == 0, found)
        for place, score in memory.mentions.nearest(
            memory.mentions.asked(part), _LIKE if number < 3 else 6
        ):
            names = memory.coded[place][1]
            for one in names:
                found[one].like = max(found[one].like, score)
                found[one].votes += score / (1 if len(names) == 1 else 1.5)
    hints = _hints(memory, text)
    for one in sorted(hints, key=lambda key: -hints[key])[:15]:
        if hints[one] > 0.15:
            found[one].hint = hints[one]
    for one, hint in hints.items():
        if one in found:
            found[one].hint = hint
    order = sorted(found)
    likely, held = memory.alignment.likely(text), set(grams(text))
    rows = [_features(memory, text, parts, one, found[one], likely, held) for one in order]
    return order, np.array(rows) if rows else np.zeros((0, 1))


def _by_words(memory: Memory, part: str, whole: bool, found: dict[int, _Found]) -> None:
    index = memory.index
    for rank, (one, score) in enumerate(index.nearest(index.asked(part), _NEAR)):
        found[one].raw = max(found[one].raw, score)
        found[one].rank = min(found[one].rank, rank)
        if whole:
            found[one].whole = score
    likely = memory.alignment.likely(part)
    query = {
        index.place[gram]: index.weight(gram) * share
        for gram, share in likely.items()
        if gram in index.place
    }
    for rank, (one, score) in enumerate(index.nearest(query, _NEAR)):
        found[one].meant = max(found[one].meant, score)
        found[one].rank = min(found[one].rank, rank)


def _hints(memory: Memory, text: str) -> dict[int, float]:
    """How often one run of the text alone went with a name."""
    best: dict[int, float] = defaultdict(float)
    for gram in set(grams(text)):
        times = memory.seen.get(gram, 0)
        if times >= 2:
            for one, count in memory.names_of[gram]:
                best[one] = max(best[one], count / (times + 2.0))
    return best


def _features(
    memory: Memory, text: str, parts: Sequence[str], one: int, seen: _Found,
    likely: Mapping[str, float], held: set[str],
) -> list[float]:  # fmt: skip
    index = memory.index
    name = even(index.names[one])
    runs = [(gram, index.weight(gram)) for gram in set(grams(name, 2))]
    total = sum(weight for _, weight in runs) or 1.0
    meant = sum(weight * likely.get(gram, 0) for gram, weight in runs) / total
    literal = sum(weight for gram, weight in runs if gram in held) / total
    signs = set(text)
    missing = [sign for sign in name if sign not in signs]
    unmeant = sum(1 for sign in missing if likely.get(sign, 0) < 0.15)
    fit = max(2 * sum(sign in name for sign in part) / (len(part) + len(name)) for part in parts)
    prior = memory.prior[one]
    return [
        seen.raw, seen.meant, seen.like, min(seen.votes, 4) / 4, seen.whole, meant, literal, fit,
        _usual(memory, one, held), seen.hint, np.log1p(prior) / 4, float(prior > 0),
        np.log1p(memory.alone[one]) / 4, len(name) / 20, min(len(text), 60) / 30,
        min(len(parts), 12) / 12, float(name in text), float(name in parts),
        min(len(missing), 8) / 8, min(unmeant, 8) / 8, 1 / (1 + seen.rank),
        float(bool(_OTHER.search(name))), float(seen.like > 0.99),
    ]  # fmt: skip


def _usual(memory: Memory, one: int, held: set[str]) -> float:
    """How much of what its mentions usually hold is in this one."""
    words = memory.words.get(one)
    if not words:
        return 0.0
    times = memory.prior[one]
    weighed = [
        (gram, min(1.0, count / times) * memory.mentions.weight(gram))
        for gram, count in words.items()
    ]
    return sum(w for gram, w in weighed if gram in held) / (sum(w for _, w in weighed) + 1e-9)


class Coder:
    """``networks`` are empty where none was trained: then names are ranked by their words."""

    def __init__(self, memory: Memory, networks: Sequence[Network] = ()) -> None:
        self.memory = memory
        self.networks = tuple(networks)

    def propose(self, mention: str, most: int = 8) -> list[Proposed]:
        """Names for a mention, the likeliest first; several where it holds several illnesses."""
        order, given = candidates(self.memory, mention)
        if not order:
            return []
        names = self.memory.index.names
        if self.networks:
            every = [one.probability(given) for one in self.networks]
            chance: Array = np.sum(every, axis=0) / len(every)
        else:
            chance = 0.5 * given[:, 0] + 0.3 * given[:, 6] + 0.2 * given[:, 7]
        ranked = [
            Proposed(names[order[int(place)]], float(chance[place]), bool(self.networks))
            for place in np.argsort(-chance, kind="stable").tolist()
        ]
        if not self.networks:
            return ranked[: min(most, 3)]
        return [one for one in ranked if one.sure > ENOUGH][:most] or ranked[:1]


def taught(names: Sequence[str], examples: Sequence[Example], parts: int = _PARTS) -> Coder:
    """A coder that has learnt from mentions that people coded.

    What is learnt of one part is weighed on features made without it, so that no mention is
    judged by itself.
    """
    wanted = dict.fromkeys([*names, *(name for _, given in examples for name in given)])
    index = NameIndex(list(wanted))
    place = {name: number for number, name in enumerate(index.names)}
    given: list[Array] = []
    labels: list[Array] = []
    for part in range(parts):
        memory = Memory(index, [one for n, one in enumerate(examples) if n % parts != part])
        for text, targets in (one for n, one in enumerate(examples) if n % parts == part):
            true = {place[name] for name in targets}
            order, rows = candidates(memory, text)
            if order:
                given.append(rows)
                labels.append(np.array([float(one in true) for one in order]))
    whole = Memory(index, examples)
    if not given:
        return Coder(whole)
    rows, wanted_ = np.concatenate(given), np.concatenate(labels)
    return Coder(whole, [fitted(rows, wanted_, seed) for seed in (0, 1)])
