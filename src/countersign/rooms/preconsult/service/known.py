"""What the chart says of a patient before any question: age, sex, pregnancy, the visit itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

from countersign.ground.chart import PatientChart, Version

PREGNANCY, LOINC = "82810-3", "http://loinc.org"
"""LOINC "Pregnancy status", as the International Patient Summary writes it."""

PREGNANT = frozenset({"LA15173-0", "77386006"})
"""The LOINC answer "Pregnant" and the SNOMED CT concept of the IPS value set."""

CODED = ("Z33", "Z34", "Z35", "Z36")
"""ICD-10: pregnant state, supervision of pregnancy, antenatal screening."""

TERM = timedelta(days=300)
"""What was recorded before this says nothing of a pregnancy today."""

SOON, LATE = timedelta(days=14), timedelta(hours=12)
VISITS = ("Appointment", "Encounter")
OPEN = frozenset(
    {"booked", "pending", "arrived", "checked-in", "planned", "triaged", "in-progress"}
)


def about(chart: PatientChart, now: datetime) -> dict[str, Any]:
    """``days`` of life, ``sex``, ``pregnant`` where the chart says so, and ``visit`` with its
    version where one is near; what is not known is left out."""
    found: dict[str, Any] = {}
    try:
        born = date.fromisoformat(chart.summary.birth_date)
    except ValueError:
        born = None
    if born is not None and born <= now.date():
        found["days"] = (now.date() - born) // timedelta(days=1)
    if chart.summary.sex in ("male", "female"):
        found["sex"] = chart.summary.sex
    if pregnant(chart.of("Observation", "Condition"), now.date()):
        found["pregnant"] = True
    visit = nearest(chart.of(*VISITS), now)
    if visit is not None:
        found["visit"] = visit
    return found


def pregnant(versions: Iterable[Version], today: date) -> bool:
    """Whether the newest statement of the last 300 days says that she is; False without one."""
    said: list[tuple[date, bool]] = []
    for one in versions:
        resource = one.resource
        on = _day(resource, "effectiveDateTime", "recordedDate", "onsetDateTime")
        if on is None or not timedelta() <= today - on <= TERM:
            continue
        if resource["resourceType"] == "Observation":
            if PREGNANCY in _codes(resource.get("code"), LOINC):
                value = resource.get("valueCodeableConcept")
                said.append((on, bool(PREGNANT & {*_codes(value)})))
        elif any(code.startswith(CODED) for code in _codes(resource.get("code"))):
            said.append((on, _still(resource)))
    return bool(said) and max(said)[1]


def nearest(versions: Sequence[Version], now: datetime) -> dict[str, str] | None:
    """The open booking or encounter that is next, from half a day ago to two weeks ahead."""
    found: list[tuple[bool, timedelta, dict[str, str]]] = []
    for one in versions:
        resource = one.resource
        period = cast("Mapping[str, Any]", resource.get("period") or {})
        begins = _moment(resource.get("start") or period.get("start"))
        if resource.get("status") not in OPEN or begins is None:
            continue
        if -LATE <= begins - now <= SOON:
            kept = {"reference": f"{one.type}/{one.id}", "version": one.versioned}
            found.append((begins < now, abs(begins - now), {**kept, "start": begins.isoformat()}))
    return min(found, key=lambda one: one[:2])[2] if found else None


def _still(condition: Mapping[str, Any]) -> bool:
    states = {*_codes(condition.get("clinicalStatus"))}
    verified = {*_codes(condition.get("verificationStatus"))}
    over = {"inactive", "remission", "resolved"} & states or "abatementDateTime" in condition
    return not over and not {"refuted", "entered-in-error"} & verified


def _codes(concept: object, system: str = "") -> list[str]:
    held = cast("dict[str, Any]", concept) if isinstance(concept, dict) else dict[str, Any]()
    codings = cast("Sequence[Mapping[str, Any]]", held.get("coding") or ())
    return [str(one.get("code", "")) for one in codings if system in ("", one.get("system"))]


def _day(resource: Mapping[str, Any], *elements: str) -> date | None:
    for element in elements:
        try:
            return date.fromisoformat(str(resource.get(element, ""))[:10])
        except ValueError:
            continue
    return None


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
