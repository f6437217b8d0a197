"""Departments, care team, sensitivity, ward and bed are read as the module says."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.ground.chart.placement import DEPARTMENT, NOWHERE, PERSON, placement, ward_and_bed
from countersign.kit.json import JSON
from ground.chart.hospital import encounter, observation, patient

PLACES = "http://terminology.hl7.org/CodeSystem/location-physical-type"


def identified(system: str, value: str) -> JSON:
    return {"identifier": {"system": system, "value": value}}


def place(display: str, code: str = "", **more: Any) -> JSON:
    kind = {"physicalType": {"coding": [{"system": PLACES, "code": code}]}} if code else {}
    return {"location": {"display": display}, **kind, **more}


def test_an_encounter_places_its_patient() -> None:
    found = placement(
        encounter(
            serviceType={"coding": [{"system": DEPARTMENT, "code": "cardiology"}]},
            serviceProvider=identified(DEPARTMENT, "icu"),
            location=[{"location": {"reference": "Location/w1"}}],
            participant=[{"individual": identified(PERSON, "li")}],
        )
    )
    assert found.departments == ("cardiology", "icu")
    assert found.care_team == ("li",)
    assert found.via == ("Location/w1",) and found.stay


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_an_encounter_that_never_was_places_nobody(status: str) -> None:
    assert (
        placement(encounter(status=status, serviceProvider=identified(DEPARTMENT, "x"))) == NOWHERE
    )


def test_who_treated_in_the_past_is_not_of_the_team_now() -> None:
    past = encounter(
        status="finished",
        serviceProvider=identified(DEPARTMENT, "icu"),
        participant=[{"individual": {**identified(PERSON, "li"), "reference": "Practitioner/li"}}],
    )
    found = placement(past)
    assert (found.departments, found.care_team, found.via, found.stay) == (("icu",), (), (), False)


def test_a_care_team_names_its_people_while_it_is_active() -> None:
    team = {
        "resourceType": "CareTeam",
        "status": "active",
        "participant": [
            {"member": identified(PERSON, "li")},
            {"member": identified("urn:other", "zhao")},
            {"member": {"reference": "Practitioner/sun"}},
            {"member": {"reference": "PractitionerRole/sun"}},
        ],
    }
    found = placement(team)
    assert found.care_team == ("li",) and found.via == ("Practitioner/sun",)
    assert placement({**team, "status": "inactive"}) == NOWHERE


def test_house_entries_say_which_department_or_person_they_are() -> None:
    identifier = [{"system": DEPARTMENT, "value": "icu"}, {"system": PERSON, "value": "li"}]
    assert placement({"resourceType": "Organization", "identifier": identifier}).departments == (
        "icu",
    )
    assert placement({"resourceType": "Practitioner", "identifier": identifier}).care_team == (
        "li",
    )


@pytest.mark.parametrize("resource", [patient(), observation(), encounter()])
def test_sensitivity_is_read_from_any_resource(resource: JSON) -> None:
    act, secret = "http://terminology.hl7.org/CodeSystem/v3-ActCode", "v3-Confidentiality"
    labels = [
        {"system": act, "code": "HIV"},
        {"system": act, "code": "AMB"},
        {"system": "urn:other", "code": "PSY"},
        {"system": f"http://terminology.hl7.org/CodeSystem/{secret}", "code": "R"},
    ]
    found = placement({**resource, "meta": {"security": labels}})
    assert found.sensitivity == ("HIV", "R")


@pytest.mark.parametrize(
    ("places", "shown"),
    [
        ([place("心内科一病区", "wa"), place("12床", "bd")], ("心内科一病区", "12床")),
        ([place("12床", "bd"), place("心内科一病区", "wa")], ("心内科一病区", "12床")),
        ([place("心内科一病区"), place("12床")], ("心内科一病区", "12床")),
        ([place("老病区", "wa", status="completed"), place("新病区", "wa")], ("新病区", "")),
        ([place("病区")], ("病区", "")),
        ([], ("", "")),
    ],
)
def test_ward_and_bed(places: list[JSON], shown: tuple[str, str]) -> None:
    assert ward_and_bed(encounter(**({"location": places} if places else {}))) == shown
