"""The way through an interview ends, loses nothing and takes no answer that was not offered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.rooms.preconsult.domain import (
    ASK,
    BACKGROUND,
    QUESTIONS,
    Course,
    UnfitAnswer,
    answer,
    newest,
    steps,
)

TEXTS = st.text(max_size=40)
OFFERED = ("stroke", "HP:1")
ITEMS = st.sampled_from([*steps(), f"{ASK}HP:1", f"{ASK}HP:2", "alerted", ""])


@given(st.booleans())
def test_it_ends_after_so_many_steps_whatever_is_asked(always: bool) -> None:
    answers: dict[str, dict[str, object]] = {}
    for number in range(100):
        course = Course(answers, f"HP:{number}" if always else None)
        item = course.next()
        if item == "review":
            break
        assert item not in answers
        answers[item] = {"answer": "no"}
    assert course.next() == "review"
    assert len(course.asked) == (QUESTIONS if always else 0)


@given(ITEMS, st.dictionaries(st.sampled_from(["text", "who", "answer"]), TEXTS), st.lists(TEXTS))
def test_no_form_brings_in_more_than_was_offered(
    item: str, form: dict[str, str], chosen: list[str]
) -> None:
    try:
        value = answer(item, form, chosen, OFFERED)
    except UnfitAnswer:
        return
    assert item in (*steps(), f"{ASK}HP:1")
    assert set(value.get("flags", ())) <= set(OFFERED)
    assert value.get("answer") in (None, "yes", "no", "unsure", "never", "before", "now", "skip")


@given(st.lists(st.tuples(st.sampled_from(BACKGROUND), TEXTS)))
def test_the_newest_answer_counts_and_none_is_lost(given_: list[tuple[str, str]]) -> None:
    found = newest((item, {"text": text}) for item, text in given_)
    assert {item: value["text"] for item, value in found.items()} == dict(given_)


@pytest.mark.parametrize("item", ["complaint", "history", "dangers", "who"])
def test_an_empty_answer_is_asked_again(item: str) -> None:
    with pytest.raises(UnfitAnswer):
        answer(item, {"text": " "}, [], OFFERED)
