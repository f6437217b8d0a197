"""Lays what a message says over what the chart has: an empty field changes nothing (2.5.3)."""

from __future__ import annotations

from typing import Any

from countersign.kit.json import JSON

STATUS_EVENTS = frozenset(
    [
        "A01",
        "A02",
        "A03",
        "A04",
        "A05",
        "A06",
        "A07",
        "A11",
        "A13",
        "A14",
        "A17",
        "A21",
        "A22",
        "A27",
        "A38",
    ]
)
"""Those that say what a visit is; the others leave that as it was."""


def patient(known: JSON | None, said: JSON, identifier: str) -> JSON:
    """Patient: elements replace one another, identifiers are gathered, None deletes."""
    found = {**(known or {}), **said, "resourceType": "Patient", "id": identifier}
    found["identifier"] = identifiers(
        (known or {}).get("identifier", []), said.get("identifier") or []
    )
    if "deceasedDateTime" in said:
        found.pop("deceasedBoolean", None)
    elif "deceasedBoolean" in said:
        found.pop("deceasedDateTime", None)
    return {name: value for name, value in found.items() if value not in (None, [])}


def identifiers(known: list[JSON], said: list[JSON]) -> list[JSON]:
    """All of them, each once; what is said later holds."""
    by: dict[tuple[Any, Any], JSON] = {}
    for one in (*known, *said):
        by[one.get("system"), one.get("value")] = one
    return list(by.values())


def encounter(known: JSON | None, said: JSON, event: str) -> JSON:
    """Encounter: the same, and only some events say what the visit is now."""
    if known is None:
        return said
    found = {**known, **said}
    if event not in STATUS_EVENTS and said.get("status") != "finished":
        found["status"] = known.get("status", said["status"])
    period = {**known.get("period", {}), **said.get("period", {})}
    if event == "A13":
        period.pop("end", None)
    if period:
        found["period"] = period
    return found


LAID_OVER = frozenset({"ServiceRequest", "MedicationRequest", "Appointment"})
"""Entries of which a later message may repeat little."""


def order(known: JSON | None, said: JSON) -> JSON:
    """An order or an appointment: a result, a cancellation or a change repeats little of it."""
    return {**known, **said} if known else said


def contradicts(known: JSON, said: JSON) -> bool:
    """Whether a message names somebody else than the chart: another birth date together with
    another sex or family name. One of them alone is a correction or a typing error.
    """
    born, told = str(known.get("birthDate", "")), str(said.get("birthDate") or "")
    if len(born) < 10 or len(told) < 10 or born == told:
        return False
    sexes = {known.get("gender"), said.get("gender")} - {None, "unknown"}
    return len(sexes) > 1 or not _families(known) & _families(said)


def _families(patient: JSON) -> set[str]:
    names: list[JSON] = patient.get("name") or []
    return {str(one.get("family") or one.get("text", "")).casefold() for one in names}
