"""A refusal of teaching binds everybody, and that of a department other systems too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from building import INSTALLER, Building
from countersign.app.rooms import ROOMS
from countersign.ground.chart import PatientFilter
from countersign.ground.db import Database, DbRole, Scope
from countersign.ground.identity import Forbidden, Principal
from countersign.ground.shell import build_http
from countersign.kit.ids import new_id
from rooms.access.ward import decide, enter, measured, newcomer, receive


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(building: Building) -> FastAPI:
    return build_http(building.floor, ROOMS)


def refuse(building: Building, patient: str, **provision: Any) -> None:
    receive(
        building,
        {
            "resourceType": "Consent",
            "id": f"c-{new_id()[-12:]}",
            "status": "active",
            "scope": {"text": "privacy"},
            "category": [{"text": "privacy"}],
            "patient": {"reference": f"Patient/{patient}"},
            "policyRule": {"text": "wish"},
            "provision": {"type": "deny", **provision},
        },
    )


def test_who_refuses_teaching_is_on_no_list_for_it(app: FastAPI, building: Building) -> None:
    willing, unwilling, closed = (newcomer(building) for _ in range(3))
    reason = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
    refuse(building, unwilling, purpose=[{"system": reason, "code": "TRAIN"}])
    care = [
        building.floor.people.care(building.people["li"], patient, "ward", by=INSTALLER)
        for patient in (unwilling, closed)
    ]
    building.floor.accounts.forget()
    decide(building, "li", closed, ("Patient", closed))
    reader = building.floor.chart.reader(building.who("li"))
    wanted = PatientFilter(limit=500, teaching=True)
    listed = {one.id for one in reader.patients(wanted).patients}
    assert willing in listed and not listed & {unwilling, closed}
    everybody = {one.id for one in reader.patients(PatientFilter(limit=500)).patients}
    assert {willing, unwilling, closed} <= everybody, "for treatment nothing changes"
    browser, _ = enter(app, "li")
    page = browser.get("/charts?use=teaching").text
    assert willing in page and unwilling not in page and closed not in page
    assert "The patient refuses use for teaching." in browser.get(f"/charts/{unwilling}").text
    for one in care:
        building.floor.people.end_care(one, by=INSTALLER)


def test_a_refused_department_binds_other_systems_too(building: Building) -> None:
    patient = newcomer(building)
    one = measured(patient)
    receive(building, one)

    def system(*departments: str) -> Principal:
        return Principal(
            "lis",
            "Lis",
            "client",
            departments=frozenset(departments),
            scopes=frozenset({"system/*.read", "system/*.write"}),
        )

    both, own = system("cardiology", "surgery"), system("cardiology")
    chart = building.floor.chart
    for principal in (both, own):
        assert chart.reader(principal).read("Observation", str(one["id"]))
    place = {"system": "urn:countersign:department", "value": "surgery"}
    refuse(building, patient, actor=[
        {"role": {"text": "recipient"}, "reference": {"identifier": place}}])  # fmt: skip
    reader = chart.reader(both)
    for read in (
        lambda: reader.read("Observation", str(one["id"])),
        lambda: reader.search("Observation", [("patient", patient)]),
    ):
        with pytest.raises(Forbidden):
            read()
    found = reader.search("Observation", [("_count", "200")])
    assert patient not in {version.patient for version in found.versions}
    scope = Scope(departments=both.departments)
    rows = building.database.pool(DbRole.ROOM).within(scope)
    assert rows.rows("select from chart.patient where patient = %s", (patient,)) == []
    assert chart.reader(own).read("Observation", str(one["id"])), "it does not serve surgery"
    # What such a system measured still comes in.
    chart.receive(both, measured(patient), source="fhir", keep_ids=False)
