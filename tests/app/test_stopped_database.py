"""PostgreSQL is stopped in the middle of work: clear answers in time, and nothing is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from starlette.testclient import TestClient

from app.doorway import HTML, enter
from benchmarks.killed_load import PASSWORD, bundle, furnish
from countersign.app.house import House, open_house
from countersign.app.readiness import Readiness, health_routes
from countersign.app.rooms import PAGED
from countersign.app.settings import Settings
from countersign.app.web import doors
from countersign.ground.db import DbRole
from countersign.ground.ledger import Event, EventKind, LedgerUnavailable, Receipt
from countersign.ground.shell import build_http

PATIENT = "4b1f2a52-50b7-4f0e-9d6e-2f1f64b7a001"


@pytest.fixture(scope="module")
def token_and_home(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    home = tmp_path_factory.mktemp("home")
    given = furnish({"COUNTERSIGN_HOME": str(home), "COUNTERSIGN_DEMONSTRATION": "no"})
    return given["token"], home


@pytest.fixture(scope="module")
def house(token_and_home: tuple[str, Path]) -> Iterator[House]:
    settings = Settings(home=token_and_home[1], demonstration=False)
    with open_house(settings, patience=1.0) as opened:
        yield opened


def app_of(house: House) -> TestClient:
    app = build_http(
        house.floor, PAGED, [health_routes(Readiness(house))], mounts=doors(house),
        tell=lambda seen: None,
    )  # fmt: skip
    return TestClient(app, "http://127.0.0.1", headers=HTML, follow_redirects=False)


@contextmanager
def stopped(house: House, *, whole: bool) -> Iterator[None]:
    """The first process of the server, or all of them, get no time from the system."""
    pid = int((house.settings.postgres / "postmaster.pid").read_text().split()[0])
    first = psutil.Process(pid)
    family = [first, *(first.children(recursive=True) if whole else ())]
    for one in family:
        os.kill(one.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in family:
            os.kill(one.pid, signal.SIGCONT)


def record(house: House) -> Receipt:
    return house.floor.ledger.record(Event(EventKind.CHART_VIEWED, "person:1"))


def test_a_stopped_server_holds_nobody_and_loses_nothing(
    house: House, token_and_home: tuple[str, Path]
) -> None:
    client = enter(app_of(house), "physician", PASSWORD)
    stranger = app_of(house)
    bearer = {"authorization": f"Bearer {token_and_home[0]}", "accept": "application/json"}
    receipts = [record(house) for _ in range(5)]
    assert client.get("/inbox").status_code == 200
    with stopped(house, whole=True):
        page = client.get("/inbox")
        assert page.status_code == 503 and "database.unavailable" in page.text
        sent = stranger.post("/fhir/", json=bundle(PATIENT), headers=bearer)
        assert sent.status_code == 503
        ready = stranger.get("/ready")
        assert ready.status_code == 503 and "database" in ready.json()["failing"]
        with pytest.raises(LedgerUnavailable):
            record(house)
    assert client.get("/inbox").status_code == 200
    sent = stranger.post("/fhir/", json=bundle(PATIENT), headers=bearer)
    assert sent.status_code == 200, sent.text
    receipts.append(record(house))
    rows = house.database.pool(DbRole.AUDITOR).rows("select index, leaf_hash from ledger.leaf")
    leaves = {row["index"]: row["leaf_hash"].hex() for row in rows}
    assert all(leaves.get(one.index) == one.leaf_hash for one in receipts)
    assert len(set(leaves.values())) == len(leaves), "nothing was written twice"
    assert house.floor.ledger.verify().sound


def test_a_stopped_first_process_lets_the_connected_work_and_is_told(house: House) -> None:
    client = enter(app_of(house), "physician", PASSWORD)
    assert client.get("/inbox").status_code == 200
    with stopped(house, whole=False):
        assert client.get("/inbox").status_code == 200
        receipt = record(house)
        assert Readiness(house).checks()["database"] is False
    assert Readiness(house).checks()["database"] is True
    assert house.floor.ledger.inclusion(receipt.index, receipt.index + 1) is not None
