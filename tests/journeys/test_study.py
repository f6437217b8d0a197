"""An administrator starts a study of models in the browser and reads what it recommends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from browser import PHONE, serve
from browser import browser as browser
from building import PASSWORD, Building
from countersign.app.rooms import ROOMS
from countersign.app.worker import handlers
from countersign.ground.db import Database
from countersign.ground.egress import places
from countersign.ground.jobs import JobContext
from countersign.ground.models import STUDY_RUN
from countersign.ground.shell import build_http
from journeys.person import Person
from llm.knowing import KnowingServer, knowing_server
from rooms.modelbench import invented

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path: Path) -> Iterator[KnowingServer]:
    with knowing_server(invented.mirage(tmp_path, 80), tmp_path) as running:
        yield running


@pytest.fixture
def building(
    database: Database, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    """A house of its own: no other worker takes its study."""
    home = tmp_path_factory.mktemp("house")
    made = Building(database, home, egress=places(["127.0.0.1"]), medical_sets=tmp_path)
    yield made
    made.house.floor.egress.close()
    made.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_the_form_to_the_recommendation(
    browser: Browser, building: Building, server: KnowingServer, language: str
) -> None:
    house = building.house
    with serve(build_http(building.floor, ROOMS)) as address:
        with Person.arriving(browser, address, language) as admin:
            admin.window.sign_in("admin", PASSWORD)
            # Given the form of a new study
            admin.open("/modelbench/studies")
            admin.open("/modelbench/studies/new")
            page = admin.page
            page.fill("[name=title]", f"Which one ({language})?")
            for at, (label, model, hardware) in enumerate(
                (("14B", "knows-80-900", "l20"), ("70B", "knows-95-900", "h20"))
            ):
                page.locator("[name=label]").nth(at).fill(label)
                page.locator("[name=model]").nth(at).fill(model)
                page.locator("[name=address]").nth(at).fill(server.address)
                page.locator("[name=hardware]").nth(at).select_option(hardware)
            page.get_by_label("IMCS").uncheck()
            page.fill("[name=items]", "0")
            page.fill("[name=rates]", "20")
            page.fill("[name=seconds]", "0.5")
            page.fill("[name=output_tokens]", "4")
            page.fill("[name=first]", "60")
            page.fill("[name=between]", "5000")
            # When it is checked, and then started
            admin.follow(admin.button("检查并估算时间", "Check and estimate the time"))
            expect(page.locator(".notice-good")).to_be_visible()
            admin.follow(admin.button("开始研究", "Start the study"))
            expect(page.locator("#study-body")).to_have_attribute("data-state", "running")
            made = page.url.rsplit("/", 1)[-1]
            handlers(house)[STUDY_RUN](JobContext(1, STUDY_RUN), {"study": made})
            # Then the page itself comes to the result
            expect(page.locator("#study-body")).to_have_attribute(
                "data-state", "finished", timeout=15_000
            )
            expect(page.locator(".study-advice h3")).to_contain_text("70B")
            expect(page.locator(".study-plot circle")).to_have_count(2)
            admin.look("finished")
            with page.expect_download() as download:
                page.get_by_role("link", name="PDF").click()
            assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
            for name in ("planner", "prices", "imports", "studies"):
                admin.open(f"/modelbench/{name}")
            admin.window.check_clean()
            session = admin.page.context.storage_state()
        if language == "en":
            return
        with Person.arriving(
            browser, address, language, size=PHONE, storage_state=session
        ) as phone:
            # And nothing of it is wider than a telephone
            for path in (f"studies/of/{made}", "studies/new", "planner"):
                phone.open(f"/modelbench/{path}")
