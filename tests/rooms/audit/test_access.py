"""Why a decision was made, whether something would be allowed, and who may see a patient."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from building import (
    IMPORTER,
    INSTALLER,
    PASSWORD,
    PATIENT,
    SECRET,
    STAFF,
    WORKER,
    Building,
    Member,
    observation,
)
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.identity import Forbidden, Principal, Purpose, Role, Stated
from countersign.ground.shell import build_http
from countersign.kit.clock import utc_now
from countersign.kit.json import JSON
from countersign.rooms.audit.service import Answers, Explained, NotADecision, Seer, Sights, arranged

AUDITOR = Principal("auditor", "A", "person", frozenset({Role.AUDITOR}), purpose=Purpose.OVERSIGHT)
WHY = "The patient was brought in unconscious."
NAME = "王小明"
CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    staff = {**STAFF, "ward": Member(Role.PHYSICIAN, "surgery")}
    made = Building(module_database, tmp_path_factory.mktemp("house"), staff=staff)
    made.house.floor.policy.adopt(made.house.identity)
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


def enter(app: FastAPI, name: str, language: str = "en") -> tuple[TestClient, str]:
    headers = {"accept": "text/html", "accept-language": language}
    browser = TestClient(app, "http://127.0.0.1", headers=headers, follow_redirects=False)
    said = {"csrf": token_in(browser.get("/sign-in").text), "username": name, "password": PASSWORD}
    assert browser.post("/sign-in", data=said).status_code == 303
    return browser, token_in(browser.get("/me").text)


def token_in(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def receive(building: Building, *resources: JSON) -> None:
    entry = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
    building.floor.chart.receive(IMPORTER, bundle, source="test", keep_ids=True)


def label(building: Building, *codes: str) -> None:
    """Sets the labels of the whole chart."""
    patient = building.floor.chart.reader(WORKER).read("Patient", PATIENT).resource
    security = [{"system": CODE, "code": code} for code in codes]
    receive(building, {**patient, "meta": {"security": security} if codes else {}})


def last(building: Building, kind: str) -> Explained:
    """The latest step of a kind, explained."""
    index = building.events(kinds=(kind,))[-1].index
    return Answers(building.floor).of_event(AUDITOR, index)


def codes(explained: Explained) -> set[str]:
    return {one.code for one in explained.changes}


def seers(building: Building, show: str = "all") -> dict[str, Seer]:
    sight = Sights(building.floor).of(AUDITOR, PATIENT)
    return {one.name: one for one in arranged(sight, show, "", "name")}


def test_a_reading_is_explained_by_what_was_true_then(building: Building) -> None:
    people, nurse = building.floor.people, building.who("nurse")
    building.floor.chart.reader(nurse).open(PATIENT)
    told = last(building, "chart-viewed")
    assert told.question.allowed and told.problems == () and told.since
    assert [rule[0] for rule in told.rules] == ["record-department"]
    assert "permit" in (told.rules[0][2].text if told.rules[0][2] else "")
    assert [one.code for one in told.reasons] == ["member"]
    assert {"no-department", "no-role-nurse"} <= codes(told)
    assert told.now and told.now.allowed and not told.changed
    # When the nurse has left the ward, the past stays what it was, with its end
    people.part(building.people["nurse"], "cardiology", by=INSTALLER)
    building.floor.accounts.forget()
    later = last(building, "chart-viewed")
    assert later.rules == told.rules
    assert [(one.code, bool(one.until)) for one in later.reasons] == [("member", True)]
    assert later.problems == () and later.today and later.today.allowed
    assert later.now and not later.now.allowed
    people.join(building.people["nurse"], "cardiology", by=INSTALLER)
    building.floor.accounts.forget()


def test_a_refusal_says_what_would_have_opened_the_chart(building: Building) -> None:
    with pytest.raises(Forbidden):
        building.floor.chart.reader(building.who("stranger")).open(PATIENT)
    told = last(building, "access-denied")
    assert not told.question.allowed and told.problems == ()
    assert [rule[0] for rule in told.rules] == ["guard-relation"]
    assert {"care-team", "department", "glass"} <= codes(told)
    assert "label" not in codes(told) and told.reasons == ()


def test_break_glass_covered_it_and_is_named_with_its_end(building: Building) -> None:
    stranger, glass = building.who("stranger"), building.floor.glass
    facts = building.floor.chart.named(PATIENT)
    opening = glass.open(stranger, facts, Stated("emergency", WHY))
    building.floor.chart.reader(building.who("stranger")).open(PATIENT)
    row = seers(building)["stranger"]
    assert (row.verdict, row.rules, row.reasons[0].until) == ("may", ("glass-read",), opening.ends)
    glass.end(building.who("stranger"), opening.id)
    told = last(building, "chart-viewed")
    assert [one.code for one in told.reasons] == ["opened"] and told.problems == ()
    assert told.reasons[0].since == opening.opened_at
    assert told.reasons[0].until and told.reasons[0].until < opening.ends, "it was ended before"
    assert codes(told) >= {"no-glass"}
    assert told.now and not told.now.allowed
    row = seers(building)["stranger"]
    assert row.verdict == "none" and row.seen, "who did see it stays in the list"


def test_a_label_and_a_refusal_keep_out_and_are_not_told(app: FastAPI, building: Building) -> None:
    label(building, "HIV")
    row = seers(building)["wang"]
    assert (row.verdict, row.rules) == ("label", ("guard-sensitive",))
    with pytest.raises(Forbidden):
        building.floor.chart.reader(building.who("wang")).open(PATIENT)
    told = last(building, "access-denied")
    assert {"label", "care-team", "glass-labels"} <= codes(told) and "glass" not in codes(told)
    auditor, _ = enter(app, "auditor")
    index = building.events(kinds=("access-denied",))[-1].index
    for path in (f"/audit/event/{index}/why", f"/audit/patients/{PATIENT}?show=all"):
        page = auditor.get(path).text
        shown = re.sub(r"<pre.*?</pre>|<details.*?</details>", "", page, flags=re.DOTALL)
        assert "Kept out by a label" in shown or "which one is not told here" in shown
        policy = "labelled psychiatry, HIV, genetics or member of staff"
        assert "HIV" not in shown.replace(policy, "")
    label(building)
    assert last(building, "access-denied").rules[0][0] == "guard-sensitive", "it was so then"
    assert seers(building)["wang"].verdict == "may"


def test_what_bears_a_label_within_an_open_chart_is_said(building: Building) -> None:
    receive(building, {**observation(PATIENT), "id": "psy9",
                       "meta": {"security": [{"system": CODE, "code": "PSY"}]}})  # fmt: skip
    assert seers(building)["wang"].partly
    with pytest.raises(Forbidden):
        building.floor.chart.reader(building.who("wang")).read("Observation", "psy9")
    assert "resource" in last(building, "access-denied").problems


def test_a_system_is_listed_with_its_scopes_and_so_is_an_app(building: Building) -> None:
    clients = building.floor.clients
    expires = utc_now().replace(year=utc_now().year + 1)
    issued = clients.issue("Ward", ["system/Observation.rs"], ["cardiology"], expires, by=ADMIN)
    other = clients.issue("Other", ["system/*.rs"], ["surgery"], expires, by=ADMIN)
    row = seers(building)["Ward"]
    assert (row.kind, row.verdict, row.rules) == ("client", "may", ("client-read",))
    assert "Other" not in seers(building)
    caller = clients.principal_for(other.token)
    assert caller
    with pytest.raises(Forbidden):
        building.floor.chart.reader(caller).read("Observation", "o1")
    told = last(building, "access-denied")
    assert told.name == "Other" and "department" in codes(told)
    clients.revoke(issued.id, by=ADMIN)
    assert "Ward" not in seers(building)


ADMIN = Principal.system("installer")


def test_a_question_is_answered_and_recorded(app: FastAPI, building: Building) -> None:
    auditor, _ = enter(app, "auditor")
    form = {"who": f"person:{building.people['stranger']}", "patient": PATIENT}
    page = auditor.get("/audit/question", params={**form, "action": "draft_decide"})
    assert "It would be refused:" in page.text and "guard-relation" in page.text
    page = auditor.get("/audit/question", params={**form, "action": "glass_break"})
    assert "It would be allowed:" in page.text
    events = building.events(kinds=("decision-explained",))
    assert events[-1].actor == f"person:{building.people['auditor']}"
    assert events[-1].detail["action"] == "glass_break" and events[-1].patient == PATIENT
    for odd in ({"who": "person:nobody"}, {"who": "x" * 100, "patient": "\u202e"}, {"who": "a:b"}):
        assert auditor.get("/audit/question", params=odd).status_code == 200
    for odd in ("\u202e", "x" * 300, "a?b#c"):
        answer = auditor.get("/audit/patients", params={"patient": odd[:128]})
        assert auditor.get(answer.headers["location"]).status_code == 200
        assert auditor.get(f"/audit/patients/{quote(odd)}").status_code == 200
    page = auditor.get("/audit/question", params={**form, "patient": "nobody-known"})
    assert "No patient is known under this identifier." in page.text


@pytest.mark.parametrize("language", ("en", "zh"))
def test_no_page_tells_clinical_content_or_the_patients_name(
    app: FastAPI, building: Building, language: str
) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    auditor, csrf = enter(app, "auditor", language)
    told = last(building, "draft-viewed")
    assert told.problems == () and told.question.draft == draft
    index = building.events(kinds=("draft-viewed",))[-1].index
    pages = [
        auditor.get(f"/audit/event/{index}/why"),
        auditor.get(f"/audit/patients/{PATIENT}"),
        auditor.post(f"/audit/patients/{PATIENT}/list", data={"csrf": csrf}),
    ]
    for page in pages:
        assert page.status_code == 200
        assert SECRET not in page.text and NAME not in page.text
    assert ("上级医师" if language == "zh" else "Senior physician") in pages[1].text


def test_the_list_is_exported_without_formulas(app: FastAPI, building: Building) -> None:
    people = building.floor.people
    people.rename(building.people["zhao"], "=HYPERLINK(1)", by=INSTALLER)
    auditor, csrf = enter(app, "auditor")
    answer = auditor.post(f"/audit/patients/{PATIENT}/list", data={"csrf": csrf})
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0][1] == "Identifier" and len({len(row) for row in rows}) == 1
    assert "'=HYPERLINK(1)" in {row[2] for row in rows}
    assert building.events(kinds=("decision-explained",))[-1].detail["exported"] is True
    people.rename(building.people["zhao"], "zhao", by=INSTALLER)
    officer, csrf = enter(app, "officer")
    assert officer.get(f"/audit/patients/{PATIENT}").status_code == 200
    refused = officer.post(f"/audit/patients/{PATIENT}/list", data={"csrf": csrf})
    assert refused.status_code == 403


def test_lists_are_filtered_and_sorted(building: Building) -> None:
    sight = Sights(building.floor).of(AUDITOR, PATIENT)
    names = [one.name for one in arranged(sight, "may", "", "name")]
    assert names == sorted(names) and {"wang", "li", "nurse"} <= set(names)
    assert "auditor" not in names and "admin" not in names
    assert [one.name for one in arranged(sight, "all", "WAN", "name")] == ["wang"]
    seen = [one.seen.last_at for one in arranged(sight, "saw", "", "seen") if one.seen]
    assert seen == sorted(seen, reverse=True) and seen
    nobody = Sights(building.floor).of(AUDITOR, "nobody-known")
    assert nobody.unknown and nobody.seers == ()


def test_what_is_no_single_decision_is_said_to_be_none(building: Building) -> None:
    building.floor.chart.reader(building.who("wang")).patients()
    for kind in ("patients-listed", "policy-changed"):
        with pytest.raises(NotADecision):
            last(building, kind)


def test_everybody_listed_can_open_the_chart_and_nobody_else_can(building: Building) -> None:
    """The list is the policy's own answer: each person tries."""
    listed = {name for name, one in seers(building, "may").items() if one.kind == "person"}
    can: set[str] = set()
    for name in building.people:
        try:
            building.floor.chart.reader(building.who(name)).open(PATIENT)
        except Forbidden:
            continue
        can.add(name)
    assert can == listed
