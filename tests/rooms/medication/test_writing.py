"""An order that was checked becomes a draft, and a prescription once it is signed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from fastapi import FastAPI

from building import IMPORTER, STAFF, WORKER, Building
from countersign.app.house import register_models
from countersign.app.rooms import ROOMS
from countersign.doors.hl7v2.composing import Result, message
from countersign.doors.hl7v2.judging import judge
from countersign.doors.hl7v2.message import parse
from countersign.ground.db import Database
from countersign.ground.shell import build_http
from countersign.ground.signoff import BadDecision, BadProposal, Proposal
from countersign.kit.json import JSON
from countersign.rooms.medication.service.writing import proposal
from rooms.medication.test_pages import chart, enter, main_of, takes


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"), staff=STAFF)
    register_models(made.house)
    made.floor.chart.receive(
        IMPORTER, chart(1, takes("舍曲林片")), source="test", departments=["cardiology"],
        keep_ids=True,
    )  # fmt: skip
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


def checked(app: FastAPI, building: Building, drug: str, **more: str) -> tuple[Any, str, str]:
    """A browser, its token, and the address of a check of this order."""
    doctor, csrf = enter(app, "wang")
    form = {"csrf": csrf, "patient": "sick-1", "drug": drug, "dose": "40", "unit": "mg",
            "frequency": "qn", "route": "oral", **more}  # fmt: skip
    assert doctor.post("/medication/check", data=form).status_code == 200
    last = building.rows("select id from signoff.order_check order by at desc limit 1")
    return doctor, csrf, f"/medication/checks/sick-1/{last[0]['id']}"


def prescriptions(building: Building) -> list[JSON]:
    page = building.floor.chart.reader(WORKER).search(
        "MedicationRequest", [("patient", "sick-1"), ("_count", "50")]
    )
    return [one.resource for one in page.versions if "requester" in one.resource]


def test_what_is_signed_is_a_prescription_of_her_own(app: FastAPI, building: Building) -> None:
    doctor, csrf, where = checked(app, building, "阿托伐他汀")
    assert "Write it and go to signing" in main_of(doctor.get(where).text)
    gone = doctor.post(f"{where}/order", data={"csrf": csrf})
    assert gone.status_code == 303
    draft = gone.headers["location"].rpartition("/")[2]
    assert prescriptions(building) == [], "a draft is in no chart"
    page = main_of(doctor.get(f"/inbox/{draft}").text)
    assert "Written by a person" in page and "Change the text, then sign" not in page
    assert doctor.post(f"{where}/order", data={"csrf": csrf}).status_code == 409
    signed = doctor.post(f"/inbox/{draft}/decision", data={"csrf": csrf, "choice": "accept"})
    assert signed.status_code == 303, re.sub(r"<[^>]+>", " ", main_of(signed.text))[:600]
    (one,) = prescriptions(building)
    assert (one["status"], one["intent"]) == ("active", "order")
    assert one["requester"]["identifier"]["value"] == building.people["wang"]
    dosage = one["dosageInstruction"][0]
    assert dosage["doseAndRate"][0]["doseQuantity"]["value"] == Decimal(40)
    assert dosage["route"]["coding"][0]["code"] == "26643006"
    assert one["medicationCodeableConcept"]["coding"][0]["code"] == "C10AA05"
    labels = {label["code"] for label in one.get("meta", {}).get("security", [])}
    assert "AIAST" not in labels, "no model asserted it"
    (trace,) = (
        building.floor.chart.reader(WORKER)
        .search("Provenance", [("target", f"MedicationRequest/{one['id']}")])
        .versions
    )
    agents = [(agent["type"].get("text") or agent["type"]["coding"][0]["code"],
               "identifier" in agent["who"]) for agent in trace.resource["agent"]]  # fmt: skip
    assert agents == [("author", True), ("checked by", False), ("verifier", True)]
    _, _, again = checked(app, building, "立普妥")
    assert "atorvastatin" in main_of(doctor.get(again).text).lower()
    assert "same" in main_of(doctor.get(again).text), "the next check knows the signed order"


def test_an_alert_that_interrupts_is_answered_before(app: FastAPI, building: Building) -> None:
    doctor, csrf, where = checked(app, building, "司来吉兰", dose="5")
    assert "Write it and go to signing" not in main_of(doctor.get(where).text)
    refused = doctor.post(f"{where}/order", data={"csrf": csrf})
    assert refused.status_code == 409 and "answered first" in refused.text
    (key,) = re.findall(r'name="reason-([^"]+)"', refused.text)
    kept = {"csrf": csrf, "outcome": "kept", f"reason-{key}": "risk-benefit-ratio"}
    assert doctor.post(where, data=kept).status_code == 303
    gone = doctor.post(f"{where}/order", data={"csrf": csrf})
    draft = gone.headers["location"].rpartition("/")[2]
    page = main_of(doctor.get(f"/inbox/{draft}").text)
    assert "It is kept in spite of: MAO inhibitor with a serotonergic drug" in page
    doctor.post(f"/inbox/{draft}/decision",
                data={"csrf": csrf, "choice": "reject", "reason": "patient-refuses"})  # fmt: skip
    names = [one["medicationCodeableConcept"]["text"] for one in prescriptions(building)]
    assert "司来吉兰" not in names


def test_a_withdrawn_order_and_a_colleagues_check_are_not_written(
    app: FastAPI, building: Building
) -> None:
    doctor, csrf, where = checked(app, building, "司来吉兰", dose="10")
    assert doctor.post(where, data={"csrf": csrf, "outcome": "withdrawn"}).status_code == 303
    assert doctor.post(f"{where}/order", data={"csrf": csrf}).status_code == 409
    other, token = enter(app, "zhao")
    assert other.post(f"{where}/order", data={"csrf": token}).status_code in (403, 404)


def test_an_order_without_a_dose_or_a_frequency_is_not_written(
    app: FastAPI, building: Building
) -> None:
    for lacking in ({"dose": ""}, {"frequency": ""}):
        doctor, csrf, where = checked(app, building, "氨氯地平", **lacking)
        refused = doctor.post(f"{where}/order", data={"csrf": csrf})
        assert refused.status_code == 422 and "its frequency" in refused.text
    doctor, csrf, where = checked(app, building, "莫匹罗星", dose="", route="local")
    assert doctor.post(f"{where}/order", data={"csrf": csrf}).status_code == 303


def drafted(building: Building, name: str = "wang") -> tuple[str, Proposal[Any]]:
    principal = building.who(name)
    content: JSON = {
        "order": {"text": "二甲双胍", "amount": "0.5", "unit": "g", "route": "oral",
                  "often": "q8h"},
        "substances": ["metformin"], "alerts": [], "unread": [], "unknown": [],
    }  # fmt: skip
    opened = building.floor.chart.reader(principal).open("sick-1")
    now = building.floor.clock()
    made = proposal(opened, principal, f"check-{now.isoformat()}", content, now)
    draft = building.signoff.proposals.propose(WORKER, made, asked_by=principal)
    assert draft is not None
    return draft, made


def test_no_room_writes_an_order_by_itself_or_for_another(building: Building) -> None:
    _, made = drafted(building)
    other = replace(made, fingerprint="other", topic="other")
    for asked_by in (None, WORKER, building.who("zhao")):
        with pytest.raises(BadProposal):
            building.signoff.proposals.propose(WORKER, other, asked_by=asked_by)
    issue = building.proposal(patient="sick-1", explanation=made.explanation).body.resources
    mixed = replace(made.body, resources=(*made.body.resources, *issue))
    with pytest.raises(BadProposal):
        building.signoff.proposals.propose(
            WORKER, replace(other, body=mixed), asked_by=building.who("wang")
        )


def test_an_order_is_signed_or_rejected_and_never_changed_in_the_inbox(building: Building) -> None:
    draft, _ = drafted(building)
    with pytest.raises(BadDecision):
        building.decide("wang", draft, "amend", text="二甲双胍 5 g")
    assert building.state(draft) == "open"


def test_a_signed_order_is_stopped_by_a_draft_that_is_signed(building: Building) -> None:
    draft, _ = drafted(building)
    building.decide("wang", draft, "accept")
    (order,) = [one for one in prescriptions(building)
                if one["medicationCodeableConcept"]["text"] == "二甲双胍"]  # fmt: skip
    stop = building.inbox.correct(building.who("zhao"), draft)
    building.decide("zhao", stop, "accept")
    (now,) = [one for one in prescriptions(building) if one["id"] == order["id"]]
    assert now["status"] == "stopped"
    assert now["requester"] == order["requester"]
    with pytest.raises(BadDecision):
        building.inbox.correct(building.who("zhao"), stop)


def test_a_signed_order_leaves_as_a_pharmacy_order_and_is_not_taken_in_again(
    building: Building,
) -> None:
    draft, made = drafted(building)
    order = {**made.body.resources[0], "id": draft}
    patient: JSON = {"identifier": [{"system": "urn:oid:1.2.3", "value": "7"}]}
    result = Result("C1", building.floor.clock(), "wang", "王", patient, [order])
    text = message(result, "Hospital")
    said = parse(text)
    assert (said.kind, said.event) == ("OMP", "O09")
    assert said.segment("ORC").get(1) == "NW"
    assert said.segment("TQ1").get(3) == "Q8H"
    assert said.segment("RXO").get(2) == "0.5" and said.segment("RXO").get(4) == "g"
    assert said.segment("RXR").get(1) == "26643006"
    stopped = message(replace(result, resources=[{**order, "status": "stopped"}]), "Hospital")
    assert parse(stopped).segment("ORC").get(1) == "DC"
    judged = judge(text.encode(), True)
    assert judged.verdict == "AA"
    from doors.hl7v2.test_ordered import entries

    assert entries(text, "MedicationRequest") == []
