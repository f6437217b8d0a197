"""Makes a case of a chart: codes and groups, no name, no date, no address, no free text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from countersign.kit.dates import age_on
from countersign.kit.json import JSON

from .case import Case, Item, Kind, Outcome, age_group
from .shape import called, codes, coding, day, first, number, objects

STANDARD: Final = (
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://hl7.org/fhir/sid/",
    "http://www.whocc.no/atc",
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://unitsofmeasure.org",
)
"""Only codes of published systems are kept: one of the hospital's own may name a person."""
UNCERTAIN: Final = frozenset(
    {"entered-in-error", "cancelled", "preliminary", "registered", "draft", "unknown",
     "not-done", "stopped", "on-hold", "preparation"}
)  # fmt: skip
"""States in which nobody answers for the content (HL7 FHIR R4 status codes)."""
_SIDES: Final = {
    "H": "H", "HH": "H", "HU": "H", ">": "H", "L": "L", "LL": "L", "LU": "L", "<": "L",
    "A": "A", "AA": "A", "POS": "A",
}  # fmt: skip
_LEFT: Final[dict[str, Outcome]] = {"exp": "died", "aadvice": "left", "home": "home"}
_ORDER: Final[dict[Kind, int]] = {"problem": 0, "result": 1, "procedure": 2, "medicine": 3}


def case_of(
    resources: Iterable[JSON], departments: Sequence[str] = (), *, whole: bool = True
) -> Case | None:
    """The case of one patient's resources; None where there is nothing to learn from.

    With ``whole`` the course must have ended: somebody who lies in a ward is no case yet.
    A patient who is being compared with the cases is read with ``whole=False``.
    """
    by_type: dict[str, list[JSON]] = defaultdict(list)
    for one in resources:
        if str(one.get("status")) not in UNCERTAIN and not _by_model(one):
            by_type[str(one.get("resourceType", ""))].append(one)
    encounters = by_type["Encounter"]
    if whole and (not encounters or any(_open(one) for one in encounters)):
        return None
    items = [
        *_problems(by_type["Condition"]),
        *_results(by_type["Observation"]),
        *_coded("procedure", by_type["Procedure"], "code"),
        *_coded("medicine", [*by_type["MedicationRequest"], *by_type["MedicationStatement"]],
                "medicationCodeableConcept"),
    ]  # fmt: skip
    if not any(one.kind == "problem" for one in items):
        return None
    patient = first(by_type["Patient"])
    inside = [one for one in encounters if _inpatient(one)]
    return Case(
        age=_age(patient, encounters),
        sex=str(patient.get("gender", "unknown")),
        departments=tuple(sorted(departments)),
        items=tuple(sorted(items, key=lambda one: (_ORDER[one.kind], one.key))),
        stays=len(inside),
        longest=max((days for one in inside if (days := _days(one)) is not None), default=None),
        outcome=_outcome(patient, encounters),
    )


def _by_model(resource: JSON) -> bool:
    return "AIAST" in codes([{"coding": first(resource.get("meta")).get("security")}])


def _open(encounter: JSON) -> bool:
    return _inpatient(encounter) and day(encounter, "period.end") is None


def _inpatient(encounter: JSON) -> bool:
    return first(encounter.get("class")).get("code") in ("IMP", "ACUTE", "NONAC", "OBSENC")


def _days(encounter: JSON) -> int | None:
    start, end = day(encounter, "period"), day(encounter, "period.end")
    return None if start is None or end is None or end < start else (end - start).days


def _age(patient: JSON, encounters: Sequence[JSON]) -> int | None:
    born = day(patient, "birthDate")
    seen = [when for one in encounters if (when := day(one, "period.end", "period"))]
    until = max(seen, default=None)
    if born is None or until is None or until < born:
        return None
    return age_group(age_on(born, until))


def _outcome(patient: JSON, encounters: Sequence[JSON]) -> Outcome:
    if patient.get("deceasedBoolean") is True or patient.get("deceasedDateTime"):
        return "died"
    ended = sorted(
        (
            one
            for one in encounters
            if first(one.get("hospitalization")).get("dischargeDisposition")
        ),
        key=lambda one: day(one, "period.end") or date.min,
    )
    if not ended:
        return "home"
    left = codes(first(ended[-1]["hospitalization"])["dischargeDisposition"])
    known: list[Outcome] = [_LEFT[code] for code in sorted(left) if code in _LEFT]
    return known[0] if known else "transferred"


def _standard(value: object) -> JSON | None:
    found = coding(value)
    if found is None or not str(found.get("system", "")).startswith(STANDARD):
        return None
    return found


def _problems(conditions: Sequence[JSON]) -> list[Item]:
    made: dict[str, Item] = {}
    for one in conditions:
        found = _standard(one.get("code"))
        stated = codes(one.get("verificationStatus"))
        if found is None or stated & {"entered-in-error", "refuted", "unconfirmed", "differential"}:
            continue
        gone = codes(one.get("clinicalStatus")) & {"resolved", "inactive", "remission"}
        item = _item("problem", one.get("code"), found, "resolved" if gone else "active")
        if item.key not in made or item.state == "active":
            made[item.key] = item
    return list(made.values())


def _coded(kind: Kind, resources: Sequence[JSON], element: str) -> list[Item]:
    made = [
        _item(kind, one[element], found)
        for one in resources
        if (found := _standard(one.get(element))) is not None
    ]
    return list({one.key: one for one in made}.values())


def _item(kind: Kind, value: object, found: JSON, state: str = "") -> Item:
    return Item(kind, str(found["system"]), str(found["code"]), called(value, found), state)


def _results(observations: Sequence[JSON]) -> list[Item]:
    """What was out of range at least once: the worst value, the last, whether it came back."""
    series: dict[tuple[str, str], list[tuple[date, JSON, JSON]]] = defaultdict(list)
    for one in observations:
        for part in objects(one.get("component")) or [one]:
            found = _standard(part.get("code"))
            when = day(one, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
            if found is not None and when is not None:
                series[str(found["system"]), str(found["code"])].append((when, part, found))
    made = [_series(sorted(points, key=lambda one: one[0])) for points in series.values()]
    return [one for one in made if one is not None]


def _series(points: list[tuple[date, JSON, JSON]]) -> Item | None:
    sides = [_side(part) for _, part, _ in points]
    out = [(place, side) for place, side in enumerate(sides) if side]
    if not out:
        return None
    values = [number(first(part.get("valueQuantity")).get("value")) for _, part, _ in points]
    side = out[-1][1]
    there = [place for place, found in out if found == side]
    known = [values[place] for place in there if values[place] is not None]
    worst = (min if side == "L" else max)((one for one in known if one is not None), default=None)
    _, part, found = points[-1]
    unit = first(part.get("valueQuantity")).get("unit")
    return Item(
        "result",
        str(found["system"]),
        str(found["code"]),
        called(part.get("code"), found),
        side,
        _rounded(worst),
        _rounded(values[-1]),
        unit if isinstance(unit, str) and len(unit) <= 20 else "",
        normal_again=not sides[-1],
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.3g}")


def _side(part: JSON) -> str:
    """``H``, ``L`` or ``A`` by the sender's interpretation, else by its reference range."""
    for code in sorted(codes(part.get("interpretation"))):
        if code in _SIDES:
            return _SIDES[code]
    value = number(first(part.get("valueQuantity")).get("value"))
    given = first(part.get("referenceRange"))
    low, high = (number(first(given.get(name)).get("value")) for name in ("low", "high"))
    if value is None:
        return ""
    if low is not None and value < low:
        return "L"
    return "H" if high is not None and value > high else ""
