"""Ways to bring a model's unsigned work in by the door of other systems, or its label off."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from building import IMPORTER, INSTALLER, PATIENT, Building, issue
from countersign.app.rooms import ROOMS
from countersign.doors.fhir.door import door
from countersign.ground.chart import Refused, UnsignedAI
from countersign.ground.shell import build_http
from countersign.kit.json import JSON
from gate.stage import Stage

SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
AIAST = {"system": SYSTEM, "code": "AIAST"}
LABELLED = {"security": [AIAST]}
DEVICE: JSON = {"resourceType": "Device", "id": "model"}


@pytest.fixture(scope="module")
def browser(stage: Stage) -> Iterator[TestClient]:
    """Another system with every right to write."""
    floor = stage.building.floor
    token = floor.clients.issue(
        "lis",
        scopes=["system/*.read", "system/*.write"],
        departments=["cardiology"],
        expires_at=floor.clock() + timedelta(days=1),
        by=INSTALLER,
    ).token
    app = build_http(floor, ROOMS, mounts={"/fhir": door(floor)})
    headers = {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}
    with TestClient(app, "http://127.0.0.1", headers=headers) as client:
        yield client


def provenance(who: JSON, role: str | None = "author", **more: Any) -> JSON:
    kind = {"type": {"coding": [{"code": role}]}} if role else {}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": "Observation/o1"}],
        "recorded": "2026-11-20T08:00:00Z",
        "agent": [{**kind, "who": who}],
        **more,
    }


def nested() -> JSON:
    """The label on an element deep inside, as an inline label."""
    coded = {"coding": [AIAST]}
    return {**issue(), "mitigation": [{"action": coded}]}


UNSIGNED: dict[str, JSON] = {
    "labelled AIAST": {**issue(), "meta": LABELLED},
    "labelled in lower case": {**issue(), "meta": {"security": [{"code": "aiast"}]}},
    "labelled by display and code alone": {
        **issue(), "meta": {"security": [{"display": "x", "code": "AIAST"}]}},
    "labelled as a tag": {**issue(), "meta": {"tag": [AIAST]}},
    "labelled as reported": {**issue(), "meta": {"security": [{"code": "CLINAST_AIRPT"}]}},
    "labelled under an invented system": {
        **issue(), "meta": {"security": [{"system": "urn:x", "code": "AIAST"}]}},
    "by a profile of the guide": {**issue(), "meta": {
        "profile": ["http://hl7.org/fhir/uv/aitransparency/StructureDefinition/x"]}},
    "labelled on an element": nested(),
    "hidden in a contained resource": {**issue(), "contained": [
        {"resourceType": "Basic", "id": "b", "code": {"text": "x"}, "meta": LABELLED}]},
    "with a device as author": provenance({"reference": "#model"}, contained=[DEVICE]),
    "with a device by type": provenance({"type": "Device", "display": "a model"}),
    "with a device in no role": provenance({"type": "Device", "display": "a model"}, None),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSIGNED)
def test_the_chart_receives_nothing(stage: Stage, name: str) -> None:
    before = count(stage)
    with pytest.raises(Refused) as refused:
        stage.building.floor.chart.receive(
            IMPORTER, copy.deepcopy(UNSIGNED[name]), source="test", keep_ids=True
        )
    assert refused.value.code == UnsignedAI.code
    assert count(stage) == before


def count(stage: Stage) -> int:
    return stage.building.rows("select count(*) as n from chart.version")[0]["n"]


def create(client: TestClient, resource: JSON) -> Any:
    return client.post(f"/fhir/{resource['resourceType']}", json=resource)


def bundle(kind: str) -> Callable[[TestClient, JSON], Any]:
    def send(client: TestClient, resource: JSON) -> Any:
        entry = {
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        return client.post(
            "/fhir/", json={"resourceType": "Bundle", "type": kind, "entry": [entry]}
        )

    return send


def put(client: TestClient, resource: JSON) -> Any:
    one = {**resource, "id": "mine"}
    return client.put(f"/fhir/{resource['resourceType']}/mine", json=one)


def added_later(client: TestClient, resource: JSON) -> Any:
    """Innocent at first, and a model's by an update."""
    first = create(client, {**issue(), "detail": "innocent"})
    assert first.status_code == 201, first.text
    identifier = first.json()["id"]
    one = {**issue(), "id": identifier, "meta": LABELLED}
    return client.put(f"/fhir/DetectedIssue/{identifier}", json=one)


WAYS: dict[str, Callable[[TestClient, JSON], Any]] = {
    "by create": create,
    "by update": put,
    "by transaction": bundle("transaction"),
    "by batch": bundle("batch"),
    "by an update of what was innocent": added_later,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["labelled AIAST", "with a device as author"])
def test_no_way_through_the_door(stage: Stage, browser: TestClient, way: str, name: str) -> None:
    answer = WAYS[way](browser, copy.deepcopy(UNSIGNED[name]))
    assert "unsigned" in answer.text.lower(), answer.text
    if way != "by batch":
        assert answer.status_code in (403, 422)
    labelled = browser.get("/fhir/DetectedIssue", params={"_security": "AIAST"})
    assert released_only(stage.building, labelled.json())


def released_only(building: Building, found: JSON) -> bool:
    ids = [entry["resource"]["id"] for entry in found.get("entry", [])]
    rows = building.rows("select id from chart.current where origin <> 'released'")
    return not set(ids) & {row["id"] for row in rows}


def released(building: Building) -> JSON:
    done = building.released()
    kind, identifier = next(one for one in done.versions if one.startswith("Det")).split("/")[:2]
    return building.floor.chart.reader(building.who("wang")).read(kind, identifier).resource


def unlabelled(one: JSON) -> JSON:
    return {**one, "meta": {}}


def test_the_label_does_not_come_off(stage: Stage, browser: TestClient) -> None:
    """What was released is corrected by a new signed draft alone."""
    one = released(stage.building)
    address = f"/fhir/DetectedIssue/{one['id']}"
    assert browser.get(address).status_code == 200, "a released answer is there to be read"
    for changed in (unlabelled(one), {**unlabelled(one), "detail": "All is well."}):
        answer = browser.put(address, json=changed)
        assert answer.status_code in (403, 409, 422), answer.text
    assert browser.delete(address).status_code in (403, 409, 422)
    entry = {"resource": unlabelled(one), "request": {"method": "PUT", "url": address[6:]}}
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert browser.post("/fhir/", json=sent).status_code in (403, 409, 422)
    assert browser.get(address).json() == one


def test_drafts_are_not_visible_through_the_door(stage: Stage, browser: TestClient) -> None:
    before = browser.get("/fhir/DetectedIssue", params={"patient": PATIENT}).json()["total"]
    stage.building.drafted()
    stage.signed()
    after = browser.get("/fhir/DetectedIssue", params={"patient": PATIENT}).json()["total"]
    assert after == before
