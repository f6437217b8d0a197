"""Beds exchanged, patients linked and unlinked, a visit moved to the right chart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from building import Building
from countersign.doors.hl7v2.processing import INTERFACE
from doors.hl7v2.said import a17, a45, a47, linking, rde
from doors.hl7v2.stage import a01, oru, states
from doors.hl7v2.test_processing import ADMIN, found, keep, patient_of, process


def both(building: Building) -> tuple[str, str]:
    return patient_of(building)["id"], patient_of(building, "4712")["id"]


def bed(building: Building, patient: str) -> list[str]:
    (visit,) = found(building, "Encounter", patient=patient)
    return [one["location"]["display"] for one in visit["location"] if one["status"] == "active"]


def test_two_patients_exchange_their_beds(building: Building) -> None:
    keep(building, a01("M1"), a01("M2", "4712", "李", "红").replace("19500506|M", "19800101|F"))
    process(building)
    keep(building, a17())
    process(building)
    assert states(building) == ["processed"] * 3
    first, second = both(building)
    assert "14 1" in bed(building, first)
    assert "12 3" in bed(building, second)


def links(building: Building, patient: str) -> list[Any]:
    return building.floor.chart.reader(INTERFACE).read("Patient", patient).resource.get("link", [])


def test_a_link_is_made_and_undone_and_moves_nothing(building: Building) -> None:
    keep(building, oru("M1"), linking("A24", "M2"))
    process(building)
    first, second = both(building)
    assert links(building, first) == [
        {"other": {"reference": f"Patient/{second}"}, "type": "seealso"}
    ]
    assert links(building, second)[0]["other"] == {"reference": f"Patient/{first}"}
    assert not found(building, "Observation", patient=second)
    keep(building, linking("A37", "M3"))
    process(building)
    assert links(building, first) == links(building, second) == []
    assert len(found(building, "Observation", patient=first)) == 1
    (again,) = keep(building, linking("A37", "M4"))
    process(building)
    assert "PID.not-linked" in building.floor.messages.handling.one(ADMIN, again).notes


def test_what_was_merged_is_not_parted_by_a_message(building: Building) -> None:
    merge = linking("A37", "M3").replace("A37", "A40").rpartition("PID|")[0]
    keep(building, a01("M1"), a01("M2", "4712"), merge + "MRG|4712^^^HIS^MR\r")
    process(building)
    unlink, later = keep(building, linking("A37", "M4"), oru("M5"))
    process(building)
    assert states(building)[-2:] == ["failed", "received"]
    handling = building.floor.messages.handling
    assert handling.one(ADMIN, unlink).reason == "hl7v2.merged"
    handling.set_aside(unlink, ADMIN)
    process(building)
    assert states(building)[-2:] == ["set-aside", "processed"]
    assert later


def test_a_visit_moves_to_the_right_chart_with_all_that_belongs_to_it(building: Building) -> None:
    keep(building, a01("M1"), oru("M2"), rde("R1"), a45(new="V9000"))
    process(building)
    assert states(building) == ["processed"] * 4
    wrong, right = both(building)
    (visit,) = found(building, "Encounter", patient=right)
    assert visit["status"] == "in-progress"
    assert {one["value"] for one in visit["identifier"]} >= {"V9000"}
    for kind in ("Observation", "DiagnosticReport", "ServiceRequest", "MedicationRequest"):
        (moved,) = found(building, kind, patient=right)
        assert moved["encounter"] == {"reference": f"Encounter/{visit['id']}"}
        assert moved["status"] != "entered-in-error"
        (left,) = found(building, kind, patient=wrong)
        assert left["status"] == "entered-in-error"
    (report,) = found(building, "DiagnosticReport", patient=right)
    (potassium,) = found(building, "Observation", patient=right)
    assert report["result"] == [{"reference": f"Observation/{potassium['id']}"}]
    building.floor.messages.handling.replay(datetime(2000, 1, 1, tzinfo=UTC), ADMIN)
    process(building)
    assert set(states(building)) == {"processed"}
    assert len(found(building, "Observation", patient=right)) == 1
    (left,) = found(building, "Observation", patient=wrong)
    assert left["status"] == "entered-in-error"


def test_a_visit_is_found_by_its_number_alone_and_nothing_is_moved_twice(
    building: Building,
) -> None:
    keep(building, a01("M1"), a45("MOVE1", prior=""), a45("MOVE2", prior=""))
    process(building)
    assert states(building) == ["processed"] * 3
    wrong, right = both(building)
    (visit,) = found(building, "Encounter", patient=right)
    assert visit["status"] == "in-progress"
    (left,) = found(building, "Encounter", patient=wrong)
    assert left["status"] == "entered-in-error"


def test_a_patient_whose_number_changes_keeps_the_chart(building: Building) -> None:
    keep(building, a01("M1"), oru("M2"))
    process(building)
    before = patient_of(building)["id"]
    keep(building, a47("M3"), oru("M4", "4799", value="5.9"), oru("M5", value="6.1"), a47("M6"))
    process(building)
    assert set(states(building)) == {"processed"}
    patient = patient_of(building, "4799")
    assert patient["id"] == before and "link" not in patient
    numbers = {(one["value"], one.get("use")) for one in patient["identifier"]}
    assert {("4799", None), ("4711", "old")} <= numbers
    (potassium,) = found(building, "Observation", patient=before)
    assert str(potassium["valueQuantity"]["value"]) == "6.1", "the old number leads there still"


def test_a_new_number_that_is_another_patients_is_no_change_but_a_merge(building: Building) -> None:
    keep(building, a01("M1"), a01("M2", "4799"))
    (change,) = keep(building, a47("M3"))
    process(building)
    handling = building.floor.messages.handling
    assert handling.one(ADMIN, change).reason == "hl7v2.two-charts"
    (first,) = [patient_of(building)]
    assert all(one.get("use") != "old" for one in first["identifier"])


def test_a_changed_number_of_somebody_unknown_or_of_another_person(building: Building) -> None:
    keep(building, a47("M1", "5002", "5001"))
    process(building)
    numbers = {one["value"] for one in patient_of(building, "5002")["identifier"]}
    assert numbers >= {"5001", "5002"}
    wrong = a47("M2", "5003", "5002").replace("19500506|M", "19800101|F")
    (other,) = keep(building, wrong)
    process(building)
    assert building.floor.messages.handling.one(ADMIN, other).reason == "hl7v2.other-person"
