"""Alerts that stand as cards in another workstation are counted by their rule with the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from building import IMPORTER, INSTALLER, Building
from countersign.app.house import register_models
from countersign.ground.db import Database
from countersign.ground.signoff import REASON_SYSTEM, RuleUse
from countersign.kit.json import JSON
from doors.cdshooks.stage import MRN, THEIRS, WANG, Workstation, call, record, workstation

RULE = "maoi-serotonin"
PATIENT = "takes-sertraline"
SIGN = "/cds-services/countersign-order-sign"


@pytest.fixture(scope="module")
def ward(
    module_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workstation]:
    building = Building(module_database, tmp_path_factory.mktemp("home"))
    register_models(building.house)
    person: JSON = {"resourceType": "Patient", "id": PATIENT, "birthDate": "1970-01-01",
                    "identifier": [{"system": MRN, "value": "0077"}]}  # fmt: skip
    taken = {**ordered("舍曲林片", "active", PATIENT), "id": "sertraline"}
    entry = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in (person, taken)
    ]
    bundle: JSON = {"resourceType": "Bundle", "type": "transaction", "entry": entry}
    building.floor.chart.receive(
        IMPORTER, bundle, source="test", departments=["cardiology"], keep_ids=True
    )
    made = workstation(building)
    building.floor.cds.clients.link(made.id, WANG, building.people["wang"], by=INSTALLER)
    made.identifying()
    yield made
    building.close()


def ordered(name: str, status: str = "draft", patient: str = THEIRS) -> JSON:
    return {
        "resourceType": "MedicationRequest",
        "id": "new-order",
        "status": status,
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {"text": name},
    }


def alert(ward: Workstation) -> JSON:
    """The card of the rule, for an order of phenelzine that is about to be signed."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": ordered("苯乙肼")}]}  # fmt: skip
    context = {**call()["context"], "draftOrders": bundle}
    mine = record(identifier=[{"system": MRN, "value": "0077"}], birthDate="1970-01-01")
    answer = ward.post(SIGN, call("order-sign", patient=mine, context=context))
    assert answer.status_code == 200, answer.text
    cards = [one for one in answer.json()["cards"] if "MAO" in one["summary"]]
    assert len(cards) == 1, answer.json()
    return cards[0]


def tell(ward: Workstation, card: JSON, outcome: str, reason: JSON | None = None) -> None:
    item: dict[str, Any] = {"card": card["uuid"], "outcome": outcome}
    if reason is not None:
        item["overrideReason"] = {"reason": reason}
    assert ward.post(f"{SIGN}/feedback", {"feedback": [item]}).status_code == 200


def use(ward: Workstation) -> RuleUse:
    found = ward.building.floor.signoff.alerts.uses(ward.building.who("wang"))
    return {one.rule: one for one in found}.get(RULE, RuleUse(RULE, 0, 0, 0, ()))


def test_what_is_shown_overridden_and_why_is_counted_by_rule(ward: Workstation) -> None:
    before = use(ward)
    first, second, third = alert(ward), alert(ward), alert(ward)
    shown = use(ward)
    assert (shown.shown - before.shown, shown.elsewhere - before.elsewhere) == (3, 3)
    assert shown.accepted == before.accepted
    assert shown.overridden == before.overridden
    coded = {"code": "risk-benefit-ratio", "system": REASON_SYSTEM}
    tell(ward, first, "overridden", coded)
    tell(ward, first, "overridden", coded)
    tell(ward, second, "overridden")
    tell(ward, third, "accepted")
    after = use(ward)
    assert after.overridden - before.overridden == 2
    assert after.accepted - before.accepted == 1
    reasons = dict(after.reasons)
    assert reasons["risk-benefit-ratio"] == 1
    assert reasons["unstated"] == 1


def test_signing_or_rejecting_it_here_is_an_answer_too_and_the_first_one_holds(
    ward: Workstation,
) -> None:
    building, before = ward.building, use(ward)
    draft = alert(ward)["links"][0]["url"].rpartition("/")[2]
    building.decide("wang", draft, "accept")
    card = alert(ward)
    building.decide("wang", card["links"][0]["url"].rpartition("/")[2], "reject",
                    reason="cds-not-applicable")  # fmt: skip
    tell(ward, card, "accepted")
    after = use(ward)
    assert after.accepted - before.accepted == 1
    assert after.overridden - before.overridden == 1
    assert dict(after.reasons)["cds-not-applicable"] == 1


def test_the_counts_lead_to_no_draft_and_no_patient(ward: Workstation) -> None:
    alert(ward)
    rows = ward.building.rows("select * from signoff.alert where elsewhere")
    drafts = {row["id"] for row in ward.building.rows("select id from signoff.draft")}
    cards = {row["id"] for row in ward.building.rows("select id from signoff.card")}
    assert rows
    assert not {row["id"] for row in rows} & (drafts | cards)
    assert all(PATIENT not in str(row) for row in rows)


def test_a_draft_that_is_no_alert_is_not_counted(ward: Workstation) -> None:
    count = "select count(*) as n from signoff.alert_answer"
    before = ward.building.rows(count)
    draft = ward.building.drafted()
    ward.building.decide("wang", draft, "reject", reason="cds-not-applicable")
    assert ward.building.rows(count) == before
