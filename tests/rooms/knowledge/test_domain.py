"""Where two texts differ, and how a text is laid out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.library import Block
from countersign.kit.marking import marked
from countersign.rooms.knowledge.domain.differences import differences, numbers_of, pairs
from countersign.rooms.knowledge.domain.layout import laid_out, part_of


def test_different_numbers_for_the_same_thing_are_noticed() -> None:
    first = "老年患者收缩压目标<140 mmHg。二甲双胍每日最大 2000 mg。"
    second = "老年患者收缩压目标<130 mmHg。二甲双胍每日最大 2000 mg。"
    (found,) = differences(first, second)
    assert (found.first.value, found.second.value, found.first.unit) == ("<140", "<130", "mmhg")
    assert first[found.first.start : found.first.end].strip().startswith("<140")
    assert differences(first, first) == []
    assert numbers_of("no number here 5") == []


def test_a_term_with_several_numbers_says_nothing() -> None:
    assert differences("dose 5 mg or dose 10 mg", "dose 20 mg") == []
    assert pairs([["b", "a"], ["a", "b"], ["c"]]) == [("a", "b")]


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70))))
def test_marks_change_no_letter(text: str, marks: list[tuple[int, int]]) -> None:
    runs = marked(text, marks)
    assert "".join(run.text for run in runs) == text
    at = 0
    for run in runs:
        inside = all(
            any(a <= place < b for a, b in marks) == run.marked
            for place in range(at, at + len(run.text))
        )
        assert inside
        at += len(run.text)


def test_a_text_is_laid_out_in_lists_and_tables() -> None:
    text = "甲\n乙\n丙\na\t1\nb\t2\n"
    blocks = [
        Block("heading", 0, 1, 1),
        Block("item", 2, 3, 1),
        Block("item", 4, 5, 1),
        Block("row", 6, 9),
        Block("row", 10, 13),
    ]
    laid = laid_out(text, blocks, [(8, 9)])
    assert [(one.shown, len(one.lines)) for one in laid] == [
        ("heading", 1),
        ("items", 2),
        ("table", 2),
    ]
    cell = laid[2].lines[0][1][0]
    assert (cell.text, cell.marked, cell.here) == ("1", True, True)
    assert part_of(blocks, 12) == 1
