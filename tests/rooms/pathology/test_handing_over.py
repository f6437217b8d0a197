"""However the handing over ends, slide and gate say the same, and the next try gets through."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.ground.db import WHOLE
from countersign.ground.signoff import REASONS
from countersign.ground.slides import WrongSlideState
from countersign.rooms.pathology.service import PATHOLOGY, Handling, NotAsDrafted
from countersign.rooms.pathology.service.reporting import Reporting
from countersign.rooms.pathology.service.signing import ROOM, WORKER, Signing

from .ended import Way, end_handing_over
from .pathologist import REGISTRY, Bench


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
