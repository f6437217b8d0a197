"""Plans from files and forms, with what they would take."""

from __future__ import annotations

import tomllib
from pathlib import Path

from countersign.kit.words import Words
from countersign.rooms.modelbench.domain.study.plan import BadPlan, Plan
from countersign.rooms.modelbench.domain.study.reading import plan_of
from countersign.rooms.modelbench.domain.study.sets import SETS

EXAMPLE = Path(__file__).parent.parent.parent / "plans" / "example.toml"
LARGEST = 256 * 1024
SECONDS_AN_ANSWER = 3.0
"""Assumed, before anything was measured."""


def plan_from_toml(text: str) -> Plan:
    """The plan that a TOML file writes down. Raises BadPlan."""
    if len(text) > LARGEST:
        raise BadPlan(field="the file", problem="is too large")
    try:
        given = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        said = str(problem)[:120] or "…"
        raise BadPlan(
            field="the file", problem=Words(f"is no TOML ({said})", f"不是有效的 TOML（{said}）")
        ) from None
    return plan_of(given, frozenset(SETS))


def example_plan() -> str:
    """The shipped example, to be copied and changed."""
    return EXAMPLE.read_text(encoding="utf-8")


def estimated_seconds(plan: Plan, items: int | None = None) -> float:
    """How long the plan takes at three seconds an answer and with every load step run.

    ``items`` is the true number of questions for each configuration, where it is known.
    """
    asked = sum(one.items or 1000 for one in plan.sets) if items is None else items
    answers = len(plan.configurations) * asked * SECONDS_AN_ANSWER / plan.concurrency
    loads = len(plan.configurations) * len(plan.load.rates) * (plan.load.seconds + 5)
    return answers + loads
