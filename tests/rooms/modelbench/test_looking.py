"""The pages of distillation in a real browser: both languages, a phone, keyboard, no violation."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from browser import PHONE, WARD, check_axe, check_no_sideways, serve, visit
from browser import browser as browser
from building import PASSWORD, Building
from countersign.app.house import register_models
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.shell import build_http
from rooms.modelbench.test_distilling import PLAN, distilled, labelled


@pytest.fixture(scope="module")
def house(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    assert not register_models(made.house)
    yield made
    made.house.compute.close()
    made.close()


@pytest.mark.browser
@pytest.mark.parametrize(("language", "size"), [("en", WARD), ("zh", PHONE)])
def test_results_are_read_and_put_into_service_with_the_keyboard(
    house: Building, browser: Browser, language: str, size: tuple[int, int]
) -> None:
    task = distilled(house, PLAN, labelled(1500))
    with (
        serve(build_http(house.floor, ROOMS)) as base,
        visit(browser, base, language=language, size=size) as window,
    ):
        window.sign_in("admin", PASSWORD)
        page = window.open("/modelbench/distilling")
        check_axe(page)
        check_no_sideways(page)
        page = window.open(f"/modelbench/distilling/of/{task}")
        check_axe(page)
        check_no_sideways(page)
        page.focus(f"form[action$='{task}/live'] button")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"form[action$='{task}/withdraw']")
        check_axe(page)
        window.check_clean()
    live = house.floor.students.kept.live(PLAN.work)
    assert live is not None
    assert live[0] == task
