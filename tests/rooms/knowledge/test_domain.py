"""Where two texts differ, and how a text is laid out."""

from __future__ import annotations

import pytest
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


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("阿司匹林 0.1 g", "阿司匹林 100 mg", False),
        ("阿司匹林 0.1 g", "阿司匹林 1000 mg", True),
        ("疗程 7 天", "疗程 168 小时", False),
        ("疗程 5～7 天", "疗程 6 天", False),
        ("疗程 5～7 天", "疗程 10～14 天", True),
        ("疗程至少 3 天", "疗程至少 3 天", False),
        ("疗程至少 3 天", "疗程至少 72 小时", False),
        ("疗程至少 3 天", "疗程至少 5 天", True),
        ("收缩压低于 140 mmHg", "收缩压高于 140 mmHg", False),
        ("血肌酐 >177 µmol/L", "血肌酐 >177 μmol/L", False),
        ("血压 140/90 mmHg", "血压 130/80 mmHg", True),
        ("taper over 6-8 weeks", "taper over 8 weeks", False),
    ],
)
def test_numbers_are_compared_in_one_unit(one: str, other: str, differ: bool) -> None:
    assert bool(differences(one, other)) is differ
    assert bool(differences(other, one)) is differ
    assert differences(one, one) == []


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("无症状菌尿不推荐常规抗菌治疗。", "无症状菌尿推荐常规抗菌治疗。", True),
        ("痛风急性期首选秋水仙碱。", "痛风急性期避免使用秋水仙碱。", True),
        ("二甲双胍为 2 型糖尿病一线用药。", "二甲双胍不推荐作为 2 型糖尿病一线用药。", True),
        ("痛风急性期首选秋水仙碱。", "妊娠期禁用秋水仙碱与别嘌醇。", False),
        ("痛风急性期首选秋水仙碱。", "痛风急性期推荐秋水仙碱。", False),
        ("高血压合并蛋白尿首选 ACEI。", "双侧肾动脉狭窄禁用 ACEI。", False),
        (
            "Antibiotics are recommended for asymptomatic bacteriuria.",
            "Antibiotics are not recommended for asymptomatic bacteriuria.",
            True,
        ),
        (
            "Colchicine is first-line treatment of acute gout flares.",
            "Avoid colchicine in severe renal impairment on dialysis.",
            False,
        ),
    ],
)
def test_contrary_advice_about_the_same_is_listed(one: str, other: str, differ: bool) -> None:
    found = differences(one, other)
    assert bool(found) is differ
    for row in found:
        assert one[row.first.start : row.first.end].strip() == row.first.value
        assert other[row.second.start : row.second.end].strip() == row.second.value


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_breaks_the_comparison(one: str, other: str) -> None:
    differences(one, other)
    assert differences(one, one) == []
