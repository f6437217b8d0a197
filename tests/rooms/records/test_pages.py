"""From key facts and a conversation to a signed record in the chart, on a real house."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from building import IMPORTER, PASSWORD, Building
from countersign.app.house import register_models
from countersign.app.rooms import PAGED
from countersign.ground.db import Database
from countersign.ground.identity import Forbidden
from countersign.ground.models import AIStopped, NoServers
from countersign.ground.shell import build_http
from countersign.ground.signoff import ManuscriptChanged
from countersign.rooms.records.service import Content, Files, ProposedBefore, Records
from rooms.records.scripted import Scripted

HTML = {"accept": "text/html", "accept-language": "en"}
DIALOGUE = """医生：你好，咳嗽几天了？
患者：咳嗽三天了，有痰，昨晚发烧38.5
医生：有没有呕吐？
患者：没有
医生：吃过什么药？
患者：吃了美林
医生：考虑支气管炎，查个血常规，多喝水"""
ICD = "code,name\nJ40,支气管炎\nJ20.9,急性支气管炎\nI10,高血压\n"


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    home = tmp_path_factory.mktemp("home")
    folder = home / "records"
    (folder / "kinds").mkdir(parents=True)
    (folder / "kinds" / "broken.toml").write_text("id = 3", "utf-8")
    (folder / "icd10.csv").write_text(ICD, "utf-8")
    building = Building(module_database, home)
    building.floor = replace(building.floor, records=folder)
    assert register_models(building.house) == []
    child(building, "p1")
    yield building
    building.close()


def child(building: Building, patient: str) -> None:
    subject = {"reference": f"Patient/{patient}"}
    resources: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": patient, "gender": "male", "birthDate": "2021-03-04",
         "name": [{"text": "试一"}]},
        {"resourceType": "AllergyIntolerance", "id": f"a-{patient}", "patient": subject,
         "code": {"text": "青霉素"}},
        {"resourceType": "Condition", "id": f"c-{patient}", "subject": subject,
         "code": {"text": "湿疹", "coding": [
             {"system": "http://hl7.org/fhir/sid/icd-10", "code": "L30.9"}]}},
    ]  # fmt: skip
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    building.floor.chart.receive(
        IMPORTER,
        {"resourceType": "Bundle", "type": "transaction", "entry": entries},
        source="test",
        departments=("cardiology",),
        keep_ids=True,
    )


def room_of(building: Building) -> Records:
    return Records(building.floor, Files(building.floor.records, building.floor.icd10))


class Browser:
    """One person at the pages."""

    def __init__(self, building: Building, name: str) -> None:
        app = build_http(building.floor, PAGED)
        self.client = TestClient(app, "http://127.0.0.1", headers=HTML)
        form = {"csrf": token(self.client.get("/sign-in").text), "username": name}
        assert self.client.post("/sign-in", data={**form, "password": PASSWORD}).status_code == 200

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:3000]
        return answer.text

    def post(self, path: str, status: int = 200, **form: Any) -> str:
        form = {"csrf": token(self.get("/help")), **form}
        answer = self.client.post(path, data=form)
        assert answer.status_code == status, answer.text[:3000]
        return answer.text

    def begin(self, kind: str = "outpatient", language: str = "zh") -> str:
        """Begins a record of p1 and returns its id."""
        form = {"csrf": token(self.get("/help")), "kind": kind, "language": language}
        answer = self.client.post("/records/of/p1", data=form)
        assert answer.status_code == 200, answer.text[:2000]
        return str(answer.url).rpartition("/")[2]


def token(page: str) -> str:
    return re.search(r'name="csrf" value="([^"]*)"', page)[1]  # type: ignore[index]


def base(page: str) -> str:
    return re.search(r'name="base" value="(\d+)"', page)[1]  # type: ignore[index]


def section(page: str, name: str) -> str:
    found = re.search(rf'name="section:{name}"[^>]*>\n([^<]*)</textarea>', page)
    assert found, name
    return found[1].strip()


@pytest.fixture(scope="module")
def doctor(building: Building) -> Browser:
    return Browser(building, "wang")


def test_from_a_conversation_to_the_signed_record_in_the_chart(
    building: Building, doctor: Browser
) -> None:
    assert "Outpatient record" in doctor.get("/records/of/p1")
    assert "broken.toml" in doctor.get("/records/of/p1")
    record = doctor.begin()
    page = doctor.get(f"/records/{record}")
    assert "Required and empty" in page and "no language model takes part" in page
    page = doctor.post(
        f"/records/{record}", base="1", lines="tj 双肺呼吸音粗", dialogue=DIALOGUE, do="draft"
    )
    assert section(page, "chief").startswith("咳嗽") and "3天" in section(page, "chief")
    assert "无呕吐" in section(page, "present") and "美林" in section(page, "present")
    assert "对青霉素过敏" in section(page, "past"), "the chart's allergy is said by itself"
    assert section(page, "exam") == "双肺呼吸音粗。"
    assert section(page, "diagnosis") == "小儿支气管炎。"
    assert "conversation</a> “患者：<mark>咳嗽</mark>三天了" in page
    assert "key facts</a> “tj <mark>双肺呼吸音粗</mark>”" in page
    assert "/charts/p1/source/AllergyIntolerance/a-p1/_history/1" in page
    assert "<code>J40</code>" in page
    # mended by hand and drafted again: what she wrote stays
    page = doctor.post(
        f"/records/{record}", base=base(page), dialogue=DIALOGUE, lines="tj 双肺呼吸音粗",
        **{"section:plan": "给予阿莫西林颗粒口服。"}, do="draft",
    )  # fmt: skip
    assert section(page, "plan") == "给予阿莫西林颗粒口服。"
    assert "contradiction" in page and "青霉素" in page, "a penicillin, and she is allergic"
    page = doctor.post(
        f"/records/{record}",
        base=base(page),
        **{"section:plan": "查血常规，必要时复诊。"},
        do="save",
    )
    assert "小儿支气管炎" in doctor.get(f"/records/{record}/print")
    # handed over: it waits, and twice the same is one draft
    page = doctor.post(f"/records/{record}", base=base(page), do="propose")
    draft = re.search(r"/inbox/([0-9a-f-]{36})/decision", page)[1]  # type: ignore[index]
    doctor.post(f"/records/{record}", 409, base=base(doctor.get(f"/records/{record}")),
                do="propose")  # fmt: skip
    opened = building.open("wang", draft)
    assert opened.draft.body.text.zh.startswith("主诉：咳嗽")
    quotes = [one for one in opened.draft.explanation.evidence if one.quote]
    assert quotes and all(one.quote in (DIALOGUE + "tj 双肺呼吸音粗") for one in quotes)
    doctor.post(f"/inbox/{draft}/decision", choice="accept")
    chart = building.floor.chart.reader(building.who("wang")).open("p1")
    (composition,) = (one.resource for one in chart.versions if one.type == "Composition")
    (document,) = (one.resource for one in chart.versions if one.type == "DocumentReference")
    assert [one["title"] for one in composition["section"]][:2] == ["主诉", "现病史"]
    assert composition["type"]["coding"][0]["code"] == "34131-3"
    text = b64decode(document["content"][0]["attachment"]["data"]).decode()
    assert text == opened.draft.body.text.zh
    # and how much was kept is counted once
    page = doctor.get("/records")
    assert "Share kept" in page and "%" in page
    (kept,) = building.signoff.manuscripts.kept(building.who("wang"))
    assert 0 < kept.kept_all < kept.signed_all
    assert kept.kept["chief"] == kept.signed["chief"] and kept.kept["plan"] < kept.signed["plan"]
    assert room_of(building).measure() == 0


def test_what_is_amended_at_signing_is_kept_as_the_physicians_words(
    building: Building, doctor: Browser
) -> None:
    record = doctor.begin()
    page = doctor.post(f"/records/{record}", base="1", lines="zs 咳嗽3天\nzd 支气管炎", do="draft")
    page = doctor.post(f"/records/{record}", base=base(page), do="propose")
    draft = re.search(r"/inbox/([0-9a-f-]{36})/decision", page)[1]  # type: ignore[index]
    building.decide("wang", draft, "amend", text="主诉：咳嗽5天\n诊断：肺炎")
    chart = building.floor.chart.reader(building.who("wang")).open("p1")
    newest = [one.resource for one in chart.versions if one.type == "Composition"]
    found = next(one for one in newest if "肺炎" in str(one["section"]))
    assert "支气管炎" not in str(found["section"]), "nothing that the machine said is left"
    room_of(building).measure()
    kept = next(
        one for one in building.signoff.manuscripts.kept(building.who("wang")) if one.draft == draft
    )
    assert 0 < kept.kept_all < kept.signed_all


def test_two_people_at_once_lose_nothing(building: Building, doctor: Browser) -> None:
    other = Browser(building, "li")
    record = doctor.begin()
    # different sections go together by themselves
    doctor.post(f"/records/{record}/saved", base="1", **{"section:chief": "咳嗽3天"})
    page = other.post(f"/records/{record}", base="1", **{"section:exam": "双肺清"}, do="save")
    assert section(page, "chief") == "咳嗽3天" and section(page, "exam") == "双肺清"
    # the same section: the page shows both, and what is chosen goes on
    start = base(page)
    doctor.post(f"/records/{record}", base=start, **{"section:plan": "观察"}, do="save")
    page = other.post(f"/records/{record}", 409, base=start, **{"section:plan": "住院"}, do="save")
    assert "Two versions" in page and "观察" in page and "住院" in page
    told = other.post(f"/records/{record}/saved", base=start, **{"section:plan": "住院"})
    assert "Nothing of yours is lost" in told
    page = other.post(f"/records/{record}", base=base(page), **{"section:plan": "观察后住院"},
                      do="save")  # fmt: skip
    assert section(page, "plan") == "观察后住院" and section(page, "exam") == "双肺清"
    papers, who = building.signoff.manuscripts, building.who("wang")
    versions = [
        papers.open(who, record, number).content for number in range(1, int(base(page)) + 1)
    ]
    assert "观察" in str(versions), "every version can be read again"
    with pytest.raises(ManuscriptChanged):
        papers.save(who, papers.open(who, record, 1), Content().as_json())


def test_who_may_not_treat_may_not_write(building: Building, doctor: Browser) -> None:
    record = doctor.begin()
    for name in ("stranger", "auditor", "admin"):
        browser = Browser(building, name)
        browser.get("/records/of/p1", 403)
        browser.post("/records/of/p1", 403, kind="outpatient")
        assert browser.client.get(f"/records/{record}").status_code in (403, 404)
    with pytest.raises(Forbidden):
        room_of(building).begin(building.who("nurse"), "p1", "outpatient", "zh")
    Browser(building, "auditor").get("/records")
    doctor.get("/records/nothing", 404)
    doctor.post("/records/of/p1", 404, kind="poem")
    doctor.post(f"/records/{record}", 409, base="1", do="propose")


def test_a_language_models_sentences_stand_only_where_the_facts_bear_them_out(
    building: Building,
) -> None:
    who = building.who("wang")
    lines = "咳嗽 发热\n否认呕吐"
    good = Scripted(
        [
            {"text": "患儿出现咳嗽及发热", "facts": [1, 2]},
            {"text": "无呕吐", "facts": [3]},
        ]
    )
    bad = Scripted(
        [
            {"text": "患儿出现咳嗽及发热5天", "facts": [1, 2]},  # a number of its own
            {"text": "有呕吐", "facts": [3]},  # the denial is gone
        ]
    )
    texts: dict[str, str] = {}
    for name, asking in (("none", NoServers()), ("good", good), ("bad", bad)):
        room = Records(replace(building.floor, gateway=asking), Files(building.floor.records, None))
        record = room.begin(who, "p1", "outpatient", "zh")
        number = room.save(who, record, 1, {"lines": lines}, ())
        room.redraft(who, record, number)
        content = room.open(who, record).content
        texts[name] = content.sections["present"]
        assert bool(content.model) == (name != "none")
        ways = {said.by for said in content.drafted["present"]}
        assert ways == {"model" if name == "good" else "template"}, name
    assert texts["good"].startswith("患儿出现咳嗽及发热。无呕吐")
    assert texts["bad"] == texts["none"], "what fails is said by the template"
    assert "5天" not in texts["bad"]
    away = Records(
        replace(building.floor, gateway=Scripted([], away=True)),
        Files(building.floor.records, None),
    )
    record = away.begin(who, "p1", "outpatient", "zh")
    away.redraft(who, record, away.save(who, record, 1, {"lines": lines}, ()))
    assert away.open(who, record).content.sections["present"] == texts["none"]


def test_while_ai_is_stopped_people_go_on_writing(building: Building, doctor: Browser) -> None:
    record = doctor.begin()
    building.floor.switch.stop(building.who("admin"), "a test of stopping everything")
    try:
        page = doctor.post(f"/records/{record}", base="1", **{"section:chief": "咳嗽"}, do="save")
        assert section(page, "chief") == "咳嗽"
        doctor.post(f"/records/{record}", 503, base=base(page), lines="咳嗽", do="draft")
        with pytest.raises(AIStopped):
            room_of(building).propose(building.who("wang"), record)
    finally:
        building.floor.switch.resume(building.who("li"), "the test of stopping is over")


def test_an_operation_record_has_codes_for_what_was_diagnosed_before(doctor: Browser) -> None:
    record = doctor.begin("operation")
    page = doctor.post(f"/records/{record}", base="1", **{"section:before": "支气管炎"}, do="save")
    assert "<code>J40</code>" in page and "no list of diagnoses" not in page


def test_phrases_of_ones_own_come_first(building: Building, doctor: Browser) -> None:
    record = doctor.begin()
    doctor.post(
        f"/records/{record}", base="1", **{"section:exam": "咳嗽反射存在，双肺清"}, do="save"
    )
    page = doctor.get(f"/records/{record}/phrases?typed=咳嗽反")
    assert 'value="咳嗽反射存在"' in page
    assert 'value="鼻流涕"' in doctor.get(f"/records/{record}/phrases?typed=鼻流"), (
        "known words too"
    )


def test_what_is_kept_is_sealed(building: Building, doctor: Browser) -> None:
    record = doctor.begin()
    doctor.post(f"/records/{record}", base="1", lines="独一无二的要点七八九", do="save")
    rows = building.rows(
        "select box from signoff.manuscript_version where manuscript_id = %s", record
    )
    assert rows and all("独一无二的要点".encode() not in bytes(row["box"]) for row in rows)
    with pytest.raises(ProposedBefore):
        room = room_of(building)
        who = building.who("wang")
        name = room.begin(who, "p1", "progress", "en")
        room.save(who, name, 1, {"section:course": "Better."}, ())
        room.propose(who, name)
        room.propose(who, name)


def test_every_shipped_kind_can_be_begun_and_drafted(building: Building, tmp_path: Path) -> None:
    room, who = room_of(building), building.who("wang")
    kinds, refused = room.files.kinds.all()
    assert [one.file for one in refused] == ["broken.toml"]
    assert len(kinds) == 7
    for kind in kinds:
        name = room.begin(who, "p1", kind.id, "en")
        lines = "\n".join(f"{one.aliases[-1]}: words {n}" for n, one in enumerate(kind.sections))
        room.redraft(who, name, room.save(who, name, 1, {"lines": lines}, ()))
        view = room.open(who, name)
        assert view.missing == (), kind.id
        assert "words 0" in str(view.content.sections).lower()
