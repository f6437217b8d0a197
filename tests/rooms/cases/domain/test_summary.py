"""A case is made of codes and groups: nothing in it says who somebody was or when."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.kit.json import JSON, decode, encode
from countersign.rooms.cases.domain import as_json, case_of, from_json

ICD = "http://hl7.org/fhir/sid/icd-10"
LOINC = "http://loinc.org"


def patient(**more: Any) -> JSON:
    return {
        "resourceType": "Patient",
        "id": "p1",
        "name": [{"text": "王小明"}],
        "birthDate": "1950-03-02",
        "gender": "male",
        "address": [{"text": "幸福路 7 号"}],
        "telecom": [{"value": "555-0100"}],
        "identifier": [{"value": "MRN-4711"}],
        **more,
    }


def condition(icd: str = "I50.9", **more: Any) -> JSON:
    return {
        "resourceType": "Condition",
        "code": {"coding": [{"system": ICD, "code": icd, "display": "心力衰竭"}]},
        "note": [{"text": "王小明 says it began after his wife died"}],
        **more,
    }


def encounter(start: str = "2026-01-02", end: str | None = "2026-01-09", **more: Any) -> JSON:
    period = {"start": start, **({"end": end} if end else {})}
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "IMP"},
        "period": period,
        **more,
    }


def observation(value: float, when: str, **more: Any) -> JSON:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "2823-3", "display": "Potassium"}]},
        "effectiveDateTime": when,
        "valueQuantity": {"value": value, "unit": "mmol/L"},
        "referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5.3}}],
        **more,
    }


def test_a_case_names_nobody_and_no_day() -> None:
    case = case_of([patient(), condition(), encounter(), observation(6.51, "2026-01-03")])
    assert case is not None
    said = json.dumps(as_json(case), ensure_ascii=False)
    for secret in ("王", "p1", "4711", "555", "幸福", "wife", "2026", "1950", "01-0"):
        assert secret not in said
    assert (case.age, case.sex, case.stays, case.longest) == (75, "male", 1, 7)
    assert [one.code for one in case.items] == ["I50.9", "2823-3"]


@pytest.mark.parametrize(("born", "age"), [("1950-03-02", 75), ("1936-01-01", 90), ("1925", 90)])
def test_ages_are_groups_and_the_oldest_are_one(born: str, age: int) -> None:
    case = case_of([patient(birthDate=born), condition(), encounter()])
    assert case is not None and case.age == age


def test_a_stay_that_has_not_ended_is_no_case_yet_but_can_be_compared() -> None:
    chart = [patient(), condition(), encounter(end=None)]
    assert case_of(chart) is None
    assert case_of(chart, whole=False) is not None


def test_nothing_uncertain_and_nothing_of_a_model_becomes_part_of_a_case() -> None:
    ai = {"security": [{"system": "x", "code": "AIAST"}]}
    chart = [
        patient(),
        condition(),
        encounter(),
        condition("C61", verificationStatus={"coding": [{"code": "refuted"}]}),
        condition("C62", meta=ai),
        observation(9.9, "2026-01-03", status="preliminary"),
        {"resourceType": "Condition", "code": {"text": "王小明's cough"}},
        condition("C63", code={"coding": [{"system": "urn:hospital:mrn", "code": "4711"}]}),
    ]
    case = case_of(chart)
    assert case is not None
    assert [one.code for one in case.items] == ["I50.9"]


def test_a_result_keeps_its_worst_value_and_whether_it_came_back() -> None:
    chart = [
        patient(), condition(), encounter(),
        observation(6.51, "2026-01-03"), observation(5.9, "2026-01-04"),
        observation(4.4, "2026-01-05"),
    ]  # fmt: skip
    case = case_of(chart)
    assert case is not None
    [result] = case.of("result")
    assert (result.state, result.worst, result.last, result.normal_again) == ("H", 6.51, 4.4, True)


@pytest.mark.parametrize(
    ("more", "left", "outcome"),
    [
        ({}, None, "home"),
        ({"deceasedDateTime": "2026-02-01"}, "home", "died"),
        ({}, "exp", "died"),
        ({}, "aadvice", "left"),
        ({}, "snf", "transferred"),
    ],
)
def test_how_it_ended(more: JSON, left: str | None, outcome: str) -> None:
    stay = encounter()
    if left:
        stay["hospitalization"] = {"dischargeDisposition": {"coding": [{"code": left}]}}
    case = case_of([patient(**more), condition(), stay])
    assert case is not None and case.outcome == outcome


def test_a_chart_without_a_coded_problem_teaches_nothing() -> None:
    assert case_of([patient(), encounter(), observation(6.5, "2026-01-03")]) is None


def test_a_case_comes_back_from_its_sealed_form() -> None:
    case = case_of([patient(), condition(), encounter(), observation(6.51, "2026-01-03")], ["x"])
    assert case is not None
    assert from_json(decode(encode(as_json(case)))) == case


LEAVES = st.sampled_from([None, True, 1, -2.5, float("nan"), "", "x", ICD, "2026-01-02", "H"])
NAMES = ("code", "coding", "system", "value", "start", "end", "low", "text", "display")
ODD = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)
ELEMENTS = (
    "status", "code", "class", "period", "component", "valueQuantity", "interpretation",
    "referenceRange", "hospitalization", "meta", "birthDate", "gender", "effectiveDateTime",
)  # fmt: skip
KINDS = ("Patient", "Condition", "Encounter", "Observation", "Procedure")


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(ELEMENTS), ODD, max_size=4))
def test_whatever_a_system_sent_is_read_or_left_out(kind: str, sent: JSON) -> None:
    chart = [{**sent, "resourceType": kind}, patient(), condition(), encounter()]
    for whole in (True, False):
        case = case_of(chart, whole=whole)
        if case is not None:
            encode(as_json(case))
            assert case.age is None or case.age % 5 == 0


def test_the_days_of_a_stay_do_not_move_with_the_calendar() -> None:
    cases = [
        case_of([patient(), condition(), encounter(start, end)])
        for start, end in (("2026-01-02", "2026-01-09"), ("2026-06-12", "2026-06-19"))
    ]
    assert cases[0] == cases[1]
