"""However the handing over ends, slide and gate say the same, and the next try gets through."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.ground.db import WHOLE
from countersign.ground.signoff import REASONS, AlreadyDecided
from countersign.ground.slides import WrongSlideState
from countersign.rooms.pathology.service import PATHOLOGY, Handling, NotAsDrafted
from countersign.rooms.pathology.service.reporting import Reporting
from countersign.rooms.pathology.service.signing import ROOM, WORKER, Signing

from .ended import Way, end_handing_over
from .pathologist import REGISTRY, Bench, Session


def signing(desk: Bench) -> Signing:
    return Signing(desk.building.floor, Reporting(desk.building.floor, REGISTRY))


def drafts(desk: Bench) -> list[Any]:
    return [row["id"] for row in desk.building.rows("select id from signoff.draft")]


@pytest.mark.parametrize(
    ("point", "done"),
    [
        ("before the draft", False),
        ("after the draft", False),
        ("after the state", False),
        ("after all of it", True),
    ],
)
def test_a_process_that_ends_while_handing_over_leaves_all_or_nothing(
    desk: Bench, point: str, done: bool
) -> None:
    slide, before = desk.ready(), set(drafts(desk))
    database, home = desk.building.database, desk.building.house.settings.home
    who = desk.building.who("pathologist")
    secret = b"a secret of the tests"
    end_handing_over(Way(database.owner_conninfo, secret, home, point, who, slide))
    made = set(drafts(desk)) - before
    if done:
        assert {desk.one(slide).code} == made and desk.one(slide).state == "draft"
        return
    assert not made and desk.one(slide).state == "ready"
    again = signing(desk).propose(who, slide)
    assert (desk.one(slide).state, desk.one(slide).code) == ("draft", again)
    assert desk.building.open("pathologist", again).draft.head.id == again


@pytest.mark.parametrize("rejected", [False, True])
def test_a_draft_that_an_earlier_version_left_behind_is_taken_up(
    desk: Bench, rejected: bool
) -> None:
    """That version wrote the draft and then the slide's state; a kill in between parted them."""
    slide, who, room = desk.ready(), desk.building.who("pathologist"), signing(desk)
    floor = desk.building.floor
    seen = Reporting(floor, REGISTRY).recount(who, slide)
    steps = len(floor.slides.keeping.history(WHOLE, slide))
    left = floor.signoff.proposals.propose(
        WORKER, room._proposal(seen, f"{slide}:{seen.run.id}:{steps}:0"), asked_by=who
    )
    assert left is not None and desk.one(slide).state == "ready"
    if rejected:
        given = {"reason": next(iter(REASONS)), "comment": "Not this one"}
        desk.building.decide("pathologist", left, "reject", **given)
    assert room.propose(who, slide) == left
    assert (desk.one(slide).state, desk.one(slide).code) == ("draft", left)
    room.settle_all()
    if rejected:
        assert desk.one(slide).state == "ready"
        assert room.propose(who, slide) != left


def test_what_is_to_be_scanned_again_is_not_signed(desk: Bench) -> None:
    slide, who, room = desk.ready(), desk.building.who("pathologist"), signing(desk)
    draft = room.propose(who, slide)
    handling = Handling(desk.building.floor)
    handling.ask_rescan(desk.building.who("technician"), slide)
    with pytest.raises(NotAsDrafted):
        desk.building.decide("pathologist", draft, "accept")
    handling.again(who, slide)
    with pytest.raises(NotAsDrafted):
        desk.building.decide("pathologist", draft, "accept")
    assert desk.building.floor.signoff.reading.standing(draft) == "open"
    given = {"reason": next(iter(REASONS)), "comment": "To be scanned again"}
    desk.building.decide("pathologist", draft, "reject", **given)
    assert desk.one(slide).state == "queued"


def test_two_who_settle_at_once_move_a_slide_once(desk: Bench) -> None:
    slide, who, room = desk.ready(), desk.building.who("pathologist"), signing(desk)
    first = room.propose(who, slide)
    stale = desk.one(slide)
    given = {"reason": next(iter(REASONS)), "comment": "Again"}
    desk.building.decide("pathologist", first, "reject", **given)
    assert room.settle(stale) == "ready"
    second = room.propose(who, slide)
    room.settle(stale)  # somebody who looked before all this
    assert (desk.one(slide).state, desk.one(slide).code) == ("draft", second)
    with pytest.raises(WrongSlideState):
        room.propose(who, slide)
    assert desk.building.floor.signoff.reading.standing(second) == "open"
    assert ROOM == "pathology" and PATHOLOGY.kind == "system"


def test_a_draft_is_taken_back_and_corrected_further(desk: Bench) -> None:
    slide, page = desk.ready(), "/pathology/slides/"
    who, reporting = desk.building.who("pathologist"), Reporting(desk.building.floor)
    pathologist, doctor = (Session(desk.building, name) for name in ("pathologist", "wang"))
    page += slide
    reporting.results.correct(who, slide, "nuclei", {"indices": [1], "positive": True})
    pathologist.post(page, do="propose")
    code = desk.one(slide).code
    doctor.post(page, 403, do="takeback")
    assert "Take back" not in doctor.get(page).text
    assert "Take back and go on correcting" in pathologist.get(page).text
    assert "Hand over for signing" in pathologist.post(page, do="takeback").text
    assert (desk.one(slide).state, desk.building.state(code)) == ("ready", "taken-back")
    assert "Taken back before a signature" in pathologist.get(f"/inbox/{code}").text
    pathologist.post(page, 409, do="takeback")
    reporting.results.correct(who, slide, "nuclei", {"indices": [2], "positive": True})
    again = pathologist.post(page, do="propose")
    assert "2 corrections by a pathologist" in again.text
    desk.building.decide("pathologist", desk.one(slide).code, "accept")
    assert "Take back" not in pathologist.get(page).text
    pathologist.post(page, 409, do="takeback")


def test_a_signature_that_comes_first_holds(desk: Bench) -> None:
    slide, who, room = desk.ready(), desk.building.who("pathologist"), signing(desk)
    draft = room.propose(who, slide)
    desk.building.decide("pathologist", draft, "accept")
    with pytest.raises(AlreadyDecided):
        room.take_back(who, slide)
    assert desk.building.state(draft) == "released" and room.settle(desk.one(slide)) == "signed"
