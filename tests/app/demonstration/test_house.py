"""The hospital stands before the first patient comes: people, departments, wards."""

from __future__ import annotations

from datetime import datetime

from app.demonstration.charts import Chart
from countersign.app.demonstration import DEPARTMENTS, hospital, house_bundle
from countersign.app.demonstration.people import person, working

ROLES = (
    "physician",
    "senior_physician",
    "nurse",
    "laboratory_technician",
    "pathologist",
    "pharmacist",
    "patient",
    "researcher",
    "auditor",
    "administrator",
    "security_officer",
    "curator",
)
CLINICAL = ("physician", "senior_physician", "nurse", "pathologist", "pharmacist")


def test_there_is_one_account_for_each_role_and_a_second_pathologist() -> None:
    *accounts, second = hospital().accounts
    assert tuple(one.roles[0] for one in accounts) == ROLES
    assert len({one.username for one in (*accounts, second)}) == len(accounts) + 1
    assert all(one.username == one.roles[0].replace("_", "-") for one in accounts)
    assert second.username == "second-pathologist" and second.roles == ("pathologist",)
    assert second.licences == next(one for one in accounts if one.roles == second.roles).licences
    for one in accounts:
        assert one.display.en and one.display.zh and one.title.en and one.title.zh


def test_those_who_treat_have_a_licence_and_a_department() -> None:
    codes = {one.code for one in DEPARTMENTS}
    for one in hospital().people:
        clinical = bool(set(one.roles) & {*CLINICAL, "laboratory_technician"})
        assert bool(one.licences) == clinical == one.practises
        assert set(one.departments) <= codes


def test_every_department_with_a_ward_has_a_physician() -> None:
    for one in DEPARTMENTS:
        if one.clinic:
            doctors = working("physician", one.code) + working("senior_physician", one.code)
            assert doctors, one.code
    ids = [one.id for one in hospital().people]
    assert len(ids) == len(set(ids)) and len(ids) >= 31
    assert person("demo-physician").account


def test_the_patient_account_is_the_first_patient(charts: list[Chart]) -> None:
    own = hospital().own_patient
    (account,) = [one for one in hospital().people if one.roles == ("patient",)]
    assert account.patient == own == charts[0].patient["id"]
    assert charts[0].patient["name"][0]["text"] == account.display.zh
    assert charts[0].admission is None and charts[0].died is None
    assert charts[0].of("Appointment"), "there is something ahead"


def test_the_physician_sees_patients_on_wards_and_in_clinics(
    charts: list[Chart], moment: datetime
) -> None:
    mine = set(person("demo-physician").departments)
    admitted = [
        chart
        for chart in charts
        if chart.admission and chart.admission["serviceType"]["coding"][0]["code"] in mine
    ]
    assert len(admitted) >= 25
    seen = {
        coding["code"]
        for chart in charts
        for one in chart.of("Encounter")
        for coding in one["serviceType"]["coding"]
    }
    wards = {one.code for one in DEPARTMENTS if one.floor is not None}
    assert wards <= seen, "every ward's department has seen somebody"


def test_the_house_has_fixed_ids() -> None:
    bundle = house_bundle()
    urls = [entry["request"]["url"] for entry in bundle["entry"]]
    assert len(urls) == len(set(urls))
    assert all(entry["request"]["method"] == "PUT" for entry in bundle["entry"])
    assert {"Organization/demo-hospital", "Organization/department-cardiology"} <= set(urls)
    assert {"Location/ward-cardiology", "Location/clinic-cardiology"} <= set(urls)
    assert {"Practitioner/demo-physician", "PractitionerRole/demo-nurse-cardiology"} <= set(urls)
    for entry in bundle["entry"]:
        resource = entry["resource"]
        assert f"{resource['resourceType']}/{resource['id']}" == entry["request"]["url"]
