"""What a room that checks orders tells a door: alerts in sentences, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from countersign.kit.json import JSON
from countersign.kit.words import Words


@dataclass(frozen=True, slots=True)
class OrderAlert:
    """One alert on the order at ``place`` among the drafts.

    ``rule`` is what answers are counted by; ``references`` name chart resources that it rests
    on. Whoever shows it records that first.
    """

    place: int
    rule: str
    interrupts: bool
    title: Words
    says: Words
    instead: Words
    cite: str
    published: str
    references: tuple[str, ...]


OrderChecker = Callable[[Iterable[tuple[JSON, str]], Sequence[JSON]], tuple[OrderAlert, ...]]
"""From a chart's resources, each with its reference, and draft MedicationRequests to alerts."""
