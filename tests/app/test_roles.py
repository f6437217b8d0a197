"""Every page of every room, asked for by every role, answers as the policy decides."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from building import IMPORTER, PASSWORD, PATIENT, Building, Member
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.identity import Action, Facts, LicenceKind, Role
from countersign.ground.shell import actions_of, build_http

LICENSED = {str(kind): kind for kind in LicenceKind}
STAFF = {str(role): Member(role, licence=LICENSED.get(str(role))) for role in Role}

# What a person of each role reaches, beside their own account and the help: the pages that a
# reader of this table would expect, and no others.
REACHED: dict[str, set[str]] = {
    "physician": {"/inbox", "/charts", "/administration/models"},
    "senior_physician": {"/inbox", "/charts", "/administration/models"},
    "pathologist": {"/inbox", "/charts", "/administration/models"},
    "pharmacist": {"/inbox", "/charts", "/administration/models"},
    "nurse": {"/charts", "/administration/models"},
    "laboratory_technician": {"/charts", "/administration/models"},
    "patient": {"/charts"},
    "researcher": {"/administration/models"},
    "auditor": {
        "/audit", "/audit/verify", "/administration/models", "/administration/policy",
    },
    "administrator": {
        "/administration/ai", "/administration/models", "/administration/jobs",
        "/administration/people", "/administration/network",
    },
    "security_officer": {
        "/administration/ai", "/administration/models", "/administration/policy",
        "/audit", "/audit/verify", "/administration/network",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"), staff=STAFF)
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


def browser_of(app: FastAPI, role: str | None) -> tuple[TestClient, str]:
    """A browser, signed in unless the role is None, and the token of its forms."""
    headers = {"accept": "text/html", "accept-language": "en"}
    browser = TestClient(app, "http://127.0.0.1", headers=headers, follow_redirects=False)
    if role is None:
        return browser, ""
    said = {"csrf": token_in(browser.get("/sign-in").text), "username": role, "password": PASSWORD}
    assert browser.post("/sign-in", data=said).status_code == 303
    return browser, token_in(browser.get("/me").text)


def token_in(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def rooms_routes(app: FastAPI, building: Building) -> list[APIRoute]:
    made = [room.pages(building.floor) for room in ROOMS if room.pages is not None]
    return [one for router in made for one in router.routes if isinstance(one, APIRoute)]


def filled(path: str) -> str:
    """An address with an identifier that leads nowhere in place of each name."""
    return re.sub(r"\{index\}|\{job\}|\{version\}", "999999", re.sub(
        r"\{(?!index|job|version)\w+\}", "nobody", path))  # fmt: skip


@pytest.mark.parametrize("role", list(STAFF))
def test_each_role_reaches_what_the_table_says(app: FastAPI, building: Building, role: str) -> None:
    browser, _ = browser_of(app, role)
    plain = {
        one.path for one in rooms_routes(app, building) if "GET" in one.methods
        and "{" not in one.path
    }  # fmt: skip
    reached = {path for path in plain if browser.get(path).status_code == 200}
    assert reached == REACHED[role]


@pytest.mark.parametrize("role", list(STAFF))
def test_the_pages_answer_as_the_policy_decides(
    app: FastAPI, building: Building, role: str
) -> None:
    browser, csrf = browser_of(app, role)
    principal = building.who(role)
    for route in rooms_routes(app, building):
        if route.path.endswith(("/stop", "/resume")):
            continue  # these change the whole house: the journeys press them
        actions: frozenset[Action] = actions_of(route)
        allowed = all(
            building.floor.policy.decide(principal, action, Facts.house()).allowed
            for action in actions
        )
        if "GET" in route.methods:
            status = browser.get(filled(route.path)).status_code
        else:
            status = browser.post(filled(route.path), data={"csrf": csrf}).status_code
        assert status < 500, route.path
        if actions and allowed:
            assert status != 403, f"{role} may {actions} but {route.path} refuses"
        if not allowed:
            assert status == 403, f"{role} may not {actions} but {route.path} gives {status}"


def test_nobody_reaches_anything_signed_out(app: FastAPI, building: Building) -> None:
    browser, _ = browser_of(app, None)
    for route in rooms_routes(app, building):
        answer = browser.request(sorted(route.methods)[0], filled(route.path))
        assert answer.status_code in (303, 401, 403), route.path
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/sign-in")


def test_a_form_without_its_token_changes_nothing(app: FastAPI, building: Building) -> None:
    browser, _ = browser_of(app, "administrator")
    assert browser.post("/administration/ai/stop", data={}).status_code == 403
    assert not building.floor.switch.state().stopped


def test_a_session_that_was_planted_is_not_the_one_that_is_opened(app: FastAPI) -> None:
    planted = "x" * 43
    headers = {"accept": "text/html", "accept-language": "en"}
    browser = TestClient(app, "http://127.0.0.1", headers=headers, follow_redirects=False)
    browser.cookies.set("session", planted)
    said = {
        "csrf": token_in(browser.get("/sign-in").text),
        "username": "nurse",
        "password": PASSWORD,
    }
    answer = browser.post("/sign-in", data=said)
    assert answer.status_code == 303
    assert answer.cookies["session"] != planted


def test_script_in_a_chart_stays_text(app: FastAPI, building: Building) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    building.floor.chart.receive(
        IMPORTER,
        {
            "resourceType": "Condition",
            "id": "hostile",
            "subject": {"reference": f"Patient/{PATIENT}"},
            "code": {"text": hostile},
        },
        source="test",
        keep_ids=True,
    )
    browser, _ = browser_of(app, "physician")
    page = browser.get(f"/charts/{PATIENT}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("value", ["' or 1=1 --", "%' or '1'='1", "\\", "\x00", "<b>", "王" * 100])
def test_search_fields_take_anything(app: FastAPI, value: str) -> None:
    browser, _ = browser_of(app, "physician")
    for field in ("name", "department"):
        answer = browser.get("/charts", params={field: value})
        assert answer.status_code in (200, 400, 422)
        assert "王小明" not in answer.text or value.startswith("王")


@pytest.mark.parametrize(
    "path",
    ["/static/../settings.py", "/static/..%2f..%2fsettings.py", "/static/%2e%2e/%2e%2e/secret.py",
     "/charts/p1/source/..%2f..%2fetc/passwd/_history/1"],
)  # fmt: skip
def test_no_path_leads_out_of_its_folder(app: FastAPI, path: str) -> None:
    browser, _ = browser_of(app, "physician")
    answer = browser.get(path)
    assert answer.status_code in (400, 403, 404)
    assert "COUNTERSIGN" not in answer.text


def test_a_session_ends_at_once_when_signed_out(app: FastAPI) -> None:
    browser, csrf = browser_of(app, "nurse")
    assert browser.get("/charts").status_code == 200
    browser.post("/sign-out", data={"csrf": csrf})
    assert browser.get("/charts").status_code == 303
