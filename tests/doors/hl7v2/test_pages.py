"""The page of messages: what failed and why, in both languages, and what can be done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.doorway import enter, token_in, without_chance
from building import PASSWORD, Building, Member
from countersign.app.rooms import PAGED
from countersign.doors.hl7v2 import words
from countersign.ground.db import Database
from countersign.ground.identity import Role
from countersign.ground.shell import build_http
from doors.hl7v2.stage import a01, oru, states
from doors.hl7v2.test_processing import keep, process

CLINICAL = ("王", "小明", "上海路", "6.1", "1950")


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    staff = {
        "root": Member(Role.ADMINISTRATOR, "surgery"),
        "wang": Member(Role.PHYSICIAN, "surgery"),
    }
    made = Building(database, tmp_path, staff=staff)
    yield made
    made.close()


def session(app: FastAPI, username: str, language: str = "en") -> TestClient:
    headers = {"accept": "text/html", "accept-language": language}
    client = TestClient(app, "http://127.0.0.1", headers=headers, follow_redirects=False)
    return enter(client, username, PASSWORD)


def post(client: TestClient, path: str, **data: str) -> int:
    token = token_in(client.get("/messages").text)
    return client.post(path, data={"csrf": token, **data}).status_code


def test_an_administrator_sees_what_failed_and_retries_or_sets_it_aside(
    building: Building,
) -> None:
    app = build_http(building.floor, PAGED)
    other = oru("M2").replace("王^小明||19500506|M", "李^红||19800101|F")
    _, wrong, _ = keep(building, a01("M1"), other, oru("M3"))
    process(building)
    client = session(app, "root")
    page = client.get("/messages").text
    assert "Birth date and name or sex differ" in page and "hl7v2.other-person" in page
    assert "wait behind it: 1" in page
    assert not [one for one in CLINICAL if one in without_chance(page)]
    assert (
        "出生日期及姓名或性别与该标识的病历不符" in session(app, "root", "zh").get("/messages").text
    )
    assert post(client, f"/messages/of/{wrong}/set-aside") == 303
    process(building)
    assert states(building) == ["processed", "set-aside", "processed"]
    assert post(client, f"/messages/of/{wrong}/retry") == 303
    process(building)
    assert states(building) == ["processed", "failed", "received"]
    assert post(client, "/messages/replay", since="tomorrow") == 422
    assert post(client, "/messages/replay", since="2026-01-01T08:00") == 303
    only = client.get("/messages?state=set-aside").text
    assert "No messages here." in only


def test_nobody_else_sees_the_page(building: Building) -> None:
    client = session(build_http(building.floor, PAGED), "wang")
    assert client.get("/messages").status_code == 403


def test_every_reason_that_the_door_gives_is_said() -> None:
    folder = Path(words.__file__).parent
    source = "".join(one.read_text() for one in folder.glob("*.py") if one.name != "words.py")
    given = set(re.findall(r'"(hl7v2\.[a-z-]+)"', source))
    given -= {"hl7v2.process", "hl7v2.send", "hl7v2.clear", "hl7v2.unprocessable", "hl7v2.moment"}
    given -= {"hl7v2.not-stored"}  # the sender hears it; nothing is there that a page could show
    assert given <= set(words.REASONS), given - set(words.REASONS)
