"""Everybody else: a sensible first page, nothing that is not theirs, usable by everyone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from browser import PHONE, WARD
from furnished import Furnished
from journeys.conftest import Enter
from journeys.person import Person

pytestmark = pytest.mark.browser

LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
FIRST_PAGES = {
    "nurse": ("/charts", "患者", "Patients"),
    "pharmacist": ("/charts", "患者", "Patients"),
    "laboratory-technician": ("/charts", "患者", "Patients"),
    "pathologist": ("/inbox", "待办箱", "Inbox"),
    "researcher": ("/administration/models", "模型", "Models"),
    "auditor": ("/audit", "审计", "Audit"),
    "administrator": ("/administration/ai", "停用 AI", "Stop AI"),
    "security-officer": ("/audit", "审计", "Audit"),
    "senior-physician": ("/inbox", "待办箱", "Inbox"),
    "curator": ("/knowledge/shelf", "知识库文档", "Documents of the library"),
}


@LANGUAGES
@pytest.mark.parametrize("username", FIRST_PAGES)
def test_everybody_begins_at_a_page_that_is_theirs(
    entering: Enter, username: str, language: str
) -> None:
    path, zh, en = FIRST_PAGES[username]
    with entering(username, language) as person:
        # Given somebody who is signed in and comes to the house
        person.open("/")
        # Then the first page is the one of their work
        assert person.page.url == person.window.base + path
        assert person.page.inner_text("h1") == person.say(zh, en)
        # And every entry of the menu opens
        menu = person.page.locator("#rooms-list a").evaluate_all("all => all.map(a => a.href)")
        assert menu
        for address in menu:
            person.open(address.removeprefix(person.window.base))
            assert person.page.locator("[data-problem]").count() == 0
            assert person.page.locator("#rooms-list [aria-current=page]").count() == 1


@LANGUAGES
@pytest.mark.parametrize("size", [WARD, PHONE], ids=["ward", "phone"])
def test_a_patient_reads_the_own_record_and_no_other(
    entering: Enter, furnished: Furnished, language: str, size: tuple[int, int]
) -> None:
    own = furnished.rows("select patient from identity.own_record")[0]["patient"]
    other = furnished.rows("select patient from chart.patient where patient <> %s limit 1", own)
    with entering("patient", language, size=size) as patient:
        # Given a patient, the own chart is the first page
        patient.open("/")
        assert patient.page.url == f"{patient.window.base}/charts/{own}"
        assert patient.main.locator("section[aria-labelledby=problems] tbody tr").count() >= 1
        # And shows no draft of a model
        assert patient.main.locator(".answer-draft").count() == 0
        patient.follow(patient.link("趋势", "Trends"))
        patient.page.locator(".trend-plot canvas").first.wait_for()
        # When somebody else's is asked for, it stays closed
        patient.open(f"/charts/{other[0]['patient']}")
        assert patient.page.locator("[data-problem]").is_visible()
        assert patient.main.locator("section").count() == 0
        patient.open("/charts?name=DEMO-000002")
        assert patient.main.locator("tbody tr").count() == 0


@LANGUAGES
@pytest.mark.parametrize("size", [WARD, PHONE], ids=["ward", "phone"])
def test_the_door_says_what_is_wrong(
    browser: Browser, base: str, language: str, size: tuple[int, int]
) -> None:
    with Person.arriving(browser, base, language, size=size) as stranger:
        # Given a page that needs a session
        stranger.open("/inbox?view=rejected")
        # Then one is asked to sign in, and a wrong password is said to be one
        assert "/sign-in" in stranger.page.url
        stranger.page.fill("[name=username]", "physician")
        stranger.page.fill("[name=password]", "not this one")
        stranger.follow(stranger.button("登录", "Sign in"))
        assert stranger.page.locator("[data-error-summary]").is_visible()
        stranger.look("refused")
        # And with the right one the page is there that was asked for
        stranger.page.fill("[name=password]", "countersign-demo")
        stranger.follow(stranger.button("登录", "Sign in"))
        assert stranger.page.url == f"{base}/inbox?view=rejected"
        stranger.look()
        # And so are the pages of the own account
        for path in ("/me", "/me/password", "/help"):
            stranger.open(path)
        stranger.window.check_clean()
