"""A workstation opens our pages for its patient; its server is our own SMART server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn

from building import INSTALLER, Building
from countersign.app.rooms import PAGED
from countersign.app.web import doors
from countersign.doors.cdshooks.cards import Reader, _links
from countersign.ground.db import Database
from countersign.ground.egress import Egress, places
from countersign.ground.identity import NewCdsClient
from countersign.ground.shell import build_http
from doors.cdshooks.stage import identified
from doors.smart.stage import Person, Served, to_of


@pytest.fixture(scope="module")
def served(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    building = Building(module_database, tmp_path_factory.mktemp("home"))
    identified(building)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        root = f"http://127.0.0.1:{listener.getsockname()[1]}"
        egress = Egress(places([urlsplit(root).netloc]))
        building.floor = replace(building.floor, egress=egress)
        house = replace(building.house, floor=building.floor)
        app = build_http(building.floor, PAGED, mounts=doors(house))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.01)
        made = Served(building, root)
        made.register(
            "Countersign", "public", "launch patient/Patient.rs", identifier="countersign",
            redirect_uris=f"{root}/workstations/launched", launch_uri=f"{root}/workstations/launch",
        )  # fmt: skip
        yield made
        for window in made.windows:
            window.close()
        egress.close()
        server.should_exit = True
        thread.join()
    building.close()


@pytest.fixture(scope="module")
def wang(served: Served) -> Person:
    return Person(served, "wang")


def launched(wang: Person) -> httpx.Response:
    """From the open chart of p1 in the other system to its consent page."""
    answer = wang.window.get("/smart/launch", params={"app": "countersign", "patient": "p1"})
    return wang.window.get(answer.headers["location"])


def test_cards_lead_to_the_launch_where_there_is_one() -> None:
    links = _links("d1", Reader("en", "https://here", "theirs", launches=True))
    assert links[1] == {
        "label": "Open in Countersign (SMART)",
        "url": "https://here/workstations/launch",
        "type": "smart",
        "appContext": "d1",
    }
    assert len(_links("d1", Reader("en", "https://here", "theirs"))) == 1


def test_a_stranger_launches_nothing(served: Served, wang: Person) -> None:
    for iss in ("https://evil.example/fhir", served.base):  # the second is not registered yet
        answer = wang.window.get("/workstations/launch", params={"iss": iss, "launch": "x"})
        assert answer.status_code == 404 and "location" not in answer.headers


def test_the_chart_of_the_workstations_patient_is_opened(served: Served, wang: Person) -> None:
    new = NewCdsClient(
        "Ward system",
        "urn:his",
        frozenset({"cardiology"}),
        jwks_url="https://his.hospital.internal/jwks",
        fhir_server=served.base,
    )
    served.building.floor.cds.clients.add(new, by=INSTALLER)
    asks = launched(wang)
    assert asks.status_code == 303 and "code_challenge_method=S256" in asks.headers["location"]
    page = asks
    for _ in range(4):
        if page.status_code != 303:
            break
        page = wang.window.get(page.headers["location"])
    form = {"csrf": wang.csrf(page.text), "answer": "allow"}
    back = to_of(wang.window.post(page.url.path, data=form).text)
    assert back.startswith(f"{served.root}/workstations/launched?")
    forged = wang.window.get(back.replace("state=", "state=x"))
    assert forged.status_code == 400, "another state than this browser set out with"
    done = wang.window.get(back)
    assert done.status_code == 303 and done.headers["location"] == "/charts/p1"
    assert wang.window.get(back).status_code == 400, "a launch holds once"
