"""What scripts add: kept work, keys, dialogs, plots, and the word that AI was stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from browser import PHONE, Visit, visit
from ground.identity.world import PASSWORD
from ground.shell.hospital import Hospital

pytestmark = pytest.mark.browser

FORM = "/gallery/form"


@pytest.fixture
def window(browser: Browser, base: str) -> Iterator[Visit]:
    """A physician at a ward's computer."""
    with visit(browser, base) as one:
        one.sign_in("doctor", PASSWORD)
        yield one
        one.check_clean()


def kept(page: Page) -> list[str]:
    return page.evaluate("Object.keys(sessionStorage).filter(k => k.startsWith('keep:'))")


def fill(page: Page, text: str = "停用二甲双胍") -> None:
    page.fill("[name=text]", text)
    page.check("#f-choice-2")
    page.check("#f-many-1")
    page.select_option("[name=reason]", "a")


def filled(page: Page, text: str = "停用二甲双胍") -> bool:
    return (
        page.input_value("[name=text]") == text
        and page.is_checked("#f-choice-2")
        and page.is_checked("#f-many-1")
        and page.is_checked("#f-many-2")
        and page.input_value("[name=reason]") == "a"
    )


def test_the_language_changes_on_the_same_page_without_losing_work(window: Visit) -> None:
    page = window.open(FORM + "?from=inbox")
    fill(page)
    page.click("[data-language-switch]")
    page.wait_for_selector("html[lang=en]")
    assert page.url == window.base + FORM + "?from=inbox"
    assert filled(page)
    assert "here again" in page.inner_text("[data-kept]")
    page.click("[data-language-switch]")
    page.wait_for_selector("html[lang=zh-CN]")
    assert filled(page)
    assert window.open("/me").get_attribute("html", "lang") == "zh-CN", "the choice stays"


def test_a_reload_keeps_work_and_sending_ends_it(window: Visit) -> None:
    page = window.open(FORM)
    fill(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert filled(page)
    page.click("main button[type=submit]")
    page.click("dialog [data-dialog-yes]")
    page.wait_for_selector("#sent li:has-text('停用二甲双胍/b')")
    assert page.input_value("[name=text]") == ""
    assert kept(page) == []


def test_an_error_keeps_everything_that_was_filled_in(window: Visit) -> None:
    page = window.open(FORM)
    fill(page, "bad")
    page.click("main button[type=submit]")
    page.click("dialog [data-dialog-yes]")
    page.wait_for_selector("[data-error-summary]")
    assert filled(page, "bad")
    assert page.evaluate("document.activeElement.hasAttribute('data-error-summary')")


def test_leaving_unsent_work_is_asked_about(window: Visit) -> None:
    page = window.open(FORM)
    fill(page)
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.click(".rooms a >> nth=1")
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    assert page.url == window.base + FORM
    page.fill("[name=text]", "")
    page.check("#f-choice-1")
    page.uncheck("#f-many-1")
    page.select_option("[name=reason]", "b")
    assert kept(page) == [], "nothing to keep once all is as before"
    page.click(".rooms a >> nth=1")
    page.wait_for_url("**/gallery/list")


def test_passwords_are_never_kept(window: Visit) -> None:
    page = window.open(FORM)
    page.fill("[name=secret]", "seven quiet herons")
    fill(page)
    assert "停用" in page.evaluate("JSON.stringify({...sessionStorage})")
    assert "herons" not in page.evaluate("JSON.stringify({...sessionStorage})")


def test_signing_out_clears_what_was_kept_before_any_answer(window: Visit) -> None:
    page = window.open(FORM)
    fill(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/sign-out", lambda route: route.fulfill(body="no header of the server's"))
    page.click(".person summary")
    page.click("text=退出登录")
    page.wait_for_selector("text=no header")
    assert kept(page) == []


def test_what_one_person_wrote_is_gone_for_the_next(window: Visit) -> None:
    page = window.open(FORM)
    fill(page)
    assert len(kept(page)) == 1
    page.on("dialog", lambda dialog: dialog.accept())
    page.click(".person summary")
    page.click("text=退出登录")
    page.wait_for_url("**/sign-in")
    assert kept(page) == []
    window.sign_in("admin", PASSWORD)
    assert window.open(FORM).input_value("[name=text]") == ""


def test_another_persons_work_is_removed_even_without_signing_out(window: Visit) -> None:
    page = window.open("/me")
    page.evaluate(
        """sessionStorage.setItem('keep:somebody-else:gallery',
        JSON.stringify({fields: [['text', 0, 'not yours']], sent: false}))"""
    )
    page = window.open(FORM)
    assert page.input_value("[name=text]") == ""
    assert kept(page) == []


def test_keys_lead_through_the_house(window: Visit) -> None:
    page = window.open("/me")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/gallery/list")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("j?")
    assert page.input_value("[name=q]") == "j?", "letters typed into a field are letters"
    page.evaluate("document.activeElement.blur()")
    for key in "jjjk":
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/gallery/list/2"
    page.keyboard.press("Enter")
    page.wait_for_url("**/gallery/list/2")
    page.keyboard.press("?")
    page.wait_for_url("**/help")


def test_single_keys_can_be_switched_off(window: Visit) -> None:
    page = window.open("/help")
    page.uncheck("[data-keyboard-on]")
    page = window.open("/gallery/list")
    page.keyboard.press("j")
    page.keyboard.press("?")
    page.wait_for_timeout(100)
    assert page.url.endswith("/gallery/list")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page = window.open("/help")
    assert not page.is_checked("[data-keyboard-on]")
    page.check("[data-keyboard-on]")
    page = window.open("/gallery/list")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "A"


def test_a_question_is_asked_before_a_form_is_sent(window: Visit) -> None:
    page = window.open(FORM)
    page.fill("[name=text]", "only if sure")
    page.click("main button[type=submit]")
    assert page.is_visible("dialog[open]")
    page.keyboard.press("?")
    assert page.is_visible("dialog[open]"), "keys rest while a question is open"
    page.click("dialog [data-dialog-no]")
    assert not page.is_visible("dialog[open]")
    assert "only if sure" not in page.inner_text("#sent")
    page.click("main button[type=submit]")
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog[open]")
    page.click("main button[type=submit]")
    page.click("dialog [data-dialog-yes]")
    page.wait_for_selector("#sent li:has-text('only if sure')")


def test_a_button_may_pass_by_the_question(window: Visit) -> None:
    page = window.open(FORM)
    page.fill("[name=text]", "without asking")
    page.click("[data-no-confirm]")
    page.wait_for_selector("#sent li:has-text('without asking')")


def test_a_button_prints(window: Visit) -> None:
    page = window.open(FORM)
    page.evaluate("window.print = () => document.body.dataset.printed = 'yes'")
    page.click("[data-print]")
    assert page.get_attribute("body", "data-printed") == "yes"


def test_rows_become_cards_on_a_phone_and_stay_a_table_for_a_screen_reader(
    browser: Browser, base: str
) -> None:
    with visit(browser, base, size=PHONE) as window:
        window.sign_in("doctor", PASSWORD)
        page = window.open("/gallery/list")
        assert page.evaluate("getComputedStyle(document.querySelector('tbody tr')).display") == (
            "flex"
        )
        assert page.get_by_role("row").count() == 6
        assert page.get_by_role("columnheader").inner_text() == "编号"
        assert page.get_attribute("tbody td", "data-label") == "编号"


def test_a_trend_can_be_read_by_eye_keys_and_table(window: Visit) -> None:
    page = window.open("/gallery")
    plot = page.locator("[data-trend=t1-data]")
    plot.locator("canvas").wait_for()
    assert not page.is_visible("#t1-data"), "the table waits folded"
    assert page.is_visible("#t2-data"), "one value is no trend"
    assert plot.get_attribute("role") == "slider"
    assert plot.get_attribute("aria-valuemax") == "7"
    assert "149 μmol/L" in (plot.get_attribute("aria-valuetext") or "")
    plot.focus()
    page.keyboard.press("ArrowLeft")
    assert "156 μmol/L" in (plot.get_attribute("aria-valuetext") or "")
    assert "危急偏高" in (plot.get_attribute("aria-valuetext") or "")
    page.keyboard.press("Home")
    assert "88 μmol/L" in plot.inner_text()
    assert plot.get_attribute("aria-valuenow") == "0"
    page.keyboard.press("ArrowLeft")
    assert plot.get_attribute("aria-valuenow") == "0"
    page.click("#t1-data >> xpath=ancestor::details/summary")
    assert page.locator("#t1-data tbody tr").first.inner_text().startswith("2026-10-23")
    painted = plot.locator("canvas").evaluate(
        """c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size"""
    )
    assert painted > 10


def test_an_open_page_learns_that_ai_was_stopped(
    window: Visit, hospital: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = window.open("/gallery")
    strip = page.locator("[data-ai-stopped]")
    assert not strip.is_visible()
    running = hospital.switch.state()
    stopped = replace(running, stopped=True, at=hospital.world.clock())
    monkeypatch.setattr(hospital.switch, "state", lambda: stopped, raising=False)
    strip.wait_for(state="visible", timeout=5000)
    assert "AI 已停止" in strip.inner_text()
    monkeypatch.setattr(hospital.switch, "state", lambda: running, raising=False)
    strip.wait_for(state="hidden", timeout=5000)


def test_the_menu_folds_on_a_phone(browser: Browser, base: str) -> None:
    with visit(browser, base, size=PHONE) as window:
        window.sign_in("doctor", PASSWORD)
        page = window.open("/me")
        assert not page.is_visible("#rooms-list")
        page.click(".rooms-toggle")
        assert page.get_attribute(".rooms-toggle", "aria-expanded") == "true"
        page.click("#rooms-list a >> nth=1")
        page.wait_for_url("**/gallery/list")


def test_the_persons_menu_closes_with_escape(window: Visit) -> None:
    page = window.open("/me")
    page.click(".person summary")
    assert page.is_visible(".person ul")
    page.keyboard.press("Escape")
    assert not page.is_visible(".person ul")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.click(".person summary")
    page.click("h1")
    assert not page.is_visible(".person ul")
