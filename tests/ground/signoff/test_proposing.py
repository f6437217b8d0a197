"""What rooms rely on when they propose, and what becomes of a draft that nobody decides."""

from __future__ import annotations

import time

import pytest

from building import PATIENT, WORKER, Building, words
from countersign.ground.db import WHOLE, DbRole
from countersign.ground.identity import Forbidden, LicenceKind, Principal
from countersign.ground.models import AIStopped, ModelRef
from countersign.ground.signoff import (
    AlreadyDecided,
    BadProposal,
    Expired,
    RiskClass,
    UnknownDraft,
    Urgency,
)

TIMEKEEPER = Principal.system("timekeeper")


def test_a_proposal_is_open_and_has_a_receipt(building: Building) -> None:
    draft = building.drafted()
    assert building.state(draft) == "open"
    (event,) = building.events(f"draft:{draft}")
    assert (event.kind, event.actor, event.patient) == ("draft-proposed", "system:worker", PATIENT)
    assert event.model == building.model.label
    row = building.rows("select sha256 from signoff.draft where id = %s", draft)[0]
    assert event.commits == {"content": row["sha256"].hex()}


def test_who_asked_for_it_stands_in_the_receipt(building: Building) -> None:
    wang = building.who("wang")
    draft = building.signoff.proposals.propose(WORKER, building.proposal(), asked_by=wang)
    (event,) = building.events(f"draft:{draft}")
    assert event.detail == {"asked_by": wang.actor}


def test_the_same_finding_is_proposed_once(building: Building) -> None:
    proposal = building.proposal()
    assert building.signoff.proposals.propose(WORKER, proposal)
    size = building.ledger.size()
    assert building.signoff.proposals.propose(WORKER, proposal) is None
    assert building.ledger.size() == size


def test_it_is_not_proposed_again_after_a_rejection(building: Building) -> None:
    proposal = building.proposal()
    draft = building.signoff.proposals.propose(WORKER, proposal)
    assert draft
    building.decide("wang", draft, "reject", reason="policy-contradicts")
    assert building.signoff.proposals.propose(WORKER, proposal) is None


def test_a_newer_finding_on_the_topic_supersedes_an_undecided_one(building: Building) -> None:
    old = building.drafted(topic="a topic")
    other = building.drafted(topic="another topic")
    new = building.drafted(topic="a topic")
    assert [building.state(one) for one in (old, other, new)] == ["superseded", "open", "open"]
    event = building.events(f"draft:{old}")[-1]
    assert (event.kind, event.patient) == ("draft-expired", PATIENT)
    with pytest.raises(Expired):
        building.accept("wang", old)


def take_back(building: Building, draft: str, by: str = "wang") -> None:
    pool = building.database.pool(DbRole.ROOM).within(WHOLE)
    with building.floor.ledger.unit(pool) as unit:
        building.signoff.proposals.take_back(WORKER, draft, building.who(by), unit)


def test_an_undecided_draft_is_taken_back_by_a_person_who_is_named(building: Building) -> None:
    draft = building.drafted()
    take_back(building, draft)
    assert building.state(draft) == "taken-back"
    event = building.events(f"draft:{draft}")[-1]
    by = building.who("wang")
    assert (event.kind, event.actor, event.patient) == ("draft-taken-back", by.actor, PATIENT)
    with pytest.raises(Expired):
        building.accept("wang", draft)
    with pytest.raises(Expired):
        take_back(building, draft)
    listed = building.signoff.waiting.listing(by, "expired")
    assert draft in {one.head.id for one in listed.items}


def test_what_somebody_decided_or_nobody_knows_is_not_taken_back(building: Building) -> None:
    once, rejected = building.drafted(topic="once", risk=RiskClass.HIGH), building.drafted()
    building.accept("wang", once)
    building.decide("wang", rejected, "reject", reason="policy-contradicts")
    for draft in (once, rejected):
        with pytest.raises(AlreadyDecided):
            take_back(building, draft)
    with pytest.raises(UnknownDraft):
        take_back(building, "unheard-of")
    assert [building.state(one) for one in (once, rejected)] == ["countersignature", "rejected"]


def test_what_somebody_signed_is_not_superseded(building: Building) -> None:
    once = building.drafted(topic="signed once", risk=RiskClass.HIGH)
    building.accept("wang", once)
    building.drafted(topic="signed once")
    assert building.state(once) == "countersignature"


def test_a_draft_past_its_time_is_listed_as_expired(building: Building) -> None:
    late, valid = building.drafted(valid_days=1e-6), building.drafted()
    time.sleep(0.1)
    assert building.state(late) == "open"
    assert building.signoff.proposals.expire(TIMEKEEPER) >= 1
    assert [building.state(late), building.state(valid)] == ["expired", "open"]
    event = building.events(f"draft:{late}")[-1]
    assert (event.kind, event.patient, event.model) == (
        "draft-expired",
        PATIENT,
        building.model.label,
    )
    listed = building.signoff.waiting.listing(building.who("wang"), "expired")
    assert late in {item.head.id for item in listed.items}
    assert building.open("wang", late).state == "expired"
    assert building.signoff.proposals.expire(TIMEKEEPER) == 0


def test_nobody_signs_past_the_time_even_before_it_is_listed(building: Building) -> None:
    late = building.drafted(valid_days=1e-6)
    building.open("wang", late)
    time.sleep(0.1)
    with pytest.raises(Expired):
        building.signoff.decisions.accept(building.who("wang"), late)


def test_only_the_worker_proposes_and_only_the_timekeeper_expires(building: Building) -> None:
    for principal in (building.who("wang"), TIMEKEEPER, Principal.system("importer")):
        with pytest.raises(Forbidden):
            building.signoff.proposals.propose(principal, building.proposal())
    for principal in (building.who("wang"), WORKER):
        with pytest.raises(Forbidden):
            building.signoff.proposals.expire(principal)


def test_an_unregistered_model_proposes_nothing(building: Building) -> None:
    for model in (ModelRef("unknown", "1", "ab" * 32), ModelRef("renal-rules", "1.0.0", "cd" * 32)):
        with pytest.raises(BadProposal):
            building.drafted(explanation=building.explanation(model=model))


def test_while_ai_is_stopped_nothing_is_proposed_and_nothing_recorded(building: Building) -> None:
    proposal, admin = building.proposal(), building.who("admin")
    building.floor.switch.stop(admin)
    try:
        size = building.ledger.size()
        with pytest.raises(AIStopped):
            building.signoff.proposals.propose(WORKER, proposal)
        assert building.ledger.size() == size
    finally:
        building.floor.switch.resume(admin, "The test is over.")
    assert building.signoff.proposals.propose(WORKER, proposal)


def test_the_list_is_urgent_first_and_then_the_longest_waiting(building: Building) -> None:
    kind = "ordered"
    order = [Urgency.ROUTINE, Urgency.CRITICAL, Urgency.SOON, Urgency.CRITICAL]
    drafts = [building.drafted(urgency=one, kind=kind) for one in order]
    wang = building.who("wang")
    page = building.signoff.waiting.listing(wang, kind=kind, limit=3)
    expected = [drafts[1], drafts[3], drafts[2]]
    assert [item.head.id for item in page.items] == expected
    assert page.total == 4
    assert page.receipt is not None
    rest = building.signoff.waiting.listing(wang, kind=kind, limit=3, offset=3)
    assert [item.head.id for item in rest.items] == [drafts[0]]
    critical = building.signoff.waiting.listing(wang, kind=kind, urgency="critical")
    assert critical.total == 2
    assert page.items[0].title == building.proposal().body.title


def test_a_stranger_sees_no_list(building: Building) -> None:
    building.drafted()
    assert building.signoff.waiting.listing(building.who("stranger")).items == ()
    assert building.signoff.waiting.count(building.who("stranger")) == 0
    assert building.signoff.waiting.count(building.who("wang")) > 0


def test_a_correction_needs_a_release_of_the_same_patient(building: Building) -> None:
    with pytest.raises(BadProposal):
        building.drafted(corrects=building.drafted())
    with pytest.raises(BadProposal):
        building.drafted(
            risk=RiskClass.HIGH, signers=frozenset({LicenceKind.PHYSICIAN}), corrects=None
        )
    assert words("x")
