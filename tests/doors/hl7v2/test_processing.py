"""What messages do to the chart: in their order, once, and one patient's trouble stays theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from building import IMPORTER, Building
from countersign.doors.hl7v2.judging import judge
from countersign.doors.hl7v2.listener import arrival
from countersign.doors.hl7v2.processing import INTERFACE, Processor
from countersign.ground.identity import Principal, Purpose, Role
from doors.hl7v2.stage import a01, oru, states

ADMIN = Principal(
    "admin", "Admin", "person", roles=frozenset({Role.ADMINISTRATOR}), purpose=Purpose.OPERATIONS
)
DATED = (("19500506", "20269999"),)


def keep(building: Building, *messages: str) -> list[str]:
    """Stores messages as the listener does; returns their identifiers."""
    raws = [message.encode() for message in messages]
    kept = building.floor.messages.inbox.keep([arrival(raw, judge(raw, False)) for raw in raws])
    return [one.id for one in kept]


def process(building: Building) -> int:
    floor = building.floor
    codes = frozenset(one.code for one in floor.people.departments())
    processor = Processor(floor.messages, floor.chart, lambda: codes, ("surgery",))
    return processor.run(lambda: False)


def found(building: Building, kind: str, **parameters: str) -> list[Any]:
    page = building.floor.chart.reader(INTERFACE).search(kind, list(parameters.items()))
    return [one.resource for one in page.versions]


def patient_of(building: Building, number: str = "4711") -> Any:
    (one,) = found(building, "Patient", identifier=f"urn:countersign:hl7v2:HIS|{number}")
    return one


def current(building: Building) -> list[Any]:
    return building.rows("select type, id, version from chart.current order by 1, 2")


def event(message: str, kind: str) -> str:
    return message.replace("ADT^A01^ADT_A01", f"ADT^{kind}").replace("EVN|A01", f"EVN|{kind}")


def test_an_admission_and_a_result_reach_the_chart(building: Building) -> None:
    keep(building, a01("M1"), oru("M2"))
    assert process(building) == 2 and states(building) == ["processed", "processed"]
    patient = patient_of(building)
    assert patient["birthDate"] == "1950-05-06" and patient["gender"] == "male"
    assert patient["name"][0]["text"] == "王小明"
    (visit,) = found(building, "Encounter", patient=patient["id"])
    assert visit["status"] == "in-progress" and visit["class"]["code"] == "IMP"
    assert building.floor.chart.named(patient["id"]).departments == {"cardiology"}
    (potassium,) = found(building, "Observation", patient=patient["id"])
    assert potassium["valueQuantity"]["value"] == Decimal("6.1")
    assert potassium["note"][0]["text"] == "Sample slightly haemolysed"
    assert potassium["encounter"] == {"reference": f"Encounter/{visit['id']}"}
    (report,) = found(building, "DiagnosticReport", patient=patient["id"])
    assert report["result"] == [{"reference": f"Observation/{potassium['id']}"}]
    (order,) = found(building, "ServiceRequest", patient=patient["id"])
    assert order["status"] == "completed"


def test_replaying_everything_changes_nothing(building: Building) -> None:
    keep(building, a01("M1"), oru("M2"))
    process(building)
    before = current(building)
    assert building.floor.messages.handling.replay(datetime(2000, 1, 1, tzinfo=UTC), ADMIN) == 2
    assert process(building) == 2 and current(building) == before
    (replayed,) = [one for one in building.events() if one.kind == "messages-replayed"]
    assert replayed.actor == "person:admin" and replayed.detail == {"count": 2}


def test_a_visit_goes_its_way_and_an_empty_field_changes_nothing(building: Building) -> None:
    leaving = event(a01("M2"), "A03").rstrip("\r") + "|20261130100000+0800\r"
    update = (
        event(a01("M3"), "A08").replace("上海路1号^^南京^^210000^CN", "").replace("|M|||", '|""|||')
    )
    keep(building, a01("M1"), leaving, update)
    process(building)
    patient = patient_of(building)
    (visit,) = found(building, "Encounter", patient=patient["id"])
    assert visit["status"] == "finished" and visit["period"]["end"].startswith("2026-11-30T10")
    assert patient["address"][0]["city"] == "南京" and "gender" not in patient
    keep(building, event(a01("M4"), "A13"))
    process(building)
    (visit,) = found(building, "Encounter", patient=patient["id"])
    assert visit["status"] == "in-progress" and "end" not in visit["period"]


def test_a_failed_message_holds_up_its_patient_alone(building: Building) -> None:
    other = oru("M3").replace("王^小明||19500506|M", "李^红||19800101|F")
    first, wrong, later, elsewhere = keep(
        building, a01("M1"), other, oru("M4", value="5.0"), a01("M5", "4712", "李", "红")
    )
    process(building)
    assert states(building) == ["processed", "failed", "received", "processed"]
    handling = building.floor.messages.handling
    failed = handling.one(ADMIN, wrong)
    assert (failed.reason, failed.waiting_behind) == ("hl7v2.other-person", 1)
    handling.set_aside(wrong, ADMIN)
    process(building)
    assert states(building) == ["processed", "set-aside", "processed", "processed"]
    # Taken up again it fails again, and what came later of its patient waits for it again.
    assert handling.retry(wrong, ADMIN) == 2
    process(building)
    assert states(building) == ["processed", "failed", "received", "processed"]
    assert {first, later, elsewhere}


def test_retrying_an_old_message_lets_the_newest_hold(building: Building) -> None:
    old, _ = keep(building, oru("M1", value="6.1"), oru("M2", value="4.2"))
    process(building)
    building.floor.messages.handling.retry(old, ADMIN)
    process(building)
    (potassium,) = found(building, "Observation", patient=patient_of(building)["id"])
    assert potassium["valueQuantity"]["value"] == Decimal("4.2")


def test_impossible_values_are_noted_and_not_made_up(building: Building) -> None:
    bad = oru("M2").replace("||6.1|", "||haemolysed|").replace("20261126083000", "20261399000000")
    (_, message) = keep(building, a01("M1").replace(*DATED[0]), bad + "ZXX|1|own\r")
    process(building)
    assert states(building) == ["processed", "processed"]
    noted = building.floor.messages.handling.one(ADMIN, message).notes
    assert {"OBX-5.not-a-number", "OBX-14.not-a-date", "Z.left-out"} <= set(noted)
    patient = patient_of(building)
    assert "birthDate" not in patient or patient["birthDate"] == "1950-05-06"
    (potassium,) = found(building, "Observation", patient=patient["id"])
    assert potassium["valueString"] == "haemolysed" and "effectiveDateTime" not in potassium


def test_a_chart_that_came_by_import_is_found_by_its_number(building: Building) -> None:
    known = {
        "resourceType": "Patient",
        "id": "imported",
        "name": [{"family": "王", "given": ["小明"]}],
        "birthDate": "1950-05-06",
        "photo": [{"title": "kept"}],
        "identifier": [{"system": "urn:countersign:hl7v2:HIS", "value": "4711"}],
    }
    building.floor.chart.receive(
        IMPORTER, known, source="test", departments=("surgery",), keep_ids=True
    )
    keep(building, a01("M1"))
    process(building)
    patient = patient_of(building)
    assert patient["id"] == "imported" and patient["photo"] == [{"title": "kept"}]
    (row,) = building.rows("select patient from messages.incoming")
    # Sealed anew under the chart's own key, so that destroying its data reaches the message.
    assert row["patient"] == "imported"


def test_numbers_of_two_hospitals_are_two_patients(building: Building) -> None:
    def bare(control: str, facility: str) -> str:
        message = a01(control).replace("4711^^^HIS^MR", "4711")
        return message.replace("HIS|WARD", f"HIS|{facility}")

    keep(building, bare("M1", "NORTH"), bare("M2", "SOUTH"))
    process(building)
    assert len(building.rows("select patient from chart.patient where patient not like 'p_'")) == 2


def test_merged_patients_have_one_chart(building: Building) -> None:
    merge = (
        "MSH|^~\\&|HIS|WARD|COUNTERSIGN|HOSPITAL|20261127||ADT^A40^ADT_A39|M9|P|2.5||||||UTF-8\r"
        "EVN|A40|20261127\rPID|1||4711^^^HIS^MR||王^小明||19500506|M\r"
        "MRG|9000^^^HIS^MR\r"
    )
    keep(building, a01("M1"), a01("M2", "9000"), oru("M3", "9000"), merge)
    process(building)
    assert states(building) == ["processed"] * 4
    patient = patient_of(building)
    numbers = {(one["value"], one.get("use")) for one in patient["identifier"]}
    assert {("4711", None), ("9000", "old")} <= numbers
    (potassium,) = found(building, "Observation", patient=patient["id"])
    assert potassium["subject"] == {"reference": f"Patient/{patient['id']}"}
    (link,) = patient["link"]
    gone = building.floor.chart.reader(INTERFACE).read(*link["other"]["reference"].split("/"))
    assert gone.resource["active"] is False
    assert gone.resource["link"][0]["type"] == "replaced-by"
    # A correction that still bears the old number changes the survivor's entry.
    keep(building, oru("M10", "9000", value="5.9"))
    process(building)
    (corrected,) = found(building, "Observation", patient=patient["id"])
    assert corrected["id"] == potassium["id"]
    assert corrected["valueQuantity"]["value"] == Decimal("5.9")
    before = current(building)
    building.floor.messages.handling.replay(datetime(2000, 1, 1, tzinfo=UTC), ADMIN)
    process(building)
    assert set(states(building)) == {"processed"}
    assert {(one["type"], one["id"]) for one in current(building)} == {
        (one["type"], one["id"]) for one in before
    }
