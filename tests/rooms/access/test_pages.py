"""Break-glass from the search to the review, and consents, as people meet them on pages."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from building import IMPORTER, PASSWORD, STAFF, WORKER, Building, Member, observation
from countersign.app.rooms import ROOMS
from countersign.ground.chart import NotFound
from countersign.ground.db import Database, DbRole
from countersign.ground.db.scope import Scope
from countersign.ground.identity import (
    BadValue,
    Forbidden,
    OnlyEmergency,
    OwnReview,
    Principal,
    Reviewed,
    Role,
    Stated,
)
from countersign.ground.ledger import EventKind
from countersign.ground.shell import build_http
from countersign.kit.json import JSON

WHY = "The patient was brought in unconscious."
NAME = "王小明"
EVERYBODY = {**STAFF, "officer": Member(Role.SECURITY_OFFICER)}


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"), staff=EVERYBODY)
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


@pytest.fixture(autouse=True)
def shut(building: Building) -> Iterator[None]:
    """Nothing stays open from one test to the next."""
    yield
    for name in ("stranger", "li"):
        for one in building.who(name).opened:
            building.floor.glass.end(building.who(name), one.id)


def enter(app: FastAPI, name: str) -> tuple[TestClient, str]:
    headers = {"accept": "text/html", "accept-language": "en"}
    browser = TestClient(app, "http://127.0.0.1", headers=headers, follow_redirects=False)
    said = {
        "csrf": token_in(browser.get("/sign-in").text),
        "username": name,
        "password": PASSWORD,
    }
    assert browser.post("/sign-in", data=said).status_code == 303
    return browser, token_in(browser.get("/me").text)


def token_in(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def receive(building: Building, *resources: JSON) -> None:
    entry = [
        {
            "resource": one,
            "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
        }
        for one in resources
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
    building.floor.chart.receive(IMPORTER, bundle, source="test", keep_ids=True)


def labelled(code: str) -> JSON:
    system = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    return {"security": [{"system": system, "code": code}]}


def opened(building: Building, name: str = "stranger", **stated: object) -> Principal:
    """The person after breaking the glass of the first patient."""
    given = Stated(**{"reason": "emergency", "text": WHY, **stated})  # type: ignore[arg-type]
    by = building.who(name)
    building.floor.glass.open(by, building.floor.chart.named("p1"), given)
    return building.who(name)


def test_a_physician_opens_a_chart_and_a_reviewer_judges_it(
    app: FastAPI, building: Building
) -> None:
    browser, csrf = enter(app, "stranger")
    assert browser.get("/charts/p1").status_code == 403
    page = browser.get("/access/break-glass", params={"who": NAME}).text
    assert page.count(NAME) >= 2 and "born 1950" in page
    assert "cardiology" not in page, "where somebody is treated is not told"
    form = {"csrf": csrf, "patient": "p1", "who": NAME, "reason": "emergency"}
    refused = browser.post("/access/break-glass", data={**form, "text": "short"})
    assert refused.status_code == 422 and "short" in refused.text
    sent = browser.post("/access/break-glass", data={**form, "text": WHY})
    assert (sent.status_code, sent.headers["location"]) == (303, "/charts/p1")

    chart = browser.get("/charts/p1").text
    assert "Emergency access is open." in chart
    assert re.search(r"(59|60) minutes left", chart)
    assert "Emergency access is open." in browser.get("/inbox").text, "every page says so"
    assert browser.get("/charts/p1/results").status_code == 200

    mate, _ = enter(app, "wang")
    assert "This chart was opened by emergency access." in mate.get("/charts/p1").text
    inbox = mate.get("/inbox").text
    assert "Charts of your patients were opened by emergency access." in inbox
    assert "stranger" in inbox and WHY not in inbox

    reviewer, token = enter(app, "officer")
    waiting = reviewer.get("/audit/break-glass").text
    opening = re.findall(r"/audit/break-glass/([\w-]+)", waiting)[0]
    shown = reviewer.get(f"/audit/break-glass/{opening}").text
    assert WHY in shown and NAME not in shown
    said = {"csrf": token, "outcome": "unjustified", "comment": ""}
    assert reviewer.post(f"/audit/break-glass/{opening}", data=said).status_code == 422
    said["comment"] = "Was not on duty."
    assert reviewer.post(f"/audit/break-glass/{opening}", data=said).status_code == 303
    assert opening not in reviewer.get("/audit/break-glass").text
    assert "officer" in reviewer.get("/audit/break-glass?done=true").text
    with pytest.raises(Reviewed):
        building.floor.glass.review(opening, "justified", "", by=building.who("auditor"))

    end = {"csrf": csrf, "opening": opening}
    assert browser.post("/access/break-glass/end", data=end).status_code == 303
    assert browser.get("/charts/p1").status_code == 403
    kinds = [event.kind for event in building.events(f"break-glass:{opening}")]
    assert kinds[0] == "break-glass-opened" and kinds[-1] == "break-glass-ended"
    assert {"break-glass-used", "break-glass-reviewed"} <= set(kinds)


def test_the_beginning_of_a_name_finds_nobody(app: FastAPI) -> None:
    browser, _ = enter(app, "stranger")
    for who in ("王", "王小", "p1", "%", "  "):
        page = browser.get("/access/break-glass", params={"who": who}).text
        assert NAME not in page


@pytest.mark.parametrize("name", ("nurse", "pathologist", "auditor", "admin", "lapsed", "student"))
def test_nobody_else_breaks_the_glass(app: FastAPI, building: Building, name: str) -> None:
    browser, csrf = enter(app, name)
    assert browser.get("/access/break-glass", params={"who": NAME}).status_code == 403
    form = {"csrf": csrf, "patient": "p1", "reason": "emergency", "text": WHY}
    assert browser.post("/access/break-glass", data=form).status_code == 403
    with pytest.raises(Forbidden):
        opened(building, name)


def test_it_lets_look_and_never_sign(building: Building) -> None:
    draft = building.drafted()
    stranger = opened(building)
    assert building.signoff.reading.open(stranger, draft).state == "open"
    with pytest.raises(Forbidden):
        building.signoff.decisions.accept(stranger, draft)
    assert not building.signoff.decisions.may_decide(stranger, draft)


def test_labels_stay_closed_unless_they_are_named(building: Building) -> None:
    receive(
        building,
        {**observation("p1"), "id": "psy1", "meta": labelled("PSY")},
        {**observation("p1"), "id": "hiv1", "meta": labelled("HIV")},
    )
    reader = building.floor.chart.reader(opened(building))
    seen = {one.id for one in reader.open("p1").versions}
    assert "o1" in seen and not seen & {"psy1", "hiv1"}
    with pytest.raises(Forbidden):
        reader.read("Observation", "psy1")
    assert reader.search("Observation", [("patient", "p1")]).total == len(seen & {"o1"})
    reader = building.floor.chart.reader(opened(building, labels=frozenset({"PSY"})))
    seen = {one.id for one in reader.open("p1").versions}
    assert "psy1" in seen and "hiv1" not in seen
    found = {one.id for one in reader.search("Observation", []).versions}
    assert "psy1" in found and "hiv1" not in found, "a wide search shows the same"


def test_a_list_shows_a_labelled_patient_whose_label_was_opened(building: Building) -> None:
    patient = building.floor.chart.reader(WORKER).read("Patient", "p1").resource
    receive(building, {**patient, "meta": labelled("HIV")})

    def listed() -> set[str]:
        reader = building.floor.chart.reader(building.who("stranger"))
        return {one.id for one in reader.patients().patients}

    opened(building)
    assert "p1" not in listed(), "the label was not opened"
    opened(building, labels=frozenset({"HIV"}))
    assert "p1" in listed()
    receive(building, {**patient, "meta": {}})


def test_a_colleagues_chart_opens_in_an_emergency_alone(building: Building) -> None:
    patient = building.floor.chart.reader(WORKER).read("Patient", "p2").resource
    receive(building, {**patient, "meta": labelled("EMP")})
    facts = building.floor.chart.named("p2")
    li, glass = building.who("li"), building.floor.glass
    with pytest.raises(OnlyEmergency):
        glass.open(li, facts, Stated("handover", WHY))
    opening = glass.open(li, facts, Stated("emergency", WHY))
    assert opening.pierces == {"EMP"}
    assert opening.review_due - opening.opened_at == timedelta(days=1)
    assert building.floor.chart.reader(building.who("li")).open("p2").versions
    first = glass.to_review(by=building.who("auditor"))[0]
    assert first.id == opening.id, "reviewed before all others"


def test_the_hour_is_held_by_the_policy_and_by_the_database(building: Building) -> None:
    by, glass = building.who("stranger"), building.floor.glass
    facts = building.floor.chart.named("p1")
    longest = glass.open(by, facts, Stated("emergency", WHY), timedelta(days=9))
    assert longest.ends - longest.opened_at == timedelta(hours=1)
    glass.end(by, longest.id)
    glass.open(by, facts, Stated("emergency", WHY), timedelta(seconds=3))
    stale = building.who("stranger")
    building.floor.chart.reader(stale).open("p1")
    room = building.database.pool(DbRole.ROOM).within(Scope(person=stale.id))
    assert room.rows("select from chart.patient where patient = 'p1'")
    time.sleep(3.1)
    # The programs still believe the rights that they read before; the database does not.
    assert stale.opened
    assert room.rows("select from chart.patient where patient = 'p1'") == []
    with pytest.raises(NotFound):
        building.floor.chart.reader(stale).open("p1")
    time.sleep(2.1)
    with pytest.raises(Forbidden):
        building.floor.chart.reader(building.who("stranger")).open("p1")


@pytest.mark.parametrize(
    "attempt",
    (
        "update identity.break_glass set ends = ends + interval '1 hour'",
        "update identity.break_glass set reason_code = 'other'",
        "update identity.break_glass_review set outcome = 'justified'",
        "delete from identity.break_glass",
        "delete from identity.break_glass_review",
    ),
)
def test_not_even_the_owner_moves_the_end(building: Building, attempt: str) -> None:
    opened(building)
    with psycopg.connect(building.database.owner_conninfo) as owner:
        with pytest.raises(psycopg.DatabaseError) as refused:
            owner.execute(attempt)  # type: ignore[arg-type]
        assert refused.value.sqlstate == "CSA01"


def test_what_is_stated_is_stated_properly(building: Building) -> None:
    for stated in (
        Stated("emergency", "too short"),
        Stated("emergency", "x" * 2001),
        Stated("curiosity", WHY),
    ):
        with pytest.raises(BadValue):
            building.floor.glass.open(
                building.who("stranger"), building.floor.chart.named("p1"), stated
            )


def test_nobody_reviews_their_own(building: Building) -> None:
    opened(building)
    found = building.floor.glass.to_review(by=building.who("auditor"))[-1]
    people = building.floor.people
    people.grant(found.person, Role.AUDITOR, by=Principal.system("installer"))
    building.floor.accounts.forget()
    with pytest.raises(OwnReview):
        building.floor.glass.review(found.id, "justified", "", by=building.who("stranger"))
    people.withdraw(found.person, Role.AUDITOR, by=Principal.system("installer"))
    building.floor.accounts.forget()


def test_the_reason_is_sealed(building: Building) -> None:
    opened(building)
    (row,) = building.rows("select count(*) as n, string_agg(b::text, '') as all"
                           " from identity.break_glass b")  # fmt: skip
    assert row["n"] and "unconscious" not in row["all"]


def test_consent_is_recorded_honoured_and_withdrawn(app: FastAPI, building: Building) -> None:
    draft = building.drafted()
    browser, csrf = enter(app, "wang")
    page = browser.get("/access/consent/p1")
    assert page.status_code == 200 and "Nothing is refused." in page.text
    empty = browser.post("/access/consent/p1", data={"csrf": csrf})
    assert empty.status_code == 422
    data = {"csrf": csrf, "refused": ["ai", "research"], "departments": ["surgery"]}
    assert browser.post("/access/consent/p1", data=data).status_code == 303
    facts = building.floor.chart.named("p1")
    assert facts.refused == {"ai", "research", "department:surgery"}
    assert "The patient refuses processing by AI." in browser.get("/charts/p1").text
    with pytest.raises(Forbidden):
        building.drafted()
    with pytest.raises(Forbidden):
        building.floor.chart.reader(WORKER).open("p1")
    building.open("wang", draft)
    with pytest.raises(Forbidden):
        building.signoff.decisions.accept(building.who("wang"), draft)
    listed = re.findall(r'name="consent" value="([\w-]+)"', browser.get("/access/consent/p1").text)
    back = {"csrf": csrf, "consent": listed[0]}
    assert browser.post("/access/consent/p1/withdraw", data=back).status_code == 303
    assert building.floor.chart.named("p1").refused == frozenset()
    assert "withdrawn" in browser.get("/access/consent/p1").text
    building.signoff.decisions.accept(building.who("wang"), draft)
    changes = building.events(kinds=(EventKind.CONSENT_RECORDED,))
    assert [one.detail["change"] for one in changes] == ["refused", "withdrawn"]


def test_a_refused_department_sees_nothing(building: Building) -> None:
    receive(
        building,
        {
            "resourceType": "Consent",
            "id": "no-surgery",
            "status": "active",
            "scope": {"text": "privacy"},
            "category": [{"text": "privacy"}],
            "patient": {"reference": "Patient/p2"},
            "policyRule": {"text": "wish"},
            "provision": {
                "type": "deny",
                "actor": [
                    {
                        "role": {"text": "recipient"},
                        "reference": {
                            "identifier": {
                                "system": "urn:countersign:department",
                                "value": "surgery",
                            }
                        },
                    }
                ],
            },
        },
    )
    reader = building.floor.chart.reader(building.who("stranger"))
    with pytest.raises(Forbidden):
        reader.open("p2")
    assert "p2" not in {one.id for one in reader.patients().patients}
    assert reader.search("Observation", []).total == 0


def test_others_record_no_consent(app: FastAPI) -> None:
    for name in ("stranger", "auditor", "admin"):
        browser, csrf = enter(app, name)
        assert browser.get("/access/consent/p1").status_code == 403
        data = {"csrf": csrf, "refused": ["ai"]}
        assert browser.post("/access/consent/p1", data=data).status_code == 403
