"""A quote that does not stand at its place never passes."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from countersign.ground.library import Quote, Standing, check_quote, quote_of, sha256_of

TEXT = "结石小于5mm者可自行排出。结石大于10mm者应手术。"


def test_a_true_quote_is_exact() -> None:
    assert check_quote(quote_of("d", "1", TEXT, 0, 13), TEXT) is Standing.EXACT


def test_each_way_of_not_being_there_has_its_name() -> None:
    true = quote_of("d", "1", TEXT, 0, 13)
    assert check_quote(replace(true, start=1, end=14), TEXT) is Standing.ELSEWHERE
    assert check_quote(replace(true, words="结石小于6mm者可自行排出。"), TEXT) is Standing.ABSENT
    assert check_quote(true, TEXT + " ") is Standing.OTHER_TEXT
    assert check_quote(replace(true, end=len(TEXT) + 1), TEXT) is Standing.NO_SUCH_PLACE
    assert check_quote(replace(true, start=5, end=5, words=""), TEXT) is Standing.NO_SUCH_PLACE


def test_every_standing_is_said_in_both_languages() -> None:
    assert all(standing.words.zh and standing.words.en for standing in Standing)


@given(st.text(min_size=1, max_size=80), st.integers(-5, 90), st.integers(-5, 90), st.text())
def test_exact_means_that_the_words_are_there(text: str, start: int, end: int, said: str) -> None:
    quote = Quote("d", "1", start, end, said, sha256_of(text))
    exact = check_quote(quote, text) is Standing.EXACT
    assert exact == (0 <= start < end <= len(text) and text[start:end] == said)


@given(st.text(min_size=2, max_size=60), st.data())
def test_whatever_is_changed_is_noticed(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    true = quote_of("d", "1", text, start, end)
    assert check_quote(true, text) is Standing.EXACT
    other = data.draw(st.text(max_size=60))
    assume(other != true.words)
    assert check_quote(replace(true, words=other), text) is not Standing.EXACT
