"""An administrator compares two versions in a real browser and puts one into service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from app.doorway import HTML, enter
from browser import browser as browser
from browser import serve
from building import PASSWORD, Building
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.shell import build_http
from ground.models.test_trained import WORK, kept
from journeys.person import Person
from rooms.modelbench.test_browser import usable

pytestmark = pytest.mark.browser
WORDS = {
    "en": ("Nothing has been trained here yet.", "Put it into service", "Take it out of service"),
    "zh": ("本院尚未训练任何模型。", "投入使用", "停止使用"),
}


@pytest.fixture
def building(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    made = Building(database, tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_versions_side_by_side_and_one_in_service(
    browser: Browser, building: Building, language: str
) -> None:
    nothing, _, _ = WORDS[language]
    with (
        serve(lambda: build_http(building.floor, ROOMS)) as base,
        Person.arriving(browser, base, language) as admin,
    ):
        admin.window.sign_in("admin", PASSWORD)
        admin.open("/modelbench/trained")
        assert nothing in admin.page.content()
        usable(admin, "trained-none", language)
        first, second = (
            kept(building, version, figure, version.encode())
            for version, figure in (("20261101.aa", 0.81), ("20261126.bb", 0.874))
        )
        admin.open("/modelbench/trained")
        usable(admin, "trained", language)
        admin.page.get_by_role("link", name=second.label).click()
        admin.page.get_by_role("link", name=first.version, exact=True).click()
        assert "0.874" in admin.page.content() and "0.81" in admin.page.content()
        usable(admin, "trained-version", language)
        admin.page.locator("form[action$='/serve'] button").click()
        admin.page.wait_for_load_state()
        assert building.floor.trained.in_service(WORK) == second
        usable(admin, "trained-serves", language)
        admin.page.locator("form[action$='/withdraw'] button").click()
        admin.page.wait_for_load_state()
        assert building.floor.trained.in_service(WORK) is None


def test_who_may_not_register_models_sees_no_button(building: Building) -> None:
    ref = kept(building, "1", 0.8)
    client = TestClient(
        build_http(building.floor, ROOMS), "http://127.0.0.1", headers=HTML, follow_redirects=False
    )
    doctor = enter(client, "wang", PASSWORD)
    page = doctor.get(f"/modelbench/trained/of/{ref.name}/1")
    assert page.status_code == 200 and "/serve" not in page.text
    assert doctor.get(f"/modelbench/trained/of/{ref.name}/1?beside=9").status_code == 404


def test_a_version_says_how_many_frozen_fields_were_gone(building: Building) -> None:
    whole, less = kept(building, "2", 0.8), kept(building, "3", 0.8, b"other", frozen_gone=3)
    client = TestClient(
        build_http(building.floor, ROOMS), "http://127.0.0.1", headers=HTML, follow_redirects=False
    )
    doctor = enter(client, "wang", PASSWORD)
    pages = [
        doctor.get(f"/modelbench/trained/of/{one.name}/{one.version}") for one in (whole, less)
    ]
    assert ["Frozen fields that were gone" in page.text for page in pages] == [False, True]
