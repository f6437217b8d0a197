"""An administrator connects a server in a real browser, in both languages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser import PHONE, check_axe, check_no_sideways, serve
from browser import browser as browser
from building import PASSWORD, Building
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.egress import places
from countersign.ground.models import Asked, Work
from countersign.ground.shell import build_http
from ground.models.gateway.ward import prompt
from journeys.person import Person
from llm.server import FaultServer, fault_server

pytestmark = pytest.mark.browser
PICTURES = os.environ.get("COUNTERSIGN_PICTURES")  # noqa: TID251


@pytest.fixture(scope="module")
def faulty() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server


@pytest.fixture
def building(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Building]:
    home = tmp_path_factory.mktemp("house")
    made = Building(database, home, egress=places(["127.0.0.1"]))
    yield made
    made.house.floor.egress.close()
    made.close()


def usable(person: Person, name: str, language: str) -> None:
    """A page that anybody can read and use."""
    if PICTURES:
        file = Path(PICTURES) / f"{name}-{language}.png"
        person.page.screenshot(path=str(file), full_page=True)
    check_axe(person.page)
    check_no_sideways(person.page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_from_nothing_to_a_model_at_work(
    browser: Browser, building: Building, faulty: FaultServer, language: str
) -> None:
    app = build_http(building.floor, ROOMS)
    with serve(app) as base, Person.arriving(browser, base, language) as admin:
        admin.window.sign_in("admin", PASSWORD)
        # Given a hospital without a language model
        admin.open("/modelbench")
        admin.reads(admin.say("尚未接入本院的服务器。", "No server of the hospital is connected."))
        usable(admin, "empty", language)
        # When an administrator connects a server
        admin.open("/modelbench/servers/new")
        admin.page.fill("[name=name]", "ward-llm")
        admin.page.fill("[name=address]", faulty.address)
        admin.page.fill("[name=price_out]", "8")
        usable(admin, "new", language)
        admin.follow(admin.button("接入并探测", "Connect and probe"))
        # Then its models are there, and one can be assigned
        admin.reads(admin.say("服务中", "serves"))
        usable(admin, "server", language)
        admin.open("/modelbench/assigning/answer")
        admin.page.select_option("[name=choice1]", "ward-llm/fail")
        admin.page.select_option("[name=choice2]", "ward-llm/ok")
        usable(admin, "assigning", language)
        admin.follow(admin.button("使其生效", "Put in force"))
        made = prompt(building.floor.registry, "ward-round")
        said = building.floor.gateway.ask(Asked(made, {"chart": "x"}, building.who("wang")))
        assert said.passed_over
        admin.open("/modelbench")
        admin.reads("ward-llm")
        usable(admin, "overview", language)
        admin.open("/modelbench/servers")
        usable(admin, "servers", language)
        admin.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        usable(admin, "servers-phone", language)
    assert building.floor.gateway.ready(Work.ANSWER)
