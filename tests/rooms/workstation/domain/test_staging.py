"""Staging of chronic kidney disease, and what it may not claim."""

from __future__ import annotations

import pytest

from countersign.rooms.workstation.domain import Risk, Urgency
from rooms.workstation.domain.charting import (
    JSON,
    ME,
    found,
    lab,
    of_kind,
    person,
    problem,
    reference,
    said,
)

KIND = "kidney-stage"
# A man of 60: 120 µmol/L gives 59.7, 121 gives 59.1, 150 gives 45.6 mL/min/1.73 m².
NORMAL, REDUCED = 100, 150


def test_the_edge_is_sixty_as_reported() -> None:
    assert of_kind(KIND, lab("creatinine", 121)).title.en.endswith("eGFR 59 mL/min/1.73 m²")
    assert not of_kind(KIND, lab("creatinine", 120))


def test_one_value_is_not_chronic() -> None:
    finding = of_kind(KIND, lab("creatinine", REDUCED))
    assert "Chronicity is not yet established (1 value over 0 days" in finding.text.en
    assert "慢性尚未确立" in finding.text.zh
    assert finding.title.en.startswith("Kidney function G3a: eGFR 46")
    assert "single value" in said(finding)


@pytest.mark.parametrize(("days", "chronic"), [(89, False), (90, True), (400, True)])
def test_three_months_are_ninety_days(days: int, chronic: bool) -> None:
    finding = of_kind(
        KIND, lab("creatinine", REDUCED, days=days), lab("creatinine", REDUCED, days=0)
    )
    assert ("chronicity is established" in finding.text.en) is chronic
    assert finding.title.en.startswith("CKD") is chronic


def test_a_normal_value_between_starts_the_count_again() -> None:
    values = ((REDUCED, 400), (NORMAL, 200), (REDUCED, 10))
    finding = of_kind(KIND, *(lab("creatinine", value, days=days) for value, days in values))
    assert "not yet established" in finding.text.en


def test_albuminuria_alone_is_enough_and_graded() -> None:
    ratios = [lab("acr", 80, days=days) for days in (200, 5)]
    finding = of_kind(KIND, lab("creatinine", NORMAL), *ratios)
    assert "G2 A2" in finding.title.en
    assert "chronicity is established" in finding.text.en
    assert reference(ratios[0]) in finding.inputs
    assert not of_kind(KIND, lab("creatinine", NORMAL), lab("acr", 12))


def test_a_missing_ratio_leaves_the_a_category_open() -> None:
    finding = of_kind(KIND, lab("creatinine", REDUCED))
    assert "the A category is open" in said(finding)
    assert "urine albumin/creatinine ratio" in finding.text.en


def test_the_problem_list_is_compared() -> None:
    recorded = problem("433144002", name="慢性肾脏病3期")
    assert "慢性肾脏病3期" in of_kind(KIND, lab("creatinine", REDUCED), recorded).text.en
    assert "not on the problem list" in of_kind(KIND, lab("creatinine", REDUCED)).text.en


@pytest.mark.parametrize(
    ("value", "urgency"),
    [(REDUCED, Urgency.ROUTINE), (300, Urgency.SOON), (700, Urgency.URGENT)],
)
def test_urgency_grows_with_the_stage(value: int, urgency: Urgency) -> None:
    finding = of_kind(KIND, lab("creatinine", value))
    assert finding.urgency is urgency
    assert finding.risk is Risk.MEDIUM


def test_an_old_value_is_never_urgent_and_says_its_age() -> None:
    finding = of_kind(KIND, lab("creatinine", 700, days=500))
    assert finding.urgency is Urgency.ROUTINE
    assert "Creatinine is 500 days old" in said(finding)


@pytest.mark.parametrize(
    "chart",
    [
        [problem("Z99.2", "http://hl7.org/fhir/sid/icd-10")],
        [problem("77386006")],
    ],
)
def test_dialysis_and_pregnancy_are_not_staged(chart: list[JSON]) -> None:
    who = person(sex="female", birth="1990-05-01")
    assert of_kind(KIND, lab("creatinine", REDUCED), who=who)
    assert not of_kind(KIND, lab("creatinine", REDUCED), *chart, who=who)


@pytest.mark.parametrize("who", [person(sex=None), person(birth=None), person(birth="2012-01-01")])
def test_no_stage_without_sex_and_adult_age(who: JSON) -> None:
    assert not of_kind(KIND, lab("creatinine", 400), who=who)


def test_the_resource_is_an_egfr_of_that_day() -> None:
    creatinine = lab("creatinine", REDUCED, when="2026-11-20T07:30:00+08:00")
    (observation,) = of_kind(KIND, creatinine).resources
    assert observation["code"]["coding"][0]["code"] == "98979-8"
    assert observation["valueQuantity"]["value"] == 46
    assert observation["valueQuantity"]["code"] == "mL/min/{1.73_m2}"
    assert observation["interpretation"][0]["text"] == "G3a"
    assert observation["effectiveDateTime"] == "2026-11-20T07:30:00+08:00"
    assert observation["subject"] == {"reference": f"Patient/{ME}"}
    assert observation["derivedFrom"] == [{"reference": reference(creatinine)}]


def test_its_own_signed_answer_does_not_feed_the_next_one() -> None:
    creatinine = lab("creatinine", REDUCED)
    (finding,) = [item for item in found(creatinine) if item.kind == KIND]
    released = {**finding.resources[0], "id": "r1"}
    released["meta"] = {"security": [{"code": "AIAST"}], "versionId": "1"}
    again = of_kind(KIND, creatinine, released)
    assert again.key == finding.key
