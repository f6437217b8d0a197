"""What monitoring is told: sums over the processes, what fails, and never a word of a chart."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.doorway import session
from benchmarks.installation import free_port, running_house
from countersign.app import logs
from countersign.app.house import open_house
from countersign.app.readiness import Readiness
from countersign.app.web import application
from furnished import Furnished

TOKEN = "0123456789abcdef-token"
SECRET = "Zhenxiu-hyperkalaemia-4711"
SHOWN = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def app(furnished: Furnished) -> Iterator[FastAPI]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in furnished.environment(METRICS_TOKEN=TOKEN).items():
            patch.setenv(name, value)
        made = application()
    with TestClient(made, "http://127.0.0.1"):
        yield made


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged as JSON meanwhile."""
    root, out = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs._NOISY}
    logs.configure("json")
    assert isinstance(root.handlers[0], logging.StreamHandler)
    root.handlers[0].setStream(out)
    yield out
    root.handlers[:] = before
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


def test_metrics_are_shown_for_the_token_alone_and_name_nobody(
    app: FastAPI, furnished: Furnished
) -> None:
    doctor = session(app, "physician")
    patient = furnished.rows(
        "select patient from chart.patient where 'cardiology' = any(departments) limit 1"
    )[0]["patient"]
    doctor.get(f"/charts/{patient}?q={SECRET}")
    doctor.get(f"/{SECRET}")
    outside = TestClient(app, "http://127.0.0.1")
    for headers in ({}, {"authorization": "Bearer other"}, {"authorization": f"Basic {TOKEN}"}):
        assert outside.get("/metrics", headers=headers).status_code == 404
    answer = outside.get("/metrics", headers=SHOWN)
    assert answer.status_code == 200
    text = answer.text
    for wanted in (
        'countersign_requests_total{method="GET",route="/charts/{patient}"',
        'countersign_request_seconds_bucket{le="0.2",route="/charts/{patient}"}',
        'countersign_check{check="ledger"} 1.0',
        "countersign_ai_stopped 0.0",
        'countersign_drafts_waiting{urgency="',
        'countersign_jobs{state="succeeded"}',
        'countersign_memory_bytes{process="',
    ):
        assert wanted in text
    assert patient not in text and SECRET not in text
    for person in furnished.rows("select id, name from identity.person"):
        assert person["id"] not in text and person["name"] not in text


def test_no_log_line_holds_what_was_read_or_asked(
    app: FastAPI, furnished: Furnished, lines: io.StringIO
) -> None:
    doctor = session(app, "physician")
    patient = furnished.rows(
        "select patient from chart.patient where 'cardiology' = any(departments) limit 1"
    )[0]["patient"]
    seen = doctor.get(f"/charts/{patient}", params={"q": SECRET})
    doctor.get(f"/{SECRET}/{patient}")
    doctor.post("/sign-in", data={"csrf": "x", "username": SECRET, "password": SECRET})
    body = {"resourceType": "Bundle", "type": "transaction", "entry": [{"x": SECRET}]}
    doctor.post("/fhir/", json=body, headers={"authorization": f"Bearer {SECRET}"})
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("countersign.x").exception("a code.of-an-error")
        logging.getLogger("psycopg").error("a row %s", SECRET, exc_info=True)
        logging.getLogger("elsewhere").error("a row %s", SECRET, exc_info=True)
    written = lines.getvalue()
    found = [json.loads(line) for line in written.splitlines()]
    assert SECRET not in written and patient not in written
    for text in re.findall(r">([^<>]{4,40})<", seen.text):
        if re.search(r"[\u4e00-\u9fff]{2,}.*[A-Z]", text):  # a patient's name in both scripts
            assert text not in written
    chart = next(one for one in found if one.get("route") == "/charts/{patient}")
    assert chart["request"] == seen.headers["x-request-id"]
    assert (chart["status"], chart["method"], chart["level"]) == (200, "GET", "info")
    assert re.fullmatch(r"[0-9a-f]{16}", chart["principal"])
    assert chart["ms"] > 0 and chart["time"].endswith("+00:00")
    assert any(one.get("route") == "(none)" for one in found)
    assert any(one.get("code") == "code.of-an-error" for one in found)


def test_the_number_of_a_request_stands_on_the_page_of_its_error(app: FastAPI) -> None:
    doctor = session(app, "physician")
    answer = doctor.get("/inbox/nothing-of-the-kind")
    assert answer.status_code == 403
    assert f"<code>{answer.headers['x-request-id']}</code>" in answer.text


def test_live_and_ready(app: FastAPI) -> None:
    stranger = TestClient(app, "http://127.0.0.1")
    assert stranger.get("/live").json() == {"live": True}
    assert stranger.get("/ready").json() == {"ready": True, "failing": []}


def test_what_fails_is_named_and_a_full_disk_does_not_close_the_charts(
    furnished: Furnished, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_house(furnished.settings) as house:
        size = house.floor.ledger.size()
        monkeypatch.setattr("countersign.app.readiness.ROOM_LEFT", 2**62)
        assert Readiness(house).checks() == {
            "database": True, "ledger": True, "keys": True, "schema": True, "disk": False,
            "clock": True, "signer": True, "collector": True,
        }  # fmt: skip
        assert house.floor.ledger.size() == size, "looking writes nothing"
        monkeypatch.setattr(
            "countersign.app.readiness.connection_check.schema", lambda owner: ("0001", "9999")
        )
        gone = Readiness(house)
        monkeypatch.setattr(gone, "_database", lambda: (_ for _ in ()).throw(OSError()))
        assert not gone.checks()["database"] and not gone.checks()["schema"]


def test_two_processes_count_as_one_and_a_killed_one_takes_nothing_away() -> None:
    settings = {"DEMONSTRATION": "no", "PORT": str(free_port()), "METRICS_TOKEN": TOKEN}
    with running_house(lambda _: {}, **settings) as house:
        base = f"http://127.0.0.1:{house.port}"
        for _ in range(40):
            assert httpx.get(f"{base}/sign-in", timeout=60).status_code == 200
        assert _counted(base) == 40
        victim = next(one for one in house.process_info.children() if "serve" in one.cmdline())
        victim.kill()
        for _ in range(10):
            while True:
                try:
                    httpx.get(f"{base}/sign-in", timeout=60)
                    break
                except httpx.TransportError:
                    continue
        assert _counted(base) == 50
        numbers = house.home / "running" / str(house.port) / "metrics"
        assert len({file.stem.rpartition("_")[2] for file in numbers.glob("counter_*")}) >= 2


def _counted(base: str) -> float:
    text = httpx.get(f"{base}/metrics", headers=SHOWN, timeout=60).text
    found = re.search(r'countersign_requests_total\{[^}]*route="/sign-in"[^}]*\} (\S+)', text)
    assert found is not None, text[:2000]
    return float(found[1])
