"""Blind first: whom it asks, that nobody gets round it unseen, and what is kept."""

from __future__ import annotations

import psycopg
import pytest

from building import SECRET, Building
from countersign.ground.db import DbRole
from countersign.ground.signoff import (
    BadImpression,
    ImpressionFirst,
    NotViewed,
    RiskClass,
    SeenAlready,
    Urgency,
    anchor,
    light,
)
from countersign.ground.signoff.impressions import compared

KIND = "workstation.blinded"
WORDS = "Looks like a haemolysed sample."


@pytest.fixture(scope="module", autouse=True)
def everything_is_sampled(building: Building) -> None:
    building.signoff.rules.blind_share(building.who("admin"), KIND, "100")


def blinded(building: Building, **changes: object) -> str:
    return building.drafted(kind="blinded", **changes)


def test_a_sampled_draft_is_shown_after_the_own_impression(building: Building) -> None:
    draft, wang = blinded(building), building.who("wang")
    with pytest.raises(ImpressionFirst):
        building.open("wang", draft)
    assert all(one.draft.head.id != draft
               for one in building.signoff.reading.for_patient(wang, "p1"))  # fmt: skip
    (listed,) = [one for one in building.signoff.waiting.listing(wang, limit=500).items
                 if one.head.id == draft]  # fmt: skip
    assert listed.blind and SECRET not in listed.title.en
    with pytest.raises(NotViewed):
        building.signoff.decisions.accept(wang, draft)
    building.signoff.impressions.record(wang, draft, "soon", WORDS)
    assert building.open("wang", draft).state == "open"
    (kept,) = building.signoff.impressions.of_draft(draft)
    assert (kept.urgency, kept.agreement, kept.words) == (Urgency.SOON, "partly", WORDS)
    assert building.events(f"draft:{draft}")[-2].kind == "impression-recorded"
    # each physician is asked for their own
    with pytest.raises(ImpressionFirst):
        building.open("zhao", draft)
    building.signoff.decisions.accept(wang, draft)
    assert building.open("zhao", draft).state == "signed"


def test_in_an_emergency_it_is_shown_at_once_and_the_reason_is_kept(building: Building) -> None:
    draft, wang = blinded(building), building.who("wang")
    with pytest.raises(BadImpression):
        building.signoff.impressions.show_at_once(wang, draft, " ")
    building.signoff.impressions.show_at_once(wang, draft, "Cardiac arrest")
    assert building.open("wang", draft).state == "open"
    (kept,) = building.signoff.impressions.of_draft(draft)
    assert (kept.kind, kept.agreement, kept.words) == ("shown-at-once", None, "Cardiac arrest")
    assert building.events(f"draft:{draft}")[-2].kind == "shown-at-once"


def test_an_impression_comes_before_the_draft_and_once(building: Building) -> None:
    draft, wang = blinded(building), building.who("wang")
    for urgency, words in (("", WORDS), ("at once", WORDS), ("soon", "x")):
        with pytest.raises(BadImpression):
            building.signoff.impressions.record(wang, draft, urgency, words)
    building.signoff.impressions.record(wang, draft, "urgent", WORDS)
    with pytest.raises(SeenAlready):
        building.signoff.impressions.record(wang, draft, "soon", WORDS)
    plain = building.drafted()
    building.open("wang", plain)
    with pytest.raises(SeenAlready):
        building.signoff.impressions.record(wang, plain, "soon", WORDS)


def test_critical_drafts_and_older_ones_are_not_held_back(building: Building) -> None:
    assert building.open("wang", blinded(building, urgency=Urgency.CRITICAL)).state == "open"
    before = building.drafted(kind="later")
    building.signoff.rules.blind_share(building.who("admin"), "workstation.later", "100")
    assert building.open("wang", before).state == "open"
    with pytest.raises(ImpressionFirst):
        building.open("wang", building.drafted(kind="later"))


def test_the_sample_is_the_same_for_everybody_and_of_the_size_asked_for(
    building: Building,
) -> None:
    building.signoff.rules.blind_share(building.who("admin"), "workstation.shared", "30")
    row = building.rows("select * from signoff.state limit 1")[0]
    base = {**row, "kind": "shared", "urgency": "soon", "state": "open", "corrects": None}
    base["proposed_at"] = building.floor.clock()
    rows = [{**base, "id": f"draft-{number}"} for number in range(300)]
    first = building.signoff.impressions.sampled(rows)
    assert first == building.signoff.impressions.sampled(rows)
    assert 0.2 < len(first) / len(rows) < 0.4


def test_nobody_writes_an_impression_after_the_fact(building: Building) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    with (
        pytest.raises(psycopg.DatabaseError) as refused,
        building.database.pool(DbRole.ROOM).transaction() as connection,
    ):
        connection.execute(
            "insert into signoff.impression values"
            " (%s, %s, 'recorded', 'soon', 'agree', 1, 1, 'x', now())",
            (draft, building.people["wang"]),
        )
    assert refused.value.sqlstate == "CSS02"


def test_an_impression_is_an_opinion_on_a_draft_of_high_risk(building: Building) -> None:
    draft, wang = blinded(building, risk=RiskClass.HIGH), building.who("wang")
    building.signoff.impressions.record(wang, draft, "routine", WORDS)
    opened = building.open("wang", draft)
    found = anchor(
        opened.draft, building.signoff.impressions.of_draft(draft), building.floor.registry
    )
    assert found is not None
    assert (found.light, found.voices[0].person, found.own) == (
        "disagree",
        building.people["wang"],
        (),
    )
    quiet = building.open("wang", building.drafted(risk=RiskClass.HIGH)).draft
    assert anchor(quiet, (), building.floor.registry) is None


@pytest.mark.parametrize(
    ("stances", "expected"),
    [
        (("agree",), "agree"),
        (("agree", "agree"), "agree"),
        (("agree", "partly"), "partly"),
        (("agree", "agree", "disagree"), "partly"),
        (("agree", "disagree"), "disagree"),
        (("disagree",), "disagree"),
    ],
)
def test_the_light_is_no_better_than_its_voices(stances: tuple[str, ...], expected: str) -> None:
    assert light(stances) == expected  # type: ignore[arg-type]


def test_urgencies_are_compared_by_their_distance() -> None:
    assert compared("urgent", "urgent") == "agree"
    assert compared("urgent", "critical") == compared("urgent", "soon") == "partly"
    assert compared("routine", "critical") == "disagree"
