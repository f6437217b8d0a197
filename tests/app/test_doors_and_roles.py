"""Every page and endpoint called by every role, and compared with the table and the policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient

from app.doorway import HTML, enter, session, token_in
from app.rows import (
    CLINICAL,
    DOCTORS,
    EVERYBODY,
    INBOX,
    OVERSEERS,
    PATHOLOGY,
    READERS,
    STAFF,
    Row,
)
from countersign.app.house import House, open_house
from countersign.app.web import application
from countersign.ground.identity import Facts, Principal
from countersign.ground.shell import actions_of
from furnished import PASSWORD, Furnished

TABLE = (
    # the inbox; {draft} is about {patient}, who is in cardiology
    Row("GET /inbox", (200,), INBOX),
    Row("GET /inbox/{draft_id}", (200,), DOCTORS),
    Row("POST /inbox/{draft_id}/decision", (422,), DOCTORS),  # without a choice
    Row("POST /inbox/{draft_id}/impression", (422,), DOCTORS),  # without one
    Row("POST /inbox/{draft_id}/working", (204,), DOCTORS),
    Row("POST /inbox/{draft_id}/undo", (303,), DOCTORS),
    Row("POST /inbox/{draft_id}/correction", (422,), DOCTORS),  # of what is not signed
    *PATHOLOGY,
    # charts; the patient account is another patient
    Row("GET /charts", (200, 303), f"{CLINICAL} patient"),
    Row("GET /charts/{patient}", (200,), CLINICAL),
    Row("GET /charts/{patient}/results", (200,), CLINICAL),
    Row("GET /charts/{patient}/source/{kind}/{identifier}/_history/{version}", (200,), CLINICAL),
    # similar cases; a collection that does not exist
    Row("GET /cases", (200,), CLINICAL),
    Row("POST /cases", (422,), "senior-physician"),  # without a name
    Row("GET /cases/of/{collection}", (404,), CLINICAL),
    Row("POST /cases/of/{collection}/release", (404,), "senior-physician"),
    Row("POST /cases/of/{collection}/withdraw", (404,), "senior-physician"),
    Row("GET /cases/like/{patient}", (200,), CLINICAL),
    # diagnoses worth considering
    Row("GET /differential/{patient}", (200,), DOCTORS),
    Row("POST /differential/{patient}", (200,), DOCTORS),
    Row("POST /differential/{patient}/further", (503,), DOCTORS),  # no language model
    # slides; there are none
    Row("GET /pathology", (200,), f"{DOCTORS} laboratory-technician pathologist"),
    # pre-consultation; no protocol is signed, and none of the others exists
    Row("GET /preconsult", (200,), f"{DOCTORS} nurse"),
    Row("POST /preconsult", (422,), f"{DOCTORS} nurse"),  # of nobody
    Row("GET /preconsult/alerts", (200,), f"{DOCTORS} nurse"),
    Row("POST /preconsult/alerts/{alert}", (404,), f"{DOCTORS} nurse"),
    Row("GET /preconsult/of/{interview}", (404,), f"{DOCTORS} nurse"),
    Row("POST /preconsult/of/{interview}/revoke", (404,), f"{DOCTORS} nurse"),
    Row("GET /preconsult/of/{interview}/files/{attachment}", (404,), f"{DOCTORS} nurse"),
    Row("GET /preconsult/protocol", (200,), f"{DOCTORS} nurse"),
    Row("POST /preconsult/protocol", (303,), "senior-physician"),
    Row("POST /preconsult/protocol/{protocol}", (409,), "senior-physician"),  # of none
    # language models
    Row("GET /modelbench", (200,), STAFF),
    Row("GET /modelbench/studies", (200,), STAFF),
    Row("GET /modelbench/studies/new", (200,), "administrator"),
    Row("POST /modelbench/studies/new", (422,), "administrator"),  # without a plan
    Row("GET /modelbench/studies/of/{study}", (404,), STAFF),  # of none
    Row("GET /modelbench/studies/of/{study}/files/{name}", (404,), STAFF),
    Row("POST /modelbench/studies/of/{study}/cancel", (404,), "administrator"),
    Row("POST /modelbench/studies/of/{study}/resume", (404,), "administrator"),
    Row("GET /modelbench/planner", (200,), STAFF),
    Row("GET /modelbench/prices", (200,), STAFF),
    Row("POST /modelbench/prices", (422,), "administrator"),  # without figures
    Row("GET /modelbench/imports", (200,), STAFF),
    Row("POST /modelbench/imports", (422,), "administrator"),  # without a file
    Row("GET /modelbench/servers", (200,), STAFF),
    Row("GET /modelbench/servers/new", (200,), "administrator"),
    Row("POST /modelbench/servers/new", (422,), "administrator"),  # without a name
    Row("GET /modelbench/servers/of/{server}", (404,), STAFF),
    Row("POST /modelbench/servers/of/{server}", (404,), "administrator"),
    Row("POST /modelbench/servers/of/{server}/probe", (404,), "administrator"),
    Row("POST /modelbench/servers/of/{server}/state", (404,), "administrator"),
    Row("GET /modelbench/assigning/{work}", (200,), "administrator"),
    Row("POST /modelbench/assigning/{work}", (303,), "administrator"),  # nobody does it
    Row("GET /modelbench/distilling", (200,), STAFF),
    Row("POST /modelbench/distilling", (422,), "administrator"),  # without a plan
    Row("GET /modelbench/distilling/of/{task}", (404,), STAFF),
    Row("POST /modelbench/distilling/of/{task}/live", (404,), "administrator"),
    Row("POST /modelbench/distilling/of/{task}/withdraw", (404,), "administrator"),
    Row("GET /modelbench/trained", (200,), STAFF),
    Row("GET /modelbench/trained/of/{name}/{version}", (404,), STAFF),
    Row("POST /modelbench/trained/of/{name}/{version}/serve", (404,), "administrator"),
    Row("POST /modelbench/trained/of/{name}/{version}/withdraw", (404,), "administrator"),
    # medication safety; {check} and {rule} are none
    Row("GET /medication", (200,), DOCTORS),
    Row("POST /medication/check", (422,), DOCTORS),  # of nothing
    Row("GET /medication/checks/{patient}/{check}", (404,), DOCTORS),
    Row("POST /medication/checks/{patient}/{check}", (404,), DOCTORS),
    Row("POST /medication/checks/{patient}/{check}/order", (404,), DOCTORS),
    Row("GET /medication/rules", (200,), CLINICAL),
    Row("GET /medication/rules/new", (200,), "pharmacist"),
    Row("POST /medication/rules/new", (422,), "pharmacist"),  # without one
    Row("GET /medication/rules/of/{rule}", (404,), CLINICAL),
    Row("POST /medication/rules/of/{rule}", (404,), "pharmacist"),
    Row("GET /medication/committee", (200,), CLINICAL),
    Row("POST /medication/committee", (404,), "pharmacist"),  # of none
    # access; an opening and a consent that do not exist
    Row("GET /access/break-glass", (200,), DOCTORS),
    Row("POST /access/break-glass", (404,), DOCTORS),
    Row("POST /access/break-glass/end", (404,), EVERYBODY),
    Row("GET /access/consent/{patient}", (200,), CLINICAL),
    Row("POST /access/consent/{patient}", (422,), CLINICAL),
    Row("POST /access/consent/{patient}/withdraw", (404,), CLINICAL),
    # knowledge; none of the documents exists
    Row("GET /knowledge", (200,), CLINICAL),
    Row("POST /knowledge/written", (409,), CLINICAL),  # without a question
    Row("GET /knowledge/patients/{patient}", (200,), CLINICAL),
    Row("GET /knowledge/documents/{document}", (404,), READERS),
    Row("GET /knowledge/documents/{document}/versions/{version}", (404, 422), READERS),
    Row("GET /knowledge/documents/{document}/versions/{version}/pages/{page}", (404, 422), READERS),
    Row(
        "GET /knowledge/documents/{document}/versions/{version}/pages/{page}/image",
        (404, 422),
        READERS,
    ),
    Row("POST /knowledge/documents/{document}/versions/{version}/feedback", (404, 422), READERS),
    Row("POST /knowledge/documents/{document}/review", (404,), READERS),
    Row("GET /knowledge/shelf", (200,), "curator"),
    Row("POST /knowledge/shelf", (422,), "curator"),  # without a file
    Row("GET /knowledge/shelf/questions", (200,), "curator"),
    Row("GET /knowledge/shelf/feedback", (200,), "curator"),
    Row("GET /knowledge/shelf/contradictions", (200,), "curator"),
    Row("GET /knowledge/shelf/aids", (200,), "curator"),
    Row("GET /knowledge/shelf/folders", (200,), "curator"),
    Row("POST /knowledge/shelf/folders", (422,), "curator"),  # without a folder
    Row("POST /knowledge/shelf/folders/{watch}/stop", (404,), "curator"),
    Row("GET /knowledge/shelf/of/{document}", (404,), "curator"),
    Row("POST /knowledge/shelf/of/{document}/describe", (404,), "curator"),
    Row("POST /knowledge/shelf/of/{document}/publish", (404,), "curator"),
    Row("POST /knowledge/shelf/of/{document}/replace", (404, 422), "curator"),
    Row("POST /knowledge/shelf/of/{document}/withdraw", (404,), "curator"),
    # assistants; the patient is in cardiology
    Row("GET /assistant", (200,), READERS),
    Row("GET /assistant/{assistant}", (200,), CLINICAL),
    Row("GET /assistant/{assistant}/patients/{patient}", (200,), CLINICAL),
    Row("POST /assistant/{assistant}/patients/{patient}", (303, 409), DOCTORS),
    # records; {record} is none
    Row("GET /records", (200,), f"{INBOX} auditor administrator"),
    Row("GET /records/of/{patient}", (200,), f"{DOCTORS} nurse"),  # nurses nursing records alone
    Row("POST /records/of/{patient}", (404,), DOCTORS),  # without a kind
    Row("GET /records/{record}", (404,), EVERYBODY),
    Row("POST /records/{record}", (404,), EVERYBODY),
    Row("POST /records/{record}/saved", (404,), EVERYBODY),
    Row("POST /records/{record}/voice", (404,), EVERYBODY),
    Row("GET /records/{record}/phrases", (404,), EVERYBODY),
    Row("GET /records/{record}/print", (404,), EVERYBODY),
    Row("GET /records/{record}/pdf", (404,), EVERYBODY),
    Row("GET /records/{record}/cda", (404,), EVERYBODY),
    # labels and delegations; {delegation} and {rule} are none
    Row("GET /access/labels/{patient}", (200,), DOCTORS),
    Row("POST /access/labels/{patient}", (422,), DOCTORS),  # without a label
    Row("GET /access/label-rules", (200,), "administrator"),
    Row("POST /access/label-rules", (422,), "administrator"),  # without a label
    Row("POST /access/label-rules/{rule}/end", (404,), "administrator"),
    Row("GET /access/delegations", (200,), f"{DOCTORS} pathologist"),
    Row("POST /access/delegations", (422,), f"{DOCTORS} pathologist"),  # of nobody
    Row("GET /access/delegations/all", (200,), "administrator"),
    Row("POST /access/delegations/{delegation}/accept", (404,), f"{DOCTORS} pathologist"),
    Row("POST /access/delegations/{delegation}/decline", (404,), f"{DOCTORS} pathologist"),
    Row("POST /access/delegations/{delegation}/end", (404,), EVERYBODY),
    # the audit
    Row("GET /audit/break-glass", (200,), OVERSEERS),
    Row("GET /audit/break-glass/{opening}", (404,), OVERSEERS),
    Row("POST /audit/break-glass/{opening}", (404,), OVERSEERS),
    Row("GET /audit", (200,), OVERSEERS),
    Row("GET /audit/event/{index}", (200,), OVERSEERS),
    Row("GET /audit/event/{index}/within", (404,), OVERSEERS),  # of an event that lists nobody
    Row("GET /audit/event/{index}/why", (404,), OVERSEERS),  # of an event that is no decision
    Row("GET /audit/question", (200,), OVERSEERS),
    Row("GET /audit/patients", (200,), OVERSEERS),
    Row("GET /audit/patients/{patient}", (200,), OVERSEERS),
    Row("POST /audit/patients/{patient}/list", (200,), "auditor"),
    Row("GET /audit/verify", (200,), OVERSEERS),
    Row("GET /tlog/tile/entries/{path:path}", (200,), OVERSEERS),
    Row("POST /audit/export", (200,), "auditor"),
    # administration
    Row("GET /administration/ai", (200,), "administrator security-officer"),
    Row("POST /administration/ai/stop", (303,), "administrator security-officer"),
    Row("POST /administration/ai/resume", (422,), "administrator"),  # without a reason
    Row("GET /administration/models", (200,), STAFF),
    Row("GET /administration/models/{name}/{version}", (200,), STAFF),
    Row("GET /administration/jobs", (200,), "administrator"),
    Row("POST /administration/jobs/{job}/retry", (409,), "administrator"),  # of none that failed
    # messages of other systems; none is there
    Row("GET /messages", (200,), "administrator"),
    Row("POST /messages/replay", (422,), "administrator"),  # without a time
    Row("POST /messages/of/{message}/retry", (404,), "administrator"),
    Row("POST /messages/of/{message}/set-aside", (404,), "administrator"),
    Row("POST /messages/sent/{number}/retry", (409,), "administrator"),
    Row("GET /administration/people", (200,), "administrator"),
    Row("GET /administration/people/{person}", (200,), "administrator"),
    Row("POST /administration/people/{person}/factors/{factor}/remove", (404,), "administrator"),
    Row("POST /administration/people/{person}/links/{link}/end", (404,), "administrator"),
    Row("GET /administration/arrivals", (200,), "administrator"),
    Row("POST /administration/arrivals/{arrival}/link", (404,), "administrator"),  # of nobody
    Row("GET /administration/policy", (200,), OVERSEERS),
    # safety: the quality office, and the people concerned
    Row("GET /safety/recalls", (200,), "auditor administrator"),
    Row("GET /safety/recalls/new", (422,), "administrator"),  # of nothing
    Row("POST /safety/recalls/start", (422,), "administrator"),  # of nothing
    Row("GET /safety/recalls/of/{recall}", (404,), "auditor administrator"),  # of none
    Row("GET /safety/adjudication", (200,), "auditor administrator"),
    Row("GET /safety/reading", (200,), "auditor administrator"),
    Row("GET /safety/rules", (200,), "auditor administrator"),
    Row("POST /safety/rules", (422,), "administrator"),  # without a value
    Row("GET /safety/reviews", (200,), INBOX),
    Row("GET /safety/reviews/{task}", (404,), INBOX),  # of none
    Row("POST /safety/reviews/{task}/answer", (404,), INBOX),  # of none
    Row("GET /safety/cases/{case}", (404,), INBOX),  # of none
    Row("POST /safety/cases/{case}/outcome", (404,), INBOX),  # of none
    Row("POST /safety/notices", (303,), INBOX),
    # apps; none of this name is registered, and no request of one waits
    Row("GET /smart/apps", (200,), "administrator"),
    Row("POST /smart/apps", (422,), "administrator"),  # without a name
    Row("POST /smart/apps/{app}/revoke", (404,), "administrator"),
    # workstations of other makers; none of this identifier is registered
    Row("GET /workstations", (200,), "administrator"),
    Row("POST /workstations", (422,), "administrator"),  # without a name
    Row("GET /workstations/launch", (422,), f"{CLINICAL} patient"),  # from nowhere
    Row("GET /workstations/launched", (400,), f"{CLINICAL} patient"),  # without a code
    Row("GET /workstations/{client}", (404,), "administrator"),
    Row("POST /workstations/{client}/switch", (404,), "administrator"),
    Row("POST /workstations/{client}/revoke", (404,), "administrator"),
    Row("POST /workstations/{client}/link", (404,), "administrator"),
    Row("POST /workstations/{client}/unlink", (404,), "administrator"),
    Row("GET /smart/launch", (422,), f"{CLINICAL} patient"),  # of nothing
    Row("GET /smart/authorize", (404,), f"{CLINICAL} patient"),
    Row("GET /smart/patient/{handle}", (410,), f"{CLINICAL} patient"),
    Row("POST /smart/patient/{handle}", (404,), f"{CLINICAL} patient"),  # of no patient
    Row("GET /smart/consent/{handle}", (410,), f"{CLINICAL} patient"),
    Row("POST /smart/consent/{handle}", (400,), f"{CLINICAL} patient"),  # without an answer
    Row("GET /smart/mine", (200,), f"{CLINICAL} patient"),
    Row("POST /smart/mine/{grant}/end", (404,), f"{CLINICAL} patient"),
    Row("GET /administration/network", (200,), "administrator security-officer"),
    # the own account
    Row("GET /help", (200,), EVERYBODY),
    Row("GET /me", (200,), EVERYBODY),
    Row("GET /me/password", (200,), EVERYBODY),
    Row("POST /me/password", (422,), EVERYBODY),  # with two different new ones
    Row("POST /me/purpose", (422,), EVERYBODY),  # without a purpose
    Row("GET /me/presence", (200,), EVERYBODY),
    Row("POST /me/presence", (401,), EVERYBODY),  # without a proof
    Row("GET /me/presence/hospital", (404,), EVERYBODY),  # where there is no provider
    Row("GET /me/second", (200,), EVERYBODY),
    Row("GET /me/second/set-up", (303,), EVERYBODY),  # to the proof of presence, like the rest
    Row("POST /me/second/set-up", (303,), EVERYBODY),
    Row("POST /me/second/codes", (303,), EVERYBODY),
    Row("POST /me/second/{factor}/remove", (303,), EVERYBODY),
)
OPEN = (
    "GET /", "GET /sign-in", "POST /sign-in", "POST /sign-out", "GET /language/{language}",
    "GET /ai-state", "GET /ready", "GET /tlog/checkpoint", "GET /tlog/tile/{path:path}",
    "GET /live", "GET /metrics", "GET /sign-in/second", "POST /sign-in/second",
    "GET /sign-in/set-up", "POST /sign-in/set-up", "GET /sign-in/hospital", "GET /sign-in/callback",
    "POST /sign-out/hospital", "GET /visit/{secret}", "POST /visit/{secret}",
    "POST /visit/{secret}/voice",
)  # fmt: skip
"""What needs no session: the way in and out, two states that name nobody, salted hashes, and
what the link of one visit opens."""

ACCOUNTS = EVERYBODY.split()
FORMS = {"POST /me/password": {"new": "one sentence", "again": "another sentence"}}


@pytest.fixture(scope="module")
def app(furnished: Furnished) -> Iterator[FastAPI]:
    """The real application, as each web process makes it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in furnished.environment(BUNDLE_MEGABYTES=1).items():
            patch.setenv(name, value)
        made = application()
    with TestClient(made, "http://127.0.0.1"):
        yield made


@pytest.fixture(scope="module")
def house(furnished: Furnished) -> Iterator[House]:
    """The same house, from behind."""
    with open_house(furnished.settings) as opened:
        yield opened


@pytest.fixture(scope="module")
def people(app: FastAPI) -> dict[str, TestClient]:
    """A signed-in browser of each account."""
    return {username: session(app, username) for username in ACCOUNTS}


@pytest.fixture(scope="module")
def values(furnished: Furnished) -> dict[str, object]:
    """What stands for the parameters of a path."""
    row = furnished.rows(
        "select d.id, patient from signoff.state d join chart.patient p using (patient)"
        " where state = 'open' and risk = 'low' and departments = '{cardiology}' limit 1"
    )[0]
    model = furnished.rows("select name, version from models.version limit 1")[0]
    return {
        "draft_id": row["id"],
        "patient": row["patient"],
        "kind": "Patient",
        "identifier": row["patient"],
        "version": 1,
        "index": 0,
        "path": "000",
        "job": 999_999_999,
        "recall": "none",
        "task": "none",
        "case": "none",
        "opening": "none",
        "collection": "none",
        "alert": "none",
        "interview": "none",
        "attachment": "none",
        "watch": "none",
        "protocol": "none",
        "check": "none",
        "study": "none",
        "name": model["name"],
        "model_version": model["version"],
        "app": "nobodys-app",
        "client": "nobodys-system",
        "handle": "nothing",
        "grant": "nothing",
        "document": "nothing",
        "record": "nothing",
        "assistant": "cardiology",
        "server": "nowhere",
        "work": "study",
        "page": 1,
        "slide": furnished.rows(
            "select slide from slides.standing where state = 'ready' order by number limit 1"
        )[0]["slide"],
        **dict.fromkeys(("level", "column", "row"), 0),
        "upload": "nothing",
        "person": furnished.rows("select id from identity.person limit 1")[0]["id"],
        **dict.fromkeys(("factor", "link", "arrival", "delegation", "rule", "message"), "nothing"),
        "number": 999_999_999,
    }


def _path(call: str, values: dict[str, object]) -> str:
    path = call.partition(" ")[2].replace(":path}", "}")
    if path.startswith("/administration/models/"):
        return path.format(name=values["name"], version=values["model_version"])
    return path.format(**values)


def _routes(app: FastAPI) -> dict[str, APIRoute]:
    return {
        f"{method} {route.path}": route
        for route in _flat(app.routes)
        if isinstance(route, APIRoute)
        for method in route.methods
    }


def _flat(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        yield from _flat(included.routes) if included else (route,)


def test_the_table_names_every_page(app: FastAPI) -> None:
    assert set(_routes(app)) == {row.call for row in TABLE} | set(OPEN)
    assert {route.path for route in app.routes if isinstance(route, Mount)} == {
        "/cds-services", "/dicomweb", "/fhir", "/fhir/.well-known", "/oauth", "/static",
    }  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.call)
def test_each_role_gets_what_the_table_says(
    people: dict[str, TestClient], values: dict[str, object], house: House, row: Row
) -> None:
    method, path = row.call.partition(" ")[0], _path(row.call, values)
    found: dict[str, int] = {}
    for username, client in people.items():
        form = {"csrf": token_in(client.get("/help").text), **FORMS.get(row.call, {})}
        answer = client.request(method, path, data=form if method == "POST" else None)
        found[username] = answer.status_code
    if row.call.endswith("/ai/stop"):
        administrator = _principal(house, people["administrator"])
        house.floor.switch.resume(administrator, "the test is over")
    wrong = {
        username: status
        for username, status in found.items()
        if (status in row.answer) != (username in row.who.split())
        or (status != 403 and username not in row.who.split())
    }
    assert wrong == {}, f"{row.call}: allowed are {row.who}"


def test_the_table_agrees_with_the_policy(
    app: FastAPI, people: dict[str, TestClient], house: House
) -> None:
    routes = _routes(app)
    for row in TABLE:
        for action in actions_of(routes[row.call]):
            for username, client in people.items():
                principal = _principal(house, client)
                allowed = house.floor.policy.decide(principal, action, Facts.house()).allowed
                assert allowed == (username in row.who.split()), (row.call, username)


def test_a_patient_opens_the_own_chart_and_none_of_its_drafts(
    people: dict[str, TestClient], furnished: Furnished
) -> None:
    own = furnished.rows("select patient from identity.own_record")[0]["patient"]
    for path in ("", "/results", f"/source/Patient/{own}/_history/1"):
        assert people["patient"].get(f"/charts/{own}{path}").status_code == 200
    draft = furnished.rows("select id from signoff.draft where patient = %s", own)[0]["id"]
    assert people["patient"].get(f"/inbox/{draft}").status_code == 403


def test_a_physician_is_refused_the_patients_of_other_departments(
    people: dict[str, TestClient], furnished: Furnished
) -> None:
    stranger = furnished.rows(
        "select patient from chart.patient where not departments && %s limit 1",
        ["general-medicine", "cardiology", "nephrology", "endocrinology"],
    )[0]["patient"]
    for path in ("", "/results", f"/source/Patient/{stranger}/_history/1"):
        assert people["physician"].get(f"/charts/{stranger}{path}").status_code == 403
        assert people["pharmacist"].get(f"/charts/{stranger}{path}").status_code == 200
    # a source is judged by whose it is, and not by the patient in the address
    own = furnished.rows("select patient from identity.own_record")[0]["patient"]
    crossed = f"/charts/{own}/source/Patient/{stranger}/_history/1"
    assert people["patient"].get(crossed).status_code == 403


def test_strangers_are_led_to_the_door(app: FastAPI, values: dict[str, object]) -> None:
    nobody = TestClient(app, "http://127.0.0.1", headers=HTML, follow_redirects=False)
    for row in TABLE:
        answer = nobody.request(row.call.partition(" ")[0], _path(row.call, values))
        assert answer.status_code == 303, row.call
        assert answer.headers["location"].startswith("/sign-in"), row.call
    for call in OPEN:
        if call.startswith("GET"):
            path = _path(call, {**values, "language": "en", "secret": "0"})
            # There is no provider, no such tile, no token of monitoring, and no such link.
            missing = path in (
                "/sign-in/hospital", "/sign-in/callback", "/tlog/tile/000", "/metrics", "/visit/0",
            )  # fmt: skip
            assert nobody.get(path).status_code in ((404,) if missing else (200, 303)), call


def test_nothing_changes_without_the_token_of_the_page(
    people: dict[str, TestClient], values: dict[str, object]
) -> None:
    foreign = token_in(people["auditor"].get("/help").text)
    assert foreign
    for row in TABLE:
        if row.call.startswith("POST"):
            for data in ({}, {"csrf": ""}, {"csrf": foreign}):
                answer = people["administrator"].post(_path(row.call, values), data=data)
                assert answer.status_code == 403, row.call
                assert "shell.forged_request" in answer.text, row.call


def test_signing_in_changes_the_session(app: FastAPI) -> None:
    victim = TestClient(app, "http://127.0.0.1", headers=HTML, follow_redirects=False)
    planted = "A" * 43
    victim.cookies.set("session", planted, domain="127.0.0.1")
    enter(victim, "nurse", PASSWORD)
    first = victim.cookies["session"]
    assert first != planted
    thief = TestClient(app, "http://127.0.0.1", headers=HTML, follow_redirects=False)
    thief.cookies.set("session", planted)
    assert thief.get("/me").status_code == 303
    page = victim.get("/help")
    assert victim.post("/sign-out", data={"csrf": token_in(page.text)}).status_code == 303
    thief.cookies.set("session", first)
    assert thief.get("/me").status_code == 303


def _principal(house: House, client: TestClient) -> Principal:
    session = house.floor.accounts.principal_for(client.cookies["session"])
    assert session is not None
    return session.principal
