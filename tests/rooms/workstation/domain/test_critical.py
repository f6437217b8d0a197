"""Critical values: the limits themselves, how long they alarm, and who may set them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from countersign.kit.words import Words
from countersign.rooms.workstation.domain import CriticalLimit, Risk, Source, Urgency
from rooms.workstation.domain.charting import found, lab, of_kind, person, reference, said, taking

EDGES = [
    ("potassium", "2.7", "2.8", "6.2", "6.3"),
    ("sodium", "119", "120", "158", "159"),
    ("glucose", "2.5", "2.6", "26.9", "27.0"),
    ("calcium", "1.64", "1.65", "3.22", "3.23"),
    ("haemoglobin", "65", "66", "199", "200"),
    ("platelets", "36", "37", "910", "911"),
    ("leucocytes", "1.9", "2.0", "37.0", "37.1"),
    ("ph", "7.20", "7.21", "7.59", "7.60"),
]


@pytest.mark.parametrize(("key", "low", "lowest", "highest", "high"), EDGES)
def test_the_published_limits_themselves_are_not_critical(
    key: str, low: str, lowest: str, highest: str, high: str
) -> None:
    for value in (low, high):
        assert of_kind("critical", lab(key, Decimal(value))), value
    for value in (lowest, highest):
        assert not of_kind("critical", lab(key, Decimal(value))), value


@pytest.mark.parametrize(
    ("loinc", "unit", "value", "critical"),
    [
        ("2345-7", "mg/dL", "45", True),
        ("2345-7", "mg/dL", "47", False),
        ("2345-7", "mg/dL", "486", True),
        ("718-7", "g/dL", "6.5", True),
        ("718-7", "g/dL", "6.6", False),
        ("17861-6", "mg/dL", "6.5", True),
        ("17861-6", "mg/dL", "12.9", False),
        ("777-3", "10*3/uL", "36", True),
    ],
)
def test_us_units_meet_the_same_limits(loinc: str, unit: str, value: str, critical: bool) -> None:
    assert bool(of_kind("critical", lab(loinc, Decimal(value), unit))) is critical


def test_a_decimal_that_the_laboratory_reported_is_not_rounded_away() -> None:
    assert of_kind("critical", lab("sodium", Decimal("119.6")))


def test_what_it_says() -> None:
    result = lab("potassium", Decimal("6.8"), hours=2)
    finding = of_kind("critical", result, lab("potassium", Decimal("4.4"), days=20))
    assert finding.urgency is Urgency.CRITICAL
    assert finding.risk is Risk.MEDIUM
    assert "6.8 mmol/L" in finding.title.en
    assert "6.2 mmol/L" in finding.text.zh
    assert "4.4 mmol/L" in finding.text.en
    assert "Kost" in finding.rationale.en
    assert reference(result) in finding.inputs


def test_a_critical_value_becomes_history_after_a_week() -> None:
    assert of_kind("critical", lab("sodium", 118, days=7))
    old = found(lab("sodium", 118, days=9))
    assert [finding.kind for finding in old] == ["results"]
    assert "9 days ago and not repeated since" in old[0].text.en
    assert old[0].urgency is Urgency.SOON


def test_a_repeat_that_is_normal_ends_the_alarm() -> None:
    assert not found(lab("potassium", 6.8, days=2), lab("potassium", 4.4, days=1))


def test_the_laboratorys_own_mark_counts_for_anything_and_at_any_age() -> None:
    marked = {"interpretation": [{"coding": [{"code": "HH"}]}]}
    troponin = lab("89579-7", 812, "ng/L", **marked)
    troponin["code"]["text"] = "高敏肌钙蛋白I"
    for who in (person(), person(birth="2024-01-01")):
        finding = of_kind("critical", troponin, who=who)
        assert "marked as critical by the laboratory" in finding.text.en
        assert "高敏肌钙蛋白I" in finding.title.en


def test_adult_limits_are_not_applied_to_children() -> None:
    assert not found(lab("haemoglobin", 62), who=person(birth="2008-11-23"))
    assert of_kind("critical", lab("haemoglobin", 62), who=person(birth="2008-11-22"))


def test_an_unknown_age_is_treated_as_adult_and_said() -> None:
    finding = of_kind("critical", lab("potassium", 6.8), who=person(birth=None))
    assert "Age is unknown" in said(finding)


def test_a_hospital_sets_its_own_limits_and_is_named_for_them() -> None:
    own = Source(Words("the hospital's list", "本院危急值目录"), "Hospital list 7", "2026-01-01")
    limits = (CriticalLimit("potassium", Decimal("3.0"), Decimal("6.0")),)
    finding = of_kind(
        "critical", lab("potassium", Decimal("6.1")), critical=limits, critical_source=own
    )
    assert "本院危急值目录" in finding.rationale.zh
    assert not of_kind("critical", lab("sodium", 110), critical=limits, critical_source=own)


@pytest.mark.parametrize(
    ("comparator", "value", "critical"),
    [(">", "6.5", True), ("<", "6.5", False), ("<", "2.5", True), (">", "2.5", False)],
)
def test_bounds_count_only_in_their_direction(comparator: str, value: str, critical: bool) -> None:
    bound = lab("potassium", Decimal(value))
    bound["valueQuantity"]["comparator"] = comparator
    assert bool(of_kind("critical", bound)) is critical


def test_limits_of_the_answer_are_those_of_the_result() -> None:
    finding = of_kind("critical", lab("potassium", 6.8, status="preliminary"))
    assert "preliminary" in said(finding)
    assert "only one Potassium" in said(finding)
    unit = of_kind("critical", lab("potassium", 6.8), lab("potassium", 7.1, "mg/dL", days=1))
    assert "1 further result was not used (a unit that cannot be read: mg/dL" in said(unit)


def test_two_values_of_one_moment_are_both_said() -> None:
    when = "2026-11-22T06:00:00Z"
    pair = [lab("sodium", 118, when=when), lab("sodium", 140, when=when)]
    findings = [*found(*pair), *found(*reversed(pair))]
    assert all("another value of the same moment" in said(finding) for finding in findings)


def test_a_medicine_that_explains_it_makes_one_finding_and_not_two() -> None:
    both = found(lab("potassium", Decimal("6.8")), taking("螺内酯片 20mg"))
    assert [finding.kind for finding in both] == ["potassium-medicines"]
    assert both[0].urgency is Urgency.CRITICAL


def test_another_result_of_the_same_panel_keeps_its_own_alarm() -> None:
    first, second = lab("potassium", Decimal("6.8")), lab("sodium", 112)
    panel = {**first, "component": [second]}
    kinds = [finding.kind for finding in found(panel, taking("螺内酯片 20mg"))]
    assert sorted(kinds) == ["critical", "potassium-medicines"]
