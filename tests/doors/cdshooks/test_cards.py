"""A patient is opened in another system: cards, their receipts, and what they leave out."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from building import OTHER_PATIENT, SECRET
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.ledger import EventKind, LedgerUnavailable
from countersign.ground.shell import Hook, HookAnswer, HookCall, HookCard, HookName, Manifest
from countersign.ground.signoff import RiskClass, Urgency
from countersign.kit.ids import new_id
from countersign.kit.words import Words
from countersign.rooms.workstation.room import manifest as workstation_room
from doors.cdshooks.stage import MRN, THEIRS, Workstation, call, identified, record, workstation


def drafts(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in cards if "uuid" in one]


def notices(cards: list[dict[str, Any]]) -> str:
    return " ".join(one["detail"] for one in cards if "uuid" not in one)


def test_discovery_offers_five_moments_and_what_to_send(ward: Workstation) -> None:
    said = ward.http.get("/cds-services", headers={"accept-language": "en"}).json()["services"]
    assert {one["hook"] for one in said} == {str(one) for one in HookName}
    assert all(one["id"] and one["title"] and one["description"] for one in said)
    assert said[0]["prefetch"]["patient"] == "Patient/{{context.patientId}}"


def test_a_card_is_a_draft_with_its_explanation_and_its_receipt(ward: Workstation) -> None:
    draft = ward.building.drafted()
    card = next(one for one in drafts(ward.cards()) if draft in one["links"][0]["url"])
    assert card["indicator"] == "warning" and len(card["summary"]) <= 140
    assert SECRET in card["detail"] and "One measurement only." in card["detail"]
    assert "signed by nobody" in card["detail"] and "renal-rules@1.0.0" in card["source"]["label"]
    assert "suggestions" not in card, "nobody who could sign is known"
    seen = ward.building.events(f"draft:{draft}", kinds=(EventKind.DRAFT_VIEWED,))
    assert [event.actor for event in seen] == [f"client:{ward.id}"]
    assert f"Receipt {seen[0].index}" in card["detail"]


def test_every_answer_has_a_receipt_even_one_without_a_card(ward: Workstation) -> None:
    subject = f"cds-client:{ward.id}"
    before = ward.building.events(subject, kinds=(EventKind.HOOK_ANSWERED,))
    harmless = orders(medicationCodeableConcept={"text": "paracetamol"})
    answer = ward.post(
        "/cds-services/countersign-order-sign",
        call("order-sign", context={**call()["context"], "draftOrders": harmless}),
    )
    assert answer.json() == {"cards": []}
    after = ward.building.events(subject, kinds=(EventKind.HOOK_ANSWERED,))
    assert len(after) == len(before) + 1
    assert after[-1].detail["hook"] == "order-sign" and after[-1].patient == "p1"


def test_no_receipt_no_display(ward: Workstation, monkeypatch: pytest.MonkeyPatch) -> None:
    ward.building.drafted()

    def fails(_events: object) -> object:
        raise LedgerUnavailable

    monkeypatch.setattr(ward.building.ledger, "record_all", fails)
    cards = ward.cards()
    assert drafts(cards) == [] and "Receipts cannot be written" in notices(cards)
    assert SECRET not in str(cards)


def test_while_ai_is_stopped_the_card_says_so(ward: Workstation) -> None:
    ward.building.drafted()
    switch = ward.building.floor.switch
    switch.stop(ward.building.who("admin"))
    try:
        cards = ward.cards()
    finally:
        switch.resume(ward.building.who("admin"), "the trial is over")
    assert drafts(cards) == [] and "AI is stopped" in notices(cards)


@pytest.mark.parametrize(
    ("patient", "reason"),
    [
        (record(identifier=[{"system": MRN, "value": "9999"}]), "No chart"),
        (record(identifier=[{"value": "0001"}]), "has no identifier with a system"),
        (record(id="somebody-else"), "sent the record of another"),
        (record(active=False), "merged into another or closed"),
        (
            record(link=[{"other": {"reference": "Patient/2"}, "type": "replaced-by"}]),
            "merged into another or closed",
        ),
        (record(birthDate="1931-02-03"), "may be another person"),
        (record(birthDate="yesterday"), "not readable as FHIR R4"),
        ({"resourceType": "Observation", "id": THEIRS}, "not readable as FHIR R4"),
        ({"resourceType": "OperationOutcome"}, "did not send"),
        ([], "not readable as FHIR R4"),
    ],
)
def test_where_the_patient_is_not_certain_nothing_is_shown(
    ward: Workstation, patient: Any, reason: str
) -> None:
    ward.building.drafted()
    cards = ward.cards(patient=patient)
    assert drafts(cards) == [] and reason in notices(cards)
    assert SECRET not in str(cards)


def test_a_patient_merged_here_in_mid_visit_is_answered_no_more(
    module_database: Database, ward: Workstation
) -> None:
    ward.building.drafted()
    assert drafts(ward.cards())
    identified(ward.building, active=False)
    try:
        cards = ward.cards()
    finally:
        identified(ward.building, active=True)
    assert drafts(cards) == [] and "chart here was merged" in notices(cards)


def test_a_patient_of_another_department_is_unknown_to_the_system(ward: Workstation) -> None:
    ward.building.drafted(patient=OTHER_PATIENT)
    other = [{"system": MRN, "value": "0002"}]
    identified(ward.building, OTHER_PATIENT, identifier=other)
    cards = ward.cards(patient=record(identifier=other))
    assert drafts(cards) == [] and "No chart" in notices(cards)
    both = [*other, *record()["identifier"]]
    assert drafts(ward.cards(patient=record(identifier=both))), "the other one is as if not there"


def result(**changes: Any) -> dict[str, Any]:
    coding = {"system": "http://loinc.org", "code": "2823-3"}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [coding]},
        "effectiveDateTime": "2026-11-01T08:00:00Z",
        "valueQuantity": {"value": 4.1, "unit": "mmol/L"},
        **changes,
    }


def test_what_the_workstation_knows_and_the_chart_does_not_is_named(ward: Workstation) -> None:
    sent = [
        result(),
        result(valueQuantity={"value": 1e12}),
        result(effectiveDateTime="2093-01-01"),
        result(code={"coding": [{"system": "urn:his:lab", "code": "K"}]}),
        result(status="Xfinal", effectiveDateTime="the other day"),
    ]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in sent]}
    said = notices(ward.cards(prefetch={"patient": record(), "results": bundle}))
    assert "1 of the results that the workstation sent could not be read" in said
    assert "2 of the results that the workstation sent have an impossible value" in said
    assert "1 of the results that the workstation sent bear no LOINC" in said
    assert "holds 1 results that this chart does not have yet" in said


def orders(*more: Any, patient: str = THEIRS, **changes: Any) -> dict[str, Any]:
    order = {
        "resourceType": "MedicationRequest",
        "id": "order-1",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"text": "flurazepam"},
        "subject": {"reference": f"Patient/{patient}"},
        **changes,
    }
    return {"resourceType": "Bundle", "entry": [{"resource": order}, *more]}


def test_a_drug_that_no_table_knows_is_said_to_be_unchecked(ward: Workstation) -> None:
    answer = ward.post(
        "/cds-services/countersign-order-sign",
        call("order-sign", context={**call()["context"], "draftOrders": orders()}),
    )
    (card,) = answer.json()["cards"]
    assert "flurazepam" in card["detail"]
    assert "medication" in card["source"]["label"]


def house_of(room: Manifest) -> tuple[Manifest, ...]:
    return (*(one for one in ROOMS if one.name != "workstation"), room)


def answering(answer: Any, *hooks: HookName) -> Manifest:
    return replace(
        workstation_room, hooks=tuple(Hook(name, lambda floor: answer) for name in hooks)
    )


def test_a_room_receives_the_orders_under_our_own_patient(
    ward: Workstation, building_with: Any
) -> None:
    heard: list[HookCall] = []

    def answer(call: HookCall) -> HookAnswer:
        heard.append(call)
        return HookAnswer(limits=(Words("No weight is known.", "体重未知。"),))

    desk = building_with(answering(answer, HookName.ORDER_SELECT))
    context = {
        **call()["context"],
        "selections": ["MedicationRequest/order-1"],
        "draftOrders": orders(
            {"resource": orders(patient="another")["entry"][0]["resource"]},
            {"resource": orders(status="Xactive")["entry"][0]["resource"]},
        ),
    }
    body = call("order-select", context=context)
    said = desk.post("/cds-services/countersign-order-select", body).json()["cards"]
    assert heard[0].patient == "p1" and heard[0].selected == ("MedicationRequest/order-1",)
    assert [one["subject"] for one in heard[0].orders] == [{"reference": "Patient/p1"}]
    assert "1 of the orders could not be read" in notices(said)
    assert "1 of the orders are about another patient" in notices(said)
    assert "No weight is known." in notices(said)


@pytest.fixture
def building_with(ward: Workstation) -> Any:
    """The same house with another set of rooms, and a workstation of its own before it."""

    def made(room: Manifest, **more: Any) -> Workstation:
        return workstation(
            ward.building, rooms=house_of(room), issuer=f"urn:his:{new_id()}", **more
        )

    return made


def test_a_room_that_hangs_or_breaks_delays_nobody(ward: Workstation, building_with: Any) -> None:
    draft = ward.building.drafted()
    over = threading.Event()

    def hangs(call: HookCall) -> HookAnswer:
        over.wait(60)
        return HookAnswer((HookCard(draft),))

    def breaks(call: HookCall) -> HookAnswer:
        raise ZeroDivisionError

    try:
        for answer in (hangs, breaks):
            desk = building_with(answering(answer, HookName.PATIENT_VIEW), budget=0.2)
            cards = desk.cards()
            assert drafts(cards) == []
            assert "“Workstation” did not answer in time." in notices(cards)
            assert not over.is_set(), "the answer came while the room still hung"
    finally:
        over.set()


def test_a_room_cannot_show_another_patients_draft(ward: Workstation, building_with: Any) -> None:
    other = ward.building.drafted(patient=OTHER_PATIENT)

    def answer(call: HookCall) -> HookAnswer:
        return HookAnswer((HookCard(other), HookCard("no-such-draft")))

    assert drafts(building_with(answering(answer, HookName.PATIENT_VIEW)).cards()) == []


def test_more_drafts_than_fit_are_counted(ward: Workstation) -> None:
    for _ in range(7):
        ward.building.drafted(risk=RiskClass.LOW)
    critical = ward.building.drafted(urgency=Urgency.CRITICAL)
    for _ in range(3):
        ward.building.drafted(urgency=Urgency.URGENT)
    cards = ward.cards()
    assert critical in drafts(cards)[0]["links"][0]["url"], "the most urgent first"
    assert drafts(cards)[0]["indicator"] == "critical"
    assert len(drafts(cards)) == 5 and "more drafts wait in the inbox" in notices(cards)
