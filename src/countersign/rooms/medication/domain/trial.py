"""Tries a rule on its own examples before it is taken: all that must fire, none that must not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .check import check
from .order import Order
from .pack import Pack
from .patient import Patient, Problem, Taken, Value
from .reading import is_cirrhosis
from .rule import Level, Rule


@dataclass(frozen=True, slots=True)
class Tried:
    """One example with what was expected of it and whether the rule did so."""

    example: Mapping[str, Any]
    fires: bool
    right: bool


def tried(rule: Rule, pack: Pack) -> tuple[Tried, ...]:
    """Every example of the rule, alone in the pack and loud enough to be heard."""
    heard = replace(rule, level=Level.INFORM)
    alone = replace(pack, rules={rule.id: heard})
    return tuple(
        Tried(example, expected, _fires(example, alone) is expected)
        for expected, examples in ((True, rule.fires), (False, rule.silent))
        for example in examples
    )


def _fires(example: Mapping[str, Any], pack: Pack) -> bool:
    order, patient = scene(example, pack)
    return bool(check(order, patient, pack).alerts)


def scene(example: Mapping[str, Any], pack: Pack) -> tuple[Order, Patient]:
    """The order and the patient of an example; what it does not say is of no matter to it."""

    def taken(name: str) -> tuple[Taken, ...]:
        return tuple(Taken(one, pack.classes.named(one)) for one in example.get(name, ()))

    def value(name: str) -> Value | None:
        return Value(float(example[name])) if name in example else None

    problems = tuple(
        Problem(one, frozenset((one,))) for one in map(str, example.get("problems", ()))
    )
    order = Order(
        str(example.get("order", "")),
        float(example["dose"]) if "dose" in example else None,
        float(example["per_day"]) if "per_day" in example else None,
        str(example.get("route", "")),
    )
    patient = Patient(
        age=float(example["age"]) if "age" in example else None,
        weight=value("weight"),
        clearance=value("clearance"),
        egfr=value("egfr"),
        qtc=value("qtc"),
        potassium=value("potassium"),
        pregnant=example.get("pregnant"),
        lactating=example.get("lactating"),
        liver=any(is_cirrhosis(one) for one in problems),
        medicines=taken("taking"),
        allergies=taken("allergies"),
        problems=problems,
    )
    return order, patient
