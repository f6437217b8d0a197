"""What would decide: the questions, examinations and tests that are expected to tell the most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from countersign.kit.words import Words

from .knowledge import Learnt
from .known import Known, chances
from .tables import Array, Tables

DANGER = 1.0
"""Weight of what is learnt about each condition that must not be missed, beside what is learnt
about the list as a whole: an assumption."""

JOINT = 3
"""Findings of one test that are weighed together."""

EFFORT = 0.35
"""How much one band of cost or burden takes off the worth of a test: an assumption."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask, examine or measure.

    ``terms`` are the findings it would settle; ``bits`` the expected fall of the entropy of the
    list; ``decides`` the diseases whose probability it moves most, ``dangers`` those among the
    conditions that must not be missed. ``cost`` and ``burden`` are bands from 0 (none) to 4.
    """

    id: str
    kind: Learnt
    terms: tuple[str, ...]
    text: Words
    why: Words
    bits: float
    decides: tuple[str, ...]
    dangers: tuple[str, ...]
    cost: int
    burden: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Move:
    """What one question is expected to do: to the list, and to each condition (C)."""

    bits: float
    each: Array


def bits(chance: Array) -> Array:
    """Entropy over the last axis, in bits."""
    return -(chance * np.log2(np.maximum(chance, 1e-300))).sum(axis=-1)


def move(probability: Array, chance: Array) -> Move:
    """Expected information of findings that are asked together; ``chance`` is (findings, C + 1).

    Mutual information of the condition and the answers, which are independent given the condition
    (Lindley, Ann Math Statist 1956;27:986-1005); ``each`` is that of every condition alone.
    """
    gain, each = 0.0, np.zeros(len(probability) - 1)
    before, alone = float(bits(probability)), _binary(probability[:-1])
    after = np.zeros_like(alone)
    for answers in product((True, False), repeat=len(chance)):
        of = [row if yes else 1 - row for row, yes in zip(chance, answers, strict=True)]
        joint = probability * np.prod(of, axis=0)
        total = float(joint.sum())
        if total <= 0:
            continue
        gain += total * float(bits(joint / total))
        after += total * _binary(joint[:-1] / total)
    each = np.maximum(alone - after, 0.0)
    return Move(max(before - gain, 0.0), each)


def _binary(chance: Array) -> Array:
    return bits(np.stack([chance, 1 - chance], axis=-1))


def singly(probability: Array, chance: Array) -> tuple[Array, Array]:
    """The same for every finding by itself: (F) bits, and (F, C) of each condition alone."""
    total, each = bits(probability), _binary(probability[:-1])
    gain = np.full(len(chance), float(total))
    alone = np.repeat(each[None, :], len(chance), axis=0)
    for answer in (chance, 1 - chance):
        joint = answer * probability
        mass = np.maximum(joint.sum(axis=1), 1e-300)
        share = joint / mass[:, None]
        gain -= mass * bits(share)
        alone -= mass[:, None] * _binary(share[:, :-1])
    return np.maximum(gain, 0.0), np.maximum(alone, 0.0)


def questions(
    tables: Tables, known: Known, probability: Array, kinds: Iterable[Learnt], limit: int
) -> tuple[Question, ...]:
    """The ``limit`` most telling ones of these kinds, the best first."""
    chance = chances(tables, known.status)
    gain, each = singly(probability, chance)
    danger = np.array([condition.cannot_miss for condition in tables.knowledge.conditions])
    worth = gain + DANGER * (each * danger).sum(axis=1)
    worth[known.status != 0] = -1.0
    wanted = set(kinds)
    groups: dict[str, list[int]] = {}
    plain: Counter[Learnt] = Counter()
    for number in map(int, np.argsort(-worth)):
        entry = tables.knowledge.entries[number]
        if worth[number] > 0 and entry.learnt in wanted and _may_follow(tables, known, number):
            if entry.test is None and plain[entry.learnt] >= limit:
                continue
            plain[entry.learnt] += 1
            groups.setdefault(entry.test or entry.id, []).append(number)
    found: list[tuple[float, Question]] = []
    for name, numbers in groups.items():
        asked = numbers[:JOINT]
        told = Move(float(gain[asked[0]]), each[asked[0]])
        if len(asked) > 1:
            told = move(probability, chance[asked])
        found.append(_question(tables, name, numbers, told, danger))
    found.sort(key=lambda pair: (-pair[0], pair[1].id))
    return tuple(question for _, question in found[:limit])


def _may_follow(tables: Tables, known: Known, number: int) -> bool:
    """A kind of pain is asked about once there is pain."""
    above = tables.wider[number]
    return bool(above < 0 or known.status[above] == 1)


def _question(
    tables: Tables, name: str, numbers: Sequence[int], told: Move, danger: Array
) -> tuple[float, Question]:
    conditions = tables.knowledge.conditions
    entries = [tables.knowledge.entries[number] for number in numbers]
    test = tables.knowledge.tests.get(name)
    most = [int(column) for column in np.argsort(-told.each)[:3] if told.each[column] > 0]
    grave = np.argsort(-told.each * danger)[:3]
    dangers = [int(column) for column in grave if danger[column] and told.each[column] > 0.001]
    worth = told.bits + DANGER * float((told.each * danger).sum())
    kind = entries[0].learnt
    effort = test.cost + test.burden if test else (1 if kind == "examine" else 0)
    en = "Moves most: " + ", ".join(conditions[column].name.en for column in most) + "."
    zh = "最能区分：" + "、".join(conditions[column].name.zh for column in most) + "。"
    question = Question(
        id=name,
        kind=kind,
        terms=tuple(entry.term for entry in entries),
        text=test.name if test else entries[0].question,
        why=Words(en, zh),
        bits=told.bits,
        decides=tuple(conditions[column].disease for column in most),
        dangers=tuple(conditions[column].disease for column in dangers),
        cost=test.cost if test else 0,
        burden=test.burden if test else 0,
        minutes=test.minutes if test else 1,
    )
    return worth / (1 + EFFORT * effort), question
