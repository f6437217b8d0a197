"""What a room asks of a small model and what it is told: a sure answer, or that it is passed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from countersign.ground.models.card import ModelRef


@dataclass(frozen=True, slots=True)
class Sure:
    """``rung`` is the name of the one that answered; ``confidence`` is calibrated, in 0–1.

    It is what a model says: a room makes a draft of it, with ``model`` in its explanation.
    """

    label: str
    confidence: float
    rung: str
    model: ModelRef


@dataclass(frozen=True, slots=True)
class Passed:
    """Nobody here was sure enough: ask further up. ``why`` is a code: ``nothing-live``,
    ``unsure``, ``ai-stopped``, ``damaged``."""

    why: str


class Classifying(Protocol):
    """The small models as rooms see them. Safe to use from many threads."""

    def classify(self, work: str, text: str) -> Sure | Passed:
        """What the live model of this work says of a text. Raises DatabaseUnavailable."""
        ...


class Student(Protocol):
    """A ladder of small models, opened from its bytes."""

    def classify(self, texts: Sequence[str]) -> list[tuple[str, str, float] | None]:
        """For each text the label, the rung and the confidence; None where none is sure."""
        ...


Opens = Callable[[bytes], Student]
"""Opens a ladder; the room that made it knows how."""
