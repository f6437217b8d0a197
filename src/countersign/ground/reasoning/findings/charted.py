"""Findings from a chart's coded problems, results and family history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from countersign.ground.reasoning.finding import Finding, Holder, Place, Status
from countersign.kit.dates import BadDate, interval
from countersign.kit.elements import codings, first, objects, text
from countersign.kit.json import JSON

from . import coded, explained
from .standing import is_new, known, running

RECENT = timedelta(days=90)
"""An older result tells how it was. Three months is our choice: no source fixes one for all."""

YEAR = timedelta(days=365)
"""How far back a result is compared with the patient's earlier ones."""

_HIGH, _LOW = {"H", "HH", "HU", ">"}, {"L", "LL", "LU", "<"}
_POSITIVE, _NEGATIVE = {"POS", "A", "AA", "DET"}, {"NEG", "ND", "N"}
_CRITICAL = {"HH", "LL", "AA", "HU", "LU"}
_FALSE = {"entered-in-error", "cancelled", "unknown"}
_OVER = {"resolved", "inactive", "remission"}
_UNSURE = {"unconfirmed", "provisional", "differential"}
_MODELS = "AIAST"
"""The security label of what a model asserted: it never becomes a ground of the next answer."""


@dataclass(frozen=True, slots=True)
class _Result:
    """One way in which a result of a day can be off; ``value`` is None where it has no number."""

    day: date
    finding: Finding
    way: str
    value: Decimal | None
    unit: str
    critical: bool

    @property
    def rank(self) -> tuple[date, bool]:
        return self.day, self.finding.status is Status.PRESENT


def from_chart(resources: Iterable[JSON], today: date) -> tuple[Finding, ...]:
    """Findings of Condition, Observation and FamilyMemberHistory (FHIR R4), by their codes.

    Of the results that can show a finding those of the newest day count; normal ones make it
    absent. Results older than ``RECENT`` are past. What is malformed, dated in the future, entered
    in error, of an unknown code or asserted by a model is left out.

    Active, confirmed diagnoses from before this visit are ``known`` (the rule is that of
    ``standing.known``). What they explain bears their names in ``explained``, unless the
    laboratory flagged it as critical or it is clearly worse than in the year before.
    """
    own = [one for one in resources if not _by_a_model(one)]
    visits = running(own)
    found: list[Finding] = []
    had: set[str] = set()
    fresh: set[str] = set()
    results: dict[str, list[_Result]] = {}
    for resource in own:
        match resource.get("resourceType"):
            case "Condition":
                if known(resource, today, visits):
                    diagnosis = explained.diagnosis_of(codings(resource.get("code")))
                    had |= {diagnosis.id} if diagnosis else set()
                if is_new(resource, today, visits):
                    fresh.add(_reference(resource))
                found += _problem(resource, today, visits)
            case "FamilyMemberHistory":
                found += _family(resource)
            case "Observation":
                for one in _results(resource, today):
                    results.setdefault(one.finding.term, []).append(one)
            case _:
                pass
    told = [_told(one, had, fresh) for one in found]
    return (*told, *(_newest(some, had) for some in results.values()))


def _told(one: Finding, had: Set[str], fresh: Set[str]) -> Finding:
    """A coded problem that is no diagnosis, with what explains it; none where it is new."""
    if one.known or one.status is not Status.PRESENT or one.holder is not Holder.PATIENT:
        return one
    if one.place is None or one.place.source in fresh:
        return one
    return replace(one, explained=explained.explaining(one.term, had))


def _newest(results: Sequence[_Result], had: Set[str]) -> Finding:
    """What the newest day says of a term, with what explains it."""
    last = results[0]
    for one in results:
        if last.rank <= one.rank:
            last = one
    finding = last.finding
    by = explained.explaining(finding.term, had)
    if finding.status is not Status.PRESENT or not by:
        return finding
    same = [one for one in results if one.unit == last.unit and one.value is not None]
    now = [one.value for one in same if one.day == last.day and one.value is not None]
    year = last.day - YEAR
    before = [one.value for one in same if year <= one.day < last.day and one.value is not None]
    of_day = [one for one in results if one.day == last.day]
    if any(one.critical for one in of_day) or explained.clearly_worse(
        finding.term, last.way, now, before
    ):
        return finding
    return replace(finding, explained=by)


def _problem(resource: JSON, today: date, visits: Set[str]) -> list[Finding]:
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
    place = Place(_reference(resource))
    had = known(resource, today, visits)
    return [Finding(term, status, Holder.PATIENT, past, place, known=had)]


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


def _results(resource: JSON, today: date) -> list[_Result]:
    """Findings of a result and its components."""
    day = _day(resource)
    if text(resource.get("status")) in _FALSE or day is None or day > today + timedelta(days=1):
        return []
    place = Place(_reference(resource))
    past = today - day > RECENT
    found: list[_Result] = []
    for part in (resource, *objects(resource.get("component"))):
        ways = coded.result(codings(part.get("code")))
        seen = _way(part)
        quantity = first(part.get("valueQuantity"))
        value = None if quantity.get("comparator") else _number(quantity.get("value"))
        critical = any(code in _CRITICAL for _, code in codings(part.get("interpretation")))
        for way, term in ways.items() if seen else ():
            status = Status.PRESENT if way == seen else Status.ABSENT
            one = Finding(term, status, Holder.PATIENT, past, place)
            found.append(_Result(day, one, way, value, _unit(quantity), critical and way == seen))
    return found


def _way(part: JSON) -> str:
    """H, L, P or N as the laboratory flagged it, else by its reference range; "" if not known."""
    flags = {code for _, code in codings(part.get("interpretation"))}
    for flagged, way in ((_HIGH, "H"), (_LOW, "L"), (_POSITIVE, "P"), (_NEGATIVE, "N")):
        if flags & flagged:
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
