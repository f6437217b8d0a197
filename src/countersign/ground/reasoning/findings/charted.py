"""Findings from a chart's coded problems, results and family history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from countersign.ground.reasoning.finding import Finding, Holder, Place, Status
from countersign.kit.dates import BadDate, interval
from countersign.kit.elements import codings, first, objects, text
from countersign.kit.json import JSON

from . import coded

RECENT = timedelta(days=90)
"""An older result tells how it was. Three months is our choice: no source fixes one for all."""

_HIGH, _LOW = {"H", "HH", "HU", ">"}, {"L", "LL", "LU", "<"}
_POSITIVE, _NEGATIVE = {"POS", "A", "AA", "DET"}, {"NEG", "ND", "N"}
_FALSE = {"entered-in-error", "cancelled", "unknown"}
_OVER = {"resolved", "inactive", "remission"}
_UNSURE = {"unconfirmed", "provisional", "differential"}
_MODELS = "AIAST"
"""The security label of what a model asserted: it never becomes a ground of the next answer."""


def from_chart(resources: Iterable[JSON], today: date) -> tuple[Finding, ...]:
    """Findings of Condition, Observation and FamilyMemberHistory (FHIR R4), by their codes.

    Of the results that can show a finding those of the newest day count; normal ones make it
    absent. Results older than ``RECENT`` are past. What is malformed, dated in the future, entered
    in error, of an unknown code or asserted by a model is left out.
    """
    found: list[Finding] = []
    newest: dict[str, tuple[tuple[date, bool], Finding]] = {}
    for resource in resources:
        if _by_a_model(resource):
            continue
        match resource.get("resourceType"):
            case "Condition":
                found += _problem(resource)
            case "FamilyMemberHistory":
                found += _family(resource)
            case "Observation":
                for rank, one in _results(resource, today):
                    if one.term not in newest or newest[one.term][0] <= rank:
                        newest[one.term] = (rank, one)
            case _:
                pass
    return (*found, *(one for _, one in newest.values()))


def _problem(resource: JSON) -> list[Finding]:
    standing = {code for _, code in codings(resource.get("verificationStatus"))}
    course = {code for _, code in codings(resource.get("clinicalStatus"))}
    term = coded.problem(codings(resource.get("code")))
    if term is None or standing & _FALSE:
        return []
    status = Status.PRESENT
    if "refuted" in standing:
        status = Status.ABSENT
    elif standing & _UNSURE:
        status = Status.UNCERTAIN
    past = bool(course & _OVER) or bool(resource.get("abatementDateTime"))
    return [Finding(term, status, Holder.PATIENT, past, Place(_reference(resource)))]


def _family(resource: JSON) -> list[Finding]:
    if text(resource.get("status")) in _FALSE:
        return []
    terms = [coded.problem(codings(one.get("code"))) for one in objects(resource.get("condition"))]
    place = Place(_reference(resource))
    return [
        Finding(term, Status.PRESENT, Holder.FAMILY, False, place)
        for term in dict.fromkeys(terms)
        if term
    ]


def _results(resource: JSON, today: date) -> list[tuple[tuple[date, bool], Finding]]:
    """Findings of a result and its components, each with its day and whether it is there."""
    day = _day(resource)
    if text(resource.get("status")) in _FALSE or day is None or day > today + timedelta(days=1):
        return []
    place = Place(_reference(resource))
    past = today - day > RECENT
    found: list[tuple[tuple[date, bool], Finding]] = []
    for part in (resource, *objects(resource.get("component"))):
        ways = coded.result(codings(part.get("code")))
        seen = _way(part)
        for way, term in ways.items() if seen else ():
            status = Status.PRESENT if way == seen else Status.ABSENT
            one = Finding(term, status, Holder.PATIENT, past, place)
            found.append(((day, way == seen), one))
    return found


def _way(part: JSON) -> str:
    """H, L, P or N as the laboratory flagged it, else by its reference range; "" if not known."""
    flags = {code for _, code in codings(part.get("interpretation"))}
    for known, way in ((_HIGH, "H"), (_LOW, "L"), (_POSITIVE, "P"), (_NEGATIVE, "N")):
        if flags & known:
            return way
    value = first(part.get("valueQuantity"))
    measured = _number(value.get("value"))
    ranges = objects(part.get("referenceRange"))
    if measured is None or len(ranges) != 1 or value.get("comparator"):
        return ""
    low, high = first(ranges[0].get("low")), first(ranges[0].get("high"))
    if any(_unit(one) not in (_unit(value), "") for one in (low, high)):
        return ""
    least, most = _number(low.get("value")), _number(high.get("value"))
    if least is not None and measured < least:
        return "L"
    if most is not None and measured > most:
        return "H"
    return "N" if least is not None or most is not None else ""


def _unit(quantity: JSON) -> str:
    return text(quantity.get("code")) or text(quantity.get("unit"))


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    found = Decimal(str(value))
    return found if found.is_finite() else None


def _day(resource: JSON) -> date | None:
    period = first(resource.get("effectivePeriod"))
    said = (resource.get("effectiveDateTime"), period.get("start"), resource.get("issued"))
    for one in said:
        if isinstance(one, str) and one:
            try:
                return interval(one).low.date()
            except BadDate:
                return None
    return None


def _reference(resource: JSON) -> str:
    """``Type/id/_history/version``, or ``Type/id`` where the version is not known."""
    version = text(first(resource.get("meta")).get("versionId"))
    named = f"{text(resource.get('resourceType'))}/{text(resource.get('id'))}"
    return f"{named}/_history/{version}" if version else named


def _by_a_model(resource: JSON) -> bool:
    security = objects(first(resource.get("meta")).get("security"))
    return any(text(one.get("code")).startswith(_MODELS) for one in security)
