"""What programs may read of signed cases: what was signed, without what is labelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from building import IMPORTER, SECRET, Building, chart_of, words
from countersign.ground.db import Database
from countersign.ground.models import AIStopped
from countersign.ground.signoff import Evidence
from countersign.kit.json import JSON
from countersign.rooms.modelbench.domain.study.sets import OWN, SETS
from countersign.rooms.modelbench.service.study.own import SignedCases


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    made = Building(database, tmp_path)
    yield made
    made.close()


def test_only_what_was_signed_is_read_with_its_facts(building: Building) -> None:
    signed, amended, rejected, opened = (building.drafted() for _ in range(4))
    building.decide("wang", signed, "accept")
    building.decide("wang", amended, "amend", text="Repeat the potassium within one hour.")
    building.decide("wang", rejected, "reject", reason="cds-not-applicable")
    building.open("wang", opened)
    found = {one.draft: one for one in building.signoff.casebook.signed()}
    assert set(found) == {signed, amended}
    assert found[amended].signed == "Repeat the potassium within one hour."
    assert found[amended].amended
    assert SECRET in found[signed].facts
    assert not found[signed].amended
    assert SECRET not in repr(found[signed]), "no text in a log"


def test_what_is_labelled_is_left_out(building: Building) -> None:
    draft = building.drafted()
    building.decide("wang", draft, "accept")
    assert [one.draft for one in building.signoff.casebook.signed()] == [draft]
    labelled = chart_of("p1")
    code = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}
    labelled["entry"][1]["resource"]["meta"] = {"security": [code]}
    labelled["entry"] += [entry(one) for one in treated_by(building.people["wang"])]
    building.floor.chart.receive(
        IMPORTER, labelled, source="test", departments=("cardiology",), keep_ids=True
    )
    source = "Observation/o1/_history/2"
    evidence = (Evidence(words("Potassium 6"), reference=source),)
    explained = building.explanation(evidence=evidence, inputs=(source,))
    second = building.drafted(explanation=explained)
    (row,) = building.rows("select sensitivity from signoff.draft where id = %s", second)
    assert row["sensitivity"] == ["PSY"]
    building.decide("wang", second, "accept")
    assert building.state(second) == "released"
    assert second not in {one.draft for one in building.signoff.casebook.signed()}


def test_a_stopped_house_gives_nothing(building: Building) -> None:
    building.decide("wang", building.drafted(), "accept")
    building.floor.switch.stop(building.who("admin"))
    with pytest.raises(AIStopped):
        building.signoff.casebook.signed()


def test_the_count_is_in_the_ledger_before_a_case_is_used(building: Building) -> None:
    for _ in range(3):
        building.decide("wang", building.drafted(), "accept")
    cases = SignedCases(building.signoff.casebook, building.floor.studies)
    found = cases.read("a-study")
    assert len(found.items) == 3
    assert SETS[OWN].score(found.items[0], found.items[0].gold[0]).score == 1.0
    (event,) = building.events("study:a-study")
    assert event.detail == {"step": "cases-read", "cases": 3}


def treated_by(person: str) -> list[JSON]:
    """A stay of the patient with one person in the care team, who may see what is labelled."""
    return [
        {
            "resourceType": "Practitioner",
            "id": "wang",
            "identifier": [{"system": "urn:countersign:person", "value": person}],
        },
        {
            "resourceType": "Encounter",
            "id": "stay",
            "status": "in-progress",
            "class": {"code": "IMP"},
            "subject": {"reference": "Patient/p1"},
            "participant": [{"individual": {"reference": "Practitioner/wang"}}],
        },
    ]


def entry(resource: JSON) -> JSON:
    """It as an entry of a transaction."""
    url = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": url}}
