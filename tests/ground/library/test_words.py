"""A text is cut the same way wherever it is cut, and places are those of the text itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.library.words import fold, placed, stem, words

MIXED = st.text(alphabet=st.characters(codec="utf-8"), max_size=60) | st.text(
    alphabet="肾结石不无3.5mgＡ％，。 drugs", max_size=60
)


def test_chinese_becomes_characters_and_pairs() -> None:
    assert words("肾结石") == ["肾", "结", "石", "肾结", "结石"]


def test_english_is_stemmed_and_numbers_stay_whole() -> None:
    assert words("The stones of 5.5 mm") == ["stone", "5.5", "mm"]
    assert words("not without no") == ["not", "without", "no"]


def test_wide_and_capital_forms_are_one() -> None:
    assert words("ＰＳＡ４０") == words("psa40")


def test_no_pair_reaches_over_a_mark() -> None:
    assert "石肾" not in words("结石，肾")


@given(MIXED)
def test_places_and_words_agree(text: str) -> None:
    found = placed(text)
    assert [one.text for one in found] == words(text)
    for one in found:
        assert stem(fold(text[one.start : one.end])) == one.text


@given(MIXED)
def test_folding_moves_nothing(text: str) -> None:
    assert len(fold(text)) == len(text)
