"""The chart is read as the policy allows, quickly found, and never without a receipt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

import psycopg
import pytest

from countersign.ground.chart import NotFound, Page, PatientFilter, UnknownParameter
from countersign.ground.chart.dates import date_test
from countersign.ground.chart.indexing import clinical_date
from countersign.ground.chart.version import commitment
from countersign.ground.identity import Forbidden
from countersign.ground.ledger import EventKind
from countersign.ground.vault import Unreadable
from countersign.kit.json import JSON
from ground.chart.hospital import (
    Hospital,
    client,
    encounter,
    observation,
    own_record,
    patient,
    physician,
    transaction,
)

PSY = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}
COUNT = 25


def result(number: int, subject: str = "p1", **more: Any) -> JSON:
    loinc = "4548-4" if number % 2 else "2160-0"
    return observation(
        f"{subject}-o{number:02}",
        f"Patient/{subject}",
        code={"coding": [{"system": "http://loinc.org", "code": loinc}]},
        effectiveDateTime=f"2026-{1 + number % 9:02}-{1 + number:02}",
        **more,
    )


@pytest.fixture(scope="module")
def ward(shared_hospital: Hospital) -> Iterator[Hospital]:
    """p1 and p2 in cardiology, p2 with a psychiatric label, p3 in surgery."""
    house = shared_hospital
    place: JSON = {"resourceType": "Organization", "id": "house", "name": "Hospital"}
    values: JSON = {"resourceType": "ValueSet", "id": "v", "status": "active", "name": "V"}
    undated = {k: v for k, v in result(30).items() if k != "effectiveDateTime"}
    results = [result(number) for number in range(COUNT)]
    house.take(
        transaction(patient("p1"), place, values, undated, *results), departments=("cardiology",)
    )
    house.clock.move(days=1)
    p2 = patient("p2", name=[{"text": "欧阳静"}], meta={"security": [PSY]})
    house.take(transaction(p2, result(1, "p2")), departments=("cardiology",))
    p3 = patient("p3", name=[{"text": "Ada Chen"}])
    house.take(
        transaction(p3, encounter("e3", "Patient/p3"), result(1, "p3")), departments=("surgery",)
    )
    yield house


def ids(page: Page) -> list[str]:
    return [one.id for one in page.versions]


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"patient": "p1"}, COUNT + 1),
        ({"subject": "Patient/p1", "code": "4548-4"}, 12),
        ({"patient": "p1", "code": "http://loinc.org|2160-0"}, 14),
        ({"patient": "p1", "code": "4548-4,2160-0"}, COUNT + 1),
        ({"patient": "p1", "code": "http://loinc.org|"}, COUNT + 1),
        ({"patient": "p1", "code:not": "4548-4"}, 14),
        ({"patient": "p1", "code": "http://snomed.info/sct|4548-4"}, 0),
        ({"patient": "p1", "status": "final", "code": "2160-0"}, 14),
        ({"patient": "p1", "date": "ge2026-05"}, 13),
        ({"patient": "p1", "date": ["ge2026-05", "lt2026-06"]}, 3),
        ({"patient": "p1", "date": "2026-05,2026-06"}, 6),
        ({"patient": "p1", "_id": "p1-o03"}, 1),
        ({"_id": "p1-o03,p3-o01"}, 2),
        ({"code": "2160-0"}, 14),
        ({"patient": "p1,p3"}, COUNT + 2),
        ({"_lastUpdated": "2026-11-23"}, 2),
        ({"_lastUpdated": "lt2026-11-23"}, COUNT + 1),
        ({}, COUNT + 3),
    ],
)
def test_searches_find_what_they_should(
    ward: Hospital, parameters: dict[str, Any], count: int
) -> None:
    page = ward.reader.search("Observation", {**parameters, "_count": "200"})
    assert (page.total, len(page.versions)) == (count, count)


@pytest.mark.parametrize("prefix", ["", "ne", "lt", "gt", "ge", "le", "sa", "eb", "ap"])
def test_the_database_compares_dates_as_fhir_does(ward: Hospital, prefix: str) -> None:
    everything = ward.reader.search("Observation", {"patient": "p1", "_count": "200"}).versions
    for asked in ("2026-05", "2026-05-05", "2026-05-05T12:00:00Z", "2026"):
        test = date_test("date", prefix + asked, ward.clock())
        spans = [clinical_date(one.resource, UTC) for one in everything]
        expected = sum(1 for low, high in spans if low and high and test.holds(low, high))
        found = ward.reader.search("Observation", {"patient": "p1", "date": prefix + asked})
        assert found.total == expected


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({"name": "欧阳"}, ["p2"]),
        ({"name": "ada"}, ["p3"]),
        ({"name": "chen"}, ["p3"]),
        ({"name": "che n"}, []),
        ({"identifier": "urn:mrn|MRN-p1"}, ["p1"]),
        ({"birthdate": "ge1950-05-06"}, ["p1", "p2", "p3"]),
        ({"birthdate": "gt1950-05-06"}, []),
        ({"_id": "p3"}, ["p3"]),
        ({"_security": "PSY"}, ["p2"]),
        ({"gender": "female"}, []),
    ],
)
def test_patients_are_found(ward: Hospital, parameters: dict[str, str], found: list[str]) -> None:
    assert ids(ward.reader.search("Patient", parameters)) == found


@pytest.mark.parametrize("sort", ["", "date", "-date", "_lastUpdated", "-_lastUpdated"])
def test_pages_follow_one_another_without_gap_or_repetition(ward: Hospital, sort: str) -> None:
    asked = {"patient": "p1", "_count": "7", **({"_sort": sort} if sort else {})}
    pages = [ward.reader.search("Observation", asked)]
    while pages[-1].next:
        pages.append(ward.reader.search("Observation", {**asked, "_cursor": pages[-1].next}))
        assert len(pages) < 9
    found = [one for page in pages for one in ids(page)]
    assert len(found) == len(set(found)) == COUNT + 1
    assert {page.total for page in pages} == {COUNT + 1}
    if sort.endswith("date"):
        dates = [
            one.resource.get("effectiveDateTime", "") for page in pages for one in page.versions
        ]
        assert dates == sorted(dates, reverse=sort == "-date")


def test_counting_alone_shows_nothing(ward: Hospital) -> None:
    page = ward.reader.search("Observation", {"patient": "p1", "_count": "0"})
    assert (page.total, page.versions, page.next) == (COUNT + 1, (), None)


def test_a_colliding_hash_shows_nothing_wrong(
    ward: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = ward.vault.blind
    collide = lambda field, value: blind(field, "4548-4" if value == "9999-9" else value)  # noqa: E731
    monkeypatch.setattr(type(ward.vault), "blind", lambda self, field, value: collide(field, value))
    page = ward.reader.search("Observation", {"patient": "p1", "code": "9999-9"})
    assert (page.total, page.versions) == (0, ())


def test_an_open_chart_is_everything_current_under_one_receipt(ward: Hospital) -> None:
    before = len(ward.events(EventKind.CHART_VIEWED))
    chart = ward.chart.reader(physician("li", "cardiology")).open("p1")
    assert len(chart.of("Observation")) == COUNT + 1 and len(chart.of("Patient", "Encounter")) == 1
    dates = [one.resource.get("effectiveDateTime", "") for one in chart.of("Observation")]
    assert dates == sorted(dates, reverse=True)
    events = ward.events(EventKind.CHART_VIEWED)
    assert len(events) == before + 1
    listed = [(one.type, one.id, one.version, one.sha256) for one in chart.versions]
    assert events[0].commits == {"chart": commitment(listed)}
    assert (events[0].actor, events[0].patient) == ("person:li", "p1")
    assert chart.receipt is not None and chart.receipt.index == events[0].index


def test_every_reading_leaves_its_receipt(ward: Hospital) -> None:
    reader = ward.chart.reader(physician("zhao", "cardiology"))
    version = reader.read("Observation", "p1-o03")
    (event,) = [one for one in ward.events(EventKind.CHART_VIEWED) if one.actor == "person:zhao"]
    assert event.subject == "Observation/p1-o03/_history/1" == version.versioned
    assert event.commits == {
        "resources": commitment([("Observation", "p1-o03", 1, version.sha256)])
    }
    page = reader.search("Observation", {"patient": "p1", "code": "4548-4"})
    (event,) = [one for one in ward.events(EventKind.CHART_SEARCHED) if one.actor == "person:zhao"]
    assert event.patient == "p1"
    assert event.detail == {
        "type": "Observation",
        "parameters": "code,patient",
        "count": 12,
        "total": 12,
    }
    openings = ward.chart.returned.of_patient(event.commits["results"], "p1")
    assert all(one.holds(bytes.fromhex(event.commits["results"])) for one in openings)
    assert [(one.entry.id, one.entry.version, one.entry.sha256) for one in openings] == sorted(
        (one.id, one.version, one.sha256) for one in page.versions
    )
    reader.patients()
    (event,) = [one for one in ward.events(EventKind.PATIENTS_LISTED) if one.actor == "person:zhao"]
    assert event.detail == {"count": 1}
    (opening,) = ward.chart.returned.of_patient(event.commits["patients"], "p1")
    patient = reader.read("Patient", "p1")
    assert (opening.entry.version, opening.entry.sha256) == (patient.version, patient.sha256)
    assert ward.chart.returned.of_patient(event.commits["patients"], "p2") == []


def test_a_physician_sees_the_patients_of_the_department(ward: Hospital) -> None:
    li = ward.chart.reader(physician("li", "cardiology"))
    assert [one.id for one in li.patients().patients] == ["p1"]
    assert {one.patient for one in li.search("Observation", {"_count": "200"}).versions} == {"p1"}
    assert li.search("Observation", {"patient": "p1,p3"}).total == COUNT + 1
    assert ids(li.search("Patient", {})) == ["p1"]
    for attempt in (
        lambda: li.open("p3"),
        lambda: li.read("Observation", "p3-o01"),
        lambda: li.version("Observation", "p3-o01", 1),
        lambda: li.history("Patient", "p3"),
        lambda: li.search("Observation", {"patient": "p3"}),
        lambda: li.search("Patient", {"_id": "p3"}),
    ):
        with pytest.raises(Forbidden):
            attempt()
    denied = [one for one in ward.events(EventKind.ACCESS_DENIED) if one.actor == "person:li"]
    assert len(denied) == 6 and {one.patient for one in denied} == {"p3"}


def test_what_may_not_be_seen_looks_like_what_is_not_there(ward: Hospital) -> None:
    li = ward.chart.reader(physician("sun", "cardiology"))
    for name in ("p3-o01", "never"):
        with pytest.raises(Forbidden):
            li.read("Observation", name)
    for name in ("p3", "never"):
        with pytest.raises(Forbidden):
            li.open(name)
    with pytest.raises(NotFound):
        ward.reader.read("Observation", "never")
    with pytest.raises(NotFound):
        ward.reader.version("Observation", "p1-o03", 2)
    with pytest.raises(NotFound):
        ward.reader.open("never")


def test_a_sensitive_record_opens_to_the_care_team_alone(ward: Hospital) -> None:
    team: JSON = {
        "resourceType": "CareTeam",
        "id": "t",
        "status": "active",
        "subject": {"reference": "Patient/p2"},
        "participant": [
            {"member": {"identifier": {"system": "urn:countersign:person", "value": "wu"}}}
        ],
    }
    wu = ward.chart.reader(physician("wu"))
    with pytest.raises(Forbidden):
        wu.open("p2")
    ward.take(transaction(team))
    assert wu.open("p2").summary.name == "欧阳静"
    assert [one.id for one in wu.patients().patients] == ["p2"]
    with pytest.raises(Forbidden):
        ward.chart.reader(physician("li", "cardiology")).open("p2")


def test_a_patient_reads_the_own_record(ward: Hospital) -> None:
    reader = ward.chart.reader(own_record("p3"))
    assert reader.open("p3").summary.id == "p3"
    assert [one.id for one in reader.patients().patients] == ["p3"]
    with pytest.raises(Forbidden):
        reader.open("p1")


def test_another_system_reads_what_its_scope_names(ward: Hospital) -> None:
    lab = ward.chart.reader(client("system/Observation.read", "system/Organization.read"))
    assert lab.search("Observation", {"patient": "p1"}).total == COUNT + 1
    assert lab.read("Organization", "house").resource["name"] == "Hospital"
    assert ids(lab.search("Organization", {"name": "hosp"})) == ["house"]
    assert lab.search("Patient", {}).total == 0
    for kind, name in (("Patient", "p1"), ("ValueSet", "v"), ("Practitioner", "li")):
        with pytest.raises(Forbidden):
            lab.read(kind, name)


def test_a_list_of_patients_is_filtered(ward: Hospital) -> None:
    reader = ward.chart.reader(physician("qian", "cardiology", "surgery"))
    page = reader.patients(PatientFilter(limit=1))
    assert (len(page.patients), page.total) == (1, 2)
    assert [one.id for one in reader.patients(PatientFilter(name="王")).patients] == ["p1"]
    assert [one.id for one in reader.patients(PatientFilter(name="MRN-p3")).patients] == ["p3"]
    assert [one.id for one in reader.patients(PatientFilter(department="surgery")).patients] == [
        "p3"
    ]
    assert reader.patients(PatientFilter(name="nobody")).total == 0


def test_an_unknown_parameter_is_refused(ward: Hospital) -> None:
    with pytest.raises(UnknownParameter):
        ward.reader.search("Observation", {"patient.name": "x"})


def test_the_chart_goes_on_without_the_ledger(hospital: Hospital) -> None:
    hospital.admit("p1")
    with psycopg.connect(hospital.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("revoke execute on function ledger.append(bytea[]) from countersign_ledger")
        chart = hospital.reader.open("p1")
        assert chart.summary.id == "p1" and chart.receipt is None
        owner.execute("grant execute on function ledger.append(bytea[]) to countersign_ledger")
    hospital.reader.open("p1")
    hospital.ledger.close()
    assert len(hospital.events(EventKind.CHART_VIEWED)) == 2


@pytest.mark.parametrize(
    "change",
    [
        "update chart.version set sha256 = sha256(sha256) where type = 'Observation'",
        "update chart.version set box = box || '\\x00'::bytea where type = 'Observation'",
        "update chart.version v set box = o.box from chart.version o"
        " where v.type = 'Observation' and v.id = 'o1' and o.id = 'o2'",
    ],
)
def test_a_row_that_was_tampered_with_is_not_shown(hospital: Hospital, change: str) -> None:
    hospital.take(transaction(patient(), observation("o1"), observation("o2")))
    with psycopg.connect(hospital.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("alter table chart.version disable trigger append_only")
        owner.execute(change)  # pyright: ignore[reportArgumentType,reportCallIssue]
    with pytest.raises(Unreadable):
        hospital.reader.read("Observation", "o1")
