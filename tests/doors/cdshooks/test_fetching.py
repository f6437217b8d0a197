"""What a call did not bring is fetched with its token, from the registered server alone.

The workstation's server is this installation's own door of FHIR, with a token of its own.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import uvicorn

from building import INSTALLER, PATIENT, Building
from countersign.app.rooms import PAGED
from countersign.app.web import doors
from countersign.ground.db import Database
from countersign.ground.egress import Egress, places
from countersign.ground.shell import build_http
from doors.cdshooks.stage import Workstation, call, identified, workstation


@pytest.fixture(scope="module")
def ward(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workstation]:
    building = Building(module_database, tmp_path_factory.mktemp("home"))
    identified(building)
    house = replace(building.house, floor=building.floor)
    app = build_http(building.floor, PAGED, mounts=doors(house))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.01)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/fhir"
        egress = Egress(places([address.split("/")[2]]))
        building.floor = replace(building.floor, egress=egress)
        yield workstation(building, fhir_server=address)
        egress.close()
        server.should_exit = True
        thread.join()
    building.close()


@pytest.fixture
def token(ward: Workstation) -> str:
    """A token of the workstation's server, as it hands one over with a call."""
    floor = ward.building.floor
    until = floor.clock() + timedelta(hours=1)
    scopes, here = ("system/*.read",), ("cardiology",)
    return floor.clients.issue("HIS", scopes, here, until, by=INSTALLER).token


def bringing(ward: Workstation, token: str, **changes: Any) -> dict[str, Any]:
    clients = ward.building.floor.cds.clients
    server = clients.all(by=ward.building.who("admin"))[0].fhir_server
    access = {"access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": "x"}
    context = {"userId": "Practitioner/1", "patientId": PATIENT}
    said = {"context": context, "fhirServer": server, "fhirAuthorization": access}
    return {
        name: value
        for name, value in {**call(), **said, "prefetch": None, **changes}.items()
        if value is not None
    }


def post(ward: Workstation, body: dict[str, Any]) -> list[dict[str, Any]]:
    answer = ward.post("/cds-services/countersign-patient-view", body)
    assert answer.status_code == 200, answer.text
    assert "access_token" not in answer.text
    return answer.json()["cards"]


def test_the_patient_is_fetched_and_answered(ward: Workstation, token: str) -> None:
    ward.building.drafted()
    cards = post(ward, bringing(ward, token))
    assert [one for one in cards if "uuid" in one], cards


def test_a_token_that_does_not_hold_brings_no_patient(ward: Workstation, token: str) -> None:
    ward.building.drafted()
    cards = post(ward, bringing(ward, "no-such-token"))
    assert "did not send the patient's record, and it could not be fetched" in cards[0]["detail"]


def test_no_other_server_is_asked_whatever_a_call_names(ward: Workstation, token: str) -> None:
    ward.building.drafted()
    asked: list[str] = []
    floor = ward.building.floor

    class Watched(Egress):
        def request(self, method: str, url: str, **more: Any) -> Any:  # type: ignore[override]
            asked.append(url)
            return super().request(method, url, **more)

    desk = workstation(
        _with(ward.building, replace(floor, egress=Watched(places(["evil.example"])))),
        issuer="urn:his:watched",
    )
    body = bringing(ward, token, fhirServer="http://evil.example/fhir")
    assert "could not be fetched" in post(desk, body)[0]["detail"]
    assert asked == []


def _with(building: Building, floor: Any) -> Building:
    other = object.__new__(Building)
    other.__dict__.update({**building.__dict__, "floor": floor})
    return other
