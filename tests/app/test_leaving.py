"""What was contacted and what was refused stands in the ledger, once, and on the page."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from building import Building
from countersign.app.leaving import Leaving
from countersign.ground.db import Database
from countersign.ground.egress import Egress, EgressRefused, places
from countersign.ground.ledger import Event, EventKind, Ledger, Recorded
from furnished import Furnished


class Kept:
    """Stands for the ledger where only what is written matters."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def record_soon(self, event: Event) -> None:
        self.events.append(event)


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    made = Building(database, tmp_path)
    yield made
    made.close()


def _written(ledger: Ledger, building: Building, kind: EventKind) -> list[Recorded]:
    ledger.close()
    return building.events(kinds=(kind,))


def test_a_refused_request_is_an_event(building: Building) -> None:
    egress = building.floor.egress
    for _ in range(3):
        with pytest.raises(EgressRefused):
            egress.request("GET", "http://elsewhere.example:8080/Patient?name=secret")
    (event,) = _written(building.ledger, building, EventKind.EGRESS_REFUSED)
    assert event.actor == "system:egress"
    assert dict(event.detail) == {"place": "elsewhere.example:8080", "by": "list", "times": 1}
    assert b"secret" not in event.body and b"Patient" not in event.body


def test_repetitions_are_counted_and_not_written_one_by_one() -> None:
    now, kept = [0.0], Kept()
    leaving = Leaving(kept, lambda: now[0])  # type: ignore[arg-type]
    for second in range(121):
        now[0] = float(second)
        leaving.hooked("192.0.2.1:80", "some.library")
    assert [event.detail["times"] for event in kept.events] == [1, 60, 60]
    leaving.hooked("192.0.2.1:81", "some.library")
    leaving.contacted("192.0.2.1:80")
    assert len(kept.events) == 5


@pytest.mark.parametrize("place", ["", "x" * 5000, "a\x00b\nc", "é\u202e:80"])
def test_whatever_a_library_asked_for_can_be_recorded(place: str) -> None:
    kept = Kept()
    Leaving(kept).hooked(place, place)  # type: ignore[arg-type]
    assert [event.kind for event in kept.events] == [EventKind.EGRESS_REFUSED]


def test_what_is_contacted_is_an_event(building: Building) -> None:
    leaving = Leaving(building.ledger)
    egress = Egress(places(["127.0.0.1"]), leaving.refused, contacted=leaving.contacted)
    server = subprocess.Popen(
        [sys.executable, "-u", "-c", "import http.server as h; s = h.HTTPServer(('127.0.0.1', 0), "
         "h.BaseHTTPRequestHandler); print(s.server_address[1]); s.handle_request()"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert server.stdout is not None
    port = int(server.stdout.readline())
    egress.request("GET", f"http://127.0.0.1:{port}/", timeout=30)
    server.wait(30)
    server.stdout.close()
    egress.close()
    (event,) = _written(building.ledger, building, EventKind.EGRESS_CONTACTED)
    assert event.detail["place"] == f"127.0.0.1:{port}"


def test_a_guarded_command_writes_the_refusal_into_the_ledger(furnished: Furnished) -> None:
    program = (
        "import socket\n"
        "from countersign.app.guarding import guard\n"
        "from countersign.app.house import open_house\n"
        "from countersign.app.settings import from_environment\n"
        "settings = from_environment()\n"
        "guard(settings)\n"
        "with open_house(settings) as house:\n"
        "    try:\n"
        "        socket.create_connection(('192.0.2.55', 443))\n"
        "    except Exception as problem:\n"
        "        print(problem.code)\n"
    )
    command = furnished.command("doctor")
    done = subprocess.run(
        [*command[: command.index("-m")], "-c", program],
        check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.stdout == "egress.hook_refused\n", done.stderr
    query = "select body from ledger.event where kind = 'egress-refused' order by index desc"
    bodies = [bytes(row["body"]) for row in furnished.rows(query)]
    assert any(b"192.0.2.55:443" in body and b"__main__" in body for body in bodies)
