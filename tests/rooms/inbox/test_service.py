"""A decision in the inbox, and what follows from it by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from building import PATIENT, Building, body, issue
from countersign.ground.db import Database
from countersign.ground.identity import Forbidden
from countersign.ground.signoff import CORRECTION, BadDecision, NotLicensed, NotViewed


@pytest.fixture
def building(database: Database, tmp_path: Path) -> Iterator[Building]:
    made = Building(database, tmp_path)
    yield made
    made.close()


def test_a_signature_releases_at_once(building: Building) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    building.decide("wang", draft, "accept")
    assert building.state(draft) == "released"


def test_a_rejection_releases_nothing_and_stays_readable(building: Building) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    building.decide("wang", draft, "reject", reason="cds-not-applicable", comment="已处理")
    opened = building.open("wang", draft)
    assert (opened.state, opened.comment) == ("rejected", "已处理")


def test_unseen_is_undecided(building: Building) -> None:
    draft = building.drafted()
    with pytest.raises(NotViewed):
        building.signoff.decisions.accept(building.who("wang"), draft)


@pytest.mark.parametrize("choice", ["", "approve", "ACCEPT"])
def test_an_unknown_choice_decides_nothing(building: Building, choice: str) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    with pytest.raises(BadDecision):
        building.decide("wang", draft, choice)
    assert building.state(draft) == "open"


def test_a_correction_is_a_new_draft_that_takes_the_old_place(building: Building) -> None:
    first = building.released(body=body(issue()))
    correction = building.inbox.correct(building.who("wang"), first.draft)
    opened = building.open("wang", correction)
    assert opened.draft.explanation.limits[0] == CORRECTION
    building.decide("wang", correction, "amend", language="zh", text="更正后的文字")
    reader = building.floor.chart.reader(building.who("wang"))
    issues = reader.search("DetectedIssue", {"patient": PATIENT}).versions
    assert [(one.version, one.resource["detail"]) for one in issues] == [(2, "更正后的文字")]
    again = building.open("wang", building.inbox.correct(building.who("wang"), correction))
    assert again.draft.explanation.limits == opened.draft.explanation.limits, "said once"


def test_a_correction_of_own_words_begins_with_them_for_who_corrects(building: Building) -> None:
    draft = building.drafted(body=body(issue()))
    building.open("wang", draft)
    building.decide("wang", draft, "amend", language="zh", text="医师自己的文字")
    correction = building.inbox.correct(building.who("wang"), draft)
    working = building.signoff.working
    assert working.load(building.who("wang"), correction) == ("zh", "医师自己的文字")
    # The draft itself holds the program's words: its figures belong to these.
    opened = building.open("wang", correction)
    assert opened.amended is None and opened.draft.body.text == body(issue()).text


def test_what_was_not_released_cannot_be_corrected(building: Building) -> None:
    with pytest.raises(BadDecision):
        building.inbox.correct(building.who("wang"), building.drafted())


def test_a_nurse_reads_what_was_released_and_nothing_before(building: Building) -> None:
    draft = building.drafted()
    with pytest.raises(Forbidden):
        building.open("nurse", draft)
    building.open("wang", draft)
    building.decide("wang", draft, "accept")
    assert building.open("nurse", draft).state == "released"
    with pytest.raises(NotLicensed):
        building.inbox.correct(building.who("nurse"), draft)


def test_what_was_rejected_is_for_those_who_read_drafts(building: Building) -> None:
    draft = building.drafted()
    building.open("wang", draft)
    building.decide("wang", draft, "reject", reason="cds-not-applicable")
    with pytest.raises(Forbidden):
        building.open("nurse", draft)
    with pytest.raises(Forbidden):
        building.open("stranger", draft)
