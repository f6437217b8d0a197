"""One patient's chart as the rules see it: read once, in one pass, and never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from countersign.kit.json import JSON

from .fhir import (
    Moment,
    current,
    days_between,
    is_future,
    is_models,
    loinc_codes,
    moment,
    moment_of,
    record,
    reference_to,
    rows,
    text,
)
from .ingredients import Group
from .measures import Candidate, Measure, Report, Unread, analyte_of, read_measure
from .medicines import Allergy, Medicine, read_allergy, read_medicine
from .person import Person, read_person
from .pressure_readings import PANELS, Reading, read_pressure
from .problems import Problems, read_problems

_READABLE = {"final", "amended", "corrected", "preliminary"}
_WHOLE_HISTORY = {
    "creatinine",
    "potassium",
    "sodium",
    "haemoglobin",
    "platelets",
    "hba1c",
    "acr",
}
_READ = {
    "Observation",
    "MedicationRequest",
    "MedicationStatement",
    "Medication",
    "Condition",
    "AllergyIntolerance",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one patient at ``now``.

    ``measures`` maps an analyte's key to its results, oldest first (of some only the newest
    two); ``unread`` are the results
    that could not be used, so that an answer can say what it did not see.
    """

    person: Person
    now: datetime
    measures: Mapping[str, tuple[Measure, ...]]
    pressures: tuple[Reading, ...]
    medicines: tuple[Medicine, ...]
    problems: Problems
    allergies: tuple[Allergy, ...]
    unread: tuple[Unread, ...]

    @property
    def age(self) -> int | None:
        """Completed years today."""
        return self.person.age(self.now.date())

    @property
    def is_minor(self) -> bool:
        """True only when the chart says so; an unknown age is not a minor's."""
        age = self.age
        return age is not None and age < 18

    def of(self, key: str) -> tuple[Measure, ...]:
        """The results of one analyte, oldest first."""
        return self.measures.get(key, ())

    def latest(self, key: str) -> Measure | None:
        """The newest result of one analyte."""
        found = self.measures.get(key)
        return found[-1] if found else None

    def taking(self, *groups: Group) -> tuple[Medicine, ...]:
        """Active medicines of these groups; of one name only the newest order."""
        found = [item for item in self.medicines if item.has(*groups)]
        found.sort(key=lambda m: (m.since.at.isoformat() if m.since else "", m.reference))
        newest = {item.name: item for item in found}
        return tuple(newest[name] for name in sorted(newest))

    def days(self, when: Moment) -> int:
        """How many whole days ago that was."""
        return days_between(when.at, self.now)


def read_facts(chart: Iterable[JSON], now: date | datetime) -> Facts | None:
    """The facts of the one patient of a chart.

    None when there is no Patient, more than one, or one who is deceased or whose record is
    closed: then nothing may be proposed. Resources of any other subject are not looked at.
    """
    resources = current(chart)
    patients = [item for item in resources if item.get("resourceType") == "Patient"]
    if len(patients) != 1:
        return None
    person = read_person(patients[0])
    if not person.reviewed:
        return None
    return _gather(person, moment_of(now), resources)


def _gather(person: Person, now: datetime, resources: list[JSON]) -> Facts:
    kinds: dict[str, list[JSON]] = {kind: [] for kind in _READ}
    for item in resources:
        kind = text(item.get("resourceType"))
        if kind in kinds and (kind == "Medication" or person.owns(item)) and not is_models(item):
            kinds[kind].append(item)
    named = _by_reference(kinds["Medication"])
    orders = kinds["MedicationRequest"] + kinds["MedicationStatement"]
    medicines = [read_medicine(item, named, now) for item in orders]
    allergies = [read_allergy(item) for item in kinds["AllergyIntolerance"]]
    measures, pressures, unread = _observed(kinds["Observation"], now)
    return Facts(
        person=person,
        now=now,
        measures=measures,
        pressures=pressures,
        medicines=tuple(sorted(filter(None, medicines), key=lambda m: (m.name, m.reference))),
        problems=read_problems(kinds["Condition"], now),
        allergies=tuple(sorted(filter(None, allergies), key=lambda a: (a.name, a.reference))),
        unread=unread,
    )


def _observed(
    observations: list[JSON], now: datetime
) -> tuple[dict[str, tuple[Measure, ...]], tuple[Reading, ...], tuple[Unread, ...]]:
    found: dict[str, list[Candidate]] = {}
    pressures: list[Reading] = []
    unread: list[Unread] = []
    for resource in observations:
        if text(resource.get("status")) not in _READABLE:
            continue
        for item in _values(resource, now):
            if isinstance(item, Candidate):
                found.setdefault(item.analyte.key, []).append(item)
            elif isinstance(item, Reading):
                pressures.append(item)
            else:
                unread.append(item)
    measures: dict[str, tuple[Measure, ...]] = {}
    for key in sorted(found):
        measures[key], failed = _read(found[key])
        unread += failed
    return (
        {key: items for key, items in measures.items() if items},
        tuple(sorted(pressures, key=lambda r: (r.when.at, r.reference))),
        tuple(sorted(unread, key=lambda u: (u.key, u.day, u.trouble, u.unit))),
    )


def _values(resource: JSON, now: datetime) -> Iterable[Candidate | Reading | Unread]:
    """What one Observation may contribute; most contribute nothing."""
    if "valueQuantity" not in resource and "component" not in resource:
        return
    pressure = not PANELS.isdisjoint(loinc_codes(resource.get("code")))
    parts = () if pressure else (resource, *map(record, rows(resource.get("component"))))
    found = [(holder, analyte) for holder in parts if (analyte := analyte_of(holder, resource))]
    if not pressure and not found:
        return
    when, by_issue = _when(resource)
    if when is None or is_future(when, now):
        keys = [analyte.key for _, analyte in found] or ["pressure"]
        for key in keys:
            yield Unread(key, "future" if when else "undated", when.day if when else "", "")
        return
    preliminary = resource.get("status") == "preliminary"
    report = Report(when, reference_to(resource), preliminary, by_issue)
    if pressure:
        reading = read_pressure(resource, report)
        if reading is not None:
            yield reading
        return
    for holder, analyte in found:
        yield Candidate(analyte, holder, report)


def _read(candidates: list[Candidate]) -> tuple[tuple[Measure, ...], list[Unread]]:
    """The results of one analyte, oldest first, without copies.

    Of analytes whose past no rule reads, only as many as a course needs. The same value at the
    same moment under another id is one result, not two.
    """
    wanted = len(candidates) if candidates[0].analyte.key in _WHOLE_HISTORY else 2
    kept: dict[tuple[datetime, Decimal, str], Measure] = {}
    failed: list[Unread] = []
    for candidate in sorted(candidates, key=_order, reverse=True):
        item = read_measure(candidate)
        if isinstance(item, Unread):
            failed.append(item)
        else:
            kept.setdefault((item.when.at, item.exact, item.comparator), item)
            if len(kept) == wanted:
                break
    return tuple(reversed(kept.values())), failed


def _order(candidate: Candidate) -> tuple[datetime, bool, str]:
    """By time; of two at one moment the final one counts as the later."""
    report = candidate.report
    return report.when.at, not report.preliminary, report.reference


def _when(resource: JSON) -> tuple[Moment | None, bool]:
    """When the specimen was taken; the time of issue only where nothing else is there."""
    period = record(resource.get("effectivePeriod"))
    taken = (
        moment(resource.get("effectiveDateTime"))
        or moment(resource.get("effectiveInstant"))
        or moment(period.get("end"))
        or moment(period.get("start"))
    )
    return (taken, False) if taken else (moment(resource.get("issued")), True)


def _by_reference(medications: list[JSON]) -> dict[str, JSON]:
    named: dict[str, JSON] = {}
    for item in medications:
        ident = text(item.get("id"))
        named[f"Medication/{ident}"] = named[f"urn:uuid:{ident}"] = item
    return named
