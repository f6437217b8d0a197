"""From a question to a checked answer by a real server in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from building import Building
from countersign.app.house import register_models
from countersign.ground.db import Database, DbRole
from countersign.ground.models import Work
from ground.library.shelves import PEOPLE, TEXT, Shelves
from llm.connected import connected
from llm.server import FaultServer, fault_server
from rooms.knowledge.test_pages import Browser
from rooms.knowledge.test_written import QUESTION


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with fault_server() as running:
        yield running


@pytest.fixture(scope="module")
def shelves(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory, server: FaultServer
) -> Iterator[Shelves]:
    building = Building(module_database, tmp_path_factory.mktemp("home"), staff=PEOPLE)
    assert register_models(building.house) == []
    with connected(building, server.address, "librarian", Work.ANSWER) as gateway:
        building.floor = replace(building.floor, gateway=gateway)
        made = Shelves(building)
        made.published(TEXT, title="高钾血症处理规范")
        yield made
    building.close()


def test_the_answer_is_worded_checked_and_its_call_kept_without_a_word_of_it(
    shelves: Shelves, server: FaultServer
) -> None:
    page = Browser(shelves, "wang").post("/knowledge/written", q=QUESTION)
    assert "Nobody has signed it" in page and "librarian" in page and "<q lang" in page
    assert "Not supported and left out: 1 sentences" in page
    shown = page.partition("Not supported and left out")[0]
    assert "99 days" not in shown
    body = server.seen()[-1]["body"]
    system, user = (message["content"] for message in body["messages"][:2])
    assert "血钾" in user and "血钾" not in system
    rows = shelves.building.database.pool(DbRole.STEWARD).rows("select * from models.call")
    (call,) = [row for row in rows if row["prompt_name"] == "knowledge-answer"]
    assert "血钾" not in str(call) and "钙" not in str(call)
