"""HbA1c and blood pressure against their targets."""

from __future__ import annotations

from decimal import Decimal

import pytest

from countersign.rooms.workstation.domain import Urgency
from rooms.workstation.domain.charting import (
    JSON,
    blood_pressure,
    found,
    lab,
    of_kind,
    person,
    problem,
    said,
)

DIABETES, HYPERTENSION, PREGNANT = problem("44054006"), problem("38341003"), problem("77386006")
YOUNG, OLD, VERY_OLD = person(), person(birth="1956-01-01"), person(birth="1944-01-01")


def hba1c(value: str, **more: object) -> JSON:
    return lab("hba1c", Decimal(value), **more)


@pytest.mark.parametrize(
    ("who", "value", "above"),
    [
        (YOUNG, "6.9", False),
        (YOUNG, "7.0", True),
        (OLD, "7.4", False),
        (OLD, "7.5", True),
    ],
)
def test_hba1c_targets_at_their_edges(who: JSON, value: str, above: bool) -> None:
    assert bool(of_kind("hba1c", hba1c(value), DIABETES, who=who)) is above


def test_ifcc_units_meet_the_same_target_and_cite_the_equation() -> None:
    finding = of_kind("hba1c", lab("59261-8", 53, "mmol/mol"), DIABETES)
    assert "53 mmol/mol (7.0%)" in finding.text.en
    assert "Hoelzel" in finding.rationale.en
    assert not of_kind("hba1c", lab("59261-8", 52, "mmol/mol"), DIABETES)


def test_a_hospital_may_set_its_own_target() -> None:
    assert not of_kind("hba1c", hba1c("7.4"), DIABETES, hba1c=Decimal("8.0"))


def test_very_high_hba1c_is_wanted_sooner() -> None:
    assert of_kind("hba1c", hba1c("9.0"), DIABETES).urgency is Urgency.SOON
    assert of_kind("hba1c", hba1c("8.9"), DIABETES).urgency is Urgency.ROUTINE


@pytest.mark.parametrize(("days", "overdue"), [(365, False), (366, True)])
def test_an_old_hba1c_is_overdue_even_when_good(days: int, overdue: bool) -> None:
    finding = of_kind("hba1c", hba1c("6.2", days=days, hours=0), DIABETES)
    assert bool(finding) is overdue
    if finding:
        assert "Consider repeating HbA1c first." in finding.text.en


@pytest.mark.parametrize(("value", "proposed"), [("6.4", False), ("6.5", True)])
def test_the_diabetic_range_without_a_diagnosis(value: str, proposed: bool) -> None:
    finding = of_kind("hba1c", hba1c(value))
    assert bool(finding) is proposed
    if finding:
        assert "not on the problem list" in finding.text.en
        assert "second test" in finding.text.en


def test_hba1c_is_silent_in_pregnancy_and_childhood() -> None:
    woman = person(sex="female", birth="1992-01-01")
    assert not of_kind("hba1c", hba1c("8.0"), DIABETES, PREGNANT, who=woman)
    assert not of_kind("hba1c", hba1c("8.0"), DIABETES, who=person(birth="2012-01-01"))
    assert not of_kind("hba1c", hba1c("8.0"), DIABETES, who=person(birth=None))


def test_anaemia_is_a_limit_of_hba1c() -> None:
    assert "HbA1c may mislead" in said(
        of_kind("hba1c", hba1c("7.8"), DIABETES, lab("haemoglobin", 95))
    )
    assert "No haemoglobin is in the chart" in said(of_kind("hba1c", hba1c("7.8"), DIABETES))


@pytest.mark.parametrize(
    ("who", "more", "reading", "above"),
    [
        (YOUNG, [], (139, 89), False),
        (YOUNG, [], (140, 80), True),
        (YOUNG, [], (130, 90), True),
        (YOUNG, [DIABETES], (129, 79), False),
        (YOUNG, [DIABETES], (130, 70), True),
        (YOUNG, [lab("acr", 80)], (132, 78), True),
        (YOUNG, [lab("acr", 8)], (132, 78), False),
        (OLD, [], (139, 89), False),
        (OLD, [], (140, 70), True),
        (VERY_OLD, [], (149, 89), False),
        (VERY_OLD, [], (150, 70), True),
        (VERY_OLD, [DIABETES], (140, 70), False),
    ],
)
def test_pressure_targets_at_their_edges(
    who: JSON, more: list[JSON], reading: tuple[int, int], above: bool
) -> None:
    finding = of_kind("pressure", blood_pressure(*reading), HYPERTENSION, *more, who=who)
    assert bool(finding) is above


@pytest.mark.parametrize(
    ("reading", "days", "urgent"),
    [((180, 100), 1, True), ((150, 110), 1, True), ((179, 109), 1, False), ((190, 100), 9, False)],
)
def test_grade_three_is_urgent_only_when_it_is_recent(
    reading: tuple[int, int], days: int, urgent: bool
) -> None:
    finding = of_kind("pressure", blood_pressure(*reading, days=days), HYPERTENSION)
    assert (finding.urgency is Urgency.URGENT) is urgent


def test_grade_three_needs_no_diagnosis() -> None:
    assert "grade 3" in of_kind("pressure", blood_pressure(185, 95)).title.en


def test_three_days_make_a_suspicion_and_two_do_not() -> None:
    readings = [blood_pressure(150, 92, days=days) for days in (1, 8, 15)]
    assert not found(*readings[:2])
    finding = of_kind("pressure", *readings)
    assert "not on the problem list" in finding.text.en
    assert len(finding.inputs) == 3
    assert not found(*readings[:2], blood_pressure(150, 92, days=8)), "three readings, two days"
    assert not found(*readings, blood_pressure(128, 80, days=4)), "one normal day between"
    assert not found(*readings[:2], blood_pressure(150, 92, days=400)), "a year apart"


def test_pressure_is_silent_in_pregnancy_childhood_and_unknown_age() -> None:
    woman = person(sex="female", birth="1992-01-01")
    high = blood_pressure(150, 95)
    assert not of_kind("pressure", high, HYPERTENSION, PREGNANT, who=woman)
    assert not of_kind("pressure", high, HYPERTENSION, who=person(birth="2012-01-01"))
    assert not of_kind("pressure", high, HYPERTENSION, who=person(birth=None))


def test_an_old_reading_asks_for_a_new_one() -> None:
    finding = of_kind("pressure", blood_pressure(190, 100, days=800), HYPERTENSION)
    assert finding.urgency is Urgency.ROUTINE
    assert "Consider measuring again first." in finding.text.en
    assert "800 days old" in said(finding)
