"""The difference between draft and signed text loses nothing and never splits a number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.shell import Piece, difference

WORDS = st.lists(
    st.sampled_from(["metformin", "500", "0.5", "mg", " ", "\n", "，", "停", "用", "二甲双胍", "5"])
).map("".join)


@given(WORDS, WORDS)
def test_both_texts_can_be_read_back(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "in") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "out") == after
    assert all(piece.text for piece in pieces)


@given(WORDS)
def test_what_did_not_change_is_not_marked(text: str) -> None:
    assert difference(text, text) == ([Piece("same", text)] if text else [])


def test_a_dose_is_never_split() -> None:
    pieces = difference("give 5 mg", "give 50 mg")
    assert [piece for piece in pieces if piece.kind != "same"] == [
        Piece("out", "5"),
        Piece("in", "50"),
    ]
    assert Piece("in", "6.30") in difference("potassium 6.3", "potassium 6.30")
    assert Piece("in", "10:30") in difference("at 10:00", "at 10:30")


def test_chinese_is_compared_by_character() -> None:
    assert difference("建议减量", "建议停用") == [
        Piece("same", "建议"),
        Piece("out", "减量"),
        Piece("in", "停用"),
    ]


def test_english_is_compared_by_word() -> None:
    assert Piece("in", "discontinue") in difference("continue metformin", "discontinue metformin")


def test_a_changed_phrase_reads_as_one() -> None:
    assert difference("stop it now", "halve the now") == [
        Piece("out", "stop it"),
        Piece("in", "halve the"),
        Piece("same", " now"),
    ]


def test_a_text_too_long_to_compare_by_word_is_shown_whole() -> None:
    before = "的了在是" * 800
    after = before[::-1]
    assert difference(before, after) == [Piece("out", before), Piece("in", after)]
    lines = "\n".join(f"第{number}行" for number in range(4000))
    assert Piece("in", "Z") in difference(lines, lines.replace("第2000行", "第2000Z行"))
