"""Checks one order against one patient by the rules of a pack: pure, and never silent on doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from countersign.kit.drugs import is_local

from .drugs import CLASS, Named
from .order import Order
from .pack import Pack
from .patient import Patient, Problem, Taken, Value
from .rule import Kind, Level, Rule, When

_LOCAL_KINDS = frozenset({Kind.ALLERGY, Kind.DUPLICATE})
"""What still matters of a gel, cream or eye drop, which acts where it is put."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A rule that fired: on which ordered substances, and against what in the chart."""

    rule: Rule
    about: tuple[str, ...]
    against: tuple[str, ...]
    references: tuple[str, ...]
    values: tuple[Value, ...] = ()

    @property
    def interrupts(self) -> bool:
        """Whether the physician must answer before going on."""
        return self.rule.level is Level.INTERRUPT


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check.

    ``unknown`` are words of the order that no table knows, ``unread`` active medicines and
    allergies that could not be compared, ``missing`` facts without which a rule could not
    decide (``age``, ``weight``, ``clearance``, ``dose``, ``pregnancy``, ``qtc``, ``potassium``).
    ``counted`` are alerts of silent rules.
    """

    drug: Named
    alerts: tuple[Alert, ...]
    counted: tuple[Alert, ...]
    unknown: tuple[str, ...]
    unread: tuple[str, ...]
    missing: tuple[str, ...]


_Pairs = Callable[[Rule, Named, Named], set[str]]


class _Missing(Exception):
    """A fact that a rule needs and nobody recorded."""


def check(order: Order, patient: Patient, pack: Pack) -> Checked:
    """Every rule of the pack on this order; the loudest alerts first.

    The result does not depend on the order of anything, and another medicine or allergy never
    takes an alert away.
    """
    drug = pack.classes.named(order.text, order.code)
    local = order.route == "local" or is_local(order.text)
    alerts: list[Alert] = []
    missing: set[str] = set()
    for rule in pack.rules.values():
        if rule.level is Level.OFF or (local and rule.kind not in _LOCAL_KINDS):
            continue
        try:
            alert = _tried(rule, drug, order, patient)
        except _Missing as facts:
            missing |= set(facts.args)
            continue
        if alert is not None:
            alerts.append(alert)
    alerts.sort(key=lambda one: (not one.interrupts, list(Kind).index(one.rule.kind), one.rule.id))
    unknown = drug.unknown if drug.known else (order.text.strip(),)
    return Checked(
        drug,
        tuple(one for one in alerts if one.rule.level is not Level.SILENT),
        tuple(one for one in alerts if one.rule.level is Level.SILENT),
        unknown,
        tuple(
            sorted(
                {one.name for one in (*patient.medicines, *patient.allergies) if not one.drug.known}
            )
        ),
        tuple(sorted(missing)),
    )


def _tried(rule: Rule, drug: Named, order: Order, patient: Patient) -> Alert | None:
    if rule.kind is Kind.ALLERGY:
        return _against(rule, drug, patient.allergies, _allergy_pairs)
    if rule.when.other or rule.when.same:
        return _against(rule, drug, patient.medicines, _drug_pairs)
    about = drug.tokens & rule.drugs
    if not about:
        return None
    found = _conditions(rule.when, order, patient)
    if found is None:
        return None
    against, references, values = found
    return Alert(rule, _names(about), against, references, values)


def _against(rule: Rule, drug: Named, others: Iterable[Taken], pairs: _Pairs) -> Alert | None:
    met: list[Taken] = []
    about: set[str] = set()
    for other in others:
        hit = pairs(rule, drug, other.drug)
        if hit:
            met.append(other)
            about |= hit
    if not met:
        return None
    met.sort(key=lambda one: (one.name, one.reference))
    return Alert(
        rule,
        _names(about),
        tuple(dict.fromkeys(one.name for one in met)),
        tuple(dict.fromkeys(one.reference for one in met if one.reference)),
    )


def _drug_pairs(rule: Rule, drug: Named, other: Named) -> set[str]:
    """The ordered tokens that meet the other drug, whichever of the two a rule names first."""
    if rule.when.same:
        return set(drug.substances & other.substances)
    one, two = rule.drugs, rule.when.other
    found: set[str] = set()
    for token in drug.tokens:
        for against in other.tokens:
            if token != against and (
                (token in one and against in two) or (token in two and against in one)
            ):
                found.add(token)
    return found


def _allergy_pairs(rule: Rule, drug: Named, allergy: Named) -> set[str]:
    if rule.when.same:
        return set(drug.tokens & allergy.tokens) | set(drug.substances & allergy.within)
    found: set[str] = set()
    for token in drug.tokens:
        for against in allergy.tokens:
            if token != against and (
                (token in rule.drugs and against in rule.when.allergic)
                or (rule.when.both and token in rule.when.allergic and against in rule.drugs)
            ):
                found.add(token)
    return found


_Found = tuple[tuple[str, ...], tuple[str, ...], tuple[Value, ...]]


def _conditions(when: When, order: Order, patient: Patient) -> _Found | None:
    """What in the chart makes the rule true; None where it is false. Raises _Missing."""
    if when.routes and order.route and order.route not in when.routes:
        return None
    values: list[Value] = []
    problems: list[Problem] = []
    lacking: list[str] = []
    asked = (
        _limits(when, order, patient, values, lacking),
        _states(when, patient, lacking),
        _diseases(when, patient, problems),
    )
    if False in asked:
        return None
    if lacking:
        raise _Missing(*lacking)
    references = [one.reference for one in (*problems, *values) if one.reference]
    return tuple(one.name for one in problems), tuple(references), tuple(values)


def _limits(
    when: When, order: Order, patient: Patient, values: list[Value], lacking: list[str]
) -> bool:
    age = Value(patient.age) if patient.age is not None else None
    daily = Value(order.daily, by="dose") if order.daily is not None else None
    often = Value(order.per_day, by="often") if order.per_day is not None else None
    per_kg = None
    if order.daily is not None and patient.weight is not None and patient.weight.number > 0:
        per_kg = Value(order.daily / patient.weight.number, by="per-kg")
    for name, limit, value, below in (
        ("age", when.age_below, age, True),
        ("age", _just_under(when.age_from), age, False),
        ("weight", when.weight_below, patient.weight, True),
        ("clearance", when.clearance_below, patient.clearance, True),
        ("clearance", when.egfr_below, patient.egfr, True),
        ("dose", when.daily_above, daily, False),
        ("dose" if daily is None else "weight", when.daily_above_per_kg, per_kg, False),
        ("dose", when.often_above, often, False),
        ("qtc", when.qtc_above, patient.qtc, False),
        ("potassium", when.potassium_below, patient.potassium, True),
    ):
        if limit is None:
            continue
        if value is None:
            lacking.append(name)
        elif (value.number < limit) is not below or value.number == limit:
            return False
        else:
            values.append(value)
    return True


def _just_under(limit: float | None) -> float | None:
    """Years are completed ones: 65 and older means above 64.999."""
    return None if limit is None else limit - 0.001


def _states(when: When, patient: Patient, lacking: list[str]) -> bool:
    if when.liver and not patient.liver:
        return False
    for wanted, state, name in (
        (when.pregnant, patient.pregnant, "pregnancy"),
        (when.lactating, patient.lactating, "pregnancy"),
    ):
        if not wanted:
            continue
        if state is False or (state is None and not patient.could_bear):
            return False
        if state is None:
            lacking.append(name)
    return True


def _diseases(when: When, patient: Patient, met: list[Problem]) -> bool:
    if not when.disease and not when.words:
        return True
    for one in patient.problems:
        coded = any(code.startswith(start) for code in one.codes for start in when.disease)
        said = any(word.lower() in one.name.lower() for word in when.words)
        if coded or said:
            met.append(one)
    return bool(met)


def _names(tokens: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(token.removeprefix(CLASS) for token in tokens))
