"""What the gate must know of a draft and its patient to ask the policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from countersign.ground.identity import Facts

FactsOf = Callable[[str, frozenset[str] | None], Facts]
"""From a patient's id and the labels of what a draft rests on to the facts that the policy
needs; without labels, every label of the chart counts. The chart provides it."""


def draft_facts(facts_of: FactsOf, row: Mapping[str, object]) -> Facts:
    """The facts of a draft, from any row or object that names patient, room and kind."""
    labels = cast("list[str] | None", row.get("sensitivity"))
    facts = facts_of(str(row["patient"]), None if labels is None else frozenset(labels))
    return replace(facts, kind=f"{row['room']}.{row['kind']}")
