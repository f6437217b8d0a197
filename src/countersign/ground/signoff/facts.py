"""What the gate must know of a draft and its patient to ask the policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from countersign.ground.identity import Facts

FactsOf = Callable[[str], Facts]
"""From a patient's id to the facts that the policy needs; the chart provides it."""


def draft_facts(facts_of: FactsOf, row: Mapping[str, object]) -> Facts:
    """The facts of a draft, from any row or object that names patient, room and kind."""
    facts = facts_of(str(row["patient"]))
    return replace(facts, kind=f"{row['room']}.{row['kind']}")
