"""What a physician corrects stays corrected, whatever she writes afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.reasoning import Finding, Holder, Place, Status
from countersign.rooms.differential.service.chips import (
    BadFinding,
    Chip,
    Origin,
    TooManyFindings,
    by_hand,
    corrected,
    explained,
    loud_first,
    merged,
    packed,
    pieces,
    quiet,
    unpacked,
    weighed,
)

FEVER, COUGH = "HP:0001945", "HP:0012735"


def chip(
    term: str = FEVER, words: str = "fever", start: int = 0, origin: Origin = Origin.TEXT
) -> Chip:
    place = Place("text", start, start + len(words)) if origin is Origin.TEXT else None
    return Chip(Finding(term, place=place), words, origin)


chips = st.builds(
    Chip,
    st.builds(
        Finding,
        st.sampled_from([FEVER, COUGH, "local:unwell"]),
        st.sampled_from(Status),
        st.sampled_from(Holder),
        st.booleans(),
        st.builds(lambda a, n: Place("text", a, a + n), st.integers(0, 50), st.integers(0, 9))
        | st.none(),
        st.booleans(),
        st.lists(st.sampled_from(["ICD10:N18", "ICD10:E10"]), max_size=2).map(tuple),
    ),
    st.text(max_size=20),
    st.sampled_from(Origin),
    st.booleans(),
)


@given(st.lists(chips, max_size=8))
def test_a_form_carries_chips_there_and_back(some: list[Chip]) -> None:
    assert unpacked([packed(one) for one in some]) == tuple(some)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_whatever_comes_instead_is_refused_with_a_code(field: str) -> None:
    with pytest.raises(BadFinding):
        unpacked([field])


@pytest.mark.parametrize("place", ['"a":5,"b":2', '"a":-1,"b":2'])
def test_places_that_cannot_be_are_refused(place: str) -> None:
    head = '{"t":"HP:1","s":"present","h":"patient","p":false,"o":"text","w":"x","m":true,'
    with pytest.raises(BadFinding):
        unpacked([head + place + "}"])


def test_more_findings_than_anyone_has_are_refused() -> None:
    with pytest.raises(TooManyFindings):
        unpacked([packed(chip())] * 301)


def test_a_correction_survives_a_longer_note() -> None:
    struck = corrected([chip()], 0, "struck")
    again = merged(struck, [chip(COUGH, "cough", 0), chip(start=10)])
    assert [(one.finding.term, one.meant) for one in again] == [(COUGH, True), (FEVER, False)]
    assert weighed(again) == (again[0].finding,)
    assert again[1].finding.place == Place("text", 10, 15)


def test_what_was_added_by_hand_stays_and_is_not_doubled() -> None:
    added = by_hand(by_hand([], COUGH, ""), COUGH, "")
    assert len(added) == 1
    assert merged(added, [chip()])[-1] == added[0]
    assert corrected(added, 0, "gone") == ()


def test_only_what_was_added_by_hand_can_be_removed() -> None:
    with pytest.raises(BadFinding):
        corrected([chip()], 0, "gone")


@pytest.mark.parametrize("number", [-1, 1])
def test_a_number_that_is_not_there_is_refused(number: int) -> None:
    with pytest.raises(BadFinding):
        corrected([chip()], number, "absent")


def test_family_and_past_go_to_and_fro() -> None:
    once = corrected([chip()], 0, "family")
    assert once[0].finding.holder is Holder.FAMILY
    assert corrected(once, 0, "family")[0] == chip()
    assert corrected([chip()], 0, "past")[0].finding.past


def test_a_status_brings_back_what_was_struck_out() -> None:
    back = corrected(corrected([chip()], 0, "struck"), 0, "absent")[0]
    assert (back.meant, back.finding.status) == (True, Status.ABSENT)


@given(st.text(max_size=60), st.lists(chips, max_size=8))
def test_the_pieces_are_the_text(text: str, some: list[Chip]) -> None:
    assert "".join(one.words for one in pieces(text, some)) == text


def test_what_was_just_written_wins_over_the_chart() -> None:
    old = Chip(Finding(FEVER, Status.ABSENT, place=Place("Observation/1")), "", Origin.CHART)
    assert weighed([old, chip()]) == (chip().finding,)
    assert weighed(corrected([chip(), old], 0, "struck")) == (old.finding,)


@given(st.lists(chips, max_size=8))
def test_quiet_findings_stand_last_and_none_is_lost(some: list[Chip]) -> None:
    ordered = loud_first(some)
    assert sorted(map(repr, ordered)) == sorted(map(repr, some))
    flags = [(quiet(one), explained(one)) for one in ordered]
    assert flags == sorted(flags)


def charted(**more: object) -> Chip:
    return Chip(replace(Finding(FEVER, place=Place("Condition/1")), **more), "", Origin.CHART)


def test_what_a_known_diagnosis_explains_is_weighed_once_it_is_called_present() -> None:
    aside = replace(charted(explained=("ICD10:N18",)), meant=False)
    assert explained(aside) and weighed([aside]) == ()
    pressed = corrected([aside], 0, "present")[0]
    assert not explained(pressed)
    assert [one.term for one in weighed([pressed])] == [FEVER]
    assert merged([pressed], [aside]) == (pressed,), "it stays so when the note is read again"


def test_a_known_diagnosis_that_the_note_repeats_stays_known() -> None:
    (repeated,) = weighed([charted(known=True), chip()])
    assert repeated.known and repeated.place == chip().finding.place
    denied = replace(chip(), finding=replace(chip().finding, status=Status.ABSENT))
    assert not any(one.known for one in weighed([charted(known=True), denied]))
    assert not weighed(by_hand([charted(known=True)], FEVER, ""))[0].known, "meant anew"


def test_more_reasons_than_anyone_has_are_refused() -> None:
    many = charted(explained=tuple("ICD10:N18" for _ in range(21)))
    with pytest.raises(BadFinding):
        unpacked([packed(many)])
