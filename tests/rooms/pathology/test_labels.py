"""What is written on a label is proposed to a person and matches nothing by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.slide_toy import Toy, picture
from countersign.ground.db import WHOLE
from countersign.ground.jobs import JobContext
from countersign.rooms.pathology.domain.label import likely_numbers
from countersign.rooms.pathology.inference import label_words
from countersign.rooms.pathology.inference.label_words import words_on
from countersign.rooms.pathology.inference.registry import Registry
from countersign.rooms.pathology.service import Analysing, Matching

from .labelled import label, open_labelled
from .pathologist import Bench, Session


@pytest.fixture(scope="module")
def written(desk: Bench) -> str:
    """A slide of which only the writing on its label says whose it is."""
    slide = desk.add(picture(1))
    registry = Registry({"ki67": Toy}, open_labelled)
    Analysing(desk.building.floor, registry).work(JobContext(1, "pathology.slide"), slide)
    return slide


@pytest.mark.parametrize("turned", [0, 3])
def test_writing_is_recognised_whichever_way_round(turned: int) -> None:
    said = words_on(label(turned=turned))
    assert "Ki-67" in said
    assert "S26-01234" in likely_numbers(said)


def test_what_holds_no_writing_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert words_on(np.full((200, 300, 3), 255, np.uint8)) == ""
    monkeypatch.setattr(label_words.shutil, "which", lambda name: None)
    assert words_on(label()) == ""


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_whatever_a_label_says_is_only_looked_up(said: str) -> None:
    found = likely_numbers(said)
    assert len(found) <= 24
    assert all(4 <= len(one) <= 40 and any(sign.isdigit() for sign in one) for one in found)


def test_letters_that_are_taken_for_digits_are_put_right() -> None:
    assert "S26-01234" in likely_numbers("$26-O1234 A1")
    assert "S26-10204" in likely_numbers("S26-I02O4")


def test_nothing_is_matched_by_it(desk: Bench, written: str) -> None:
    one, floor = desk.one(written), desk.building.floor
    assert (one.state, one.code, one.patient) == ("unmatched", "no-number", None)
    told = floor.slides.keeping.told(WHOLE, written)
    found = Matching(floor.chart).proposed(told)
    assert (found.patient, found.accession) == ("p1", "S26-01234")
    assert (found.block, found.stain) == ("A1", "ki67")


def test_it_is_proposed_to_who_may_say_whose_it_is(desk: Bench, written: str) -> None:
    address = f"/pathology/slides/{written}"
    page = Session(desk.building, "pathologist").get(address).text
    assert "Writing was recognised on the label" in page
    assert "WANG XIAOMING" in page and 'value="p1"' in page
    assert 'value="S26-01234"' in page and 'value="A1"' in page
    assert '<option value="ki67" selected' in page
    for user in ("nurse", "wang"):
        refused = Session(desk.building, user).get(address, 403).text
        assert "XIAOMING" not in refused


def test_after_the_match_it_lies_under_the_patient_and_is_no_longer_shown(
    desk: Bench, written: str, tmp_path: Path
) -> None:
    address = f"/pathology/slides/{written}"
    session = Session(desk.building, "pathologist")
    session.post(address, do="match", patient="p1", stain="ki67", accession="S26-01234")
    told = desk.building.floor.slides.keeping.told(WHOLE, written)
    assert "XIAOMING" in told.read
    assert "XIAOMING" not in session.get(address).text
