"""Whether a coded problem is a diagnosis that the patient is known to have, before this visit."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import date

from countersign.kit.dates import BadDate, interval
from countersign.kit.elements import codings, first, text
from countersign.kit.json import JSON

from . import coded

_OPEN = {"planned", "arrived", "triaged", "in-progress", "onleave"}
_ACTIVE = {"active", "recurrence", "relapse"}
_DESCRIBING = ("R", "Q", *(f"F{number}" for number in range(70, 90)))
"""Codes that describe and do not explain: symptoms, malformations, disorders of development. They
are what a rare disease is found by."""


def running(resources: Iterable[JSON]) -> frozenset[str]:
    """References (``Encounter/7``) of the contacts that are not over."""
    return frozenset(
        f"Encounter/{text(one.get('id'))}"
        for one in resources
        if one.get("resourceType") == "Encounter" and text(one.get("status")) in _OPEN
    )


def known(condition: JSON, today: date, visits: Set[str]) -> bool:
    """Whether it is context of this visit, and not a finding of it.

    A problem is known that is active (or bears no clinical status, as many systems leave it out),
    confirmed (or bears no verification status) and a diagnosis: not of ICD-10's chapters R and Q
    nor F70 to F89, not coded by the HPO alone, and not under a term that a code of chapter R also
    has. What ``is_new`` is not known yet.
    """
    status = {code for _, code in codings(condition.get("clinicalStatus"))}
    standing = {code for _, code in codings(condition.get("verificationStatus"))}
    if (status and not status & _ACTIVE) or condition.get("abatementDateTime"):
        return False
    if standing and "confirmed" not in standing:
        return False
    return _is_diagnosis(condition) and not is_new(condition, today, visits)


def _is_diagnosis(condition: JSON) -> bool:
    said = [(coded.SYSTEMS.get(system), code) for system, code in codings(condition.get("code"))]
    numbers = [code.upper() for kind, code in said if kind == "ICD"]
    if numbers:
        return not any(number.startswith(_DESCRIBING) for number in numbers)
    if not any(kind == "SCT" for kind, _ in said):
        return False
    return coded.problem(codings(condition.get("code"))) not in coded.symptoms()


def is_new(condition: JSON, today: date, visits: Set[str]) -> bool:
    """Whether it is of this visit: recorded today, belonging to a contact that is not over
    (``visits``), or the diagnosis of a contact and without a date."""
    day = _day(condition.get("recordedDate"))
    if day is not None and day >= today:
        return True
    visit = text(first(condition.get("encounter")).get("reference"))
    if visit in visits:
        return True
    categories = {code for _, code in codings(condition.get("category"))}
    return "encounter-diagnosis" in categories and day is None


def _day(said: object) -> date | None:
    if not isinstance(said, str) or not said:
        return None
    try:
        return interval(said).low.date()
    except BadDate:
        return None
