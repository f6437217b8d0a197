"""Apps made with clients that nobody here wrote: fhirclient.js in a browser, and in Python."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from browser import WEB, Visit, check_axe, check_no_sideways, serve, visit
from building import PASSWORD, PATIENT
from doors.smart.stage import Person, Served, to_of

CLIENT = WEB / "node_modules" / "fhirclient" / "build" / "fhir-client.js"
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
PAGE = """<!doctype html><html lang="en"><head><title>Growth chart</title>
<script src="/fhir-client.js"></script></head><body><pre id="said">…</pre><script>
const say = text => {{ document.getElementById("said").textContent = text; }};
{script}
</script></body></html>"""
OPEN = """FHIR.oauth2.authorize({{clientId: "growth", redirectUri: "/done", {more}
  scope: "openid fhirUser {scope} patient/*.rs online_access"}}).catch(e => say("failed " + e));"""
DONE = """FHIR.oauth2.ready().then(async client => {
  const patient = await client.patient.read();
  const found = await client.request("Observation?patient=" + client.patient.id);
  const refreshed = await client.refresh();
  const again = await client.request("Observation/o1");
  say(JSON.stringify({name: patient.name[0].text, total: found.total, user: client.user.fhirUser,
    again: again.id, pkce: client.state.codeChallenge ? "S256" : "none"}));
}).catch(e => say("failed " + e));"""


@pytest.fixture(scope="module")
def app(served: Served) -> Iterator[str]:
    """The app's own server, at another origin, registered under the name ``growth``."""

    def open_from_chart(request: Request) -> Response:
        return HTMLResponse(PAGE.format(script=OPEN.format(scope="launch", more="")))

    def by_itself(request: Request) -> Response:
        more = f'iss: "{served.base}",'
        return HTMLResponse(PAGE.format(script=OPEN.format(scope="launch/patient", more=more)))

    def done(request: Request) -> Response:
        return HTMLResponse(PAGE.format(script=DONE))

    routes = [
        Route("/open", open_from_chart),
        Route("/alone", by_itself),
        Route("/done", done),
        Route("/fhir-client.js", lambda request: FileResponse(CLIENT)),
    ]
    with serve(Starlette(routes=routes)) as root:
        served.register(
            "Growth curves",
            "public",
            "openid fhirUser launch launch/patient patient/*.rs online_access",
            redirect_uris=f"{root}/done",
            launch_uri=f"{root}/open",
            identifier="growth",
        )
        yield root


def said(page: Page) -> dict[str, Any]:
    """What the app shows in the end."""
    page.wait_for_url("**/done*", timeout=20_000)
    page.wait_for_function("document.getElementById('said')?.textContent !== '…'", timeout=20_000)
    text = page.inner_text("#said")
    assert text.startswith("{"), text
    found: dict[str, Any] = json.loads(text)
    return found


def look(page: Page) -> None:
    page.wait_for_load_state("load")
    check_axe(page)
    check_no_sideways(page)


def expected(served: Served) -> dict[str, Any]:
    person = served.building.people["wang"]
    found = {"name": "王小明", "total": 1, "again": "o1", "pkce": "S256"}
    return {**found, "user": f"Practitioner/{person}"}


@pytest.mark.browser
@LANGUAGES
def test_an_app_is_opened_from_the_chart(
    served: Served, browser: Browser, app: str, language: str
) -> None:
    with visit(browser, served.root, language=language) as window:
        window.sign_in("wang", PASSWORD)
        # Given the chart of a patient, with the apps in which it can be opened
        page = window.open(f"/charts/{PATIENT}")
        look(page)
        # When one of them is opened, in a tab of its own
        with window.context.expect_page() as opened:
            page.get_by_role("link", name="Growth curves").click()
        other = opened.value
        # Then the person is asked, with the patient's name, and says yes
        other.wait_for_url("**/smart/consent/*")
        look(other)
        assert "王小明" in other.inner_text("main")
        other.get_by_role(
            "button", name="允许" if language == "zh" else "Allow", exact=True
        ).click()
        # And the app reads this patient and knows who the person is
        assert said(other) == expected(served)
        look(window.open("/smart/mine"))
        window.check_clean()


@pytest.mark.browser
@LANGUAGES
def test_an_app_by_itself_lets_its_person_sign_in_and_choose(
    served: Served, browser: Browser, app: str, language: str
) -> None:
    with visit(browser, app, language=language) as window:
        # Given an app that is opened by itself, and a person who is signed out
        page = window.page
        page.goto(f"{app}/alone")
        page.wait_for_url("**/sign-in*")
        page.fill("[name=username]", "wang")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        # When a patient is looked for and chosen, by the keyboard
        page.wait_for_url("**/smart/patient/*")
        look(page)
        for text in ("nobody", "王"):
            page.fill("[name=name]", text)
            with page.expect_navigation():
                page.keyboard.press("Enter")
            look(page)
        page.locator(f"button[value={PATIENT}]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/smart/consent/*")
        page.get_by_role("button", name="允许" if language == "zh" else "Allow", exact=True).click()
        # Then the app reads that patient
        assert said(page) == expected(served)


@pytest.mark.browser
@LANGUAGES
def test_the_administrator_registers_and_revokes(
    served: Served, browser: Browser, language: str
) -> None:
    with visit(browser, served.root, language=language) as window:
        window.sign_in("admin", PASSWORD)
        page = window.open("/smart/apps")
        look(page)
        name = f"Wound photographs {language}"
        _fill(window, name, "patient/*.sr")
        assert page.locator("[data-error-summary]").is_visible()
        assert page.input_value("[name=name]") == name
        look(page)
        _fill(window, name, "patient/*.rs")
        row = page.locator("tr", has_text=name)
        row.wait_for()
        row.locator("button.danger").click()
        dialog = page.locator("dialog[open]")
        check_axe(page)
        with page.expect_navigation():
            dialog.locator("[data-dialog-yes]").click()
        row = page.locator("tr", has_text=name)
        assert ("已撤销" if language == "zh" else "revoked") in row.inner_text()
        window.check_clean()
    found = served.building.events(kinds=("app-changed",))[-2:]
    assert [event.detail["change"] for event in found] == ["registered", "revoked"]
    assert {event.actor for event in found} == {f"person:{served.building.people['admin']}"}


def _fill(window: Visit, name: str, scopes: str) -> None:
    page = window.page
    page.fill("[name=name]", name)
    page.check("[name=kind][value=public]")
    page.fill("[name=scopes]", scopes)
    page.fill("[name=redirect_uris]", "https://wounds.example/app")
    with page.expect_navigation():
        page.click("#add ~ form button[type=submit]")


def test_the_python_client_of_smart_is_launched_and_refreshes(served: Served, wang: Person) -> None:
    from fhirclient import client

    redirect = "http://127.0.0.1:9/python"
    scope = "openid fhirUser launch/patient patient/*.rs offline_access"
    name = served.register("Python app", "public", scope, redirect_uris=redirect)
    settings = {
        "app_id": name,
        "api_base": served.base,
        "redirect_uri": redirect,
        "scope": scope,
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        smart = client.FHIRClient(settings=settings)
        smart.wants_patient = False
        asked = parse_qs(urlsplit(smart.authorize_url).query)
        page = wang.ask(**{key: value[0] for key, value in asked.items()})
        page = wang.choose(page, PATIENT)
        form = {"csrf": wang.csrf(page.text), "answer": "allow"}
        address = to_of(wang.window.post(page.url.path, data=form).text)
        smart.handle_callback(address)
        assert smart.ready and smart.patient_id == PATIENT
        assert smart.patient.name[0].text == "王小明"
        assert smart.reauthorize()
        again = smart.server.request_json(f"Patient/{PATIENT}")
        assert again["id"] == PATIENT
        smart.server.session.close()
