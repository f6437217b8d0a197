"""What a known diagnosis explains is said to be explained, unless it is worse than before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from countersign.ground.reasoning import Finding
from countersign.ground.reasoning.findings import explained, from_chart
from countersign.ground.reasoning.findings.shelf import rows

TODAY = date(2026, 11, 26)
ICD, LOINC = "http://hl7.org/fhir/sid/icd-10", "http://loinc.org"
CREATININE, GLUCOSE, HAEMOGLOBIN = "14682-9", "14749-6", "718-7"
HIGH_CREATININE = "HP:0003259"


def problem(code: str, system: str = ICD, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": code,
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": system, "code": code}]},
        "recordedDate": "2024-03-01",
        **more,
    }


def result(code: str, day: str, value: float, flag: str = "H", unit: str = "u") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"{code}-{day}",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": unit},
        "interpretation": [{"coding": [{"code": flag}]}],
    }


def of(term: str, *chart: dict[str, Any]) -> Finding:
    return next(one for one in from_chart(chart, TODAY) if one.term == term)


def test_chronic_kidney_disease_explains_a_high_creatinine() -> None:
    found = of(HIGH_CREATININE, problem("N18.3"), result(CREATININE, "2026-11-20", 180))
    assert found.explained == ("ICD10:N18",)
    alone = of(HIGH_CREATININE, result(CREATININE, "2026-11-20", 180))
    assert alone.explained == ()
    other = of(HIGH_CREATININE, problem("I10"), result(CREATININE, "2026-11-20", 180))
    assert other.explained == ()
    same = problem("709044004", "http://snomed.info/sct")
    assert of(HIGH_CREATININE, same, result(CREATININE, "2026-11-20", 180)).explained


@pytest.mark.parametrize(
    ("before", "now", "worse"), [(120, 179, False), (120, 180, True), (180, 180, False)]
)
def test_a_creatinine_of_one_and_a_half_times_the_lowest_is_not_explained_away(
    before: float, now: float, worse: bool
) -> None:
    chart = [problem("N18.3"), result(CREATININE, "2026-06-01", before),
             result(CREATININE, "2026-08-01", 170),
             result(CREATININE, "2026-11-20", now)]  # fmt: skip
    for order in (chart, chart[::-1]):
        assert bool(of(HIGH_CREATININE, *order).explained) is not worse


def test_only_the_last_year_and_the_same_unit_are_compared() -> None:
    now = result(CREATININE, "2026-11-20", 190)
    ancient = result(CREATININE, "2025-10-01", 80)
    other = result(CREATININE, "2026-06-01", 1.2, unit="mg/dL")
    assert of(HIGH_CREATININE, problem("N18.3"), ancient, other, now).explained


def test_what_falls_is_compared_with_the_best_of_the_year() -> None:
    def low(value: float) -> Finding:
        return of("HP:0001903", problem("N18.3"), result(HAEMOGLOBIN, "2026-09-01", 110, "L"),
                  result(HAEMOGLOBIN, "2026-11-20", value, "L"))  # fmt: skip

    assert low(95).explained and not low(88).explained


def test_glucose_varies_and_is_compared_with_the_farthest() -> None:
    def high(value: float) -> Finding:
        return of("HP:0003074", problem("E11.9"), result(GLUCOSE, "2026-09-01", 7),
                  result(GLUCOSE, "2026-10-01", 11),
                  result(GLUCOSE, "2026-11-20", value))  # fmt: skip

    assert high(14).explained and not high(17).explained


def test_what_the_laboratory_flags_as_critical_is_weighed() -> None:
    assert not of(HIGH_CREATININE, problem("N18.3"),
                  result(CREATININE, "2026-11-20", 900, "HH")).explained  # fmt: skip


def test_a_coded_symptom_is_explained_and_a_diagnosis_is_known() -> None:
    found = {one.term: one for one in from_chart([problem("E11.9"), problem("R80")], TODAY)}
    assert found["HP:0000819"].known and not found["HP:0000819"].explained
    assert not found["HP:0000093"].known and found["HP:0000093"].explained == ("ICD10:E10",)


@pytest.mark.parametrize(
    ("condition", "known"),
    [
        (problem("I10"), True),
        (problem("I10", clinicalStatus=None), True),
        (problem("I10", clinicalStatus={"coding": [{"code": "resolved"}]}), False),
        (problem("I10", verificationStatus={"coding": [{"code": "provisional"}]}), False),
        (problem("I10", verificationStatus={"coding": [{"code": "confirmed"}]}), True),
        (problem("I10", recordedDate="2026-11-26T08:00:00Z"), False),
        (problem("I10", recordedDate="soon"), True),
        (problem("I10", encounter={"reference": "Encounter/now"}), False),
        (problem("I10", encounter={"reference": "Encounter/past"}), True),
        (problem("I10", recordedDate=None,
                 category=[{"coding": [{"code": "encounter-diagnosis"}]}]), False),
        (problem("R05"), False),
        (problem("Q21.0"), False),
        (problem("F71"), False),
        (problem("38341003", "http://snomed.info/sct"), True),
        (problem("49727002", "http://snomed.info/sct"), False),
        (problem("HP:0001166", "http://purl.obolibrary.org/obo/hp.owl"), False),
    ],
)  # fmt: skip
def test_what_is_known_before_this_visit(condition: dict[str, Any], known: bool) -> None:
    visits = [{"resourceType": "Encounter", "id": "now", "status": "in-progress"},
              {"resourceType": "Encounter", "id": "past", "status": "finished"}]  # fmt: skip
    (found,) = from_chart([*visits, condition], TODAY)
    assert found.known is known


def test_what_is_coded_today_is_never_explained_away() -> None:
    today = problem("R80", recordedDate="2026-11-26")
    assert not of("HP:0000093", problem("N18.3"), today).explained
    assert of("HP:0000093", problem("N18.3"), problem("R80")).explained == ("ICD10:N18",)


def test_a_diagnosis_of_today_explains_nothing_yet() -> None:
    new = problem("N18.3", recordedDate="2026-11-26")
    assert of(HIGH_CREATININE, new, result(CREATININE, "2026-11-20", 180)).explained == ()


def test_each_line_of_the_file_has_a_source_and_a_term_that_results_can_show() -> None:
    shown = {term for _, _, _, term, _ in rows("coded")}
    for one in explained.shipped().diagnoses:
        assert one.name.en and one.name.zh and one.explains, one.id
        assert explained.named(one.id) == one.name
        assert all(source for source in one.explains.values())
        assert set(one.explains) <= shown
    assert explained.named("ICD10:Z99") is None


def test_what_may_itself_be_the_danger_is_never_explained_away() -> None:
    dangers = {"HP:0002153", "HP:0012418", "HP:0001649", "HP:0001945", "HP:0410173", "HP:0033106"}
    assert not dangers & explained.usual()


def test_nothing_earlier_is_nothing_to_compare() -> None:
    assert not explained.clearly_worse(HIGH_CREATININE, "H", [Decimal(900)], [])
    assert not explained.clearly_worse(HIGH_CREATININE, "H", [], [Decimal(90)])
    assert not explained.clearly_worse(HIGH_CREATININE, "P", [Decimal(900)], [Decimal(1)])
