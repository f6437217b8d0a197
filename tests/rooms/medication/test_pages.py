"""Medication safety as people meet it: recorded, shown, answered once, kept by the pharmacy."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from psycopg.errors import DatabaseError
from starlette.testclient import TestClient

from building import IMPORTER, PASSWORD, STAFF, Building, Member
from countersign.app.house import register_models
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.identity import LicenceKind, Role
from countersign.ground.ledger import EventKind
from countersign.ground.shell import build_http
from countersign.kit.json import JSON
from countersign.rooms.medication.service import Medication

EVERYBODY = {**STAFF, "apothecary": Member(Role.PHARMACIST, "cardiology", LicenceKind.PHARMACIST)}
HOME = "http://127.0.0.1"


def chart(number: int, *resources: JSON) -> JSON:
    name = f"sick-{number}"
    person = {"resourceType": "Patient", "id": name, "gender": "female", "birthDate": "1950-05-01",
              "name": [{"text": "李用药"}]}  # fmt: skip
    own = [
        {**one, "id": f"{name}-{place}", _subject(one): {"reference": f"Patient/{name}"}}
        for place, one in enumerate(resources)
    ]
    entry = [
        {
            "resource": one,
            "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
        }
        for one in (person, *own)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entry}


def _subject(resource: JSON) -> str:
    return "patient" if resource["resourceType"] == "AllergyIntolerance" else "subject"


def takes(name: str) -> JSON:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
    }


ALLERGY: JSON = {"resourceType": "AllergyIntolerance", "code": {"text": "青霉素"}}


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"), staff=EVERYBODY)
    register_models(made.house)
    made.floor.chart.receive(
        IMPORTER,
        chart(1, takes("舍曲林片"), takes("某某秘方丸"), ALLERGY),
        source="test",
        departments=["cardiology"],
        keep_ids=True,
    )
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


def enter(app: FastAPI, name: str, language: str = "en") -> tuple[TestClient, str]:
    headers = {"accept": "text/html", "accept-language": language}
    browser = TestClient(app, HOME, headers=headers, follow_redirects=False)
    said = {"csrf": token(browser.get("/sign-in").text), "username": name, "password": PASSWORD}
    assert browser.post("/sign-in", data=said).status_code == 303
    return browser, token(browser.get("/me").text)


def token(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def main_of(html: str) -> str:
    return html.partition("<main")[2]


def test_an_order_is_recorded_before_it_is_shown_and_answered_once(
    app: FastAPI, building: Building
) -> None:
    doctor, csrf = enter(app, "wang")
    assert "李用药" in main_of(doctor.get("/medication").text)
    order = {"csrf": csrf, "patient": "sick-1", "drug": "司来吉兰", "dose": "5", "unit": "mg",
             "frequency": "qd", "route": "oral"}  # fmt: skip
    page = main_of(doctor.post("/medication/check", data=order).text)
    assert "MAO inhibitor with a serotonergic drug" in page and "Stop and answer" in page
    assert "2012;19:735-743" in page and "2012-09-01" in page and "14 days" in page
    assert "某某秘方丸" in page, "what could not be compared is said"
    shown = [one for one in building.events() if one.kind == EventKind.ORDER_CHECKED][-1]
    assert shown.patient == "sick-1" and shown.detail["interrupting"] == 1
    check = str(shown.subject).partition(":")[2]
    where = f"/medication/checks/sick-1/{check}"
    kept = {"csrf": csrf, "outcome": "kept"}
    refused = doctor.post(where, data=kept)
    assert refused.status_code == 422 and "Give a reason for each alert" in refused.text
    alert = re.findall(r'name="reason-([^"]+)"', refused.text)[0]
    reasoned = {**kept, f"reason-{alert}": "risk-benefit-ratio", "comment": "短期使用"}
    assert doctor.post(where, data=reasoned).status_code == 303
    assert "the order is kept" in doctor.get(where).text
    assert doctor.post(where, data=reasoned).status_code == 409
    answered = [one for one in building.events() if one.kind == EventKind.ALERTS_ANSWERED][-1]
    assert answered.detail == {"outcome": "kept", "overridden": 1}
    other, _ = enter(app, "li")
    assert other.get(where).status_code in (403, 404), "a colleague's check is not shown"


def test_nothing_of_a_patient_stands_in_the_clear(building: Building) -> None:
    rows = building.rows("select * from signoff.order_check")
    assert rows and all("司来吉兰" not in str(row) and "maoi" not in str(row) for row in rows)
    counted = building.rows("select * from signoff.alert")
    assert all("sick-1" not in str(row) for row in counted)
    for query in (
        "update signoff.order_check set patient = 'x'",
        "delete from signoff.alert_answer",
        "update signoff.medication_rule set level = 'off'",
    ):
        with pytest.raises(DatabaseError):
            building.rows(query)


def test_an_unknown_drug_is_said_to_be_unknown_and_never_silent(app: FastAPI) -> None:
    doctor, csrf = enter(app, "wang")
    order = {"csrf": csrf, "patient": "sick-1", "drug": "zyxwvutine 10 mg", "route": "oral"}
    page = main_of(doctor.post("/medication/check", data=order).text)
    assert "Not checked: unknown drug" in page and "zyxwvutine" in page
    assert "No rule speaks against it" not in page
    empty = doctor.post("/medication/check", data={**order, "drug": " "})
    assert empty.status_code == 422 and "Write which drug" in empty.text


def test_what_the_chart_lacks_is_named(app: FastAPI) -> None:
    doctor, csrf = enter(app, "wang")
    order = {"csrf": csrf, "patient": "sick-1", "drug": "达比加群", "route": "oral"}
    page = main_of(doctor.post("/medication/check", data=order).text)
    assert "the chart lacks: kidney function" in page
    high = {**order, "drug": "对乙酰氨基酚", "dose": "1", "unit": "g", "frequency": "q4h"}
    assert "6000 mg a day" in doctor.post("/medication/check", data=high).text


def test_an_allergy_interrupts_in_chinese_too(app: FastAPI) -> None:
    doctor, csrf = enter(app, "wang", "zh")
    order = {"csrf": csrf, "patient": "sick-1", "drug": "特治星", "route": "iv"}
    page = main_of(doctor.post("/medication/check", data=order).text)
    assert "青霉素类过敏者使用青霉素类药物" in page and "须处理" in page


def test_the_pharmacy_changes_a_rule_as_a_new_version_that_holds_at_once(
    app: FastAPI, building: Building
) -> None:
    keeper, csrf = enter(app, "apothecary")
    assert "Two drugs that prolong QT" in keeper.get("/medication/rules").text
    where = "/medication/rules/of/warfarin-ssri"
    assert keeper.post(where, data={"csrf": csrf, "level": "off", "reason": "x"}).status_code == 422
    form = {"csrf": csrf, "level": "off", "reason": "Every week in our clinic."}
    assert keeper.post(where, data=form).status_code == 303
    assert "switched off" in main_of(keeper.get(where).text)
    doctor, own = enter(app, "wang")
    order = {"csrf": own, "patient": "sick-1", "drug": "华法林", "route": "oral"}
    assert "Warfarin with an SSRI" not in doctor.post("/medication/check", data=order).text
    back = {"csrf": csrf, "level": "interrupt", "reason": "Two bleedings last month."}
    assert keeper.post(where, data=back).status_code == 303
    page = main_of(doctor.post("/medication/check", data=order).text)
    assert "Warfarin with an SSRI" in page and "Stop and answer" in page
    assert len(building.rows("select * from signoff.medication_rule")) == 2
    assert doctor.post(where, data={**form, "csrf": own}).status_code == 403
    assert doctor.get(where).status_code == 200


LOCAL = """id = "local-sertraline"
kind = "interaction"
level = "inform"
drugs = ["sertraline"]
with = ["metoprolol"]
title = ["Sertraline with metoprolol", "舍曲林与美托洛尔"]
says = ["Slow pulse.", "心动过缓。"]
instead = ["Count the pulse.", "监测心率。"]
source = { cite = "Committee of this hospital", published = "2026-11-26" }
fires = [{ order = "倍他乐克", taking = ["舍曲林"] }]
silent = [{ order = "amlodipine", taking = ["sertraline"] }]
"""


def test_a_local_rule_is_taken_only_when_its_own_examples_come_out_right(app: FastAPI) -> None:
    keeper, csrf = enter(app, "apothecary")
    assert "local-example" in keeper.get("/medication/rules/new").text
    form = {"csrf": csrf, "reason": "Seen on the ward.", "what": "take"}
    wrong = LOCAL.replace('order = "倍他乐克"', 'order = "氨氯地平"')
    refused = keeper.post("/medication/rules/new", data={**form, "text": wrong})
    assert refused.status_code == 422 and "comes out wrong" in refused.text
    for bad in ("[", LOCAL.replace('"metoprolol"', '"no such drug"'), "id = 'qt-pair'"):
        assert keeper.post("/medication/rules/new", data={**form, "text": bad}).status_code == 422
    tried = keeper.post("/medication/rules/new", data={**form, "what": "try", "text": LOCAL})
    assert tried.status_code == 200 and "It can be put in force" in tried.text
    assert keeper.post("/medication/rules/new", data={**form, "text": LOCAL}).status_code == 303
    doctor, own = enter(app, "wang")
    order = {"csrf": own, "patient": "sick-1", "drug": "美托洛尔", "route": "oral"}
    page = main_of(doctor.post("/medication/check", data=order).text)
    assert "Sertraline with metoprolol" in page and "rule of this hospital" in page


def test_a_rule_that_nobody_follows_comes_before_the_committee(
    app: FastAPI, building: Building
) -> None:
    floor, doctor = building.floor, building.who("wang")
    from countersign.ground.signoff import Raised  # noqa: PLC0415

    for number in range(21):
        made = floor.signoff.alerts.show(
            doctor, "sick-1", "medication-safety@1.0.0", "1", [Raised("qt-perhaps", "inform")],
            {"alerts": []},
        )  # fmt: skip
        reasons = {key: "cds-not-applicable" for key, _ in made.alerts}
        outcome = "withdrawn" if number == 0 else "kept"
        floor.signoff.alerts.answer(doctor, "sick-1", made.id, outcome, reasons)
    keeper, csrf = enter(app, "apothecary")
    page = main_of(keeper.get("/medication/committee").text)
    waiting = page.partition('id="all"')[0]
    assert "A drug that prolongs QT with one that may" in waiting and "20 of 21" in waiting
    assert "Does not apply to this patient" in waiting
    form = {"csrf": csrf, "rule": "qt-perhaps", "decision": "soften", "reason": "Only counted now."}
    assert keeper.post("/medication/committee", data={**form, "decision": ""}).status_code == 422
    assert keeper.post("/medication/committee", data=form).status_code == 303
    assert "make it speak more softly" in main_of(keeper.get("/medication/committee").text)
    judged = [one for one in building.events() if one.kind == EventKind.MEDICATION_RULE_JUDGED]
    assert judged[-1].detail == {"decision": "soften", "answered": 21, "overridden": 20}


def test_who_may_not_prescribe_is_refused_and_a_stopped_ai_checks_nothing(
    app: FastAPI, building: Building
) -> None:
    nurse, csrf = enter(app, "nurse")
    assert nurse.get("/medication").status_code == 403
    stranger, own = enter(app, "stranger")
    order = {"csrf": own, "patient": "sick-1", "drug": "aspirin"}
    assert stranger.post("/medication/check", data=order).status_code == 403
    doctor, mine = enter(app, "wang")
    building.floor.switch.stop(building.who("admin"))
    try:
        stopped = doctor.post("/medication/check", data={**order, "csrf": mine})
        assert stopped.status_code in (409, 503) and "Not checked" in stopped.text
    finally:
        building.floor.switch.resume(building.who("admin"), "The drill is over now.")


def test_orders_of_other_systems_meet_the_same_rules(building: Building) -> None:
    floor = building.floor
    ask = Medication(floor.chart, floor.signoff, floor.clock).alerts_for
    resources = [(takes("舍曲林片"), "MedicationRequest/1/_history/1"), (ALLERGY, "Allergy/1")]
    drafts = [
        {"resourceType": "MedicationRequest", "status": "draft", "intent": "order",
         "medicationCodeableConcept": {"text": name}}
        for name in ("苯乙肼", "阿莫西林", "完全未知的药")
    ]  # fmt: skip
    found = ask(resources, drafts)
    assert {(one.place, one.rule) for one in found} >= {
        (0, "maoi-serotonin"), (1, "allergy-penicillin"), (2, "unknown-drug"),
    }  # fmt: skip
    first = next(one for one in found if one.rule == "maoi-serotonin")
    assert first.interrupts and first.references == ("MedicationRequest/1/_history/1",)
