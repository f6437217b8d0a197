"""What a ladder is made of, and what came of it: plain values that cross to another process."""

from __future__ import annotations

from dataclasses import dataclass, field

from countersign.kit.json import JSON
from countersign.rooms.modelbench.domain.cascade import Floats, Ints

RUNGS = ("rule", "linear", "transformer")
"""What a ladder may have below its teacher, from the cheapest."""
NEEDS_EXTRA = frozenset({"transformer"})
"""Rungs that are made only where the ``train`` extra is installed."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A part that nothing is learnt from: texts, the truth (n,) and the teacher's labels (n,)."""

    texts: tuple[str, ...] = field(repr=False)
    truth: Ints = field(repr=False)
    teacher: Ints = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lesson:
    """``texts`` with ``hard`` labels (n,), the teacher's or people's, and where the teacher gave
    probabilities ``soft`` (n, k).

    ``valid`` chooses everything; ``frozen`` is looked at once, at the end. ``rungs`` of RUNGS.
    ``core_hour`` is the price of an hour of one core and ``answer`` that of one answer of the
    teacher, in the same money.
    """

    labels: tuple[str, ...]
    texts: tuple[str, ...] = field(repr=False)
    hard: Ints = field(repr=False)
    soft: Floats | None = field(repr=False)
    valid: Examined = field(repr=False)
    frozen: Examined = field(repr=False)
    rungs: tuple[str, ...]
    core_hour: float
    answer: float
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """The packed ladder, what it did in counts and shares, whether the frozen set lets it go live,
    and the numbers of the frozen texts that it passed upwards."""

    made: bytes = field(repr=False)
    report: JSON
    holds: bool
    passed: tuple[int, ...]
