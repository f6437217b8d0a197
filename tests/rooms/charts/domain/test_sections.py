"""The lists of a chart say what stands in it, in the order in which a physician reads."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from countersign.rooms.charts.domain import sections


def coded(text: str, code: str = "X", system: str = "http://hl7.org/fhir/sid/icd-10") -> Any:
    return {"text": text, "coding": [{"system": system, "code": code}]}


def condition(name: str, since: str, status: str = "active", **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": name,
        "code": coded(name),
        "clinicalStatus": {"coding": [{"code": status}]},
        "onsetDateTime": since,
        **changes,
    }


def test_active_problems_come_first_then_the_newest() -> None:
    rows = sections.problems(
        [condition("old", "2001"), condition("gone", "2020", "resolved"), condition("new", "2019")],
        "en",
    )
    assert [row.name for row in rows] == ["new", "old", "gone"]


def test_refuted_and_erroneous_problems_are_left_out() -> None:
    wrong = [
        condition(code, "2020", verificationStatus={"coding": [{"code": code}]})
        for code in ("refuted", "entered-in-error")
    ]
    assert sections.problems(wrong, "en") == []


def test_a_medication_shows_name_status_and_dose() -> None:
    [row] = sections.medications(
        [
            {
                "resourceType": "MedicationRequest",
                "id": "m",
                "status": "active",
                "medicationCodeableConcept": coded("二甲双胍片"),
                "authoredOn": "2026-01-02",
                "dosageInstruction": [{"text": "每次0.5 g"}],
            }
        ],
        "zh",
    )
    assert (row.name, row.note, row.active) == ("二甲双胍片", "每次0.5 g", True)


def test_no_known_allergy_is_no_alert() -> None:
    def allergy(code: str) -> dict[str, Any]:
        return {
            "resourceType": "AllergyIntolerance",
            "id": code,
            "code": coded("x", code, "http://snomed.info/sct"),
        }

    absent, present = sections.allergies([allergy("716186003"), allergy("91936005")], "en")
    assert {absent.absent, present.absent} == {True, False}


def test_a_note_shows_its_plain_text_and_nothing_else() -> None:
    def note(kind: str, data: str) -> dict[str, Any]:
        return {
            "resourceType": "DocumentReference",
            "id": kind,
            "content": [{"attachment": {"contentType": kind, "data": data}}],
        }

    text = b64encode("主诉：头痛".encode()).decode()
    bodies = {
        document.reference: document.body
        for document in sections.documents(
            [note("text/plain; charset=UTF-8", text), note("text/html", text),
             note("text/plain", "not base64!")],
            "zh",
        )
    }  # fmt: skip
    assert bodies == {
        "DocumentReference/text/plain; charset=UTF-8": "主诉：头痛",
        "DocumentReference/text/html": "",
        "DocumentReference/text/plain": "",
    }


def test_visits_in_progress_come_first() -> None:
    def visit(status: str, start: str) -> dict[str, Any]:
        return {"resourceType": "Encounter", "id": start, "status": status,
                "period": {"start": start}}  # fmt: skip

    rows = sections.encounters(
        [visit("finished", "2026-05-01"), visit("in-progress", "2026-01-01")], "en"
    )
    assert [row.status for row in rows] == ["in-progress", "finished"]
