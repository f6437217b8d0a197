"""What physicians rely on: they see, decide once, and nobody decides for them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from building import SECRET, Building
from countersign.ground.identity import Forbidden
from countersign.ground.models import AIStopped
from countersign.ground.signoff import (
    REASONS,
    AlreadyDecided,
    BadDecision,
    Confidence,
    NothingToCountersign,
    NotLicensed,
    NotViewed,
    RiskClass,
    UnknownDraft,
)


def test_a_draft_opens_whole_and_after_its_receipt(building: Building) -> None:
    draft = building.drafted()
    opened = building.open("wang", draft)
    proposal = building.proposal()
    assert opened.draft.body == proposal.body
    assert opened.draft.explanation == proposal.explanation
    assert isinstance(opened.draft.explanation.confidence, Confidence)
    assert opened.state == "open"
    event = building.events(f"draft:{draft}")[-1]
    assert (event.kind, event.index) == ("draft-viewed", opened.receipt.index)
    assert event.actor == building.who("wang").actor


def test_an_accepted_draft_is_signed_with_a_receipt(building: Building) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    receipt = building.signoff.decisions.accept(building.who("wang"), draft)
    event = building.events(f"draft:{draft}")[-1]
    assert (event.kind, event.index) == ("draft-signed", receipt.index)
    assert event.commits["draft"] == event.commits["signed"]
    assert event.detail["licence"] == building.licences["wang"]
    assert building.state(draft) == "signed"


def test_an_amended_draft_keeps_both_texts(building: Building) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    building.signoff.decisions.amend(building.who("wang"), draft, "zh", "  请明日复查血钾。 ")
    opened = building.open("wang", draft)
    assert opened.amended == ("zh", "请明日复查血钾。")
    assert opened.draft.body.text == building.proposal().body.text
    event = [one for one in building.events(f"draft:{draft}") if one.kind == "draft-signed"][0]
    assert event.commits["draft"] != event.commits["signed"]


@pytest.mark.parametrize("text", ["", "   ", "x" * 20_001, "with \x00 zero", "bell \x07"])
def test_what_cannot_be_signed_is_refused(building: Building, text: str) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    with pytest.raises(BadDecision):
        building.signoff.decisions.amend(building.who("wang"), draft, "en", text)
    unchanged = building.proposal().body.text.en
    with pytest.raises(BadDecision):
        building.signoff.decisions.amend(building.who("wang"), draft, "en", unchanged)
    assert building.state(draft) == "open"


def test_a_rejected_draft_stays_readable_with_its_reason(building: Building) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    reason = next(iter(REASONS))
    building.signoff.decisions.reject(building.who("wang"), draft, reason, f" {SECRET} ")
    opened = building.open("zhao", draft)
    assert (opened.state, opened.comment) == ("rejected", SECRET)
    assert opened.row["reason_code"] == reason
    assert building.events(f"draft:{draft}")[-2].detail["reason"] == reason
    listed = building.signoff.waiting.listing(building.who("zhao"), "rejected")
    assert draft in {item.head.id for item in listed.items}
    with pytest.raises(AlreadyDecided):
        building.accept("wang", draft)


def test_a_rejection_needs_a_reason_from_the_list(building: Building) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    with pytest.raises(BadDecision):
        building.signoff.decisions.reject(building.who("wang"), draft, "because", "")


def test_nobody_decides_unseen(building: Building) -> None:
    draft = building.drafted()
    building.open("zhao", draft)
    with pytest.raises(NotViewed):
        building.signoff.decisions.accept(building.who("wang"), draft)


def test_the_highest_class_needs_a_second_senior_person(building: Building) -> None:
    draft = building.drafted(risk=RiskClass.HIGH)
    building.accept("li", draft)
    assert building.state(draft) == "countersignature"
    assert building.signoff.reading.signed(draft) is None
    assert not building.signoff.decisions.may_decide(building.who("li"), draft)
    assert not building.signoff.decisions.may_decide(building.who("wang"), draft)
    assert building.signoff.decisions.may_decide(building.who("chen"), draft)
    with pytest.raises(AlreadyDecided):
        building.countersign("li", draft)
    with pytest.raises(Forbidden):
        building.countersign("wang", draft)
    building.countersign("chen", draft)
    proof = building.signoff.reading.signed(draft)
    assert proof is not None and proof.second is not None
    assert proof.second.signer == building.people["chen"]


def test_the_second_person_may_reject(building: Building) -> None:
    draft = building.drafted(risk=RiskClass.HIGH)
    building.accept("wang", draft)
    building.open("li", draft)
    building.signoff.decisions.reject(building.who("li"), draft, "risk-benefit-ratio", "")
    assert building.state(draft) == "rejected"
    assert building.signoff.reading.signed(draft) is None


def test_the_second_person_sees_what_the_first_one_wrote(building: Building) -> None:
    draft = building.drafted(risk=RiskClass.HIGH)
    building.open("li", draft)
    building.open("wang", draft)
    building.signoff.decisions.amend(building.who("wang"), draft, "en", "Other words.")
    with pytest.raises(NotViewed):
        building.signoff.decisions.countersign(building.who("li"), draft)
    assert building.open("li", draft).amended == ("en", "Other words.")
    building.signoff.decisions.countersign(building.who("li"), draft)
    assert building.state(draft) == "signed"


def test_there_is_nothing_to_countersign_elsewhere(building: Building) -> None:
    draft = building.drafted()
    building.accept("wang", draft)
    with pytest.raises(NothingToCountersign):
        building.countersign("li", draft)


@pytest.mark.parametrize("name", ["nurse", "pathologist", "student", "stranger", "lapsed"])
def test_others_may_not_decide(building: Building, name: str) -> None:
    draft = building.drafted()
    assert not building.signoff.decisions.may_decide(building.who(name), draft)
    for decide in (
        lambda: building.signoff.decisions.accept(building.who(name), draft),
        lambda: building.signoff.decisions.amend(building.who(name), draft, "en", "mine"),
        lambda: building.signoff.decisions.reject(
            building.who(name), draft, "policy-contradicts", ""
        ),
    ):
        with pytest.raises((Forbidden, NotLicensed)):
            decide()
    assert building.state(draft) == "open"


def test_a_licence_revoked_a_moment_ago_signs_nothing(building: Building) -> None:
    draft = building.drafted()
    principal = building.who("zhao")
    building.open("zhao", draft)
    installer = type(principal).system("installer")
    building.floor.people.revoke_licence(building.licences["zhao"], "struck off", by=installer)
    with pytest.raises((NotLicensed, Forbidden)):
        building.signoff.decisions.accept(principal, draft)


def test_of_two_who_decide_at_once_exactly_one_wins(building: Building) -> None:
    for _ in range(5):
        draft = building.drafted()
        people = [building.who(name) for name in ("wang", "li", "chen")]
        for name in ("wang", "li", "chen"):
            building.open(name, draft)

        def decide(principal: object, draft: str = draft) -> bool:
            try:
                building.signoff.decisions.accept(principal, draft)  # type: ignore[arg-type]
            except AlreadyDecided:
                return False
            return True

        with ThreadPoolExecutor(3) as pool:
            assert sorted(pool.map(decide, people)) == [False, False, True]
        assert building.state(draft) == "signed"
        kinds = [event.kind for event in building.events(f"draft:{draft}")]
        assert kinds.count("draft-signed") == 1


def test_stop_ai_withholds_and_refuses(building: Building) -> None:
    draft, done = building.drafted(), building.drafted()
    building.decide("wang", done, "accept")
    building.open("wang", draft)
    admin, wang = building.who("admin"), building.who("wang")
    building.floor.switch.stop(admin)
    try:
        with pytest.raises(AIStopped):
            building.open("wang", draft)
        with pytest.raises(AIStopped):
            building.signoff.decisions.accept(wang, draft)
        with pytest.raises(AIStopped):
            building.signoff.decisions.amend(wang, draft, "en", "mine")
        assert building.signoff.waiting.listing(wang).items == ()
        assert building.signoff.waiting.count(wang) == 0
        assert building.signoff.reading.for_patient(wang, "p1") == []
        assert building.open("wang", done).state == "released"
    finally:
        building.floor.switch.resume(admin, "The test is over.")
    assert building.open("wang", draft).state == "open"


def test_working_copies_belong_to_one_person_and_count_for_nothing(building: Building) -> None:
    draft, working = building.drafted(), building.signoff.working
    wang, li = building.who("wang"), building.who("li")
    assert working.load(wang, draft) is None
    working.save(wang, draft, "zh", "未写完")
    working.save(wang, draft, "zh", "未写完的话")
    assert working.load(wang, draft) == ("zh", "未写完的话")
    assert working.load(li, draft) is None
    assert building.state(draft) == "open"
    working.discard(wang, draft)
    assert working.load(wang, draft) is None


def test_an_unknown_draft_answers_like_one_that_may_not_be_seen(building: Building) -> None:
    with pytest.raises(Forbidden):
        building.open("wang", "nothing")
    with pytest.raises(Forbidden):
        building.signoff.decisions.accept(building.who("wang"), "nothing")
    with pytest.raises(UnknownDraft):
        building.signoff.working.save(building.who("wang"), "nothing", "en", "x")


def test_a_stranger_opens_nothing(building: Building) -> None:
    draft = building.drafted()
    for name in ("stranger", "nurse", "auditor", "admin", "pathologist"):
        with pytest.raises(Forbidden):
            building.open(name, draft)
    assert {event.kind for event in building.events(f"draft:{draft}")} == {"draft-proposed"}
