"""A number is read the same however a guideline writes it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from countersign.ground.library.quantity import amounts, chinese, quantities


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("500 mg", "0.5 g"),
        ("5mm", "0.5厘米"),
        ("三个月", "3个月"),
        ("二十四小时", "1天"),
        ("百分之三十", "30%"),
        ("≥140 mmHg", "at least 140 mmHg"),
        ("不超过2周", "up to 14 days"),
        ("18岁以上", ">18岁"),
        ("10×10⁹/L", "10x10^9/L"),
        ("1,000 mL", "1 L"),
        ("5 mg/dL", "50 mg/L"),
        ("two weeks", "2 weeks"),
        ("２５０毫克", "250mg"),
        ("半年", "6个月"),
    ],
)
def test_equal_amounts_agree(one: str, other: str) -> None:
    (mine,), (theirs,) = quantities(one), quantities(other)
    assert mine.agrees(theirs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 mg", "5 g"),
        ("5 mg", "5 mL"),
        ("<5 mm", ">5 mm"),
        ("<5 mm", "5 mm"),
        ("5天", "5周"),
        ("5 mg/kg", "5 mg"),
        ("三天", "四天"),
    ],
)
def test_other_amounts_do_not(one: str, other: str) -> None:
    (mine,), (theirs,) = quantities(one), quantities(other)
    assert not mine.agrees(theirs)


def test_names_that_hold_figures_are_no_numbers() -> None:
    assert quantities("HbA1c, CYP3A4 and 十二指肠 and 一般") == []


def test_a_range_lends_its_unit_to_both_ends() -> None:
    assert [one.dimension for one in quantities("7～15mm")] == ["length", "length"]


@pytest.mark.parametrize(("said", "number"), [("十二", 12), ("三百零五", 305), ("两千", 2000)])
def test_chinese_numerals(said: str, number: int) -> None:
    assert chinese(said) == number


@given(st.integers(1, 9999))
def test_chinese_numerals_come_back(number: int) -> None:
    assert chinese(_said(number)) == number


def _said(number: int) -> str:
    text, zero = "", False
    for size, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, size)
        if digit:
            text += ("零" if zero and text else "") + "零一二三四五六七八九"[digit] + sign
        zero = not digit
    return text


def test_for_each_nothing_is_no_rate() -> None:
    (nothing,), (hour,) = quantities("5 mg/0 h"), quantities("5 mg/h")
    assert not nothing.agrees(hour) and nothing.agrees(nothing)


@given(st.text(alphabet="0123456789.,x×^/十百千半mgL%<≥天周-～ 内以上", max_size=40))
@example("0L/0%")
@example("5 mg/1.2.3 h")
def test_no_text_breaks_the_reader(text: str) -> None:
    for one in quantities(text):
        assert 0 <= one.start < one.end <= len(text)
    amounts(text)
