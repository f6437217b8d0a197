"""What messages do to the chart: in their order, once, and one patient's trouble stays theirs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from building import Building
from countersign.doors.hl7v2.judging import judge
from countersign.doors.hl7v2.listener import arrival
from countersign.doors.hl7v2.processing import INTERFACE, Processor
from countersign.ground.db import DbRole
from doors.hl7v2.stage import a01, oru, states


def keep(building: Building, *messages: str) -> list[str]:
    """Stores messages as the listener does; returns their identifiers."""
    raws = [message.encode() for message in messages]
    kept = building.floor.messages.inbox.keep([arrival(raw, judge(raw, False)) for raw in raws])
    return [one.id for one in kept]


def processor(building: Building) -> Processor:
    floor = building.floor
    return Processor(
        floor.messages,
        floor.chart,
        lambda: frozenset(one.code for one in floor.people.departments()),
        ("surgery",),
    )


def process(building: Building) -> int:
    return processor(building).run(lambda: False)


def found(building: Building, kind: str, **parameters: str) -> list[Any]:
    page = building.floor.chart.reader(INTERFACE).search(kind, list(parameters.items()))
    return [one.resource for one in page.versions]


def patients(building: Building, number: str = "4711") -> list[Any]:
    return found(building, "Patient", identifier=f"urn:countersign:hl7v2:HIS|{number}")


def test_an_admission_and_a_result_reach_the_chart(building: Building) -> None:
    keep(building, a01("M1"), oru("M2"))
    assert process(building) == 2 and states(building) == ["processed", "processed"]
    (patient,) = patients(building)
    assert patient["birthDate"] == "1950-05-06" and patient["gender"] == "male"
    assert patient["name"][0]["text"] == "王小明"
    (visit,) = found(building, "Encounter", patient=patient["id"])
    assert visit["status"] == "in-progress" and visit["class"]["code"] == "IMP"
    assert building.floor.chart.named(patient["id"]).departments == {"cardiology"}
    (potassium,) = found(building, "Observation", patient=patient["id"])
    assert potassium["valueQuantity"]["value"] == Decimal("6.1")
    assert potassium["encounter"] == {"reference": f"Encounter/{visit['id']}"}
    (report,) = found(building, "DiagnosticReport", patient=patient["id"])
    assert report["result"] == [{"reference": f"Observation/{potassium['id']}"}]


def test_processing_twice_changes_nothing(building: Building) -> None:
    (first, _) = keep(building, a01("M1"), oru("M2"))
    process(building)
    before = building.rows("select type, id, version from chart.current order by 1, 2")
    with building.database.pool(DbRole.INTERFACE).transaction() as c:
        c.execute("update messages.incoming set state = 'received'")
    assert process(building) == 2
    assert building.rows("select type, id, version from chart.current order by 1, 2") == before
    assert first
