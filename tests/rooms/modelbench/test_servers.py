"""An administrator connects a server, assigns its models and sees how it fares; staff may look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from building import Building
from countersign.app.rooms import ROOMS
from countersign.ground.db import Database
from countersign.ground.egress import places
from countersign.ground.ledger import EventKind
from countersign.ground.models import Asked, NewServer, NoLanguageModel, Priority, Prompt, Work
from countersign.ground.shell import build_http
from ground.models.gateway.ward import prompt
from llm.server import FaultServer, fault_server
from rooms.medication.test_pages import enter, main_of

TOKEN = "sk-a-token-that-nobody-sees-again"
FORM = {"name": "ward-llm", "places": "8", "price_in": "2", "price_out": "8", "notes": "",
        "token": TOKEN}  # fmt: skip


@pytest.fixture(scope="module")
def faulty() -> Iterator[FaultServer]:
    with fault_server() as server:
        yield server


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    home = tmp_path_factory.mktemp("house")
    made = Building(module_database, home, egress=places(["127.0.0.1"]))
    yield made
    made.house.floor.egress.close()
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


@pytest.fixture(scope="module")
def asked(building: Building) -> Asked:
    made: Prompt = replace(prompt(building.floor.registry, "ward-round"), room="ward")
    return Asked(made, {"chart": "血钾 6.8"}, building.who("wang"))


def connect(admin: TestClient, csrf: str, faulty: FaultServer, **changes: str) -> None:
    form = {"csrf": csrf, **FORM, "address": faulty.address + "/", **changes}
    answer = admin.post("/modelbench/servers/new", data=form)
    assert answer.status_code == 303, main_of(answer.text)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/modelbench/servers/of/{form['name']}",
    )


def test_without_a_server_the_pages_say_what_one_would_add(app: FastAPI) -> None:
    nurse, _ = enter(app, "nurse")
    page = main_of(nurse.get("/modelbench").text)
    assert "No server of the hospital is connected." in page
    assert "Notes and discharge summaries would be drafted from the chart." in page
    assert "vllm serve" in page and "Connect a server" not in page
    assert nurse.get("/modelbench/servers").status_code == 200
    assert nurse.get("/modelbench/servers/new").status_code == 403
    admin, _ = enter(app, "admin", "zh")
    assert "接入服务器" in main_of(admin.get("/modelbench").text)


def test_from_connecting_to_the_first_answer(
    app: FastAPI, building: Building, faulty: FaultServer, asked: Asked
) -> None:
    with pytest.raises(NoLanguageModel):
        building.floor.gateway.ask(asked)
    admin, csrf = enter(app, "admin")
    connect(admin, csrf, faulty)
    page = main_of(admin.get("/modelbench/servers/of/ward-llm").text)
    assert "ok" in page and "serves" in page and TOKEN not in page and "kept sealed" in page
    assert "probed" in page and "added" in page
    chosen = {
        "csrf": csrf,
        "choice1": "ward-llm/fail",
        "choice2": "ward-llm/ok",
        "seconds": "30",
        "cap": "1",
        "tokens_day": "100000",
        "money_day": "12.50",
    }
    form = main_of(admin.get("/modelbench/assigning/answer").text)
    assert 'value="ward-llm/ok"' in form
    assert admin.post("/modelbench/assigning/answer", data=chosen).status_code == 303
    kept = building.floor.models.assignments()[Work.ANSWER]
    assert (kept.cap, kept.seconds, kept.tokens_day) == (Priority.SOON, 30.0, 100_000)
    said = building.floor.gateway.ask(asked)
    assert said.text == "It is high." and said.passed_over[0].model == "fail"
    page = main_of(admin.get("/modelbench").text)
    assert "fail@" in page and "then ward-llm · ok" in page and "100,000" in page
    page = main_of(admin.get("/modelbench/servers").text)
    assert "ward-llm" in page
    changed = [one for one in building.events() if one.kind == EventKind.MODEL_SERVER_CHANGED]
    assert changed and {one.actor for one in changed} == {building.who("admin").actor}


def test_a_fall_back_is_named_on_the_page(
    app: FastAPI, building: Building, faulty: FaultServer, asked: Asked
) -> None:
    admin, csrf = enter(app, "admin")
    with fault_server() as mortal:
        connect(admin, csrf, mortal, name="mortal")
    connect(admin, csrf, faulty, name="spare")
    chosen = {"csrf": csrf, "choice1": "mortal/ok", "choice2": "spare/ok"}
    assert admin.post("/modelbench/assigning/answer", data=chosen).status_code == 303
    for _ in range(5):
        assert building.floor.gateway.ask(asked).server == "spare"
    page = main_of(admin.get("/modelbench").text)
    assert "a fall-back" in page and "instead of mortal · ok" in page
    page = main_of(admin.get("/modelbench/servers").text)
    assert "left alone after failures" in page


def test_what_a_probe_found_stands_beside_each_model(app: FastAPI, building: Building) -> None:
    model = {
        "name": "r1",
        "context": 32768,
        "tokens_per_second": 41.5,
        "problems": ["schema-ignored"],
    }
    found = {
        "software": "vLLM",
        "said": {"r1": {"id": "r1"}},
        "able": {"r1": {"streaming": True, "json_schema": False, "reasoning": True}},
        "models": [model],
    }
    admin, _ = enter(app, "admin")
    desk, person = building.floor.models, building.who("admin")
    desk.put(person, NewServer("told", "http://127.0.0.1:9/v1"))
    servers = desk._servers
    before, servers._probing = servers._probing, lambda _: found
    try:
        desk.probe(person, "told")
    finally:
        servers._probing = before
    page = main_of(admin.get("/modelbench/servers/of/told").text)
    for seen in ("vLLM", "32,768", "41.5", "r1@", "does not keep to it"):
        assert seen in page


def test_drained_resumed_changed_and_removed(
    app: FastAPI, building: Building, faulty: FaultServer
) -> None:
    admin, csrf = enter(app, "admin")
    connect(admin, csrf, faulty, name="cellar")
    where = "/modelbench/servers/of/cellar"
    for what, seen in (("drain", "It finishes what it has in work"), ("resume", "serves")):
        assert admin.post(f"{where}/state", data={"csrf": csrf, "what": what}).status_code == 303
        assert seen in main_of(admin.get(where).text)
    form = {"csrf": csrf, "address": faulty.address, "places": "3", "notes": "in the cellar"}
    assert admin.post(where, data=form).status_code == 303
    assert building.floor.models.server("cellar").places == 3
    assert admin.post(f"{where}/probe", data={"csrf": csrf}).status_code == 303
    assert admin.post(f"{where}/state", data={"csrf": csrf, "what": "blow up"}).status_code == 404
    gone = admin.post(f"{where}/state", data={"csrf": csrf, "what": "remove"})
    assert gone.headers["location"] == "/modelbench/servers"
    assert admin.get(where).status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "Has Spaces"}, "lower-case letters"),
        ({"address": "http://198.51.100.7:8000/v1"}, "COUNTERSIGN_EGRESS"),
        ({"places": "many"}, "write numbers in digits"),
        ({"price_in": "NaN"}, "write numbers in digits"),
    ],
)
def test_a_form_that_does_not_fit_says_why_and_keeps_what_was_written(
    app: FastAPI, faulty: FaultServer, changes: dict[str, str], sentence: str
) -> None:
    admin, csrf = enter(app, "admin")
    form = {"csrf": csrf, **FORM, "name": "unfit", "address": faulty.address, "notes": "keep me"}
    form |= changes
    answer = admin.post("/modelbench/servers/new", data=form)
    assert answer.status_code == 422
    assert sentence in answer.text and "keep me" in answer.text and TOKEN not in answer.text


def test_a_server_that_does_not_answer_is_kept_and_said(app: FastAPI) -> None:
    with fault_server() as mortal:
        pass
    admin, csrf = enter(app, "admin", "zh")
    form = {"csrf": csrf, **FORM, "name": "silent", "address": mortal.address}
    page = admin.post("/modelbench/servers/new", data=form)
    assert page.status_code == 200 and "无法连接模型服务器 silent" in page.text
    assert "尚未找到模型" in page.text


@pytest.mark.parametrize("who", ["wang", "nurse", "auditor"])
def test_others_look_and_change_nothing(app: FastAPI, faulty: FaultServer, who: str) -> None:
    admin, csrf = enter(app, "admin")
    connect(admin, csrf, faulty, name=f"seen-by-{who}")
    other, token = enter(app, who)
    page = main_of(other.get(f"/modelbench/servers/of/seen-by-{who}").text)
    assert "How it fares" in page and "<form" not in page
    assert TOKEN not in page
    for path in ("/probe", "/state", ""):
        assert (
            other.post(
                f"/modelbench/servers/of/seen-by-{who}{path}", data={"csrf": token}
            ).status_code
            == 403
        )
    assert other.get("/modelbench/assigning/answer").status_code == 403
