"""Alerts that stand as cards in another workstation are counted by their rule with the others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
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
SELECT = "/cds-services/countersign-order-select"
NUMBERS = count()


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


def written(number: str = "", drug: str = "苯乙肼") -> JSON:
    """An order as it is being written there; without a number, one that was never seen."""
    return {**ordered(drug), "id": number or f"order-{next(NUMBERS)}"}


def alert(
    ward: Workstation, order: JSON | None = None, where: str = SIGN, user: str = WANG
) -> JSON:
    """The card of the rule, for an order (of phenelzine) that is chosen or about to be signed."""
    order = order or written()
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]}
    context = {**call()["context"], "draftOrders": bundle, "userId": user}
    if where == SELECT:
        context["selections"] = [f"MedicationRequest/{order['id']}"]
    mine = record(identifier=[{"system": MRN, "value": "0077"}], birthDate="1970-01-01")
    hook = where.removeprefix("/cds-services/countersign-")
    answer = ward.post(where, call(hook, patient=mine, context=context))
    assert answer.status_code == 200, answer.text
    cards = [one for one in answer.json()["cards"] if "MAO" in one["summary"]]
    assert len(cards) == 1, answer.json()
    return cards[0]


def tell(ward: Workstation, card: JSON, outcome: str, reason: JSON | None = None) -> None:
    item: dict[str, Any] = {"card": card["uuid"], "outcome": outcome}
    if reason is not None:
        item["overrideReason"] = {"reason": reason}
    assert ward.post(f"{SIGN}/feedback", {"feedback": [item]}).status_code == 200


def drafted(card: JSON) -> str:
    return card["links"][0]["url"].rpartition("/")[2]


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
    building.decide("wang", drafted(alert(ward)), "accept")
    card = alert(ward)
    building.decide("wang", drafted(card), "reject", reason="cds-not-applicable")
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


@pytest.mark.parametrize("answered", ["chosen", "signed"])
def test_an_order_that_is_chosen_and_then_signed_is_one_showing(
    ward: Workstation, answered: str
) -> None:
    order, before, told = written(), use(ward), ward.building.floor.signoff.cards
    day, admin = ward.building.floor.clock().date(), ward.building.who("admin")
    (earlier,) = [one for one in told.counted(admin, day) if one.client == ward.id]
    chosen = alert(ward, order, SELECT)
    signed = alert(ward, order, SIGN)
    assert chosen["uuid"] != signed["uuid"], "two cards"
    assert drafted(chosen) == drafted(signed), "of one draft"
    shown = use(ward)
    assert (shown.shown, shown.elsewhere) == (before.shown + 1, before.elsewhere + 1)
    first, second = (chosen, signed) if answered == "chosen" else (signed, chosen)
    coded = {"code": "risk-benefit-ratio", "system": REASON_SYSTEM}
    tell(ward, first, "overridden", coded)
    assert ward.building.state(drafted(second)) == "rejected", "it waits nowhere any more"
    (later,) = [one for one in told.counted(admin, day) if one.client == ward.id]
    assert (later.shown, later.overridden) == (earlier.shown + 1, earlier.overridden + 1)
    assert later.waiting == earlier.waiting
    tell(ward, second, "accepted")
    after = use(ward)
    assert (after.overridden, after.accepted) == (before.overridden + 1, before.accepted)
    assert ward.building.state(drafted(second)) == "rejected", "the first answer holds"


def test_what_was_answered_is_said_again_before_signing_and_counted_once(
    ward: Workstation,
) -> None:
    order, before = written(), use(ward)
    chosen = alert(ward, order, SELECT)
    tell(ward, chosen, "overridden", {"code": "risk-benefit-ratio", "system": REASON_SYSTEM})
    again = alert(ward, order, SIGN)
    assert drafted(again) != drafted(chosen)
    tell(ward, again, "accepted")
    after = use(ward)
    assert (after.shown, after.overridden, after.accepted) == (
        before.shown + 1, before.overridden + 1, before.accepted,
    )  # fmt: skip


def test_another_order_drug_or_physician_is_another_showing(ward: Workstation) -> None:
    before, order = use(ward), written()
    alert(ward, order)
    alert(ward, written())
    alert(ward, {**written(order["id"], "反苯环丙胺")})
    alert(ward, order, user="Practitioner/nobody-knows")
    assert use(ward).shown == before.shown + 4


def test_an_alert_that_says_something_new_is_a_new_draft_of_the_same_showing(
    ward: Workstation,
) -> None:
    building, order, before = ward.building, written(), use(ward)
    chosen = alert(ward, order, SELECT)
    more = {**ordered("帕罗西汀", "active", PATIENT), "id": "paroxetine"}
    building.floor.chart.receive(
        IMPORTER, more, source="test", departments=["cardiology"], keep_ids=True
    )
    signed = alert(ward, order, SIGN)
    assert building.state(drafted(chosen)) == "superseded"
    assert drafted(signed) != drafted(chosen)
    tell(ward, chosen, "accepted")
    after = use(ward)
    assert (after.shown, after.accepted) == (before.shown + 1, before.accepted + 1)
