"""From a question or a patient to a signed recommendation in the chart, on a real house."""

from __future__ import annotations

import json
import re
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
from countersign.ground.library import Quote, Standing, check_quote
from countersign.ground.shell import build_http
from countersign.ground.signoff import ModelRecalled
from countersign.rooms.assistant.service import ProposedBefore, Recommending
from countersign.rooms.assistant.store import Assistants
from ground.library.shelves import PEOPLE, Shelves, permission
from rooms.assistant.domain.making import FILE, PSA

HTML = {"accept": "text/html", "accept-language": "en"}
FINDING = "长期服用 5α 还原酶抑制剂者，PSA 值应加倍后判断。[house]"
GUIDELINE = f"""---
id: {{topic}}
title: {{title}}
language: zh
icd10: [{{code}}]
---
# {{title}}
## 诊断
- 每位患者均应做尿常规检查。[house]
## 治疗
- 轻度症状者可观察等待。[house]
- {FINDING}
"""


def guideline(title: str = "良性前列腺增生", code: str = "N40", topic: str = "bph") -> str:
    return GUIDELINE.format(title=title, code=code, topic=topic)


@pytest.fixture(scope="module")
def shelves(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shelves]:
    home = tmp_path_factory.mktemp("home")
    building = Building(module_database, home, staff=PEOPLE)
    folder = home / "assistants"
    folder.mkdir()
    (folder / "own.json").write_text(json.dumps({**FILE, "department": "cardiology"}), "utf-8")
    (folder / "broken.json").write_text("{", "utf-8")
    building.floor = replace(building.floor, assistants=folder)
    assert register_models(building.house) == []
    man(building, "p1")
    man(building, "p7", problem="N20.0", name="肾结石")
    yield Shelves(building)
    building.close()


@pytest.fixture(scope="module")
def published(shelves: Shelves) -> tuple[str, str]:
    """The guideline on the prostate: its document and version."""
    return shelves.published(guideline(), icd10=("N40",), topic="bph", title="良性前列腺增生")


def man(building: Building, patient: str, problem: str = "N40", name: str = "前列腺增生症") -> None:
    """A man of cardiology with one problem, finasteride and a high PSA."""
    subject = {"reference": f"Patient/{patient}"}
    resources: list[dict[str, Any]] = [
        {
            "resourceType": "Patient",
            "id": patient,
            "gender": "male",
            "birthDate": "1950-03-04",
            "name": [{"text": "试一"}],
        },
        {
            "resourceType": "Condition",
            "id": f"c-{patient}",
            "subject": subject,
            "code": {
                "text": name,
                "coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": problem}],
            },
        },
        {
            "resourceType": "MedicationRequest",
            "id": f"m-{patient}",
            "status": "active",
            "intent": "order",
            "subject": subject,
            "medicationCodeableConcept": {"text": "非那雄胺片"},
        },
        {**PSA, "id": f"psa-{patient}", "subject": subject},
    ]
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


class Browser:
    """One person at the pages."""

    def __init__(self, shelves: Shelves, name: str) -> None:
        app = build_http(shelves.building.floor, PAGED)
        self.client = TestClient(app, "http://127.0.0.1", headers=HTML)
        form = {"csrf": token(self.client.get("/sign-in").text), "username": name}
        assert self.client.post("/sign-in", data={**form, "password": PASSWORD}).status_code == 200

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:3000]
        return answer.text

    def post(self, path: str, status: int = 200, **form: str) -> str:
        form = {"csrf": token(self.get("/help")), **form}
        answer = self.client.post(path, data=form)
        assert answer.status_code == status, answer.text[:3000]
        return answer.text


def token(page: str) -> str:
    return re.search(r'name="csrf" value="([^"]*)"', page)[1]  # type: ignore[index]


def drafted(page: str) -> str:
    return re.search(r"/inbox/([0-9a-f-]{36})/decision", page)[1]  # type: ignore[index]


@pytest.fixture(scope="module")
def physician(shelves: Shelves, published: tuple[str, str]) -> Browser:
    return Browser(shelves, "wang")


def test_the_start_page_asks_and_offers_patients(physician: Browser) -> None:
    page = physician.get("/assistant")
    assert "Urology assistant" in page and "Cardiology assistant" in page
    assert "make no assistant" not in page
    page = physician.get("/assistant/urology")
    assert "When to operate?" in page and "/assistant/urology/patients/p1" in page
    assert "/assistant/urology/patients/p2" not in page, "of another department"
    page = physician.get("/assistant/urology?q=长期服用还原酶抑制剂 PSA 值怎么判断")
    assert "加倍" in page and "No support found" not in page
    assert "No support found" in physician.get("/assistant/urology?q=zyxwv qponm")
    physician.get("/assistant/nobody", 404)


def test_from_the_evidence_to_the_signed_plan_in_the_chart(
    shelves: Shelves, published: tuple[str, str], physician: Browser
) -> None:
    document, version = published
    page = physician.get("/assistant/urology/patients/p1")
    assert "no language model took part" in page
    assert "<mark>5α 还原酶抑制剂</mark>" in page and "Draft a recommendation" in page
    assert "/charts/p1/source/MedicationRequest/m-p1/_history/1" in page
    # drafted: the quotations stand word for word and lead to their passage
    page = physician.post("/assistant/urology/patients/p1")
    draft = drafted(page)
    place = f"/knowledge/documents/{document}/versions/{version}?start="
    assert place in page and "Open the passage" in page
    address = re.search(re.escape(place) + r'[^"]*', page)
    assert address and 'id="quote"' in physician.get(address[0].replace("&amp;", "&"))
    opened = shelves.building.open("wang", draft)
    text = shelves.library.keeping.text(shelves.who("curator"), version)
    quotes = [one for one in opened.draft.explanation.evidence if one.quote is not None]
    assert len(quotes) == 3
    for one in quotes:
        quote = Quote(document, version, one.start or 0, one.end or 0, one.quote or "",
                      one.sha256 or "")  # fmt: skip
        assert check_quote(quote, text.understood.text) is Standing.EXACT
    # the same again: no second draft, and the page leads to the first
    page = physician.post("/assistant/urology/patients/p1", 409)
    assert "drafted before" in page and f'href="/inbox/{draft}"' in page
    # signed: a proposal of a plan in the chart, asserted by AI and verified by the physician
    physician.post(f"/inbox/{draft}/decision", choice="accept")
    page = physician.get("/charts/p1")
    assert "5α 还原酶抑制剂" in page and "asserted by AI" in page
    found = [
        one.resource
        for one in shelves.building.floor.chart.reader(shelves.who("wang")).open("p1").versions
        if one.type == "CarePlan"
    ]
    assert len(found) == 1 and found[0]["intent"] == "proposal"
    assert found[0]["addresses"] == [{"reference": "Condition/c-p1"}]
    assert FINDING in found[0]["description"]
    assert "AIAST" in json.dumps(found[0]["meta"])


def test_an_amended_plan_keeps_what_it_is_about_and_the_physicians_words(
    shelves: Shelves, physician: Browser
) -> None:
    man(shelves.building, "p8")
    draft = drafted(physician.post("/assistant/urology/patients/p8"))
    shelves.building.decide("wang", draft, "amend", text="Watch and wait; PSA in three months.")
    (plan,) = (
        one.resource
        for one in shelves.building.floor.chart.reader(shelves.who("wang")).open("p8").versions
        if one.type == "CarePlan"
    )
    assert plan["description"] == "Watch and wait; PSA in three months."
    assert "title" not in plan and "_description" not in plan and plan["intent"] == "proposal"


def test_no_support_yields_no_draft(physician: Browser) -> None:
    page = physician.get("/assistant/urology/patients/p7")
    assert "No support found" in page and "Draft a recommendation" not in page
    assert "No passage of this collection" in physician.post("/assistant/urology/patients/p7", 409)


def test_who_could_not_decide_a_draft_cannot_have_one_made(
    shelves: Shelves, physician: Browser
) -> None:
    nurse, surgeon = Browser(shelves, "nurse"), Browser(shelves, "surgeon")
    page = nurse.get("/assistant/urology/patients/p1")
    assert "加倍" in page and "<button" not in page.split("Evidence for this patient")[1]
    nurse.post("/assistant/urology/patients/p1", 403)
    surgeon.get("/assistant/urology/patients/p1", 403)
    surgeon.post("/assistant/urology/patients/p1", 403)
    for name in ("auditor", "admin"):
        Browser(shelves, name).get("/assistant", 403)


def test_a_curator_sees_which_file_makes_no_assistant(shelves: Shelves) -> None:
    curator = Browser(shelves, "curator")
    page = curator.get("/assistant")
    assert "broken.json" in page and "this is no JSON" in page
    assert 'href="/assistant/urology"' not in page
    curator.get("/assistant/urology", 403)


def test_what_one_may_not_read_is_never_quoted(
    shelves: Shelves, published: tuple[str, str]
) -> None:
    man(shelves.building, "p9")
    hidden = guideline("外科内部规程").replace("加倍", "减半")
    shelves.published(hidden, icd10=("N40",), title="外科内部规程", topic="x",
                      permission=permission("surgery"))  # fmt: skip
    service, kept = use(shelves)
    made = service.for_patient(
        shelves.who("wang"), kept.assistant, "p9", shelves.building.floor.clock(), "zh"
    ).recommendation
    assert made is not None
    assert {one.point.source.title for one in made.chosen} == {"良性前列腺增生"}


def test_a_document_that_is_withdrawn_takes_its_drafts_with_it(shelves: Shelves) -> None:
    """The waiting draft cannot be signed, the released plan is under recall, nothing new cites."""
    man(shelves.building, "p10", problem="C61", name="前列腺癌")
    man(shelves.building, "p11", problem="C61", name="前列腺癌")
    document, _ = shelves.published(
        guideline("前列腺癌", "C61", "cancer"), icd10=("C61",), topic="cancer", title="前列腺癌"
    )
    service, kept = use(shelves)
    wang, now = shelves.who("wang"), shelves.building.floor.clock()
    waiting = service.draft(wang, kept, "p10", now, "zh")
    signed = service.draft(wang, kept, "p11", now, "zh")
    shelves.building.decide("wang", signed, "accept")
    with pytest.raises(ProposedBefore):
        service.draft(wang, kept, "p10", now, "en")
    curator = Browser(shelves, "curator")
    curator.post(f"/knowledge/shelf/of/{document}/withdraw", reason="界值写错了，请勿再使用此文。")
    with pytest.raises(ModelRecalled):
        shelves.building.accept("wang", waiting)
    assert "under recall" in Browser(shelves, "wang").get("/charts/p11")
    assert service.for_patient(wang, kept.assistant, "p10", now, "zh").recommendation is None


def test_a_patient_who_refuses_ai_has_no_draft(shelves: Shelves, physician: Browser) -> None:
    man(shelves.building, "p12")
    physician.post("/access/consent/p12", refused="ai")
    page = physician.get("/assistant/urology/patients/p12")
    assert "refuses processing by AI" in page and "Nothing reaches the chart before" not in page
    service, kept = use(shelves)
    with pytest.raises(Forbidden):
        service.draft(shelves.who("wang"), kept, "p12", shelves.building.floor.clock(), "zh")


def use(shelves: Shelves) -> tuple[Recommending, Any]:
    floor = shelves.building.floor
    shelves.library.index.catch_up()
    service = Recommending(floor.library, floor.signoff, floor.chart, floor.policy, floor.gateway)
    return service, Assistants(Path(str(floor.assistants))).one("urology")
