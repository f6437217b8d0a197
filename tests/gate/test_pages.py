"""Ways to decide a draft through the pages without being the one who may."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from building import PASSWORD
from countersign.app.rooms import ROOMS
from countersign.ground.shell import build_http
from countersign.ground.signoff import RiskClass
from gate.stage import Stage

STRANGERS = (
    "nurse",
    "pathologist",
    "student",
    "lapsed",
    "revoked",
    "stranger",
    "auditor",
    "admin",
)
FORMS = {
    "accept": {"choice": "accept"},
    "amend": {"choice": "amend", "text": "My own words."},
    "reject": {"choice": "reject", "reason": "policy-contradicts"},
    "countersign": {"choice": "countersign"},
}


@pytest.fixture
def browser(stage: Stage) -> TestClient:
    app = build_http(stage.building.floor, ROOMS)
    headers = {"accept": "text/html", "accept-language": "en"}
    return TestClient(app, "http://127.0.0.1", headers=headers, follow_redirects=False)


def token_in(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def sign_in(browser: TestClient, name: str) -> str:
    """Signs in and returns the token of this session's forms."""
    page = browser.get("/sign-in")
    data = {"csrf": token_in(page.text), "username": name, "password": PASSWORD}
    assert browser.post("/sign-in", data=data).status_code == 303
    return token_in(browser.get("/me").text)


def prove(browser: TestClient, csrf: str) -> None:
    """Shows with the password that it is still the same person."""
    data = {"csrf": csrf, "password": PASSWORD, "next": "/inbox"}
    answer = browser.post("/me/presence", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox")


def send(browser: TestClient, draft: str, csrf: str, form: dict[str, str]) -> int:
    data = {"csrf": csrf, **form}
    return browser.post(f"/inbox/{draft}/decision", data=data).status_code


def test_the_physician_decides(stage: Stage, browser: TestClient) -> None:
    """Without this the others would prove nothing."""
    draft = stage.building.drafted()
    csrf = sign_in(browser, "wang")
    assert browser.get(f"/inbox/{draft}").status_code == 200
    assert send(browser, draft, csrf, FORMS["accept"]) == 303
    assert stage.building.state(draft) == "released"


@pytest.mark.parametrize("name", STRANGERS)
def test_nobody_else_decides(stage: Stage, browser: TestClient, name: str) -> None:
    draft = stage.building.drafted()
    first = stage.signed(risk=RiskClass.HIGH)[0]["id"]
    for one in (draft, first):
        stage.seen(name, one)
    csrf = sign_in(browser, name)
    assert csrf
    for choice, form in FORMS.items():
        assert send(browser, draft, csrf, form) in (403, 409, 422), choice
        assert send(browser, first, csrf, form) in (403, 409, 422), choice
    assert stage.building.state(draft) == "open"
    assert stage.building.state(first) == "countersignature"


@pytest.mark.parametrize("choice", FORMS)
def test_nobody_decides_without_a_session(stage: Stage, browser: TestClient, choice: str) -> None:
    draft = stage.building.drafted()
    page = browser.get("/sign-in")
    status = send(browser, draft, token_in(page.text), FORMS[choice])
    assert status in (303, 401, 403)
    assert stage.building.state(draft) == "open"


def test_nobody_decides_with_a_form_of_another_session(stage: Stage, browser: TestClient) -> None:
    draft = stage.building.drafted()
    stage.seen("wang", draft)
    other = sign_in(browser, "zhao")
    browser.cookies.clear()
    sign_in(browser, "wang")
    assert send(browser, draft, other, FORMS["accept"]) == 403
    assert send(browser, draft, "", FORMS["accept"]) == 403
    assert stage.building.state(draft) == "open"


def test_nobody_decides_unseen_or_by_a_link(stage: Stage, browser: TestClient) -> None:
    draft = stage.building.drafted()
    csrf = sign_in(browser, "wang")
    assert browser.get(f"/inbox/{draft}/decision?choice=accept").status_code in (404, 405)
    assert send(browser, draft, csrf, FORMS["accept"]) == 409
    assert stage.building.state(draft) == "open"


def test_one_physician_does_not_sign_twice(stage: Stage, browser: TestClient) -> None:
    draft = stage.building.drafted(risk=RiskClass.HIGH)
    csrf = sign_in(browser, "li")
    prove(browser, csrf)
    browser.get(f"/inbox/{draft}")
    assert send(browser, draft, csrf, FORMS["accept"]) == 303
    browser.get(f"/inbox/{draft}")
    for choice, form in FORMS.items():
        assert send(browser, draft, csrf, form) == 409, choice
    assert stage.building.state(draft) == "countersignature"


@pytest.mark.parametrize("choice", ["accept", "amend", "countersign"])
def test_the_highest_class_is_not_signed_at_an_unattended_screen(
    stage: Stage, browser: TestClient, choice: str
) -> None:
    """Whoever sits down at an open session knows neither the password nor the second factor."""
    draft = stage.drafted(risk=RiskClass.HIGH)["id"]
    if choice == "countersign":
        stage.building.accept("wang", draft)
    state = stage.building.state(draft)
    csrf = sign_in(browser, {"accept": "zhao", "amend": "chen", "countersign": "li"}[choice])
    browser.get(f"/inbox/{draft}")
    data = {"csrf": csrf, **FORMS[choice]}
    answer = browser.post(f"/inbox/{draft}/decision", data=data)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/me/presence?next=%2Finbox%2F")
    for guess in ({"password": "a guess"}, {"code": "000000"}, {"passkey": "{}"}, {}):
        refused = browser.post("/me/presence", data={"csrf": csrf, "next": "/inbox", **guess})
        assert refused.status_code in (401, 403)
        assert "guess" not in refused.text
    browser.post(f"/inbox/{draft}/decision", data=data)
    assert stage.building.state(draft) == state
    # What was typed is there, and with the proof it is signed.
    prove(browser, csrf)
    page = browser.get(f"/inbox/{draft}").text
    assert ("My own words." in page) == (choice == "amend")
    browser.post(f"/inbox/{draft}/decision", data=data)
    assert stage.building.state(draft) in ("countersignature", "released")
    assert stage.building.state(draft) != state


def test_rejecting_needs_no_proof(stage: Stage, browser: TestClient) -> None:
    draft = stage.drafted(risk=RiskClass.HIGH)["id"]
    csrf = sign_in(browser, "wang")
    browser.get(f"/inbox/{draft}")
    assert send(browser, draft, csrf, FORMS["reject"]) == 303
    assert stage.building.state(draft) == "rejected"


def test_the_proof_leads_to_no_foreign_site(stage: Stage, browser: TestClient) -> None:
    csrf = sign_in(browser, "zhao")
    for target in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"):
        data = {"csrf": csrf, "password": PASSWORD, "next": target}
        assert browser.post("/me/presence", data=data).headers["location"] == "/me"
