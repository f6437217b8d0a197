"""Answers are read without guessing, scored by the field's measures, and compared fairly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.rooms.modelbench.domain.study.answers import field_of, label, letter, parts, plain
from countersign.rooms.modelbench.domain.study.intervals import Marks, difference, interval
from countersign.rooms.modelbench.domain.study.items import Item, sampled
from countersign.rooms.modelbench.domain.study.scores import (
    macro_f1,
    rouge_l,
    set_f1,
    soft_set_f1,
)
from countersign.rooms.modelbench.domain.study.sets import OWN, SETS
from countersign.rooms.modelbench.domain.study.sets.nearest import Nearest

ABCD = ("A", "B", "C", "D")
TEXT = st.text(alphabet="血钾高低咳嗽ab c，。", max_size=40)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("B", "B"),
        (" b. ", "B"),
        ("（Ｃ）", "C"),
        ("The answer is (D).", "D"),
        ("答案：A", "A"),
        ("**B**", "B"),
        ("B. Tell the attending", "B"),
        ("<think>It may be A or C.</think>\nB", "B"),
        ("<think>endless A", None),
        ("A patient with fever has an infection.", None),
        ("The answer is A. No, the answer is B.", None),
        ("E", None),
        ("Between B and C I cannot decide.", None),
        ("", None),
    ],
)
def test_a_letter_is_read_only_where_one_is_named(said: str, meant: str | None) -> None:
    assert letter(said, ABCD) == meant


@pytest.mark.parametrize(
    ("said", "labels", "meant"),
    [
        ("yes", ("yes", "no", "maybe"), "yes"),
        ("Answer: maybe.", ("yes", "no", "maybe"), "maybe"),
        ("It says no.", ("yes", "no", "maybe"), "no"),
        ("yes and no", ("yes", "no", "maybe"), None),
        ("nothing known", ("yes", "no", "maybe"), None),
        ("Non-Neoplasm Disease Stage", ("Disease", "Non-Neoplasm Disease Stage"),
         "Non-Neoplasm Disease Stage"),
        ("类别：病情诊断", ("病情诊断", "治疗方案"), "病情诊断"),
        ("治疗方案或病情诊断", ("病情诊断", "治疗方案"), None),
        ("2", ("0", "1", "2"), "2"),
        ("12", ("0", "1", "2"), None),
    ],
)  # fmt: skip
def test_a_label_is_read_only_where_it_stands_alone(
    said: str, labels: tuple[str, ...], meant: str | None
) -> None:
    assert label(said, labels) == meant


@given(st.text(max_size=300))
def test_no_text_breaks_a_reader(text: str) -> None:
    assert letter(text, ABCD) in {*ABCD, None}
    assert label(text, ("yes", "no")) in {"yes", "no", None}
    parts(text)
    field_of(text, ("疾病",), ("建议",))
    assert "<think>" not in plain(f"<think>{text}</think>")


@given(TEXT, TEXT)
def test_rouge_l_is_symmetric_and_within_its_bounds(one: str, other: str) -> None:
    value = rouge_l(one, other)
    assert 0.0 <= value <= 1.0
    assert value == pytest.approx(rouge_l(other, one))
    assert rouge_l(one, one) == 1.0


@given(TEXT, TEXT)
@settings(max_examples=60)
def test_the_longest_common_subsequence_is_the_longest(one: str, other: str) -> None:
    """Beside the textbook's table."""
    from countersign.rooms.modelbench.domain.study.scores import characters

    ours, theirs = characters(one), characters(other)
    table = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i, left in enumerate(ours, 1):
        for j, right in enumerate(theirs, 1):
            table[i][j] = (
                table[i - 1][j - 1] + 1 if left == right else max(table[i - 1][j], table[i][j - 1])
            )
    if ours and theirs:
        assert rouge_l(one, other) == pytest.approx(2 * table[-1][-1] / (len(ours) + len(theirs)))


def test_sets_of_terms() -> None:
    assert set_f1(["肺炎", "高血压"], ["高血压", "肺炎"]) == 1.0
    assert set_f1(["肺炎"], ["高血压", "肺炎"]) == pytest.approx(2 / 3)
    assert set_f1([], ["肺炎"]) == 0.0
    assert soft_set_f1(["抗感染治疗"], ["抗感染治疗"]) == 1.0
    assert 0 < soft_set_f1(["抗感染"], ["抗感染治疗"]) < 1


def test_macro_f1_is_the_textbooks() -> None:
    gold, said = np.array([0, 0, 1, 2]), np.array([0, 1, 1, -1])
    # class 0: 2*1/(2+1), class 1: 2*1/(1+2), class 2: 0
    assert macro_f1(gold, said, 3) == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=60), st.integers(0, 2**31))
def test_an_interval_covers_its_value(scores: list[float], seed: int) -> None:
    marks = Marks(tuple(map(str, range(len(scores)))), np.array(scores))
    found = interval(marks, np.random.default_rng(seed), 400)
    assert min(scores) - 1e-9 <= found.low <= found.high <= max(scores) + 1e-9
    assert found.value == pytest.approx(float(np.mean(scores)))
    assert found == interval(marks, np.random.default_rng(seed), 400), "the seed decides"


def test_a_pair_is_compared_on_the_same_items_only() -> None:
    one = {"s": Marks(("a", "b", "c"), np.array([1.0, 0.0, 1.0]))}
    other = {"s": Marks(("c", "b", "x"), np.array([0.0, 0.0, 1.0]))}
    found = difference(one, other, {"s": 1.0}, np.random.default_rng(1), 500)
    assert (found.n, found.value) == (2, 0.5)


def test_pairing_finds_what_two_intervals_would_not() -> None:
    chance = np.random.default_rng(3)
    hard = chance.random(300) < 0.5
    ids = tuple(map(str, range(300)))
    strong = {"s": Marks(ids, hard.astype(float))}
    weak_scores = hard.copy()
    weak_scores[np.flatnonzero(hard)[:15]] = False
    weak = {"s": Marks(ids, weak_scores.astype(float))}
    found = difference(weak, strong, {"s": 1.0}, np.random.default_rng(1))
    assert found.value == pytest.approx(-0.05)
    assert found.high < 0, "always on the same questions: certainly worse"
    assert not found.not_inferior(0.05)
    assert found.not_inferior(0.1)


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    chance, covered = np.random.default_rng(5), 0
    for _ in range(200):
        scores = (chance.random(150) < 0.7).astype(float)
        found = interval(Marks(tuple(map(str, range(150))), scores), chance, 400)
        covered += found.low <= 0.7 <= found.high
    assert 178 <= covered <= 199


@given(st.integers(0, 60), st.integers(0, 1000))
def test_a_sample_depends_on_the_seed_alone(count: int, seed: int) -> None:
    items = [Item(f"i{number}", {}, ("x",)) for number in range(40)]
    drawn = sampled(items, count, seed)
    assert drawn == sampled(list(reversed(items)), count, seed)
    assert len({one.id for one in drawn}) == (min(count, 40) or 40)


ROWS: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]], str, float]] = {
    "pubmedqa": (
        [{"pmid": 1, "official_test": True, "question": "?", "contexts": ["x"], "decision": "no"}],
        [], "no", 1.0),
    "cblue-qic": ([{"id": 1, "query": "头痛", "label": "其他"}], [], "其他", 1.0),
    "cblue-qtr": ([{"id": 1, "query": "a", "title": "b", "label": 2}], [], "2", 1.0),
    "cblue-qqr": ([{"id": 1, "query1": "a", "query2": "b", "label": 0}], [], "0", 1.0),
    "cblue-ctc": ([{"id": 1, "text": "a", "label": "Age"}], [], "Age", 1.0),
    "cblue-sts": ([{"id": 1, "text1": "a", "text2": "b", "label": 1}], [], "不知道", 0.0),
    "cblue-cdn": ([{"text": "左肺炎", "normalized_result": "肺炎##高血压"}],
                  [{"name": "肺炎"}, {"name": "胃炎"}], "肺炎", 2 / 3),
    "imcs-report": ([{"id": 1, "dialogue": "d", "reports": [{"主诉": "咳嗽", "诊断": "感冒"}]}],
                    [], "主诉：咳嗽\n现病史：\n诊断：感冒", 0.9),
    "rjua": ([{"id": 1, "question": "q", "context": "c", "disease": "肾结石、肾积水",
               "advice": "抗感染治疗"}], [], "疾病：肾结石、肾积水\n建议：抗感染治疗", 1.0),
    OWN: ([{"id": "d", "facts": "f", "title": "t", "signed": "复查血钾"}], [], "复查血钾", 1.0),
    "mirage-medqa": (
        [{"medqa": {"1": {"question": "q", "options": {"A": "x", "B": "y"}, "answer": "B"}}}],
        [], "B", 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_kind_of_set_is_asked_and_scored(name: str) -> None:
    rows, beside, said, least = ROWS[name]
    one = SETS[name]
    (item,) = one.items(rows, beside)
    assert one.score(item, said).score == pytest.approx(least, abs=0.11)
    assert one.score(item, "").unreadable
    assert one.score(item, "").score == 0.0


def test_candidates_are_the_nearest_names() -> None:
    names = Nearest(["高血压", "肺炎", "细菌性肺炎", "骨折", "肺炎"])
    assert names.to("双侧肺炎", 2) == ["肺炎", "细菌性肺炎"]
    assert names.to("zzz", 5) == []
