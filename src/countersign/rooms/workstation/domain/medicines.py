"""The medicines that the chart calls active, and recorded allergies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from countersign.kit.drugs import is_local
from countersign.kit.json import JSON

from .fhir import (
    ATC,
    RXNORM,
    Moment,
    codes,
    codings,
    moment,
    record,
    reference_to,
    rows,
    text,
    wording,
)
from .ingredients import (
    Group,
    Ingredient,
    ingredient_of_rxnorm,
    ingredients_in,
    ingredients_of_atc,
)

_ORDERS = {"order", "original-order", "reflex-order", "filler-order", "instance-order", ""}
_DENIED = {"refuted", "entered-in-error"}


@dataclass(frozen=True, slots=True)
class Medicine:
    """An active prescription or statement; ``name`` is as the chart writes it."""

    name: str
    ingredients: frozenset[Ingredient]
    since: Moment | None
    reference: str

    def has(self, *groups: Group) -> bool:
        """True when a substance of one of the groups is in it."""
        return any(item.group in groups for item in self.ingredients)


@dataclass(frozen=True, slots=True)
class Allergy:
    """A recorded allergy or intolerance to substances that the rules know."""

    name: str
    ingredients: frozenset[Ingredient]
    reference: str


def read_medicine(resource: JSON, named: Mapping[str, JSON], now: datetime) -> Medicine | None:
    """The medicine of an active MedicationRequest or MedicationStatement, else None.

    ``named`` are the chart's Medication resources by every way a reference may spell them.
    """
    if resource.get("status") != "active" or resource.get("doNotPerform") is True:
        return None
    if resource.get("resourceType") == "MedicationRequest":
        if text(resource.get("intent")) not in _ORDERS or _all_over(resource, now):
            return None
        since = moment(resource.get("authoredOn"))
    else:
        period = record(resource.get("effectivePeriod"))
        if _over(period, now):
            return None
        since = moment(period.get("start") or resource.get("effectiveDateTime"))
    concept = _concept(resource, named)
    name = wording(concept)
    if not name or is_local(name):
        return None
    ingredients = _ingredients(concept, name)
    if ingredients and name in codes(concept):
        name = " + ".join(sorted(item.name for item in ingredients))
    return Medicine(name, ingredients, since, reference_to(resource))


def read_allergy(resource: JSON) -> Allergy | None:
    """An allergy that is neither refuted nor resolved, to a substance that the rules know."""
    if codes(resource.get("verificationStatus")) & _DENIED:
        return None
    if codes(resource.get("clinicalStatus")) & {"inactive", "resolved"}:
        return None
    concept = resource.get("code")
    name = wording(concept)
    ingredients = _ingredients(record(concept), name)
    return Allergy(name, ingredients, reference_to(resource)) if ingredients else None


def _ingredients(concept: JSON, name: str) -> frozenset[Ingredient]:
    found = set(ingredients_in(name))
    for system, code, display in codings(concept):
        found |= ingredients_in(display)
        if system == ATC:
            found |= ingredients_of_atc(code)
        elif system == RXNORM and (coded := ingredient_of_rxnorm(code)) is not None:
            found.add(coded)
    return frozenset(found)


def _concept(resource: JSON, named: Mapping[str, JSON]) -> JSON:
    inline = record(resource.get("medicationCodeableConcept"))
    if inline:
        return inline
    target = text(record(resource.get("medicationReference")).get("reference"))
    if target.startswith("#"):
        for item in rows(resource.get("contained")):
            if text(record(item).get("id")) == target[1:]:
                return record(record(item).get("code"))
    bare, _, _ = target.partition("/_history/")
    return record(record(named.get(bare)).get("code"))


def _all_over(resource: JSON, now: datetime) -> bool:
    """True when every dosage of an order says that its time has passed."""
    doses = rows(resource.get("dosageInstruction"))
    return bool(doses) and all(_over(_bounds(dose), now) for dose in doses)


def _bounds(dose: Any) -> JSON:
    repeat = record(record(record(dose).get("timing")).get("repeat"))
    return record(repeat.get("boundsPeriod"))


def _over(period: JSON, now: datetime) -> bool:
    end = moment(period.get("end"))
    return end is not None and (now - end.at).days >= 1
