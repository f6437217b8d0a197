"""What the chart's codes say, and what of the chart says nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.ground.reasoning import Finding, Holder, Place, Status
from countersign.ground.reasoning.findings import from_chart

TODAY = date(2026, 11, 26)
HIGH_K, LOW_K = "HP:0002153", "HP:0002900"
ICD, LOINC = "http://hl7.org/fhir/sid/icd-10", "http://loinc.org"


def condition(code: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": "c1",
        "meta": {"versionId": "2"},
        "code": {"coding": [{"system": ICD, "code": code}]},
        **more,
    }


def potassium(day: str, flag: str | None = None, **more: Any) -> dict[str, Any]:
    flags = {"interpretation": [{"coding": [{"code": flag}]}]} if flag else {}
    return {
        "resourceType": "Observation",
        "id": "k",
        "meta": {"versionId": "1"},
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "2823-3"}]},
        "effectiveDateTime": day,
        **flags,
        **more,
    }


def test_a_coded_problem_is_a_finding_with_its_version() -> None:
    assert from_chart([condition("D50.9")], TODAY) == (
        Finding("HP:0001903", place=Place("Condition/c1/_history/2"), known=True),
    )


def test_the_longest_known_part_of_a_code_counts() -> None:
    assert from_chart([condition("I95.1")], TODAY)[0].term == "HP:0001278"
    assert from_chart([condition("I95.9")], TODAY)[0].term == "HP:0002615"
    assert from_chart([condition("Z99")], TODAY) == ()


def test_what_is_refuted_unsure_over_or_wrong_is_told_apart() -> None:
    def code(value: str) -> dict[str, Any]:
        return {"coding": [{"code": value}]}

    (refuted,) = from_chart([condition("I10", verificationStatus=code("refuted"))], TODAY)
    (unsure,) = from_chart([condition("I10", verificationStatus=code("provisional"))], TODAY)
    (over,) = from_chart([condition("J18.9", clinicalStatus=code("resolved"))], TODAY)
    assert (refuted.status, unsure.status, over.past) == (Status.ABSENT, Status.UNCERTAIN, True)
    wrong = condition("I10", verificationStatus=code("entered-in-error"))
    assert from_chart([wrong], TODAY) == ()


def test_a_high_result_is_there_and_its_contrary_is_not() -> None:
    found = {one.term: one.status for one in from_chart([potassium("2026-11-25", "HH")], TODAY)}
    assert found == {HIGH_K: Status.PRESENT, LOW_K: Status.ABSENT}


def test_the_newest_result_counts_whatever_the_order() -> None:
    both = [potassium("2026-11-20", "H"), potassium("2026-11-25", "N")]
    for order in (both, both[::-1]):
        assert {one.status for one in from_chart(order, TODAY)} == {Status.ABSENT}


def test_a_value_is_read_by_its_range_only_in_the_same_unit() -> None:
    def measured(value: object, unit: str) -> dict[str, Any]:
        ranges = [{"low": {"value": 3.5, "unit": unit}, "high": {"value": 5.3, "unit": unit}}]
        quantity = {"value": value, "unit": "mmol/L"}
        return potassium("2026-11-25", valueQuantity=quantity, referenceRange=ranges)

    found = {one.term: one.status for one in from_chart([measured(6.1, "mmol/L")], TODAY)}
    assert found[HIGH_K] is Status.PRESENT
    assert from_chart([measured(6.1, "mg/dL")], TODAY) == ()
    assert from_chart([measured("6.1", "mmol/L")], TODAY) == ()
    assert from_chart([measured(float("nan"), "mmol/L")], TODAY) == ()


def test_an_old_result_is_past_and_one_of_the_future_is_none() -> None:
    assert all(one.past for one in from_chart([potassium("2026-01-02", "H")], TODAY))
    assert from_chart([potassium("2027-01-02", "H")], TODAY) == ()
    assert from_chart([potassium("soon", "H")], TODAY) == ()


def test_the_familys_is_the_familys() -> None:
    coded = {"code": {"coding": [{"system": ICD, "code": "C50.9"}]}}
    history = {"resourceType": "FamilyMemberHistory", "id": "f", "condition": [coded]}
    (one,) = from_chart([history], TODAY)
    assert (one.holder, one.place) == (Holder.FAMILY, Place("FamilyMemberHistory/f"))


def test_what_a_model_asserted_is_no_ground() -> None:
    label = {"security": [{"code": "AIAST"}]}
    assert from_chart([{**condition("I10"), "meta": label}], TODAY) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(["code", "meta", "status", "component", "valueQuantity", "interpretation",
                         "referenceRange", "effectiveDateTime", "clinicalStatus", "condition",
                         "verificationStatus", "id", "effectivePeriod"])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    base=st.sampled_from([condition("I10"), potassium("2026-11-25", "H")]),
    broken=st.dictionaries(NAMES, JSON, max_size=4),
    kind=st.sampled_from(["Condition", "Observation", "FamilyMemberHistory", None, 7]),
)
def test_malformed_resources_never_raise(
    base: dict[str, Any], broken: dict[str, Any], kind: object
) -> None:
    for one in from_chart([{**base, **broken, "resourceType": kind}], TODAY):
        assert one.term
