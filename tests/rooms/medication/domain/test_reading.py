"""What is read of a chart: active medicines, valid allergies, fresh values in readable units."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from countersign.rooms.medication.domain import Patient, ordered, read
from countersign.rooms.medication.inference import shipped

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
LOINC = "http://loinc.org"
PERSON = {"resourceType": "Patient", "gender": "female", "birthDate": "1990-06-01"}


def reads(*resources: dict[str, Any]) -> Patient:
    numbered = [(one, f"X/{place}") for place, one in enumerate([PERSON, *resources])]
    return read(numbered, shipped(), NOW)


def medicine(name: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        **more,
    }


def measured(code: str, value: object, unit: str, day: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": unit},
        **more,
    }


def test_medicines_that_are_active_and_no_others() -> None:
    over = {"timing": {"repeat": {"boundsPeriod": {"end": "2026-01-01"}}}}
    found = reads(
        medicine("华法林钠片"),
        medicine("地高辛", status="stopped"),
        medicine("阿托伐他汀", intent="proposal"),
        medicine("头孢呋辛", dosageInstruction=[over]),
        medicine("布洛芬凝胶"),
        medicine("胺碘酮", meta={"security": [{"code": "AIAST"}]}),
    )
    assert [one.name for one in found.medicines] == ["华法林钠片"]
    assert found.medicines[0].drug.substances == {"warfarin"}


def test_a_referenced_medication_is_followed() -> None:
    named = {"resourceType": "Medication", "id": "m1", "code": {"text": "卡马西平"}}
    request = medicine("", medicationReference={"reference": "Medication/m1"})
    del request["medicationCodeableConcept"]
    assert reads(named, request).medicines[0].drug.substances == {"carbamazepine"}


@pytest.mark.parametrize(
    ("more", "counts"),
    [
        ({}, True),
        ({"verificationStatus": {"coding": [{"code": "refuted"}]}}, False),
        ({"clinicalStatus": {"coding": [{"code": "resolved"}]}}, False),
        ({"category": ["food"]}, False),
        ({"code": {"coding": [{"code": "716186003", "display": "No known allergy"}]}}, False),
        ({"code": {"text": "无已知过敏"}}, False),
        ({"code": {"text": "青霉素过敏，无其他药物过敏"}}, True),
    ],
)
def test_allergies_that_hold(more: dict[str, Any], counts: bool) -> None:
    allergy = {"resourceType": "AllergyIntolerance", "code": {"text": "青霉素"}, **more}
    assert bool(reads(allergy).allergies) is counts


def test_the_newest_value_in_a_unit_that_can_be_read() -> None:
    found = reads(
        measured("2823-3", Decimal("3.1"), "mmol/L", "2026-11-25"),
        measured("2823-3", 4.4, "mmol/L", "2026-11-20"),
        measured("2823-3", 9, "furlongs", "2026-11-26"),
        measured("2160-0", 177, "umol/L", "2026-11-01"),
        measured("29463-7", 60, "kg", "2026-06-01"),
        measured("8636-3", 520, "ms", "2026-11-24"),
    )
    assert found.potassium is not None and found.potassium.number == pytest.approx(3.1)
    assert found.clearance is not None and found.clearance.by == "cockcroft"
    assert found.egfr is not None and found.egfr.number < 45
    assert found.qtc is not None and found.qtc.number == 520


@pytest.mark.parametrize(
    "spoilt",
    [
        measured("2823-3", 3.1, "mmol/L", "2026-10-01"),  # older than two weeks
        measured("2823-3", 3.1, "mmol/L", "2027-01-01"),  # not yet
        measured("2823-3", 3.1, "mmol/L", "2026-11-25", status="entered-in-error"),
        measured("2823-3", 310, "mmol/L", "2026-11-25"),  # impossible
        measured("2823-3", "3.1x", "mmol/L", "2026-11-25"),
        measured("2823-3", None, "mmol/L", "2026-11-25"),
        {"resourceType": "Observation", "status": "final", "code": "broken", "valueQuantity": 3},
    ],
)
def test_what_cannot_be_used_is_missing(spoilt: dict[str, Any]) -> None:
    assert reads(spoilt).potassium is None


@pytest.mark.parametrize(
    ("resource", "pregnant"),
    [
        ({"code": {"coding": [{"code": "Z34.9"}]}}, True),
        ({"code": {"text": "妊娠 20 周"}}, True),
        ({"code": {"text": "History of pregnancy"}}, None),
        ({"code": {"text": "高血压"}}, None),
    ],
)
def test_pregnancy_is_what_was_recorded(resource: dict[str, Any], pregnant: bool | None) -> None:
    assert reads({"resourceType": "Condition", **resource}).pregnant is pregnant


def test_a_stated_pregnancy_status_counts_while_it_is_fresh() -> None:
    said = measured("82810-3", None, "", "2026-11-01")
    said["valueCodeableConcept"] = {"coding": [{"code": "LA26683-5"}]}
    assert reads(said).pregnant is False
    assert reads({**said, "effectiveDateTime": "2024-11-01"}).pregnant is None


def test_what_the_physician_says_goes_before_the_chart() -> None:
    told = reads(measured("29463-7", 60, "kg", "2026-06-01")).told(pregnant=True, weight=48)
    assert told.pregnant is True and told.weight is not None and told.weight.number == 48


def test_a_draft_request_becomes_an_order() -> None:
    order = ordered(
        medicine(
            "对乙酰氨基酚片",
            status="draft",
            dosageInstruction=[
                {
                    "timing": {"repeat": {"frequency": 2, "period": 12, "periodUnit": "h"}},
                    "route": {"coding": [{"code": "26643006"}]},
                    "doseAndRate": [{"doseQuantity": {"value": Decimal("1"), "unit": "g"}}],
                }
            ],
        )
    )
    assert order.daily == pytest.approx(4000) and order.route == "oral"
    assert ordered({"dosageInstruction": "broken"}).text == ""
