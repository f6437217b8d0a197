"""Whether a passage speaks of what was asked: by the question's own terms, in its own language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.ground.library import Hit, share_of, supports
from countersign.ground.library.relevance import LEAST

from .passages import EN, ZH, passage


def hit(text: str) -> Hit:
    return Hit(passage(text, "one"), 1.0, ())


@pytest.mark.parametrize(
    ("question", "text", "title", "speaks"),
    [
        ("输尿管结石怎么办？", ZH[1], "", True),
        ("肝移植后排斥反应怎么办？", ZH[1], "", False),
        ("怎么治疗输尿管结石", "首选多饮水。", "输尿管结石诊疗规范", True),
        ("Which drug is first-line for urinary symptoms in men?", EN[0], "", True),
        ("What are the symptoms of cystic fibrosis in men?", EN[0], "", False),
        ("怎么办？", ZH[0], "", False),
        ("", ZH[0], "", False),
    ],
)
def test_enough_of_the_terms_stand_there(
    question: str, text: str, title: str, speaks: bool
) -> None:
    assert supports(question, hit(text), title) is speaks


def test_a_question_in_both_languages_is_judged_in_the_passages_own() -> None:
    both = "糖尿病 血糖控制 diabetes glucose control"
    assert share_of(both, hit(ZH[3]), "") == share_of("糖尿病 血糖控制", hit(ZH[3]), "")
    english = "Diabetes: glucose control below 7 %."
    assert share_of(both, hit(english), "") == 1.0
    # One Latin word beside Chinese is no question of its own.
    assert share_of("慢性肾脏病何时开始 metformin", hit(EN[3]), "") < LEAST["zh"]


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20))
def test_a_share_is_a_share(question: str, text: str, title: str) -> None:
    assert 0.0 <= share_of(question, hit(text), title) <= 1.0
