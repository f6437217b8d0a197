"""An order written in another system: each alert is a draft, and receipted, before it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from building import IMPORTER, Building
from countersign.app.house import register_models
from countersign.ground.db import Database
from countersign.ground.ledger import EventKind
from countersign.ground.shell import HookAnswer, HookCall, HookName
from countersign.kit.json import JSON
from countersign.rooms.medication.jobs import MOST, answer_orders

PATIENT = "takes-sertraline"


def order(name: str, status: str = "draft") -> JSON:
    return {
        "resourceType": "MedicationRequest",
        "status": status,
        "intent": "order",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "medicationCodeableConcept": {"text": name},
    }


@pytest.fixture(scope="module")
def building(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Building]:
    made = Building(module_database, tmp_path_factory.mktemp("house"))
    register_models(made.house)
    resources: list[JSON] = [
        {"resourceType": "Patient", "id": PATIENT, "gender": "female", "birthDate": "1970-01-01"},
        {**order("舍曲林片", "active"), "id": "sertraline"},
    ]
    entry = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in resources
    ]
    made.floor.chart.receive(
        IMPORTER,
        {"resourceType": "Bundle", "type": "transaction", "entry": entry},
        source="test",
        departments=["cardiology"],
        keep_ids=True,
    )
    yield made
    made.close()


def called(building: Building, *orders: JSON) -> HookAnswer:
    now = building.floor.clock()
    call = HookCall(
        HookName.ORDER_SIGN,
        PATIENT,
        building.who("wang"),
        now,
        now + timedelta(seconds=1),
        orders,
    )
    return answer_orders(building.floor)(call)


def test_what_must_not_be_combined_interrupts_as_a_draft_that_can_be_signed(
    building: Building,
) -> None:
    answer = called(building, order("苯乙肼"))
    card = answer.cards[0]
    assert card.indicator == "critical"
    opened = building.floor.signoff.reading.open(building.who("wang"), card.draft)
    evidence = [one.reference for one in opened.draft.explanation.evidence]
    assert evidence == ["MedicationRequest/sertraline/_history/1"]
    assert "Source:" in opened.draft.explanation.rationale.en
    kinds = [one.kind for one in building.events()]
    assert kinds.index(EventKind.DRAFT_PROPOSED) < kinds.index(EventKind.DRAFT_VIEWED)


def test_the_same_order_again_shows_the_alert_that_stands(building: Building) -> None:
    first = called(building, order("苯乙肼")).cards[0].draft
    assert called(building, order("苯乙肼")).cards[0].draft == first
    assert first in building.floor.signoff.cards.waiting(PATIENT, "medication")
    building.decide("wang", first, "reject", reason="risk-benefit-ratio")
    assert called(building, order("苯乙肼")).cards[0].draft != first


def test_an_order_that_is_safe_or_is_no_medicine_says_nothing(building: Building) -> None:
    assert called(building, order("对乙酰氨基酚")).cards == ()
    other: JSON = {"resourceType": "ServiceRequest", "status": "draft", "intent": "order"}
    assert called(building, other).cards == ()
    assert called(building).cards == ()


def test_more_alerts_than_anyone_reads_are_counted(building: Building) -> None:
    many = [
        order(name) for name in ("苯乙肼", "利奈唑胺", "曲马多", "华法林", "布洛芬", "阿司匹林")
    ]
    answer = called(building, *many)
    assert len(answer.cards) == MOST
    assert "further alerts" in answer.limits[0].en
    assert answer.cards[0].indicator == "critical"
