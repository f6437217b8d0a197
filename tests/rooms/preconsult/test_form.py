"""The interview as other systems read it: a FHIR form, its answers, and the visit it is for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

from building import IMPORTER, PATIENT, Building
from countersign.ground.chart import Version
from countersign.ground.interviews import Held
from countersign.kit.json import JSON, encode
from countersign.rooms.preconsult.service import Desking, Interviewing, Proposing
from countersign.rooms.preconsult.service.known import about, nearest, pregnant

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def published(building: Building) -> None:
    Desking(building.floor).publish()


def visit(begins: datetime) -> JSON:
    """An encounter of the patient that is planned."""
    return {
        "resourceType": "Encounter",
        "id": "next-visit",
        "status": "planned",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{PATIENT}"},
        "period": {"start": begins.isoformat()},
    }


def held(building: Building) -> Held:
    secret = Desking(building.floor).invite(building.who("nurse"), PATIENT, 24, "").address
    return building.floor.interviews.links.open(secret.split("/")[-1])


def sent(building: Building) -> Held:
    one, service = held(building), Interviewing(building.floor)
    service.answer(one, "who", {"who": "relative", "text": "a son"}, [], "en")
    service.answer(one, "complaint", {"text": "my stomach has hurt for a week"}, [], "en")
    service.answer(one, "dangers", {}, ["bleeding"], "en")
    while (item := service.view(one, "en").item) != "review":
        form = {"answer": "never" if item == "smoking" else "none"}
        told = {"answer": "unsure", "text": "maybe"} if item.startswith("ask:") else form
        service.answer(one, item, told, [], "en")
    service.send(one, "en")
    return one


def test_answers_fit_the_form_that_other_systems_read(building: Building) -> None:
    begins = building.floor.clock() + timedelta(hours=3)
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": visit(begins), "request": {"method": "PUT", "url": "Encounter/next-visit"}}
    ]}  # fmt: skip
    building.floor.chart.receive(IMPORTER, bundle, source="test", keep_ids=True)
    reader = building.floor.chart.reader(building.who("wang"))
    form = reader.read("Questionnaire", "countersign-preconsult").resource
    Questionnaire.model_validate_json(encode(form))
    draft = Proposing(building.floor).propose(sent(building).id)
    assert draft is not None
    opened = building.floor.signoff.reading.open(building.who("wang"), draft)
    (answers,) = opened.draft.body.resources
    QuestionnaireResponse.model_validate_json(encode(answers))
    assert answers["questionnaire"] == f"{form['url']}|{form['version']}"
    assert answers["encounter"] == {"reference": "Encounter/next-visit"}
    assert "Encounter/next-visit/_history/1" in opened.draft.explanation.inputs
    asked = {one["linkId"]: one for one in form["item"]}
    for one in answers["item"]:
        question = asked[one["linkId"]]
        options = [o["valueCoding"] for o in question.get("answerOption", [])]
        for answer in one["answer"]:
            assert "valueCoding" in answer or question["type"] == "text"
            assert answer.get("valueCoding") in (options or [None])
    building.decide("wang", draft, "accept")
    (kept,) = building.rows("select type from chart.current where type = 'QuestionnaireResponse'")
    assert kept


def version(resource: JSON) -> Version:
    raw = encode({"id": "x", **resource})
    return Version(
        resource["resourceType"], "x", 1, PATIENT, NOW, "received", raw, "00"
    )  # fmt: skip


def status(code: str, on: str) -> Version:
    coding = [{"system": "http://loinc.org", "code": "82810-3"}]
    return version({"resourceType": "Observation", "code": {"coding": coding},
                    "effectiveDateTime": on,
                    "valueCodeableConcept": {"coding": [{"code": code}]}})  # fmt: skip


def problem(code: str, on: str, **more: object) -> Version:
    coding = [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}]
    return version(
        {"resourceType": "Condition", "code": {"coding": coding}, "recordedDate": on, **more}
    )


@pytest.mark.parametrize(
    ("versions", "says"),
    [
        ([status("LA15173-0", "2026-10-01")], True),
        ([status("77386006", "2026-10-01")], True),
        ([status("LA26683-5", "2026-10-01")], False),
        ([status("LA15173-0", "2026-10-01"), status("LA26683-5", "2026-11-20")], False),
        ([status("LA15173-0", "2025-10-01")], False),
        ([problem("Z34.9", "2026-09-01")], True),
        ([problem("Z34.9", "2026-09-01", abatementDateTime="2026-10-01")], False),
        ([problem("I10", "2026-09-01")], False),
        ([], False),
    ],
)
def test_pregnancy_is_what_the_chart_said_last(versions: list[Version], says: bool) -> None:
    assert pregnant(versions, date(2026, 11, 26)) is says


def test_the_visit_is_the_next_open_one() -> None:
    def one(status: str, hours: float) -> Version:
        begins = (NOW + timedelta(hours=hours)).isoformat()
        return version({**visit(NOW), "status": status, "period": {"start": begins}})

    assert nearest([one("finished", 1), one("planned", 400)], NOW) is None
    found = nearest([one("planned", 48), one("planned", 5), one("in-progress", -3)], NOW)
    assert found is not None and found["start"] == (NOW + timedelta(hours=5)).isoformat()


def test_what_the_chart_knows_reaches_the_rules(building: Building) -> None:
    begun = building.floor.clock() - timedelta(days=60)
    resource = {
        "resourceType": "Observation", "id": "status", "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "82810-3"}]},
        "subject": {"reference": f"Patient/{PATIENT}"},
        "effectiveDateTime": begun.date().isoformat(),
        "valueCodeableConcept": {"coding": [{"system": "http://loinc.org", "code": "LA15173-0"}]},
    }  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": resource, "request": {"method": "PUT", "url": "Observation/status"}}
    ]}  # fmt: skip
    building.floor.chart.receive(IMPORTER, bundle, source="test", keep_ids=True)
    chart = building.floor.chart.reader(building.who("nurse")).open(PATIENT)
    assert about(chart, building.floor.clock())["pregnant"] is True
    one = held(building)
    service = Interviewing(building.floor)
    service.answer(one, "who", {"who": "patient"}, [], "en")
    service.answer(one, "complaint", {"text": "I am bleeding a little since noon"}, [], "en")
    assert "pregnancy" in [flag.id for flag in service.view(one, "en").dangers]
