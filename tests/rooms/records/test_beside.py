"""Beside each other: two people in one record, and what the chart holds beside what is typed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from building import IMPORTER, Building
from countersign.app.house import register_models
from countersign.ground.db import Database
from countersign.kit.json import JSON
from countersign.rooms.records.domain.merging import chosen
from countersign.rooms.records.pages import _Desk
from countersign.rooms.records.service import Records
from rooms.records.test_pages import Browser, base, child, room_of, section

NARRATIVE = (
    "反复咳嗽咳痰十余年，加重伴活动后气促一周，夜间可平卧，无发热，无胸痛，"
    "食欲可，二便如常，体重无明显变化，睡眠一般，精神可，近期未外出，无接触史。"
)


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("home"))
    assert register_models(made.house) == []
    child(made, "p1")
    for patient, more in {"healthy": [_no_allergy("无已知过敏")], "charted": _charted()}.items():
        made.floor.chart.receive(
            IMPORTER, _bundle(patient, more), source="test", departments=("cardiology",),
            keep_ids=True,
        )  # fmt: skip
    yield made
    made.close()


def _bundle(patient: str, more: list[dict[str, Any]]) -> JSON:
    who = {"resourceType": "Patient", "id": patient, "gender": "male", "birthDate": "1950-03-04",
           "name": [{"text": "试二"}]}  # fmt: skip
    about = {"reference": f"Patient/{patient}"}
    of = {"AllergyIntolerance": "patient"}
    resources = [
        who,
        *(
            {"id": f"{patient}-{n}", of.get(one["resourceType"], "subject"): about, **one}
            for n, one in enumerate(more)
        ),
    ]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": one, "request": {
                "method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
            for one in resources
        ],
    }  # fmt: skip


def _no_allergy(text: str) -> dict[str, Any]:
    return {"resourceType": "AllergyIntolerance", "code": {"text": text}}


def _charted() -> list[dict[str, Any]]:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{NARRATIVE}</p></div>'
    return [
        {"resourceType": "Observation", "status": "final", "code": {"text": "白细胞"},
         "valueQuantity": {"value": 6.1, "unit": "10*9/L"}, "effectiveDateTime": "2026-11-20"},
        {"resourceType": "Observation", "status": "final", "code": {"text": "血压"},
         "category": [{"coding": [{"code": "vital-signs", "system":
             "http://terminology.hl7.org/CodeSystem/observation-category"}]}],
         "effectiveDateTime": "2026-11-21",
         "component": [_part("8480-6", 152), _part("8462-4", 91)]},
        {"resourceType": "MedicationRequest", "status": "active", "intent": "order",
         "medicationCodeableConcept": {"text": "氨氯地平片"}},
        {"resourceType": "MedicationRequest", "status": "active", "intent": "order",
         "medicationCodeableConcept": {"text": "二甲双胍片"}},
        {"resourceType": "Procedure", "status": "completed", "code": {"text": "阑尾切除术"},
         "performedDateTime": "2019-05-06"},
        {"resourceType": "Composition", "status": "final", "title": "入院记录",
         "date": "2026-11-01", "type": {"text": "入院记录"}, "author": [{"display": "甲"}],
         "section": [
             {"title": "现病史", "text": {"status": "generated", "div": div}},
             {"title": "初步诊断", "text": {"status": "generated", "div": _div("肺炎&amp;气胸")}},
             {"title": "月经史", "text": {"status": "generated", "div": _div("不详")}},
         ]},
        {"resourceType": "QuestionnaireResponse", "status": "completed",
         "questionnaire": "urn:countersign:questionnaire:preconsult|1", "item": [
             {"linkId": "allergies", "answer": [{"valueString": "头孢"}]}]},
        {"resourceType": "AllergyIntolerance", "code": {"text": "青霉素"},
         "verificationStatus": {"coding": [{"code": "refuted", "system":
             "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"}]}},
    ]  # fmt: skip


def _part(code: str, value: int) -> dict[str, Any]:
    return {"code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value, "unit": "mmHg"}}  # fmt: skip


def _div(text: str) -> str:
    return f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'


@pytest.fixture(scope="module")
def doctor(building: Building) -> Browser:
    return Browser(building, "wang")


def test_what_another_wrote_survives_a_page_that_does_not_show_it(
    building: Building, doctor: Browser
) -> None:
    """The page of the second keeps its empty box, and every later save sends it again."""
    other, record = Browser(building, "li"), doctor.begin()
    saved = f"/records/{record}/saved"
    stale = {"section:chief": "", "section:exam": ""}
    doctor.post(saved, base="1", **{**stale, "section:chief": "咳嗽3天"})
    page = other.post(saved, base="1", **{**stale, "section:exam": "双肺清"})
    assert "Somebody else wrote meanwhile: Chief complaint" in page
    assert 'name="was:section:chief" value="1" data-sent="" data-fresh="咳嗽3天"' in page
    for text in ("双肺清，无啰音", "双肺清，无啰音，心律齐"):
        was = dict(re.findall(r'name="(was:[^"]+)" value="(\d+)"', page))
        page = other.post(saved, base=base(page), **{**stale, **was, "section:exam": text})
        assert "Kept as version" in page
    shown = doctor.get(f"/records/{record}")
    assert section(shown, "chief") == "咳嗽3天"
    assert section(shown, "exam") == "双肺清，无啰音，心律齐"
    # and where she does write into the box that was stale, both are shown
    was = dict(re.findall(r'name="(was:[^"]+)" value="(\d+)"', page))
    mine = {"section:chief": "发热1天", "section:exam": text}
    page = other.post(f"/records/{record}", 409, base=base(page), **mine, **was, do="save")
    assert "咳嗽3天" in page and "发热1天" in page


def test_what_two_people_chose_of_the_chart_goes_together(building: Building) -> None:
    room, who = room_of(building), building.who("wang")
    record = room.begin(who, "charted", "admission", "zh")
    first, second, third = (one.reference for one in room.open(who, record).offered[:3])
    start = room.save(who, record, 1, {}, (first, second))
    room.save(who, record, start, {}, (first, second, third))
    room.save(who, record, start, {}, (second,))  # over the same version the first was taken away
    assert room.open(who, record).content.chosen == (second, third)
    assert chosen((), (), ("a", "a")) == ("a",)


def test_a_save_that_is_overtaken_is_no_error(building: Building) -> None:
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"",
             "headers": [(b"content-type", b"application/x-www-form-urlencoded")]}  # fmt: skip

    async def save() -> int:
        with pytest.raises(ClientDisconnect):
            await Request(scope, gone).form()
        desk, request = _Desk(building.floor), Request(scope, gone)
        return (await desk.autosave(request, building.who("wang"), "any")).status_code

    assert asyncio.run(save()) == 204


def _drafted(building: Building, patient: str, kind: str, language: str = "zh") -> Any:
    room, who = room_of(building), building.who("wang")
    record = room.begin(who, patient, kind, language)
    taken = [one.reference for one in room.open(who, record).offered]
    room.redraft(who, record, room.save(who, record, 1, {}, taken))
    return room.open(who, record)


def test_an_entry_that_there_is_no_allergy_is_a_denial(building: Building) -> None:
    assert _drafted(building, "healthy", "outpatient").content.sections["past"] == "否认过敏史。"
    view = _drafted(building, "healthy", "outpatient", "en")
    assert view.content.sections["past"] == "No known allergies."
    refuted = _drafted(building, "charted", "outpatient").content.sections["past"]
    assert "青霉素" not in refuted, "it was refuted"


def test_a_denial_beside_a_named_allergy_is_marked(building: Building) -> None:
    room, who = room_of(building), building.who("wang")
    record = room.begin(who, "healthy", "outpatient", "zh")
    number = 1
    for past, marked in (("否认过敏史。", False), ("否认过敏史。对青霉素过敏。", True)):
        number = room.save(who, record, number, {"section:past": past}, ())
        found = [one for one in room.open(who, record).contradictions if one.code == "allergy"]
        assert bool(found) is marked, past


def test_an_allergy_that_the_patient_told_speaks_against_the_plan(building: Building) -> None:
    """Nobody took the answers into this record, and it has no section for allergies."""
    room, who = room_of(building), building.who("wang")
    record = room.begin(who, "charted", "discharge", "zh")
    room.save(who, record, 1, {"section:plan": "头孢克肟口服，两周后复诊。"}, ())
    found = [one for one in room.open(who, record).contradictions if one.code == "allergy"]
    assert found and "头孢" in found[0].words.zh


def test_results_bear_their_day_and_medicines_of_today_are_no_past(building: Building) -> None:
    texts = _drafted(building, "charted", "admission").content.sections
    assert "白细胞 6.1 10*9/L（2026-11-20）" in texts["aux"], "a normal result may be taken too"
    assert texts["exam"] == "血压 152/91 mmHg（2026-11-21）。", "a vital sign is examined"
    assert "目前使用氨氯地平片、二甲双胍片" in texts["present"].replace("二甲双胍片、氨氯地平片",
                                                             "氨氯地平片、二甲双胍片")  # fmt: skip
    assert "曾服用" not in texts["present"]
    leaving = _drafted(building, "charted", "discharge").content.sections["treatment"]
    assert "目前使用" in leaving and "阑尾切除术（2019-05-06）" in leaving


def test_an_earlier_record_is_carried_to_where_another_kind_asks_for_it(
    building: Building,
) -> None:
    view = _drafted(building, "charted", "discharge")
    texts = view.content.sections
    assert NARRATIVE.rstrip("。") in texts["admitted"]
    assert "肺炎&气胸" in texts["admission_diagnosis"]
    (source,) = {link.source for one in view.content.drafted["admitted"] for link in one.links}
    assert source.startswith("Composition/")
    assert "不详" in [one.value for one in view.left_out], "no section of a discharge record"
    assert "肺炎&气胸" in _drafted(building, "charted", "operation").content.sections["before"]


def test_what_no_section_takes_is_listed_and_not_dropped(
    building: Building, doctor: Browser
) -> None:
    view = _drafted(building, "p1", "operation")
    assert {"湿疹", "青霉素"} <= {one.value for one in view.left_out}
    page = doctor.get(f"/records/{view.written.id}")
    assert "Not in the draft" in page and "<li>湿疹</li>" in page


def test_what_the_chart_says_today_is_no_copy_of_an_earlier_record(building: Building) -> None:
    _drafted(building, "charted", "admission")
    codes = {one.code for one in _drafted(building, "charted", "admission").contradictions}
    assert "copied" in codes, "the narrative was carried from an earlier record"
    room, who = room_of(building), building.who("wang")
    record = room.begin(who, "charted", "progress", "zh")
    taken = [one.reference for one in room.open(who, record).offered if one.kind == "result"]
    room.redraft(who, record, room.save(who, record, 1, {}, taken))
    assert _copied(room, record, who) == set()
    room.save(who, record, 3, {"section:course": NARRATIVE}, taken)
    assert _copied(room, record, who) == {"course"}


def _copied(room: Records, record: str, who: Any) -> set[str]:
    found = room.open(who, record).contradictions
    return {name for one in found if one.code == "copied" for name in one.sections}
