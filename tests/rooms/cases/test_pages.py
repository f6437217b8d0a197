"""Similar cases as people meet them: made by a curator, shown beside a chart, with a receipt."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from building import IMPORTER, PASSWORD, STAFF, WORKER, Building, Member
from countersign.app.rooms import ROOMS
from countersign.app.worker import handlers
from countersign.ground.db import Database
from countersign.ground.identity import LicenceKind, Role
from countersign.ground.ledger import EventKind
from countersign.ground.shell import build_http
from countersign.kit.json import JSON
from countersign.rooms.cases.domain import as_json, case_of
from countersign.rooms.cases.service import Cases
from rooms.cases.domain.test_summary import condition, encounter, observation, patient

CHIEF = Member(Role.SENIOR_PHYSICIAN, "surgery", LicenceKind.SENIOR_PHYSICIAN)
EVERYBODY = {**STAFF, "chief": CHIEF}
HELD = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def sick(number: int, *problems: str, labels: tuple[str, ...] = ()) -> JSON:
    """A transaction with one invented patient of cardiology who went home."""
    name = f"invented-{number}"
    subject = {"reference": f"Patient/{name}"}
    own = patient(id=name)
    if labels:
        own["meta"] = {"security": [{"system": HELD, "code": code} for code in labels]}
    stay = {**encounter(), "id": f"e{number}", "subject": subject}
    result = {**observation(6.5, "2026-01-03"), "id": f"r{number}", "subject": subject}
    result["referenceRange"] = [{"low": {"value": 3.5}, "high": {"value": 5.3}}]
    found = [
        {**condition(code), "id": f"d{number}-{place}", "subject": subject, "note": None}
        for place, code in enumerate(problems)
    ]
    resources = [own, stay, result, *({k: v for k, v in one.items() if v} for one in found)]
    entry = [
        {
            "resource": one,
            "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
        }
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entry}


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"), staff=EVERYBODY)
    charts = {
        1: ("I50.9", "N18.3"), 2: ("I50.9",), 3: ("I50.1",), 4: ("J18.9",), 5: ("I50.9",)
    }  # fmt: skip
    for number, problems in charts.items():
        labels = ("HIV",) if number == 5 else ()
        made.floor.chart.receive(
            IMPORTER,
            sick(number, *problems, labels=labels),
            source="test",
            departments=["cardiology"],
            keep_ids=True,
        )
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


def enter(app: FastAPI, name: str) -> tuple[TestClient, str]:
    headers = {"accept": "text/html", "accept-language": "en"}
    browser = TestClient(app, "http://127.0.0.1", headers=headers, follow_redirects=False)
    said = {"csrf": token(browser.get("/sign-in").text), "username": name, "password": PASSWORD}
    assert browser.post("/sign-in", data=said).status_code == 303
    return browser, token(browser.get("/me").text)


def token(html: str) -> str:
    return html.partition('name="csrf" value="')[2].partition('"')[0]


def worked(building: Building, collection: str) -> None:
    """Runs what waits until the collection is built."""
    stop = threading.Event()
    jobs, curator = building.floor.jobs, building.who("li")
    worker = threading.Thread(target=jobs.run_worker, args=(handlers(building.house), stop))
    worker.start()
    ends = time.monotonic() + 120
    while building.floor.cases.one(curator, collection).state == "building":
        assert worker.is_alive() and time.monotonic() < ends
        time.sleep(0.1)
    stop.set()
    worker.join()


def test_a_curator_makes_a_collection_and_a_physician_compares_a_chart(
    app: FastAPI, building: Building
) -> None:
    doctor, _ = enter(app, "wang")
    page = doctor.get("/cases")
    assert page.status_code == 200 and "Make a collection" not in page.text
    assert "No case is like this chart." in doctor.get("/cases/like/invented-1").text

    senior, csrf = enter(app, "li")
    form = {"csrf": csrf, "name": "Hearts", "departments": "cardiology"}
    assert senior.post("/cases", data={**form, "name": " "}).status_code == 422
    sent = senior.post("/cases", data=form)
    assert sent.status_code == 303
    where = sent.headers["location"]
    assert "being made" in senior.get(where).text
    worked(building, where.rpartition("/")[2])
    shown = senior.get(where).text
    assert "Release the collection" in shown
    assert "王小明" not in shown and "invented-1" not in shown.partition("<main")[2]
    assert senior.post(f"{where}/release", data={"csrf": csrf, "small": "yes"}).status_code == 303

    like = doctor.get("/cases/like/invented-1").text
    assert "3 cases were searched" in like, "the own case, the labelled and the uncoded are not"
    titles = [like.index(f'id="c-{place}"') for place in (1, 2, 3)]
    alike = like.index(">Alike<", titles[0])
    assert "心力衰竭" in like[alike : like.index("Only in this chart", alike)]
    with pytest.raises(ValueError, match="not found"):
        like.index('id="c-4"')
    assert "No language model took part" in like
    events = [one for one in building.events() if one.kind == EventKind.CASES_SEARCHED]
    assert events[-1].patient == "invented-1" and events[-1].detail["count"] == 3
    assert doctor.get("/charts/invented-1").text.count("/cases/like/invented-1") == 1

    stranger, _ = enter(app, "stranger")
    assert stranger.get(where).status_code == 404
    assert stranger.get("/cases/like/invented-1").status_code == 403

    assert senior.post(f"{where}/withdraw", data={"csrf": csrf}).status_code == 303
    assert "No case is like this chart." in doctor.get("/cases/like/invented-1").text


def test_a_chart_without_codes_says_what_to_do(app: FastAPI) -> None:
    doctor, _ = enter(app, "wang")
    page = doctor.get("/cases/like/p1")
    assert page.status_code == 200 and "names no coded problem" in page.text


def test_nurses_read_and_do_not_curate(app: FastAPI) -> None:
    nurse, csrf = enter(app, "nurse")
    assert nurse.get("/cases").status_code == 200
    assert nurse.post("/cases", data={"csrf": csrf, "name": "Mine"}).status_code == 403
    for name in ("auditor", "admin"):
        other, _ = enter(app, name)
        assert other.get("/cases").status_code == 403


def released(building: Building, curator: str, department: str, *problems: str) -> str:
    """A collection with one case for each problem, released by its curator."""
    cases, by = building.floor.cases, building.who(curator)
    made = cases.start(by, f"Cases of {department}", [department])
    found = [case_of([patient(), condition(code), encounter()]) for code in problems]
    entries = [(f"x{n}", False, as_json(one)) for n, one in enumerate(found) if one]
    cases.fill(WORKER, made, entries)
    cases.release(by, made, small=True)
    return made


def test_cases_of_another_department_change_neither_rank_nor_likeness(building: Building) -> None:
    floor = building.floor
    cases = Cases(floor.chart, floor.cases, floor.policy)
    own = released(building, "li", "cardiology", "I50.9", "I50.1", "N18.3", "J18.9")
    before = cases.like(building.who("wang"), "invented-1")
    theirs = released(building, "chief", "surgery", *["I50.9"] * 8)
    after = cases.like(building.who("wang"), "invented-1")
    assert len(before.near) == 3 and {one.shelf for one in before.near} == {own}
    assert (after.near, after.searched) == (before.near, before.searched)
    assert floor.cases.one(building.who("chief"), theirs).entries == 8
