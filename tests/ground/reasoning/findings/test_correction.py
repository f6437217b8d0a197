"""What a person changes stays changed, and changing twice is changing once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.reasoning import Finding, Holder, Place, Status
from countersign.ground.reasoning.findings import added, corrected, removed, resolved, stated

FEVER = Finding("HP:0001945", place=Place("text", 2, 4))
COUGH = Finding("HP:0012735", place=Place("text", 6, 8))
CHOSEN = Finding("HP:0002014")
READ = (FEVER, COUGH)


def test_a_wrong_status_is_put_right() -> None:
    fixed = corrected(READ, [stated(FEVER, status=Status.ABSENT)])
    assert fixed == (Finding("HP:0001945", Status.ABSENT, place=Place("text", 2, 4)), COUGH)


def test_another_term_holder_and_time() -> None:
    change = stated(COUGH, term="HP:0031246", holder=Holder.FAMILY, past=True)
    fixed = corrected(READ, [change])
    assert fixed[1] == Finding(
        "HP:0031246", Status.PRESENT, Holder.FAMILY, True, Place("text", 6, 8)
    )


def test_what_is_no_finding_goes_and_what_was_missed_comes() -> None:
    assert corrected(READ, [removed(FEVER)]) == (COUGH,)
    assert corrected(READ, [added(CHOSEN)]) == (CHOSEN, FEVER, COUGH)
    assert corrected(READ, [added(CHOSEN), removed(CHOSEN)]) == READ


def test_what_is_added_over_another_takes_its_place() -> None:
    wider = Finding("HP:0032323", place=Place("text", 0, 5))
    assert corrected(READ, [added(wider)]) == (wider, COUGH)


def test_the_longer_of_two_that_lie_over_each_other_stays() -> None:
    wider = Finding("HP:0032323", place=Place("text", 0, 5))
    elsewhere = Finding("HP:0032323", place=Place("Observation/1", 0, 0))
    assert resolved([FEVER, wider, COUGH, elsewhere]) == (elsewhere, wider, COUGH)


def test_whole_resources_do_not_lie_over_each_other() -> None:
    one, other = (Finding(term, place=Place("Observation/1")) for term in ("HP:1", "HP:2"))
    assert set(resolved([one, other])) == {one, other}


PLACES = st.none() | st.builds(
    lambda start, length: Place("text", start, start + length),
    st.integers(0, 20),
    st.integers(1, 6),
)
FINDINGS = st.builds(
    Finding,
    st.sampled_from(["HP:0001945", "HP:0012735", "local:x"]),
    st.sampled_from(Status),
    st.sampled_from(Holder),
    st.booleans(),
    PLACES,
)
CORRECTIONS = st.builds(
    lambda make, one: make(one),
    st.sampled_from([added, removed, lambda one: stated(one, status=Status.ABSENT)]),
    FINDINGS,
)


@given(read=st.lists(FINDINGS, max_size=6), change=CORRECTIONS)
def test_correcting_twice_is_correcting_once(read: list[Finding], change: object) -> None:
    once = corrected(resolved(read), [change])  # type: ignore[list-item]
    assert corrected(once, [change]) == once  # type: ignore[list-item]
    assert resolved(once) == once
