"""Reads a demonstration bundle the way the tests ask about it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from countersign.app.demonstration import SEED

__all__ = ["SEED", "Chart", "atc", "labels", "when"]
Resource = dict[str, Any]


def when(text: str) -> datetime:
    """A dateTime with its zone."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None, text
    return moment


class Chart:
    """One patient's bundle with its resources by type."""

    def __init__(self, bundle: Resource) -> None:
        self.bundle = bundle
        self.resources: list[Resource] = [entry["resource"] for entry in bundle["entry"]]
        self.by_url = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
        self.patient = self.of("Patient")[0]
        self.female = self.patient["gender"] == "female"
        self.birth = date.fromisoformat(self.patient["birthDate"])

    def __repr__(self) -> str:
        return self.patient["identifier"][0]["value"]

    def of(self, kind: str) -> list[Resource]:
        return [one for one in self.resources if one["resourceType"] == kind]

    @property
    def died(self) -> datetime | None:
        text = self.patient.get("deceasedDateTime")
        return when(text) if text else None

    @property
    def admission(self) -> Resource | None:
        """The encounter of a patient who is on a ward now."""
        found = [one for one in self.of("Encounter") if one["status"] == "in-progress"]
        assert len(found) <= 1, self
        return found[0] if found else None

    def codes(self, kind: str, field: str = "code") -> set[str]:
        return {coding["code"] for one in self.of(kind) for coding in one[field].get("coding", [])}

    def diseases(self) -> set[str]:
        return self.codes("Condition")

    def taking(self) -> set[str]:
        """ATC codes of the active orders."""
        return {atc(one) for one in self.of("MedicationRequest") if one["status"] == "active"}

    def results(self, loinc: str) -> list[tuple[datetime, Decimal]]:
        """Values of one quantity in the order of time, components included."""
        found: list[tuple[datetime, Decimal]] = []
        for one in self.of("Observation"):
            for part in (one, *one.get("component", [])):
                if part["code"]["coding"][0]["code"] == loinc:
                    found.append((when(one["effectiveDateTime"]), part["valueQuantity"]["value"]))
        return sorted(found)

    def latest(self, loinc: str) -> Decimal:
        return self.results(loinc)[-1][1]

    def notes(self) -> Iterator[tuple[Resource, str]]:
        for one in self.of("DocumentReference"):
            yield one, b64decode(one["content"][0]["attachment"]["data"]).decode("utf-8")

    def moments(self) -> Iterator[tuple[Resource, datetime]]:
        """Every moment at which something happened; appointments lie ahead and are left out."""
        for one in self.resources:
            if one["resourceType"] not in ("Appointment", "Patient"):
                for text in _times(one):
                    yield one, when(text)


def _times(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for child in value.values():
            yield from _times(child)
    elif isinstance(value, list):
        for child in value:
            yield from _times(child)
    elif isinstance(value, str) and len(value) == 25 and value[10:11] == "T":
        yield value


def atc(order: Resource) -> str:
    """The ATC code of an order."""
    return order["medicationCodeableConcept"]["coding"][0]["code"]


def labels(resource: Resource) -> set[str]:
    """The security labels of a resource."""
    return {one["code"] for one in resource["meta"]["security"]}
