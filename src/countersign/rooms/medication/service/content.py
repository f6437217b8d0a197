"""What is kept of a check: the order, its alerts in the words of that day, and what was told."""

from __future__ import annotations

from dataclasses import dataclass

from countersign.kit.json import JSON
from countersign.rooms.medication.domain import Alert, Checked, Order, Patient


@dataclass(frozen=True, slots=True)
class Told:
    """What the physician says of the patient now, which goes before the chart."""

    pregnant: bool | None = None
    lactating: bool | None = None
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """An order beside a chart, not yet recorded nor shown. ``charted`` is what the chart alone
    says of what can be told; ``version`` is of the rules.
    """

    order: Order
    told: Told
    charted: Told
    facts: Patient
    found: Checked
    version: str

    @property
    def every(self) -> tuple[Alert, ...]:
        """Those of silent rules too."""
        return (*self.found.alerts, *self.found.counted)

    @property
    def nameless(self) -> frozenset[str]:
        """Recorded allergies that no table knows, so that nothing can be compared with them."""
        return frozenset(one.name for one in self.facts.allergies if not one.drug.known)


def charted(facts: Patient) -> Told:
    """What the chart itself says."""
    weight = facts.weight.number if facts.weight is not None else None
    return Told(facts.pregnant, facts.lactating, weight)


def still(told: Told, then: Told, now: Told) -> Told:
    """What was told goes before the chart until the chart says something else than it did."""
    return Told(
        told.pregnant if then.pregnant == now.pregnant else None,
        told.lactating if then.lactating == now.lactating else None,
        told.weight if then.weight == now.weight else None,
    )


def read_told(content: JSON, name: str) -> Told:
    """``told`` or ``charted`` of a check that was kept."""
    said: JSON = content.get(name, {})
    weight = said.get("weight")
    return Told(
        said.get("pregnant"), said.get("lactating"), None if weight is None else float(weight)
    )


def read_order(row: JSON) -> Order:
    """The order of a check that was kept."""
    dose, per_day = row.get("dose"), row.get("per_day")
    return Order(
        row["text"],
        None if dose is None else float(dose),
        None if per_day is None else float(per_day),
        row.get("route", ""),
        amount=row.get("amount", ""),
        unit=row.get("unit", ""),
        often=row.get("often", ""),
    )


def content_of(looked: Looked) -> JSON:
    """What is shown and kept: sentences as they were on that day, in both languages."""
    order, found, facts = looked.order, looked.found, looked.facts
    return {
        "order": {
            "text": order.text, "dose": order.dose, "per_day": order.per_day, "route": order.route,
            "amount": order.amount, "unit": order.unit, "often": order.often,
        },
        "substances": sorted(found.drug.substances),
        "classes": sorted(found.drug.classes),
        "alerts": [alert(one) for one in looked.every],
        "unknown": list(found.unknown),
        "unread": list(found.unread),
        "missing": list(found.missing),
        "known": {
            "age": facts.age,
            "pregnant": facts.pregnant,
            "medicines": len(facts.medicines),
            "allergies": len(facts.allergies),
        },
        "told": _said(looked.told),
        "charted": _said(looked.charted),
    }  # fmt: skip


def alert(one: Alert) -> JSON:
    """One alert as it is kept."""
    rule = one.rule
    return {
        "rule": rule.id,
        "kind": str(rule.kind),
        "level": str(rule.level),
        "title": rule.title.as_json(),
        "says": rule.says.as_json(),
        "instead": rule.instead.as_json(),
        "cite": rule.source.cite,
        "published": rule.source.published,
        "local": rule.local,
        "about": list(one.about),
        "against": list(one.against),
        "references": list(one.references),
        "values": [{"number": v.number, "day": v.day, "by": v.by} for v in one.values],
    }


def _said(told: Told) -> JSON:
    return {"pregnant": told.pregnant, "lactating": told.lactating, "weight": told.weight}
