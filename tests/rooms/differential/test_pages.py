"""The page of a physician: a note is read, corrected and asked about; the answer is a draft."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from building import IMPORTER, PASSWORD, Building
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.ledger import EventKind
from countersign.ground.reasoning import Status
from countersign.ground.shell import build_http
from countersign.kit.json import JSON
from countersign.rooms.differential.room import manifest
from countersign.rooms.differential.service import ROOM, Differential, sourced
from rooms.differential.test_genes import vcf

NOTE = "Fever for two days with cough. No chest pain. Mother had asthma."


def sick(name: str) -> JSON:
    """A transaction with one invented patient who is anaemic and has a coded problem."""
    subject = {"reference": f"Patient/{name}"}
    resources: list[JSON] = [
        {
            "resourceType": "Patient",
            "id": name,
            "name": [{"family": "Invented"}],
            "gender": "male",
            "birthDate": "1961-05-04",
        },
        {
            "resourceType": "Condition",
            "id": f"{name}-c",
            "subject": subject,
            "clinicalStatus": {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                        "code": "active",
                    }
                ]
            },
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "I10"}]},
        },
    ]
    entry = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entry}


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    made.floor.chart.receive(
        IMPORTER, sick("feverish"), source="test", departments=["cardiology"], keep_ids=True
    )
    for card, digest in manifest.cards:
        made.floor.registry.register(card, digest)
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


def enter(app: FastAPI, name: str) -> tuple[TestClient, str]:
    headers = {"accept": "text/html", "accept-language": "en"}
    browser = TestClient(app, "http://127.0.0.1", headers=headers, follow_redirects=False)
    said = {"csrf": token(browser.get("/sign-in").text), "username": name, "password": PASSWORD}
    assert browser.post("/sign-in", data=said).status_code == 303
    return browser, token(browser.get("/me").text)


def token(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def fields(html: str) -> list[str]:
    """The findings that the page's form carries."""
    return [
        one.replace("&#34;", '"').replace("&quot;", '"').replace("&#39;", "'")
        for one in re.findall(r'name="finding" value="([^"]*)"', html)
    ]


def test_a_note_is_read_corrected_and_asked_about(app: FastAPI, building: Building) -> None:
    doctor, csrf = enter(app, "wang")
    assert '"/differential/feverish"' in doctor.get("/charts/feverish").text
    read = doctor.post("/differential/feverish", data={"csrf": csrf, "text": NOTE}).text
    carried = fields(read)
    words = [one for one in carried if '"o":"text"' in one]
    assert any('"w":"Fever"' in one and '"s":"present"' in one for one in words)
    assert any('"w":"chest pain"' in one and '"s":"absent"' in one for one in words)
    assert any('"w":"asthma"' in one and '"h":"family"' in one for one in words)

    fever = next(n for n, one in enumerate(carried) if '"w":"Fever"' in one)
    form = {"csrf": csrf, "text": NOTE, "finding": carried}
    struck = doctor.post("/differential/feverish", data={**form, "do": f"set:{fever}:struck"}).text
    assert any('"w":"Fever"' in one and '"m":false' in one for one in fields(struck))

    before = len(building.events())
    asked = doctor.post(
        "/differential/feverish", data={**form, "do": "consider", "impression": "Pneumonia"}
    )
    assert asked.status_code == 200
    assert "Worth considering" in asked.text and "Nobody has signed it" in asked.text
    assert "Human Phenotype Ontology" in asked.text, "as its terms of use require"
    assert "What would decide" in asked.text and "Limits of this answer" in asked.text
    draft = re.findall(r'href="/inbox/([0-9a-f-]{36})"', asked.text)[0]
    new = [one.kind for one in building.events()[before:]]
    assert new.index(EventKind.DRAFT_PROPOSED) < new.index(EventKind.DRAFT_VIEWED)
    assert "Diagnoses worth considering" in doctor.get(f"/inbox/{draft}").text


def test_asking_again_replaces_ones_own_draft_and_no_other(
    app: FastAPI, building: Building
) -> None:
    def ask(name: str) -> str:
        person, csrf = enter(app, name)
        page = person.post(
            "/differential/feverish", data={"csrf": csrf, "text": NOTE, "do": "consider"}
        )
        return re.findall(r'href="/inbox/([0-9a-f-]{36})"', page.text)[0]

    hers, his, hers_again = ask("wang"), ask("li"), ask("wang")
    states = {
        one.head.id: one.state
        for view in ("waiting", "expired")
        for one in building.floor.signoff.waiting.listing(building.who("li"), view).items
    }
    assert [states[one] for one in (hers, his, hers_again)] == ["superseded", "open", "open"]


def test_a_vcf_gives_its_genes_and_a_wrong_file_says_so(app: FastAPI) -> None:
    doctor, csrf = enter(app, "wang")
    form = {"csrf": csrf, "text": NOTE, "genes": "TTN", "do": "read"}
    file = ("patient.vcf.gz", gzip.compress(vcf("FBN1")), "application/gzip")
    read = doctor.post("/differential/feverish", data=form, files={"vcf": file})
    assert read.status_code == 200
    assert 'value="TTN, FBN1"' in read.text
    wrong = doctor.post(
        "/differential/feverish", data=form, files={"vcf": ("x.vcf", b"hello", "text/plain")}
    )
    assert wrong.status_code == 422
    assert "The variants cannot be read" in wrong.text
    assert "TTN" in wrong.text, "what was typed stays"


def test_a_finding_is_looked_up_and_picked(app: FastAPI) -> None:
    doctor, csrf = enter(app, "wang")
    form = {"csrf": csrf, "text": "", "do": "add", "add": "haemoptysis"}
    offered = doctor.post("/differential/feverish", data=form).text
    assert 'value="pick:HP:0002105"' in offered
    picked = doctor.post(
        "/differential/feverish", data={"csrf": csrf, "do": "pick:HP:0002105"}
    ).text
    assert any('"t":"HP:0002105"' in one and '"o":"hand"' in one for one in fields(picked))
    nothing = doctor.post("/differential/feverish", data={**form, "add": "qwertyuiop"}).text
    assert "No finding is called" in nothing


def test_what_a_form_may_not_hold_is_said_and_the_note_stays(app: FastAPI) -> None:
    doctor, csrf = enter(app, "wang")
    page = doctor.post("/differential/feverish", data={"csrf": csrf, "text": NOTE, "finding": "{}"})
    assert page.status_code == 422
    assert "could not be read" in page.text and "Fever for two days" in page.text
    long = doctor.post("/differential/feverish", data={"csrf": csrf, "text": "x" * 20_001})
    assert long.status_code == 422 and "20,000 characters" in long.text


def test_only_who_may_decide_on_such_a_draft_may_ask(app: FastAPI) -> None:
    for name in ("nurse", "auditor", "admin", "stranger"):
        other, csrf = enter(app, name)
        assert other.get("/differential/feverish").status_code == 403, name
        asked = other.post("/differential/feverish", data={"csrf": csrf, "do": "consider"})
        assert asked.status_code == 403, name


def test_nothing_is_computed_while_ai_is_stopped(app: FastAPI, building: Building) -> None:
    doctor, csrf = enter(app, "wang")
    building.floor.switch.stop(building.who("admin"), "trial")
    try:
        page = doctor.post("/differential/feverish", data={"csrf": csrf, "do": "consider"})
        assert page.status_code == 503
    finally:
        building.floor.switch.resume(building.who("admin"), "The trial is over.")


def test_a_normal_result_of_the_chart_speaks_against_nothing_unasked(building: Building) -> None:
    bundle = sick("calm")
    normal: JSON = {
        "resourceType": "Observation",
        "id": "calm-t",
        "status": "final",
        "subject": {"reference": "Patient/calm"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "effectiveDateTime": building.floor.clock().date().isoformat(),
        "valueQuantity": {"value": 4.1, "unit": "mmol/L", "system": "http://unitsofmeasure.org",
                          "code": "mmol/L"},
        "referenceRange": [{"low": {"value": 3.5}, "high": {"value": 5.3}}],
    }  # fmt: skip
    request = {"method": "PUT", "url": "Observation/calm-t"}
    bundle = {**bundle, "entry": [*bundle["entry"], {"resource": normal, "request": request}]}
    building.floor.chart.receive(
        IMPORTER, bundle, source="test", departments=["cardiology"], keep_ids=True
    )
    room = Differential(building.floor)
    chips = room.start(room.open(building.who("wang"), "calm")).chips
    high = [one for one in chips if one.finding.term == "HP:0002153"]
    assert [(one.finding.status, one.meant) for one in high] == [(Status.ABSENT, False)]


def longstanding(day: str) -> JSON:
    """A transaction with a man who has kidney disease and a creatinine that it explains."""
    bundle = coded_as("old", "N18.3", "I10")
    resource: JSON = {
        "resourceType": "Observation",
        "id": "old-creatinine",
        "status": "final",
        "subject": {"reference": "Patient/old"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "14682-9"}]},
        "effectiveDateTime": day,
        "valueQuantity": {"value": 180, "unit": "umol/L", "system": "http://unitsofmeasure.org",
                          "code": "umol/L"},
        "referenceRange": [{"high": {"value": 104}}],
    }  # fmt: skip
    request = {"method": "PUT", "url": "Observation/old-creatinine"}
    return {**bundle, "entry": [*bundle["entry"], {"resource": resource, "request": request}]}


def test_what_a_known_diagnosis_explains_is_set_aside_until_it_is_pressed(
    app: FastAPI, building: Building
) -> None:
    today = building.floor.clock().date().isoformat()
    building.floor.chart.receive(
        IMPORTER, longstanding(today), source="test", departments=["cardiology"], keep_ids=True
    )
    assert Differential(building.floor).of_chart("old") is None, "known diseases are no findings"
    doctor, csrf = enter(app, "wang")
    note = "Fever, nausea and abdominal pain since yesterday. Known hypertension."
    form = {"csrf": csrf, "text": note}
    page = doctor.post("/differential/old", data={**form, "do": "consider"}).text
    assert "Explained by a known diagnosis: 1" in page and "Chronic kidney disease" in page
    assert "1 findings of the chart are not weighed" in page
    assert "known before" in page
    assert "Nothing so far speaks for:" in page and "Speaks for it:" in page
    carried = fields(page)
    at = next(n for n, one in enumerate(carried) if "HP:0003259" in one)
    assert '"m":false' in carried[at]
    pressed = doctor.post(
        "/differential/old", data={**form, "finding": carried, "do": f"set:{at}:present"}
    ).text
    assert "Explained by a known diagnosis" not in pressed
    assert any("HP:0003259" in one and '"m":true' in one for one in fields(pressed))


def coded_as(name: str, *codes: str) -> JSON:
    bundle = sick(name)
    resources: list[JSON] = [one["resource"] for one in bundle["entry"]]
    first = resources[1]
    resources[1:] = [
        {
            **first,
            "id": f"{name}-{number}",
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}]},
        }
        for number, code in enumerate(codes)
    ]
    entry = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    return {**bundle, "entry": entry}


def test_another_system_gets_what_the_chart_says_once(building: Building) -> None:
    building.floor.chart.receive(
        IMPORTER,
        coded_as("coded", "R50.9", "R05", "R06.0", "R07.4"),
        source="test",
        departments=["cardiology"],
        keep_ids=True,
    )
    room = Differential(building.floor)
    made = room.of_chart("coded")
    assert made is not None
    assert room.of_chart("coded") is None, "the same findings are proposed once"
    assert building.floor.signoff.cards.waiting("coded", ROOM) == [made]
    assert room.of_chart("feverish") is None, "one coded problem is too little"


def test_where_a_number_is_from_is_said_in_the_readers_language() -> None:
    said = sourced(
        "ICD10:L20.9: common conditions 2026.11, expert band; OMIM:603165: every rare disease"
        " alike: prevalences are not in the annotations; all rare diseases 0.02 of visits, assumed"
    )
    assert "常见病表 2026.11" in said.zh and "专家档次" in said.zh
    assert "罕见病合计占就诊的 0.02" in said.zh
    assert "expert" not in said.zh and "rare disease" not in said.zh
    assert sourced("attia-1999").zh == "attia-1999"
