"""What many do at the same moment ends as if they had done it one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from countersign.ground.chart import VersionConflict
from countersign.kit.json import JSON
from ground.chart.hospital import Hospital, encounter, observation, patient, transaction

PRACTITIONER: JSON = {"resourceType": "Practitioner", "id": "li", "active": True}


def together(count: int, work: Callable[[int], None]) -> list[Exception]:
    """Runs ``work`` in threads that begin at once; returns what they raised."""
    barrier = threading.Barrier(count)
    raised: list[Exception] = []

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except Exception as problem:  # noqa: BLE001
            raised.append(problem)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_many_writers_of_one_resource_make_one_line_of_versions(hospital: Hospital) -> None:
    hospital.take(transaction(patient()))

    def write(number: int) -> None:
        for step in range(4):
            note = [{"text": f"{number}.{step}"}]
            hospital.take(transaction(observation(note=note), PRACTITIONER))

    assert together(6, write) == []
    history = hospital.reader.history("Observation", "o1")
    assert [one.version for one in history] == list(range(24, 0, -1))
    assert len(hospital.reader.history("Practitioner", "li")) == 1


def test_one_of_two_who_expect_the_same_version_loses(hospital: Hospital) -> None:
    hospital.take(transaction(patient(), observation()))

    def write(number: int) -> None:
        bundle = transaction(observation(note=[{"text": str(number)}]))
        bundle["entry"][0]["request"]["ifMatch"] = 'W/"1"'
        hospital.take(bundle)

    (problem,) = together(2, write)
    assert isinstance(problem, VersionConflict)
    assert len(hospital.reader.history("Observation", "o1")) == 2


def test_a_condition_creates_once_for_all(hospital: Hospital) -> None:
    condition = "identifier=urn:mrn|MRN-p1"
    entry: JSON = {
        "resource": {name: value for name, value in patient().items() if name != "id"},
        "request": {"method": "POST", "url": "Patient", "ifNoneExist": condition},
    }
    bundle: JSON = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert together(6, lambda _: hospital.take(bundle, keep_ids=False)) == []
    assert hospital.reader.search("Patient", {}).total == 1


@pytest.mark.parametrize("repetition", range(3))
def test_bundles_about_one_patient_add_up(hospital: Hospital, repetition: int) -> None:
    hospital.take(transaction(patient()))

    def write(number: int) -> None:
        department = {"system": "urn:countersign:department", "code": f"d{number}"}
        visit = encounter(f"e{number}", serviceType={"coding": [department]})
        hospital.take(transaction(visit))

    assert together(6, write) == []
    found = hospital.chart.facts_of("p1").departments
    assert found == frozenset(f"d{number}" for number in range(6))
