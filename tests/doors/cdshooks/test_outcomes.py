"""What becomes of a card: accepted, overridden, expired unseen, and whose signature it may be."""

from __future__ import annotations

from typing import Any

import pytest

from building import INSTALLER, SECRET
from countersign.ground.ledger import EventKind
from countersign.ground.signoff import REASON_SYSTEM, RiskClass
from doors.cdshooks.stage import WANG, Workstation, call


def card_of(ward: Workstation, draft: str) -> dict[str, Any]:
    found = [one for one in ward.cards() if "uuid" in one and draft in one["links"][0]["url"]]
    assert found, "the draft stands on no card"
    return found[0]


@pytest.fixture
def draft(ward: Workstation) -> str:
    """A fresh draft; those of other tests give way to it."""
    for row in ward.building.rows("select id from signoff.state where state = 'open'"):
        ward.building.decide("li", row["id"], "reject", reason="cds-not-applicable")
    return ward.building.drafted()


def test_acceptance_by_an_identified_physician_is_her_signature(
    known: Workstation, draft: str
) -> None:
    card = card_of(known, draft)
    assert card["suggestions"][0]["label"] == "Accept and sign"
    assert card["selectionBehavior"] == "at-most-one"
    assert "signs the draft in your name" in card["detail"]
    viewed = known.building.events(f"draft:{draft}", kinds=(EventKind.DRAFT_VIEWED,))
    assert viewed[-1].actor == f"person:{known.building.people['wang']}"
    told = {"card": card["uuid"], "outcome": "accepted", "acceptedSuggestions": [{"id": "x"}]}
    assert known.tell(told).status_code == 200
    assert known.building.state(draft) == "released"
    signed = known.building.rows("select * from signoff.signature where draft_id = %s", draft)
    assert signed[0]["signer_id"] == known.building.people["wang"]
    assert known.tell(told).status_code == 200, "it may be told again"
    kinds = [event.kind for event in known.building.events(f"draft:{draft}")]
    assert kinds.index("card-outcome") < kinds.index("draft-signed")


def test_acceptance_where_nobody_is_identified_signs_nothing(ward: Workstation, draft: str) -> None:
    card = card_of(ward, draft)
    assert "suggestions" not in card and "Open it in Countersign" in card["detail"]
    assert ward.tell({"card": card["uuid"], "outcome": "accepted"}).status_code == 200
    assert ward.building.state(draft) == "open"
    kept = ward.building.rows(
        "select outcome from signoff.card_outcome where card_id = %s", card["uuid"]
    )
    assert kept == [{"outcome": "accepted"}]


def test_the_highest_risk_is_signed_at_our_own_screen_alone(known: Workstation, draft: str) -> None:
    high = known.building.drafted(risk=RiskClass.HIGH)
    card = card_of(known, high)
    assert "suggestions" not in card
    assert known.tell({"card": card["uuid"], "outcome": "accepted"}).status_code == 200
    assert known.building.state(high) == "open"


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ("nurse", "no draft is shown to a nurse"),
        ("student", "no licence"),
        ("lapsed", "a licence that ended"),
        ("revoked", "a licence that was revoked"),
        ("stranger", "another department"),
    ],
)
def test_who_could_not_sign_here_cannot_sign_there(
    known: Workstation, draft: str, person: str, why: str
) -> None:
    clients, building = known.building.floor.cds.clients, known.building
    clients.link(known.id, f"Practitioner/{person}", building.people[person], by=INSTALLER)
    context = {**call()["context"], "userId": f"Practitioner/{person}"}
    for card in known.cards(context=context):
        assert "suggestions" not in card, why
        if "uuid" in card:
            assert person not in ("nurse", "stranger"), why
            assert known.tell({"card": card["uuid"], "outcome": "accepted"}).status_code == 200
    assert building.state(draft) == "open", why


def test_a_link_that_ended_or_a_switch_that_was_turned_signs_no_more(
    known: Workstation, draft: str
) -> None:
    card, clients = card_of(known, draft), known.building.floor.cds.clients
    clients.switch(known.id, answered=True, identifies=False, by=INSTALLER)
    assert known.tell({"card": card["uuid"], "outcome": "accepted"}).status_code == 200
    assert known.building.state(draft) == "open"
    known.identifying()
    second = card_of(known, draft)
    clients.unlink(known.id, WANG, by=INSTALLER)
    try:
        assert known.tell({"card": second["uuid"], "outcome": "accepted"}).status_code == 200
        assert known.building.state(draft) == "open"
    finally:
        clients.link(known.id, WANG, known.building.people["wang"], by=INSTALLER)


def overridden(card: str, **reason: Any) -> dict[str, Any]:
    return {"card": card, "outcome": "overridden", "overrideReason": reason}


def test_a_coded_override_by_an_identified_physician_rejects_the_draft(
    known: Workstation, draft: str
) -> None:
    card = card_of(known, draft)
    offered = {one["code"] for one in card["overrideReasons"]}
    assert "cds-not-applicable" in offered
    reason = {"code": "cds-not-applicable", "system": REASON_SYSTEM}
    words = f"Dialysis. {SECRET}"
    answer = known.tell(overridden(card["uuid"], reason=reason, userComment=words))
    assert answer.status_code == 200
    assert known.building.state(draft) == "rejected"
    opened = known.building.open("li", draft)
    assert opened.comment == words and opened.row["reason_code"] == "cds-not-applicable"


@pytest.mark.parametrize("reason", [None, {"code": "because", "system": "urn:his"}, {"code": "x"}])
def test_an_override_without_a_reason_of_ours_is_kept_and_decides_nothing(
    known: Workstation, draft: str, reason: Any
) -> None:
    card = card_of(known, draft)
    said = {"reason": reason} if reason else {}
    assert known.tell(overridden(card["uuid"], **said)).status_code == 200
    assert known.building.state(draft) == "open"
    kept = known.building.rows(
        "select * from signoff.card_outcome where card_id = %s", card["uuid"]
    )
    assert kept[0]["reason_code"] is None and kept[0]["foreign_reason"] == (reason is not None)


def test_an_outcome_stays_and_is_of_one_system_alone(ward: Workstation, draft: str) -> None:
    card = card_of(ward, draft)["uuid"]
    assert ward.tell({"card": card, "outcome": "overridden"}).status_code == 200
    assert ward.tell({"card": card, "outcome": "accepted"}).status_code == 409
    assert ward.tell({"card": "0000", "outcome": "accepted"}).status_code == 404
    rows = ward.building.rows(
        "select count(*) as n from signoff.card_outcome where card_id = %s", card
    )
    assert rows == [{"n": 1}]


def test_what_nobody_looked_at_expires_and_is_counted(ward: Workstation, draft: str) -> None:
    admin = ward.building.who("admin")
    cards = ward.building.floor.signoff.cards
    since = ward.building.floor.clock().date()
    before = next(one for one in cards.counted(admin, since) if one.client == ward.id)
    late = ward.building.drafted(topic="late", valid_days=0.5)
    card_of(ward, late)
    newer = ward.building.drafted(topic="late")
    assert ward.building.state(late) == "superseded"
    after = next(one for one in cards.counted(admin, since) if one.client == ward.id)
    assert after.expired == before.expired + 1
    assert ward.building.state(newer) == "open"


def test_words_of_a_workstation_stand_in_no_column(ward: Workstation, draft: str) -> None:
    card = card_of(ward, draft)["uuid"]
    words = "patient refuses, see Wang Xiaoming"
    assert ward.tell(overridden(card, userComment=words)).status_code == 200
    rows = ward.building.rows("select * from signoff.card_outcome where card_id = %s", card)
    assert words.encode() not in bytes(rows[0]["box"]) and words not in str(rows)
