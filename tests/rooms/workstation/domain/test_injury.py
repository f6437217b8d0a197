"""Acute kidney injury at the edges of KDIGO's times and amounts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from countersign.rooms.workstation.domain import Urgency
from rooms.workstation.domain.charting import (
    JSON,
    found,
    lab,
    of_kind,
    person,
    problem,
    reference,
    said,
    taking,
)

KIND = "acute-kidney-injury"


def creatinine(value: str, hours: float, **more: object) -> JSON:
    return lab("creatinine", Decimal(value), hours=hours, **more)


@pytest.mark.parametrize(
    ("before", "hours_between", "after", "stage"),
    [
        ("100", 48, "126.5", 1),
        ("100", 48, "126.4", None),
        ("100", 49, "126.5", None),
        ("60", 168, "90", 1),
        ("60", 168, "89.9", None),
        ("60", 100, "119.9", 1),
        ("60", 100, "120", 2),
        ("60", 100, "179.9", 2),
        ("60", 100, "180", 3),
        ("330", 24, "353.5", None),
        ("327.1", 24, "353.6", 3),
    ],
)
def test_edges(before: str, hours_between: float, after: str, stage: int | None) -> None:
    finding = of_kind(KIND, creatinine(before, 1 + hours_between), creatinine(after, 1))
    assert (finding is not None) is (stage is not None)
    if finding and stage:
        assert f"stage {stage}" in finding.title.en
        assert finding.title.en.startswith("Likely")


@pytest.mark.parametrize(("before", "after"), [("0.8", "1.1"), ("0.9", "1.2"), ("1.1", "1.4")])
def test_three_tenths_of_a_milligram_are_enough(before: str, after: str) -> None:
    pair = [
        lab("2160-0", Decimal(value), "mg/dL", hours=hours)
        for value, hours in ((before, 40), (after, 1))
    ]
    assert of_kind(KIND, *pair)
    pair[1]["valueQuantity"]["value"] = Decimal(after) - Decimal("0.01")
    assert not of_kind(KIND, *pair)


def test_an_old_baseline_is_the_median_of_a_year_and_only_possible() -> None:
    year = [lab("creatinine", value, days=days) for value, days in ((60, 300), (70, 90), (200, 20))]
    finding = of_kind(KIND, *year, creatinine("105", 1))
    assert finding.title.en.startswith("Possible")
    assert "median of 70 µmol/L (3 values" in finding.text.en
    assert "NHS England" in finding.rationale.en
    assert "no creatinine of the 7 days before" in said(finding)
    assert not of_kind(KIND, *year, creatinine("104.9", 1))
    assert not of_kind(KIND, lab("creatinine", 60, days=366), creatinine("105", 1))


def test_after_seven_days_a_value_is_baseline_and_not_course() -> None:
    assert of_kind(KIND, creatinine("60", 169), creatinine("120", 1)).title.en.startswith("Likely")
    later = of_kind(KIND, creatinine("60", 170), creatinine("120", 1))
    assert later.title.en.startswith("Possible")


def test_only_a_recent_value_speaks_of_now() -> None:
    pair = [lab("creatinine", 60, days=10), lab("creatinine", 150, days=8)]
    assert not of_kind(KIND, *pair)


def test_a_falling_creatinine_is_none() -> None:
    assert not of_kind(KIND, creatinine("180", 30), creatinine("90", 1))


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ([problem("Z99.2", "http://hl7.org/fhir/sid/icd-10")], None),
        ([], person(birth="2015-01-01")),
    ],
)
def test_dialysis_and_children_are_left_out(more: list[JSON], who: JSON | None) -> None:
    assert not of_kind(KIND, creatinine("60", 40), creatinine("190", 1), *more, who=who)


def test_what_it_says() -> None:
    before, after = creatinine("80", 41), creatinine("250", 1)
    finding = of_kind(KIND, before, after, taking("布洛芬缓释胶囊"), taking("缬沙坦胶囊"))
    assert finding.urgency is Urgency.CRITICAL
    assert "布洛芬缓释胶囊" in finding.text.en
    assert "3.1 times baseline, a rise of 170.0 µmol/L" in finding.text.en
    assert {reference(before), reference(after)} <= set(finding.inputs)
    assert "Urine output" in said(finding)


def test_dates_without_a_time_are_said() -> None:
    pair = [lab("creatinine", 80, when="2026-11-20"), lab("creatinine", 130, when="2026-11-22")]
    assert "sampling time is missing" in said(of_kind(KIND, *pair))


def test_no_stage_is_proposed_while_creatinine_changes() -> None:
    chart = [lab("creatinine", 150, days=200), creatinine("150", 40), creatinine("240", 1)]
    kinds = {finding.kind for finding in found(*chart)}
    assert KIND in kinds
    assert "kidney-stage" not in kinds
