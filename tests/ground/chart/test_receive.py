"""Data come in all or nothing, with every version, sealed, and with one receipt."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import psycopg
import pytest

from countersign.ground.chart import (
    Ambiguous,
    Deleted,
    Invalid,
    MissingReference,
    NoPatient,
    PatientInUse,
    Received,
    Refusal,
    Refused,
    ReleasedOnly,
    TwoPatients,
    UnsignedAI,
    Unsupported,
    VersionConflict,
    Written,
)
from countersign.ground.chart.version import commitment
from countersign.ground.db import WHOLE, DbRole
from countersign.ground.identity import Forbidden
from countersign.ground.ledger import EventKind
from countersign.kit.json import JSON, MalformedJSON, encode
from ground.chart.hospital import (
    Hospital,
    client,
    encounter,
    observation,
    patient,
    physician,
    transaction,
)

AIAST = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "AIAST"}
PRACTITIONER: JSON = {
    "resourceType": "Practitioner",
    "id": "li",
    "identifier": [{"system": "urn:npi", "value": "1"}],
    "active": True,
}


def rows(hospital: Hospital, table: str = "version") -> int:
    queries = {
        "version": "select count(*) as n from chart.version",
        "current": "select count(*) as n from chart.current",
        "patient": "select count(*) as n from chart.patient",
        "jobs": "select count(*) as n from jobs.procrastinate_jobs",
    }
    pool = hospital.database.pool(DbRole.JOBS if table == "jobs" else DbRole.ROOM).within(WHOLE)
    return pool.rows(queries[table])[0]["n"]


def versions(received: Received) -> list[int]:
    return [one.version for one in received.written]


def test_a_bundle_comes_in_and_the_same_again_changes_nothing(hospital: Hospital) -> None:
    bundle = transaction(patient(), observation(), encounter(), PRACTITIONER)
    first = hospital.take(bundle)
    assert [one.created for one in first.written] == [True] * 4
    hospital.clock.move(hours=1)
    second = hospital.take(bundle)
    assert [one.unchanged for one in second.written] == [True] * 4
    assert [one.sha256 for one in second.written] == [one.sha256 for one in first.written]
    assert rows(hospital) == 4 and len(hospital.events(EventKind.CHART_RECEIVED)) == 1


def test_a_change_is_a_new_version_and_the_old_one_stays(hospital: Hospital) -> None:
    hospital.take(transaction(patient(), observation()))
    hospital.clock.move(minutes=5)
    second = hospital.take(transaction(observation(status="amended")))
    assert versions(second) == [2]
    assert hospital.reader.read("Observation", "o1").resource["status"] == "amended"
    assert hospital.reader.version("Observation", "o1", 1).resource["status"] == "final"
    meta = hospital.reader.read("Observation", "o1").resource["meta"]
    assert meta == {"versionId": "2", "lastUpdated": "2026-11-22T01:05:00.000Z"}


def test_what_is_stored_keeps_its_digits_and_matches_its_digest(hospital: Hospital) -> None:
    hospital.take(transaction(patient(), observation()))
    version = hospital.reader.read("Observation", "o1")
    assert b'"value":6.50' in version.raw
    assert sha256(version.raw).hexdigest() == version.sha256


def test_the_receipt_commits_to_every_version(hospital: Hospital) -> None:
    received = hospital.take(transaction(patient(), observation(), PRACTITIONER))
    (event,) = hospital.events(EventKind.CHART_RECEIVED)
    assert (event.actor, event.patient) == ("system:importer", "p1")
    assert event.detail == {"source": "test", "origin": "received", "resources": 3}
    listed = [(one.type, one.id, one.version, one.sha256) for one in received.written]
    assert event.commits == {"versions": commitment(listed)}


def test_a_bundle_of_several_patients_leaves_a_receipt_with_each(hospital: Hospital) -> None:
    hospital.take(transaction(patient("p1"), patient("p2"), observation("o2", "Patient/p2")))
    events = hospital.events(EventKind.CHART_RECEIVED)
    assert {(one.patient, one.detail["resources"]) for one in events} == {("p1", 1), ("p2", 2)}


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (observation("o9", status=1), Invalid),
        (observation("o9", "Patient/nobody"), MissingReference),
        (observation("o9", encounter={"reference": "Encounter/nowhere"}), MissingReference),
        (observation("o9", subject={"display": "x"}), NoPatient),
        (observation("o9", meta={"security": [AIAST]}), UnsignedAI),
        (patient("house"), Unsupported),
    ],
)
def test_one_bad_entry_lets_nothing_in(hospital: Hospital, bad: JSON, error: type[Refused]) -> None:
    with pytest.raises(error) as caught:
        hospital.take(transaction(patient(), observation(), bad))
    assert caught.value.entry == 2 and "Nothing of this transaction" in str(caught.value)
    assert [rows(hospital, one) for one in ("version", "current", "patient", "jobs")] == [0] * 4
    assert hospital.events(EventKind.CHART_RECEIVED) == []


def test_broken_json_lets_nothing_in(hospital: Hospital) -> None:
    with pytest.raises(MalformedJSON):
        hospital.take(encode(transaction(patient()))[:-1])
    assert rows(hospital) == 0


def test_a_ledger_that_cannot_write_lets_nothing_in(hospital: Hospital) -> None:
    with psycopg.connect(hospital.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("revoke execute on function ledger.append(bytea[]) from countersign_receiver")
    with pytest.raises(Exception, match="receipt"):
        hospital.take(transaction(patient()))
    assert rows(hospital) == 0


def test_another_patients_resource_cannot_be_taken_over(hospital: Hospital) -> None:
    hospital.take(transaction(patient("p1"), patient("p2"), observation("o1", "Patient/p1")))
    with pytest.raises(TwoPatients):
        hospital.take(transaction(observation("o1", "Patient/p2")))
    with pytest.raises(TwoPatients):
        hospital.take(
            transaction(
                encounter(
                    "e2", "Patient/p2", diagnosis=[{"condition": {"reference": "Observation/o1"}}]
                )
            )
        )
    with pytest.raises(TwoPatients):
        hospital.take(
            transaction(
                observation("o3", "Patient/p2", hasMember=[{"reference": "Observation/o1"}])
            )
        )
    assert hospital.reader.read("Observation", "o1").patient == "p1"


def test_what_points_to_a_patients_resource_belongs_to_that_patient(hospital: Hospital) -> None:
    hospital.take(transaction(patient(), observation(), PRACTITIONER))
    provenance: JSON = {
        "resourceType": "Provenance",
        "id": "v",
        "target": [{"reference": "Observation/o1"}],
        "recorded": "2026-11-22T08:00:00Z",
        "agent": [{"who": {"reference": "Practitioner/li"}}],
    }
    assert hospital.take(transaction(provenance)).written[0].patient == "p1"


def test_a_batch_takes_what_is_right_and_says_what_is_not(hospital: Hospital) -> None:
    hospital.admit("p1")
    bundle = transaction(
        observation("o1"),
        observation("o2", status=1),
        observation("o3", "Patient/no"),
        observation("o4"),
        kind="batch",
    )
    outcomes = hospital.take(bundle).outcomes
    assert [isinstance(one, Written) for one in outcomes] == [True, False, False, True]
    refused = [one for one in outcomes if isinstance(one, Refusal)]
    assert [(one.entry, one.code) for one in refused] == [
        (1, "chart.invalid"),
        (2, "chart.missing_reference"),
    ]
    assert len(hospital.reader.open("p1").of("Observation")) == 2


def test_expected_versions_are_kept_to(hospital: Hospital) -> None:
    hospital.take(transaction(patient(), observation()))
    bundle = transaction(observation(status="amended"))
    bundle["entry"][0]["request"]["ifMatch"] = 'W/"1"'
    assert versions(hospital.take(bundle)) == [2]
    with pytest.raises(VersionConflict, match="version 2") as caught:
        hospital.take(bundle)
    assert caught.value.status == 412
    absent = transaction(observation("o7"))
    absent["entry"][0]["request"]["ifMatch"] = 'W/"1"'
    with pytest.raises(VersionConflict):
        hospital.take(absent)


def test_a_condition_creates_once_and_then_finds(hospital: Hospital) -> None:
    urn = "urn:uuid:2c4e4abf-b81d-4791-9046-7cdff816061f"
    bundle: JSON = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": urn,
                "resource": patient(),
                "request": {
                    "method": "POST",
                    "url": "Patient",
                    "ifNoneExist": "identifier=urn:mrn|MRN-p1",
                },
            },
            {
                "resource": {k: v for k, v in observation("o", urn).items() if k != "id"},
                "request": {"method": "POST", "url": "Observation"},
            },
        ],
    }
    first = hospital.take(bundle, keep_ids=False)
    second = hospital.take(bundle, keep_ids=False)
    person = first.written[0].id
    assert (first.written[0].created, second.written[0].unchanged) == (True, True)
    assert second.written[0].id == person == second.written[1].patient
    assert len(hospital.reader.open(person).of("Observation")) == 2
    hospital.take(
        transaction(patient("twin", identifier=[{"system": "urn:mrn", "value": "MRN-p1"}]))
    )
    with pytest.raises(Ambiguous):
        hospital.take(bundle, keep_ids=False)


def test_deletion_is_a_version_and_history_stays(hospital: Hospital) -> None:
    hospital.take(transaction(patient(), observation()))
    delete: JSON = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": {"method": "DELETE", "url": "Observation/o1"}}],
    }
    assert hospital.take(delete).written[0].version == 2
    with pytest.raises(Deleted):
        hospital.reader.read("Observation", "o1")
    assert [one.deleted for one in hospital.reader.history("Observation", "o1")] == [True, False]
    assert hospital.reader.search("Observation", {"patient": "p1"}).total == 0
    assert hospital.take(delete).written[0].unchanged
    assert versions(hospital.take(transaction(observation()))) == [3]
    delete["entry"][0]["request"]["url"] = "Patient/p1"
    with pytest.raises(PatientInUse):
        hospital.take(delete)
    delete["entry"][0]["request"]["url"] = "Patient/never"
    assert hospital.take(delete).written[0].version == 0


def test_a_released_answer_is_not_overwritten_from_outside(hospital: Hospital) -> None:
    hospital.take(transaction(patient(), observation()))
    with psycopg.connect(hospital.database.owner_conninfo, autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")
        owner.execute("alter table chart.version disable trigger released")
        owner.execute("alter table chart.version disable trigger append_only")
        owner.execute("alter table chart.current disable trigger only_forward")
        owner.execute("update chart.version set origin = 'released', release_id = 'r1'")
        owner.execute("update chart.current set origin = 'released' where type = 'Observation'")
    with pytest.raises(ReleasedOnly):
        hospital.take(transaction(observation(status="amended")))
    assert hospital.take(transaction(observation())).written[0].unchanged


def test_waiting_tasks_wake_once_for_each_patient(hospital: Hospital) -> None:
    results = [observation(f"o{number}") for number in range(5)]
    hospital.take(transaction(patient(), *results, encounter()))
    assert rows(hospital, "jobs") == 1
    hospital.take(transaction(patient("p2"), encounter("e2", "Patient/p2")))
    assert rows(hospital, "jobs") == 1
    hospital.take(transaction(observation("o9", "Patient/p2")))
    pool = hospital.database.pool(DbRole.JOBS)
    jobs = pool.rows("select task_name, args, lock from jobs.procrastinate_jobs order by id")
    assert [(job["task_name"], job["args"]["patient"]) for job in jobs] == [
        ("workstation.review", "p1"),
        ("workstation.review", "p2"),
    ]


def test_nothing_readable_is_stored(hospital: Hospital) -> None:
    secret = patient(name=[{"text": "欧阳小明"}], identifier=[{"system": "u", "value": "MRN-987"}])
    hospital.take(transaction(secret, observation(note=[{"text": "欧阳小明的秘密"}])))
    with psycopg.connect(hospital.database.owner_conninfo) as owner:
        for table in ("version", "current", "patient"):
            query = psycopg.sql.SQL("select t::text as row, t.* from {} t").format(
                psycopg.sql.Identifier("chart", table)
            )
            for row in owner.execute(query).fetchall():
                text = str(row)
                for word in ("欧阳", "MRN-987", "4548-4", "1950-05-06", "loinc"):
                    assert word not in text, table
                    assert word.encode().hex() not in text, table


def test_another_system_writes_only_for_its_departments(hospital: Hospital) -> None:
    hospital.admit("p1", department="cardiology")
    hospital.admit("p2", department="psychiatry")
    lab = client("system/Observation.write", departments=("cardiology",))

    def send(resource: JSON, **options: Any) -> Received:
        return hospital.chart.receive(lab, transaction(resource), source="fhir", **options)

    assert send(observation("o1", "Patient/p1")).written[0].created
    for resource in (observation("o2", "Patient/p2"), encounter("e1", "Patient/p1"), patient("p1")):
        with pytest.raises(Forbidden):
            send(resource, departments=("cardiology",))
    delete = {"method": "DELETE", "url": "Observation/o2"}
    hospital.take(transaction(observation("o2", "Patient/p2")))
    with pytest.raises(Forbidden):
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": delete}]}
        hospital.chart.receive(lab, bundle, source="fhir")
    with pytest.raises(Forbidden):
        hospital.chart.receive(physician(), transaction(patient("p3")), source="fhir")
    assert hospital.chart.facts_of("p2").departments == frozenset({"psychiatry"})


def test_another_system_adds_to_and_deletes_from_what_it_may_write(hospital: Hospital) -> None:
    hospital.admit("p1", department="cardiology")
    hospital.admit("p2", department="psychiatry")
    hospital.take(transaction(observation("o1"), observation("o2", "Patient/p2"), PRACTITIONER))
    his = client("system/*.write", departments=("cardiology",))

    def provenance(target: str) -> JSON:
        return {
            "resourceType": "Provenance",
            "id": f"v-{target}",
            "target": [{"reference": f"Observation/{target}"}],
            "recorded": "2026-11-22T08:00:00Z",
            "agent": [{"who": {"reference": "Practitioner/li"}}],
        }

    def deletion(target: str) -> JSON:
        request = {"method": "DELETE", "url": f"Observation/{target}"}
        return {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": request}]}

    for bundle in (transaction(provenance("o1")), deletion("o1")):
        assert hospital.chart.receive(his, bundle, source="fhir").written[0].patient == "p1"
    for bundle in (transaction(provenance("o2")), deletion("o2")):
        with pytest.raises(Forbidden):
            hospital.chart.receive(his, bundle, source="fhir")


def test_a_new_patient_of_another_system_is_placed_in_its_department(hospital: Hospital) -> None:
    his = client("system/*.write", departments=("cardiology",))
    hospital.chart.receive(his, transaction(patient()), source="fhir", departments=("cardiology",))
    assert hospital.chart.facts_of("p1").departments == frozenset({"cardiology"})
    # It cannot pull a patient of others into its department afterwards.
    hospital.admit("p2", department="psychiatry")
    with pytest.raises(Forbidden):
        hospital.chart.receive(
            his, transaction(patient("p2", active=True)), source="fhir", departments=("cardiology",)
        )


def test_facts_follow_the_chart(hospital: Hospital) -> None:
    department, person = "urn:countersign:department", "urn:countersign:person"
    organisation: JSON = {
        "resourceType": "Organization",
        "id": "icu",
        "name": "ICU",
        "identifier": [{"system": department, "value": "icu"}],
    }
    doctor = PRACTITIONER | {"identifier": [{"system": person, "value": "person-li"}]}
    visit = encounter(
        serviceProvider={"reference": "Organization/icu"},
        participant=[{"individual": {"reference": "Practitioner/li"}}],
        location=[{"location": {"display": "重症监护"}}, {"location": {"display": "3床"}}],
    )
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}
    condition: JSON = {
        "resourceType": "Condition",
        "id": "c",
        "meta": {"security": [label]},
        "subject": {"reference": "Patient/p1"},
    }
    hospital.take(
        transaction(organisation, doctor, patient(), visit, condition), departments=("er",)
    )
    facts = hospital.chart.facts_of("p1")
    assert facts.departments == frozenset({"icu", "er"})
    assert facts.care_team == frozenset({"person-li"})
    assert facts.sensitivity == frozenset({"PSY"})
    summary = hospital.reader.open("p1").summary
    assert (summary.name, summary.ward, summary.bed) == ("王小明", "重症监护", "3床")
    hospital.take(
        transaction(
            {**visit, "status": "finished"},
            {k: v for k, v in condition.items() if k != "meta"},
            {**organisation, "identifier": [{"system": department, "value": "icu-2"}]},
        )
    )
    facts = hospital.chart.facts_of("p1")
    assert facts.departments == frozenset({"icu-2", "er"})
    assert (facts.care_team, facts.sensitivity) == (frozenset(), frozenset())
    assert hospital.reader.open("p1").summary.ward == ""
