"""Reads from a chart's resources what the rules must know of the patient, and nothing more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from countersign.kit.allergies import none_known
from countersign.kit.drugs import is_local

from .kidney import kidney
from .order import Order, milligrams
from .pack import Pack
from .patient import Patient, Problem, Taken, Value

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
_CREATININE = frozenset({"2160-0", "38483-4", "14682-9", "77140-2"})
_POTASSIUM = frozenset({"2823-3", "6298-4", "77142-8"})
_QTC = frozenset({"8636-3", "44974-4", "76634-5"})
_WEIGHT = frozenset({"29463-7", "3141-9", "8341-0"})
_PREGNANCY_STATUS = "82810-3"
_PREGNANT = frozenset({"LA15173-0", "77386006"})
_NOT_PREGNANT = frozenset({"LA26683-5", "60001007"})
_PREGNANCY_CODE = re.compile(r"Z3[34]|O(?:[0-7]|8[0-4]|9[89])|77386006|72892002|47200007")
_MILK_CODE = re.compile(r"Z39\.1|413712001|169741004|169745008")
_PREGNANCY_WORDS = re.compile(r"\bpregnan(?:t|cy)\b|妊娠|怀孕|孕\d+周", re.IGNORECASE)
_MILK_WORDS = re.compile(r"breast.?feeding|lactating|哺乳期|母乳喂养", re.IGNORECASE)
_PAST = re.compile(r"history|后|史|产后|postpartum", re.IGNORECASE)
_CIRRHOSIS_CODE = re.compile(r"K70\.3|K71\.7|K72|K74\.[3-6]|K76\.6|R18|19943007|389026000")
_CIRRHOSIS_WORDS = re.compile(r"cirrhosis|ascites|肝硬化|腹水|肝衰竭|肝功能衰竭", re.IGNORECASE)
_OVER = frozenset({"inactive", "resolved", "remission"})
_DENIED = frozenset({"refuted", "entered-in-error"})
_SPOILT = frozenset({"entered-in-error", "cancelled", "unknown", "registered"})
_ORDERS = frozenset(
    {"", "order", "original-order", "reflex-order", "filler-order", "instance-order"}
)


def is_cirrhosis(problem: Problem) -> bool:
    """Whether a problem is cirrhosis, ascites or liver failure."""
    coded = any(_CIRRHOSIS_CODE.match(code) for code in problem.codes)
    return coded or _CIRRHOSIS_WORDS.search(problem.name) is not None


def read(resources: Iterable[tuple[Mapping[str, Any], str]], pack: Pack, now: datetime) -> Patient:
    """The patient of a chart's resources, each with its reference (``Type/id/_history/n``)."""
    kinds: dict[str, list[tuple[Mapping[str, Any], str]]] = {}
    for resource, reference in resources:
        if not _from_a_model(resource):
            kinds.setdefault(str(resource.get("resourceType")), []).append((resource, reference))
    person = kinds.get("Patient", [({}, "")])[0][0]
    age, sex = _age(person, now.date()), _text(person.get("gender")) or None
    named = {f"Medication/{_text(one.get('id'))}": one for one, _ in kinds.get("Medication", [])}
    orders = [*kinds.get("MedicationRequest", []), *kinds.get("MedicationStatement", [])]
    found = [_problem(one, reference) for one, reference in kinds.get("Condition", [])]
    problems = tuple(one for one in found if one is not None)
    observed = kinds.get("Observation", [])
    weight = _newest(observed, _WEIGHT, now, pack.days["weight"], _kilograms)
    creatinine = _newest(observed, _CREATININE, now, pack.days["creatinine"], _mg_dl)
    clearance, egfr = kidney(creatinine, age, sex, weight)
    pregnant = _pregnant(observed, problems, now, pack.days["pregnancy"])
    return Patient(
        age=age,
        sex=sex,
        weight=weight,
        clearance=clearance,
        egfr=egfr,
        qtc=_newest(observed, _QTC, now, pack.days["qtc"], _milliseconds),
        potassium=_newest(observed, _POTASSIUM, now, pack.days["potassium"], _mmol),
        pregnant=pregnant,
        lactating=True if any(map(_is_milk, problems)) else None,
        liver=any(map(is_cirrhosis, problems)),
        medicines=tuple(
            one for row, ref in orders if (one := _medicine(row, ref, named, pack, now))
        ),
        allergies=tuple(
            one
            for row, ref in kinds.get("AllergyIntolerance", [])
            if (one := _allergy(row, ref, pack))
        ),
        problems=problems,
        inputs=tuple(sorted(ref for rows in kinds.values() for _, ref in rows)),
    )


_PER = {"d": 1.0, "wk": 7.0, "h": 1 / 24, "mo": 30.0}
_ROUTES = {"26643006": "oral", "PO": "oral", "47625008": "iv", "78421000": "im", "34206005": "sc"}


def ordered(request: Mapping[str, Any]) -> Order:
    """A draft MedicationRequest as an order; what its dosage does not say stays unknown."""
    concept = _map(request.get("medicationCodeableConcept"))
    dosage = _map(next(iter(_list(request.get("dosageInstruction"))), None))
    given = _map(_map(next(iter(_list(dosage.get("doseAndRate"))), None)).get("doseQuantity"))
    repeat = _map(_map(dosage.get("timing")).get("repeat"))
    period, often = repeat.get("period"), repeat.get("frequency", 1)
    unit = _PER.get(_text(repeat.get("periodUnit")))
    per_day = None
    if unit and isinstance(period, int | float) and period > 0 and isinstance(often, int | float):
        per_day = float(often) / (float(period) * unit)
    amount = given.get("value")
    dose = float(amount) if isinstance(amount, int | float | Decimal) else None
    written = _text(given.get("code")) or _text(given.get("unit"))
    route = next((_ROUTES[one] for one in _codes(dosage.get("route")) if one in _ROUTES), "")
    return Order(_name(concept), milligrams(dose, written), per_day, route, _code(concept))


def _medicine(
    row: Mapping[str, Any],
    reference: str,
    named: Mapping[str, Mapping[str, Any]],
    pack: Pack,
    now: datetime,
) -> Taken | None:
    if row.get("status") not in ("active", "on-hold") or row.get("doNotPerform") is True:
        return None
    if row.get("resourceType") == "MedicationRequest" and _text(row.get("intent")) not in _ORDERS:
        return None
    if _over(row, now):
        return None
    concept = _map(row.get("medicationCodeableConcept"))
    if not concept:
        target = _text(_map(row.get("medicationReference")).get("reference"))
        inside = next(
            (
                _map(one)
                for one in _list(row.get("contained"))
                if target.startswith("#") and _map(one).get("id") == target[1:]
            ),
            named.get(target.partition("/_history/")[0], {}),
        )
        concept = _map(inside.get("code"))
    name = _name(concept)
    if not name or is_local(name):
        return None
    return Taken(name, pack.classes.named(name, _code(concept)), reference)


def _over(row: Mapping[str, Any], now: datetime) -> bool:
    ends = [_text(_map(row.get("effectivePeriod")).get("end"))]
    for dose in _list(row.get("dosageInstruction")):
        repeat = _map(_map(_map(dose).get("timing")).get("repeat"))
        ends.append(_text(_map(repeat.get("boundsPeriod")).get("end")))
    given = [one[:10] for one in ends if one]
    return bool(given) and max(given) < now.date().isoformat()


def _allergy(row: Mapping[str, Any], reference: str, pack: Pack) -> Taken | None:
    if _codes(row.get("verificationStatus")) & _DENIED:
        return None
    if _codes(row.get("clinicalStatus")) & _OVER:
        return None
    concept = _map(row.get("code"))
    name = _name(concept)
    if none_known(_codes(concept), name):
        return None
    if "food" in _list(row.get("category")) or "environment" in _list(row.get("category")):
        return None
    return Taken(name, pack.classes.named(name, _code(concept)), reference) if name else None


def _problem(row: Mapping[str, Any], reference: str) -> Problem | None:
    status = _codes(row.get("clinicalStatus")) | _codes(row.get("verificationStatus"))
    if status & (_OVER | _DENIED) or row.get("abatementDateTime"):
        return None
    concept = _map(row.get("code"))
    return Problem(_name(concept), frozenset(_codes(concept)), reference)


def _pregnant(
    observed: list[tuple[Mapping[str, Any], str]],
    problems: tuple[Problem, ...],
    now: datetime,
    days: int,
) -> bool | None:
    stated: list[tuple[str, bool]] = []
    for row, _ in observed:
        if _PREGNANCY_STATUS in _codes(row.get("code")) and _age_of(row, now) <= days:
            said = _codes(row.get("valueCodeableConcept"))
            if said & (_PREGNANT | _NOT_PREGNANT):
                stated.append((_when(row), bool(said & _PREGNANT)))
    for one in problems:
        if any(_PREGNANCY_CODE.match(code) for code in one.codes) or (
            _PREGNANCY_WORDS.search(one.name) and not _PAST.search(one.name)
        ):
            return True
    return max(stated)[1] if stated else None


def _is_milk(one: Problem) -> bool:
    coded = any(_MILK_CODE.match(code) for code in one.codes)
    return coded or _MILK_WORDS.search(one.name) is not None


def _newest(
    observed: list[tuple[Mapping[str, Any], str]],
    codes: frozenset[str],
    now: datetime,
    days: int,
    to: Any,
) -> Value | None:
    """The newest value within ``days``; a unit that cannot be read counts as no value."""
    found: list[tuple[str, Value]] = []
    for row, reference in observed:
        if row.get("status") in _SPOILT or not _codes(row.get("code")) & codes:
            continue
        quantity = _map(row.get("valueQuantity"))
        number = quantity.get("value")
        if quantity.get("comparator") or isinstance(number, bool) or number is None:
            continue
        try:
            value = to(float(number), _text(quantity.get("code")) or _text(quantity.get("unit")))
        except (TypeError, ValueError):
            continue
        if value is not None and value > 0 and 0 <= _age_of(row, now) <= days:
            found.append((_when(row), Value(value, reference, _when(row)[:10])))
    return max(found, key=lambda one: (one[0], one[1].reference))[1] if found else None


def _mg_dl(value: float, unit: str) -> float | None:
    """Creatinine in mg/dL (88.4 µmol/L are 1 mg/dL)."""
    known = {"mg/dl": 1.0, "umol/l": 1 / 88.4, "µmol/l": 1 / 88.4, "μmol/l": 1 / 88.4}
    factor = known.get(unit.lower())
    return value * factor if factor and 0.05 < value * factor < 40 else None


def _mmol(value: float, unit: str) -> float | None:
    return value if unit.lower() in ("mmol/l", "meq/l") and 0.5 < value < 15 else None


def _milliseconds(value: float, unit: str) -> float | None:
    return value if unit.lower() in ("ms", "msec") and 200 < value < 900 else None


def _kilograms(value: float, unit: str) -> float | None:
    factor = {"kg": 1.0, "g": 0.001, "[lb_av]": 0.45359237, "lb": 0.45359237}.get(unit.lower())
    return value * factor if factor and 0.3 < value * factor < 400 else None


def _when(row: Mapping[str, Any]) -> str:
    period = _map(row.get("effectivePeriod"))
    for found in (row.get("effectiveDateTime"), period.get("start"), row.get("issued")):
        if isinstance(found, str):
            return found
    return ""


def _age_of(row: Mapping[str, Any], now: datetime) -> int:
    """Days since; a huge number for what has no readable day."""
    try:
        return (now.date() - date.fromisoformat(_when(row)[:10])).days
    except ValueError:
        return 10**6


def _age(person: Mapping[str, Any], today: date) -> float | None:
    """Completed years, or months as parts of a year below two years."""
    try:
        born = date.fromisoformat(_text(person.get("birthDate")))
    except ValueError:
        return None
    if born > today:
        return None
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return float(years) if years >= 2 else (today - born).days / 365.25


def _from_a_model(resource: Mapping[str, Any]) -> bool:
    """What a model asserted is no ground for an alert."""
    labels = _list(_map(resource.get("meta")).get("security"))
    return any(_map(one).get("code") == "AIAST" for one in labels)


def _name(concept: Mapping[str, Any]) -> str:
    said = _text(concept.get("text"))
    shown = [_text(_map(one).get("display")) for one in _list(concept.get("coding"))]
    code = [_text(_map(one).get("code")) for one in _list(concept.get("coding"))]
    return next((one.strip()[:200] for one in (said, *shown, *code) if one.strip()), "")


def _code(concept: Mapping[str, Any]) -> tuple[str, str] | None:
    for one in map(_map, _list(concept.get("coding"))):
        system = {RXNORM: "rxnorm", ATC: "atc"}.get(_text(one.get("system")))
        if system:
            return system, _text(one.get("code"))
    return None


def _codes(concept: object) -> set[str]:
    return {_text(_map(one).get("code")) for one in _list(_map(concept).get("coding"))} - {""}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _map(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
