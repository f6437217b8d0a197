"""Every page of the shell and every component, as a person's browser sees them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser import PHONE, WARD, check_axe, check_no_sideways, serve, visit
from countersign.ground.shell import Assets
from ground.identity.world import PASSWORD
from ground.shell.hospital import Hospital

pytestmark = pytest.mark.browser

PAGES = (
    "/gallery",
    "/gallery/list",
    "/gallery/form",
    "/me",
    "/me?changed=true",
    "/me/password",
    "/help",
    "/nowhere",
)


@pytest.mark.parametrize("size", [WARD, PHONE], ids=["ward", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_can_be_used_by_everyone(
    browser: Browser, base: str, language: str, size: tuple[int, int]
) -> None:
    with visit(browser, base, language=language, size=size) as window:
        check_axe(window.open("/sign-in"))
        window.sign_in("admin", PASSWORD)
        for path in PAGES:
            page = window.open(path)
            assert page.get_attribute("html", "lang") == ("zh-CN" if language == "zh" else "en")
            check_axe(page)
            check_no_sideways(page)
        page = window.open("/gallery/form")
        page.fill("[name=text]", "bad")
        page.click("main button[type=submit]")
        check_axe(page)
        page.click("dialog [data-dialog-yes]")
        page.wait_for_selector("[data-error-summary]")
        check_axe(page)
        window.check_clean()


def test_pages_work_at_400_percent(browser: Browser, base: str) -> None:
    """WCAG 2.2, 1.4.10: 1280 px at 400 % leave 320 px."""
    with visit(browser, base, size=(320, 256)) as window:
        window.sign_in("admin", PASSWORD)
        for path in PAGES:
            check_no_sideways(window.open(path))


def test_everything_that_can_be_pressed_is_large_enough(browser: Browser, base: str) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24 px, but for links within a line of text."""
    with visit(browser, base, size=PHONE) as window:
        window.sign_in("admin", PASSWORD)
        for path in ("/gallery", "/gallery/list", "/gallery/form", "/me", "/help"):
            small = window.open(path).evaluate(
                """() => [...document.querySelectorAll('a, button, input, select, summary')]
                .filter(e => e.checkVisibility() && e.type !== 'hidden' && !e.matches('.skip'))
                .filter(e => !e.closest('p, .receipt, .patient'))
                .map(e => [e, e.getBoundingClientRect()])
                .filter(([e, r]) => r.width < 24 || r.height < 24)
                .map(([e, r]) => `${e.outerHTML} ${r.width}x${r.height}`)"""
            )
            assert small == [], path


def test_a_keyboard_reaches_the_content_and_sees_where_it_is(browser: Browser, base: str) -> None:
    with visit(browser, base) as window:
        window.sign_in("admin", PASSWORD)
        page = window.open("/gallery/list")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("Tab")
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width == "3px"


def test_pages_work_without_scripts(browser: Browser, base: str) -> None:
    with visit(browser, base, java_script_enabled=False) as window:
        window.sign_in("admin", PASSWORD)
        page = window.open("/gallery")
        assert page.is_visible("#t1-data")
        assert not page.is_visible("[data-trend]")
        page = window.open("/gallery/form")
        assert not page.is_visible("dialog")
        page.fill("[name=text]", "by hand")
        page.click("main button[type=submit]")
        page.wait_for_load_state()
        assert "by hand/a" in page.inner_text("#sent")
        assert page.is_visible(".rooms a")


def test_pages_work_without_a_build(browser: Browser, hospital: Hospital) -> None:
    pages = hospital.floor.pages
    kept = pages._environments["zh"].globals["assets"]  # pyright: ignore[reportPrivateUsage]
    for made in pages._environments.values():  # pyright: ignore[reportPrivateUsage]
        made.globals["assets"] = Assets()
    try:
        with serve(hospital.app) as base, visit(browser, base) as window:
            window.sign_in("admin", PASSWORD)
            page = window.open("/help")
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") != (
                "rgba(0, 0, 0, 0)"
            )
            assert not page.is_visible("[data-keyboard-choice]"), "it would promise too much"
            assert not page.is_visible(".rooms-toggle")
            window.check_clean()  # before axe, which copies imported styles into the page
            check_axe(page)
    finally:
        for made in pages._environments.values():  # pyright: ignore[reportPrivateUsage]
            made.globals["assets"] = kept


def test_paper_shows_drafts_as_drafts_and_whose_data_it_is(
    browser: Browser, base: str, tmp_path: Path
) -> None:
    with visit(browser, base) as window:
        window.sign_in("admin", PASSWORD)
        page = window.open("/gallery")
        page.emulate_media(media="print")
        assert not page.is_visible(".bar")
        assert not page.is_visible(".rooms")
        assert page.is_visible(".strip-demo")
        assert page.is_visible("#a1 .mark-draft")
        assert page.is_visible("#a1 .answer-not")
        assert page.is_visible(".patient-name")
        border = "getComputedStyle(document.querySelector('#{}')).borderTopStyle"
        assert page.evaluate(border.format("a1")) == "dashed"
        assert page.evaluate(border.format("a2")) == "solid"
        page.pdf(path=tmp_path / "chart.pdf")
        assert (tmp_path / "chart.pdf").stat().st_size > 20_000


def test_a_draft_and_a_signed_answer_cannot_be_taken_for_each_other(
    browser: Browser, base: str
) -> None:
    with visit(browser, base) as window:
        window.sign_in("admin", PASSWORD)
        page = window.open("/gallery")
        assert page.inner_text("#a1 .mark-draft") == "草稿"
        assert "尚无人签署" in page.inner_text("#a1 .answer-marks")
        assert page.inner_text("#a2 .mark") == "修改后已签署"
        assert "王芳" in page.inner_text("#a2 .answer-marks")
        assert "2026-11-22" in page.inner_text("#a2 .answer-marks")
        assert "草稿" not in page.inner_text("#a2")
        look = """id => { const s = getComputedStyle(document.querySelector(id + ' .answer-head'));
            return [s.backgroundImage, s.backgroundColor] }"""
        assert "repeating-linear-gradient" in page.evaluate(look, "#a1")[0]
        assert page.evaluate(look, "#a2")[0] == "none"
        assert "≤ 111" in page.inner_text("#t3-title")
        assert "57–111" in page.inner_text("#t1-title")
        for heading in ("理由", "证据", "本回答的局限", "把握程度", "其他可能", "模型"):
            assert page.locator(f"#a1 h3:has-text('{heading}')").first.is_visible()
        assert page.locator("#a1 .explanation h3").count() == 7
