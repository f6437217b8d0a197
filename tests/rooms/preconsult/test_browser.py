"""The patient's pages on a small phone: readable, both ways, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response

from browser import browser as browser
from browser import check_axe, check_no_sideways, serve, visit
from building import PATIENT, Building
from countersign.app.rooms import ROOMS
from countersign.ground.shell import build_http
from countersign.rooms.preconsult.inference import speeches
from countersign.rooms.preconsult.service import Desking, Interviewing

pytestmark = pytest.mark.browser

PHONE = (360, 640)
BUDGET = 40 * 1024
"""Bytes that a first page may weigh, with its style and script, not compressed."""


@pytest.fixture(scope="module")
def base(building: Building) -> Iterator[str]:
    with serve(build_http(building.floor, ROOMS)) as address:
        yield address


def link(building: Building) -> str:
    return Desking(building.floor).invite(building.who("nurse"), PATIENT, 24, "").address


def go_on(page: Page) -> None:
    """Presses the button that leads on, and waits: where the browser thinks that there is no
    network, the page asks the server first."""
    with page.expect_navigation():
        page.click("form .go button[type=submit]")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_patient_gets_through_on_a_small_phone(
    browser: Browser, base: str, building: Building, scripts: bool
) -> None:
    path = link(building)
    with visit(browser, base, language="en", size=PHONE, java_script_enabled=scripts) as window:
        page = window.open(path)
        for step in range(40):
            if scripts and step < 4:
                check_axe(page)
                check_no_sideways(page)
            item = page.get_attribute("input[name=item]", "value") or ""
            if item == "complaint":
                page.fill("textarea", "my stomach has hurt after meals for a week")
            elif item == "dangers":
                page.check("input[value=none]")
            elif item.startswith("ask:"):
                page.check("input[value=no]")
            elif item == "smoking":
                page.check("input[value=never]")
            elif item in ("history", "medicines", "allergies", "family"):
                page.check("input[name=answer]")
            go_on(page)
            if item == "review":
                break
        assert "Sent, thank you" in page.inner_text("main")
        window.check_clean()


@pytest.mark.parametrize("code", ["ar", "fa", "ja", "ru"])
def test_a_language_reads_its_way_and_fits(
    browser: Browser, base: str, building: Building, code: str
) -> None:
    path = link(building)
    with visit(browser, base, size=PHONE) as window:
        page = window.open(f"{path}?lang={code}")
        direction = page.evaluate("getComputedStyle(document.body).direction")
        assert direction == speeches()[code].direction
        check_axe(page)
        check_no_sideways(page)
        go_on(page)
        page.fill("textarea", "?")
        go_on(page)
        page.check("input[value=stroke]")
        go_on(page)
        assert speeches()[code].texts["alarm"] in page.inner_text("main")
        check_axe(page)
        check_no_sideways(page)


def test_the_first_page_is_light(browser: Browser, base: str, building: Building) -> None:
    answers: list[Response] = []
    with visit(browser, base, size=PHONE) as window:
        window.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108
        window.open(link(building))
        sizes = [len(answer.body()) for answer in answers]
    assert 0 < sum(sizes) < BUDGET


def test_what_is_typed_outlives_a_lost_network(
    browser: Browser, base: str, building: Building
) -> None:
    with visit(browser, base, language="en", size=PHONE) as window:
        page = window.open(link(building))
        go_on(page)
        page.fill("textarea", "a cough since Monday")
        window.context.set_offline(True)
        page.click("form .go button[type=submit]")
        page.get_by_text("Waiting for the network").wait_for()
        window.context.set_offline(False)
        page.wait_for_selector("input[value=none]")
        page.goto(page.url.split("?")[0] + "?lang=en&item=complaint")
        assert page.input_value("textarea") == "a cough since Monday"


def test_what_is_typed_outlives_a_page_that_is_closed(
    browser: Browser, base: str, building: Building
) -> None:
    path = link(building)
    with visit(browser, base, language="en", size=PHONE) as window:
        page = window.open(path)
        go_on(page)
        page.locator("textarea").press_sequentially("a cough")
        page.close()
        again = window.context.new_page()
        again.goto(f"{base}{path}?lang=en")
        assert again.input_value("textarea") == "a cough"
        go_on(again)
        again.wait_for_selector("input[value=none]")
        # once the server has it, the phone has not
        assert again.evaluate("Object.keys(localStorage).length") == 0
        window.check_clean()


@pytest.mark.parametrize("code", ["ar", "ko"])
def test_answers_are_read_over_in_the_language_of_the_page(
    browser: Browser, base: str, building: Building, code: str
) -> None:
    path, speech = link(building), speeches()[code]
    held = building.floor.interviews.links.open(path.split("/")[-1])
    service = Interviewing(building.floor)
    service.answer(held, "who", {"who": "relative", "text": "N"}, [], code)
    service.answer(held, "complaint", {"text": "?"}, [], code)
    service.answer(held, "dangers", {}, ["none"], code)
    while (item := service.view(held, code).item) != "review":
        calm = {"answer": "never" if item == "smoking" else "none"}
        service.answer(held, item, {"answer": "no"} if item[:4] == "ask:" else calm, [], code)
    with visit(browser, base, size=PHONE) as window:
        page = window.open(f"{path}?lang={code}")
        shown = page.inner_text("dl")
        said = ("dangers_none", "no", "none", "smoking_never", "who_relative")
        assert all(speech.texts[one] in shown for one in said), shown
        asked = [text for text in speech.questions.values() if text in shown]
        assert asked, "the questions stand there as they were asked"
        assert "none, as told" not in shown and "a relative" not in shown
        check_axe(page)


def test_the_desk_and_the_summary_are_usable(
    browser: Browser, base: str, building: Building
) -> None:
    building.who("nurse")
    with visit(browser, base, language="en") as window:
        window.sign_in("nurse", "correct horse battery")
        page = window.open("/preconsult")
        check_axe(page)
        check_no_sideways(page)
        page.select_option("select[name=patient]", PATIENT)
        page.click("form[action='/preconsult'][method=post] button.main")
        page.wait_for_load_state("load")
        assert page.get_by_alt_text("QR code of the link").is_visible()
        check_axe(page)
        window.check_clean()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_physicians_summary_is_half_a_screen(
    browser: Browser, base: str, building: Building, language: str
) -> None:
    held = building.floor.interviews.links.open(link(building).split("/")[-1])
    service = Interviewing(building.floor)
    service.answer(held, "who", {"who": "patient"}, [], "en")
    service.answer(held, "complaint", {"text": "a daughter wrote this first"}, [], "en")
    service.answer(held, "complaint", {"text": "my stomach has hurt for a week"}, [], "en")
    service.answer(held, "dangers", {}, ["bleeding"], "en")
    while (item := service.view(held, "en").item) != "review":
        calm = {"answer": "never" if item == "smoking" else "none"}
        service.answer(held, item, {"answer": "no"} if item[:4] == "ask:" else calm, [], "en")
    service.send(held, "en")
    building.who("wang")
    with visit(browser, base, language=language) as window:
        window.sign_in("wang", "correct horse battery")
        page = window.open(f"/preconsult/of/{held.id}")
        check_axe(page)
        check_no_sideways(page)
        facts = page.locator("dl.facts").bounding_box()
        assert facts is not None and facts["height"] < 720  # of a screen of 900 and more
        assert "my stomach has hurt for a week" in page.inner_text("dl.facts")
        assert "a daughter wrote" not in page.inner_text("dl.facts")
        before = page.locator("details", has=page.locator("del"))
        before.locator("summary").click()  # two people filled in: what each gave is still there
        assert "a daughter wrote this first" in before.inner_text()
        check_axe(page)
        window.check_clean()
