"""Drugs ordered and appointments made elsewhere reach the chart, once, and follow their changes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from building import Building
from countersign.doors.hl7v2.acknowledging import answers
from countersign.doors.hl7v2.judging import judge
from countersign.doors.hl7v2.mapping import Context, mapped
from countersign.doors.hl7v2.message import parse
from countersign.doors.hl7v2.words import REASONS
from countersign.ground.chart import Limits, validate
from countersign.kit.json import encode
from countersign.rooms.medication.domain import read
from countersign.rooms.medication.inference import shipped
from doors.hl7v2.said import INFUSION, OLD_RDE, OMP, header, pid, rde, siu
from doors.hl7v2.stage import a01, fields, states
from doors.hl7v2.test_processing import ADMIN, current, found, keep, patient_of, process


def entries(message: str, kind: str) -> list[Any]:
    context = Context("p", lambda _, name: f"x-{len(name)}", ZoneInfo("Asia/Shanghai"))
    judged = judge(message.encode(), False)
    assert judged.verdict == "AA", judged.faults
    made = [one for one in mapped(parse(message), context).entries if one["resourceType"] == kind]
    assert all(not validate(one, Limits(), encode(one)) for one in made)
    return made


def test_an_encoded_order_is_a_medication_request_with_dose_times_and_route() -> None:
    (one,) = entries(rde("R1"), "MedicationRequest")
    assert (one["status"], one["intent"], one["priority"]) == ("active", "order", "routine")
    coding = one["medicationCodeableConcept"]["coding"][0]
    assert coding["system"] == "http://www.nlm.nih.gov/research/umls/rxnorm"
    dosage = one["dosageInstruction"][0]
    assert dosage["text"] == "With the evening meal"
    assert dosage["route"]["coding"][0]["code"] == "PO"
    dose = {"value": Decimal(5), "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    assert dosage["doseAndRate"] == [{"doseQuantity": dose}]
    repeat = dosage["timing"]["repeat"]
    assert (repeat["frequency"], repeat["period"], repeat["periodUnit"]) == (1, 1, "d")
    assert repeat["boundsPeriod"]["end"] == "2026-12-03T18:00:00+08:00"
    assert one["note"] == [{"text": "INR on day 3"}]
    assert one["dispenseRequest"]["quantity"]["value"] == 7
    assert one["requester"]["identifier"]["value"] == "1001"
    kinds = {each.get("type", {}).get("coding", [{}])[0].get("code") for each in one["identifier"]}
    assert {"PLAC", "FILL", "PRN"} <= kinds
    assert not entries(rde("R1"), "ServiceRequest"), "a drug is no examination"


@pytest.mark.parametrize(
    ("orc", "status"),
    [("CA|P9|F9", "cancelled"), ("DC|P9|F9", "stopped"), ("HD|P9|F9", "on-hold"),
     ("SC|P9|F9||CM", "completed"), ("XO|P9|F9", "active"), ("RP|P9|F9||IP", "stopped")],
)  # fmt: skip
def test_what_becomes_of_an_order_is_its_status(orc: str, status: str) -> None:
    (one,) = entries(rde("R1", orc=orc), "MedicationRequest")
    assert one["status"] == status


def test_what_is_added_to_an_infusion_is_seen_by_the_rules() -> None:
    (one,) = entries(INFUSION, "MedicationRequest")
    assert one["medicationCodeableConcept"]["text"] == "氯化钠注射液 500 mL + 氯化钾注射液"
    assert one["dosageInstruction"][0]["timing"]["repeat"]["period"] == 8
    taken = read([(one, "MedicationRequest/x")], shipped(), datetime(2026, 11, 26, tzinfo=UTC))
    assert "potassium chloride" in taken.medicines[0].drug.substances


def test_an_old_sender_says_times_in_the_first_field() -> None:
    (one,) = entries(OLD_RDE, "MedicationRequest")
    dosage = one["dosageInstruction"][0]
    assert dosage["timing"]["repeat"]["frequency"] == 2
    assert dosage["doseAndRate"][0]["doseQuantity"] == {"value": Decimal(400), "unit": "mg"}


def test_the_request_and_what_the_pharmacy_makes_of_it_are_one_order(building: Building) -> None:
    keep(building, a01("M1"), OMP, rde("R1"))
    process(building)
    assert states(building) == ["processed"] * 3
    patient = patient_of(building)["id"]
    (one,) = found(building, "MedicationRequest", patient=patient)
    assert one["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 5
    stop = header("RDE^O11^RDE_O11", "R2") + pid() + "ORC|DC|P9^HIS|F9^RX\rRXE||855332^warfarin^L\r"
    keep(building, stop)
    process(building)
    (one,) = found(building, "MedicationRequest", patient=patient)
    assert one["status"] == "stopped"
    assert one["dosageInstruction"][0]["route"]["coding"][0]["code"] == "PO", "nothing is lost"
    before = current(building)
    building.floor.messages.handling.replay(datetime(2000, 1, 1, tzinfo=UTC), ADMIN)
    process(building)
    assert {(row["type"], row["id"]) for row in current(building)} == {
        (row["type"], row["id"]) for row in before
    }
    (one,) = found(building, "MedicationRequest", patient=patient)
    assert one["status"] == "stopped", "after a replay the newest holds"


def test_an_appointment_has_its_time_its_people_and_its_place() -> None:
    (one,) = entries(siu("S12", "S1"), "Appointment")
    assert (one["status"], one["minutesDuration"]) == ("booked", 50)
    assert one["start"] == "2026-12-01T09:30:00+08:00"
    assert one["end"] == "2026-12-01T10:20:00+08:00"
    assert one["serviceType"][0]["coding"][0]["code"] == "76164006"
    assert one["comment"] == "Empty bowel"
    taking = [(each["actor"].get("display", "the patient"), each["status"])
              for each in one["participant"]]  # fmt: skip
    assert taking == [
        ("the patient", "accepted"),
        ("Colonoscope 3", "accepted"),
        ("ENDO Room 2", "accepted"),
        ("张医生", "tentative"),
    ]


@pytest.mark.parametrize(
    ("event", "status"),
    [("S13", "booked"), ("S15", "cancelled"), ("S17", "entered-in-error"), ("S26", "noshow")],
)
def test_what_becomes_of_an_appointment_is_its_status(event: str, status: str) -> None:
    (one,) = entries(siu(event, "S1"), "Appointment")
    assert one["status"] == status
    assert ("cancelationReason" in one) == (status in ("cancelled", "noshow"))


def test_an_appointment_without_a_time_is_no_booking() -> None:
    message = siu("S12", "S1", start="").replace("20261201093000+0800", "")
    (one,) = entries(message, "Appointment")
    assert one["status"] == "proposed" and "start" not in one


def test_a_rescheduled_appointment_is_the_same_one(building: Building) -> None:
    keep(building, siu("S12", "S1"), siu("S13", "S2", start="20261203140000+0800"))
    process(building)
    assert states(building) == ["processed"] * 2
    (one,) = found(building, "Appointment", patient=patient_of(building)["id"])
    assert one["start"] == "2026-12-03T14:00:00+08:00"
    keep(building, siu("S15", "S3"))
    process(building)
    (one,) = found(building, "Appointment", patient=patient_of(building)["id"])
    assert one["status"] == "cancelled"


@pytest.mark.parametrize(
    ("kind", "verdict", "code"),
    [
        ("DFT^P03", "AR", "hl7v2.billing"),
        ("RDS^O13", "AR", "hl7v2.dispensed"),
        ("RAS^O17", "AR", "hl7v2.dispensed"),
        ("VXU^V04", "AR", "hl7v2.vaccinations"),
        ("BAR^P01", "AR", "hl7v2.billing"),
        ("ADT^A35", "AR", "hl7v2.accounts"),
        ("ADT^A42", "AR", "hl7v2.visits-merged"),
        ("ADT^A47", "AE", "hl7v2.no-prior-id"),
        ("ADT^A49", "AR", "hl7v2.accounts"),
        ("ADT^A50", "AR", "hl7v2.visit-numbers"),
        ("ADT^A51", "AR", "hl7v2.visit-numbers"),
        ("SIU^S24", "AR", "hl7v2.no-appointment"),
        ("ADT^A43", "AR", "hl7v2.moved-identifiers"),
        ("ADT^A44", "AR", "hl7v2.accounts"),
        ("SIU^S23", "AR", "hl7v2.no-appointment"),
        ("SIU^S12", "AE", "hl7v2.no-appointment-id"),
        ("ADT^A17", "AE", "hl7v2.one-patient"),
        ("ADT^A45", "AE", "hl7v2.no-prior-visit"),
    ],
)
def test_what_is_refused_is_refused_with_its_own_reason(kind: str, verdict: str, code: str) -> None:
    judged = judge((header(kind, "X1") + pid()).encode(), False)
    said = answers(judged.message, judged.verdict, judged.faults, datetime.now(UTC), "1")[0]
    assert fields(said, "MSA")[1:3] == [verdict, "X1"]
    error = fields(said, "ERR")
    assert error[5] == f"{code}^^L"
    read = parse(said.decode()).segment("ERR")
    assert (read.get(7), read.get(8)) == (REASONS[code].en, REASONS[code].zh)


def test_old_versions_hear_in_words_what_to_do_instead() -> None:
    message = header("RDS^O01", "X1", "2.3") + pid()
    judged = judge(message.encode(), False)
    said = answers(judged.message, judged.verdict, judged.faults, datetime.now(UTC), "1")[0]
    assert parse(said.decode()).segment("MSA").get(3) == REASONS["hl7v2.dispensed"].en
    good = judge((header("ADT^A28", "X2", "2.3") + pid()).encode(), False)
    said = answers(good.message, good.verdict, good.faults, datetime.now(UTC), "2")[0]
    assert fields(said, "MSA") == ["MSA", "AA", "X2"]
